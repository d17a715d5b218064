"""Neurons with delta synapses: NEST's ``iaf_psc_delta``, in its order and arithmetic.

In each time step: unless refractory, the potential decays and jumps with the input that arrives; where it reaches
theta (≥, so that a potential exactly on it fires), the neuron spikes, is reset and then refractory for t_ref, and what
arrives meanwhile is lost. A spike is stamped with the end of its step. Potentials are 64-bit floats, and each sum and
product is NEST's: whether a potential that should land on theta does so is decided by the same rounding.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK = 64  # neurons that are updated together before their potentials are compared with theta


@njit(nogil=True, cache=True)
def update_delta(V, ready, buffer, step, n_steps, decay, drift, theta, V_reset, refractory_steps, first):
    """Advance the potentials by `n_steps`, and clear the input that they have used.

    Parameters
    ----------
    V : array of float, shape (n,), mV
    ready : array of int, shape (n,)
        The first step in which a neuron is not refractory any more.
    buffer : array of float, shape (slots, n), mV
        Ring buffer of the input; that of step t is in slot t % slots.
    step, n_steps : int
        First step, and how many.
    decay : float
        Of the potential within a step.
    drift : float, mV
        What constant drive adds in a step.
    theta, V_reset : float, mV
    refractory_steps : int
    first : int
        Number of the first neuron in the network.

    Returns
    -------
    neuron : array of int32, shape (n_spikes,)
        Neurons that fired, ordered by step, then by number.
    n_fired : array of int64, shape (n_steps,)
        How many did so in each step.
    """
    n_slots, n = buffer.shape
    neuron = np.empty(n * n_steps, dtype=np.int32)
    n_fired = np.empty(n_steps, dtype=np.int64)
    spikes = 0
    for lag in range(n_steps):
        now = step + lag
        row = buffer[now % n_slots]
        before = spikes
        for start in range(0, n, BLOCK):
            potential, free, jump = V[start : start + BLOCK], ready[start : start + BLOCK], row[start : start + BLOCK]
            fires = False
            for i in range(len(potential)):
                moved = drift + decay * potential[i] + jump[i]
                moved = moved if free[i] <= now else potential[i]
                potential[i] = moved
                jump[i] = 0.0
                fires |= moved >= theta
            if fires:
                for i in range(len(potential)):
                    if potential[i] >= theta:
                        potential[i] = V_reset
                        free[i] = now + 1 + refractory_steps
                        neuron[spikes] = first + start + i
                        spikes += 1
        n_fired[lag] = spikes - before
    return neuron[:spikes].copy(), n_fired
