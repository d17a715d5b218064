"""Potentials that land on threshold, where a simulator's floating-point numbers decide about a spike.

In exact arithmetic three jumps of 0.7 mV are one of 2.1 mV. In floating point they are 4e-16 mV less. So may a sum of
jumps be less than the threshold that it equals. A simulator sees a spike or none, by the order in which it adds.
"""

from __future__ import annotations

import numpy as np

from meanfield.theory.shot_noise.neuron import Neuron
from meanfield.theory.shot_noise.potential_grid import Jumps
from meanfield.theory.shot_noise.time import TimeSteps

HAIR = 1e-9  # of the distance from reset to threshold, by which a raised threshold is not reached by what landed on it
BINARY = 2.0**24  # voltages that are whole multiples of 1/BINARY mV are added exactly
FAR = 9.0  # standard deviations


def may_tie(neuron: Neuron, jumps: Jumps) -> bool:
    """Whether potentials may land on threshold to rounding, but not exactly.

    Decay takes potentials to irrational ones. So they land on it only by the jumps of one time step, from where the
    neuron rests after a reset.
    """
    if jumps.exponential or not isinstance(neuron.time, TimeSteps) or neuron.V_reset != neuron.mu_ext:
        return False
    voltages = np.array([neuron.theta, neuron.V_reset, *jumps.sizes]) * BINARY
    if np.all(voltages == np.rint(voltages)) and neuron.mu_ext == 0.0:
        return False
    dt = neuron.time.dt
    highest = jumps.drift * dt + FAR * (jumps.variance * dt) ** 0.5 + jumps.reach[1]
    return bool(highest >= neuron.theta - neuron.V_reset)
