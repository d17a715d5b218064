"""Neurons with exponential synapses, of any number of time constants, beside delta synapses: NEST's ``iaf_psc_exp``.

In each time step: unless refractory, the potential is integrated exactly with the currents of the step before; the
currents, refractory or not, decay and jump with the input that arrives; delta synapses' input goes straight to the
potential. The rest is as in `delta_synapses`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from meanfield.simulation.compiled.delta_synapses import BLOCK


def effect_of_current(tau_syn: float, tau_m: float, dt: float) -> float:
    """How much (mV) a current of 1 pA, decaying with tau_syn, moves a membrane of 1 pF within a step (ms)."""
    rate_difference = (tau_m - tau_syn) / (tau_syn * tau_m)
    if rate_difference == 0:
        return dt * math.exp(-dt / tau_m)
    return tau_syn * tau_m / (tau_m - tau_syn) * math.exp(-dt / tau_syn) * math.expm1(dt * rate_difference)


@njit(nogil=True, cache=True)
def update_exponential(
    V,
    ready,
    current,
    buffer,
    step,
    n_steps,
    decay,
    drift,
    theta,
    V_reset,
    refractory_steps,
    first,
    jumps,
    current_decay,
    effect,
):
    """Advance potentials and currents by `n_steps`, and clear the input that they have used; see `update_delta`.

    Parameters
    ----------
    current : array of float, shape (channels, n), pA
        Of each channel; that of delta synapses is not used.
    buffer : array of float, shape (channels, slots, n)
        Ring buffers of the input.
    jumps : bool
        Whether the first channel is that of delta synapses.
    current_decay, effect : array of float, shape (channels,)
        Of a current within a step, and what it adds to the potential, see `effect_of_current`.
    """
    n_channels, n_slots, n = buffer.shape
    neuron = np.empty(n * n_steps, dtype=np.int32)
    n_fired = np.empty(n_steps, dtype=np.int64)
    whole = np.empty(BLOCK)
    spikes = 0
    for lag in range(n_steps):
        now = step + lag
        slot = now % n_slots
        before = spikes
        for start in range(0, n, BLOCK):
            end = min(start + BLOCK, n)
            potential, free, moved = V[start:end], ready[start:end], whole[: end - start]
            for i in range(len(potential)):
                moved[i] = potential[i] * decay
            for channel in range(1 if jumps else 0, n_channels):
                flowing, arriving = current[channel, start:end], buffer[channel, slot, start:end]
                for i in range(len(potential)):
                    moved[i] += flowing[i] * effect[channel]
                    flowing[i] = flowing[i] * current_decay[channel] + arriving[i]
                    arriving[i] = 0.0
            if jumps:
                jump = buffer[0, slot, start:end]
                for i in range(len(potential)):
                    moved[i] += jump[i]
                    jump[i] = 0.0
            fires = False
            for i in range(len(potential)):
                potential[i] = moved[i] + drift if free[i] <= now else potential[i]
                fires |= potential[i] >= theta
            if fires:
                for i in range(len(potential)):
                    if potential[i] >= theta:
                        potential[i] = V_reset
                        free[i] = now + 1 + refractory_steps
                        neuron[spikes] = first + start + i
                        spikes += 1
        n_fired[lag] = spikes - before
    return neuron[:spikes].copy(), n_fired
