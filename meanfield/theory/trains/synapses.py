"""Exponential synapses on a circle of time: what of the arriving spikes reaches the membrane, and when."""

from __future__ import annotations

import numpy as np
from numba import njit


def effect_of_jump(tau_syn: float, tau_m: float, dt: float) -> float:
    """How far (mV) a spike through a synapse of weight 1 mV moves the membrane in the step after its arrival."""
    if tau_syn == 0.0:
        return 1.0
    rate_difference = 1.0 / tau_syn - 1.0 / tau_m
    if rate_difference == 0.0:
        return dt * np.exp(-dt / tau_m) / tau_syn
    return np.exp(-dt / tau_syn) * np.expm1(dt * rate_difference) / (rate_difference * tau_syn)


@njit(cache=True)
def through_synapses(arriving, decay, effect):
    """Put in the place of what arrives in each step what that and all before it add to the potential.

    In the update order of NEST's ``iaf_psc_exp``: the potential moves with the current of the step before.

    Parameters
    ----------
    arriving : array, shape (n_steps,), mV
    decay : float
        Of the current within a step.
    effect : float
        See `effect_of_jump`.
    """
    n_steps = arriving.shape[0]
    current = 0.0
    for t in range(n_steps):
        current = decay * current + arriving[t]
    current /= 1.0 - decay**n_steps  # after laps without end
    for t in range(n_steps):
        moved = effect * current
        current = decay * current + arriving[t]
        arriving[t] = moved


def power_through_synapses(decay: float, effect: float, n_steps: int) -> np.ndarray:
    """By what `through_synapses` multiplies the power at the circle's frequencies, shape (n_steps // 2 + 1,)."""
    turn = np.cos(2.0 * np.pi * np.arange(n_steps // 2 + 1) / n_steps)
    return effect**2 / (1.0 - 2.0 * decay * turn + decay**2)
