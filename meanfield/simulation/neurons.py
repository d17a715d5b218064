"""Neurons in NEST: which model suits a population, and how its synapses' currents reach it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from meanfield.model.network import Network


class Membrane(NamedTuple):
    """A population's model in NEST.

    Attributes
    ----------
    model : str
    parameters : dict
        Those of its synapses.
    receptors : dict of float to int
        For each time constant (ms) of its synapses the receptor; empty if the sign of the weight decides.
    """

    model: str
    parameters: dict[str, Any]
    receptors: dict[float, int]

    def synapse(self, J: float, tau_syn: float) -> dict[str, Any]:
        """Weight, and receptor if need be, of a synapse of weight `J` (mV); at a C_m of 1 pF, J/tau_syn is in pA."""
        weight = {"weight": J / tau_syn if tau_syn > 0 else J}
        return weight | ({"receptor_type": self.receptors[tau_syn]} if self.receptors else {})


def membrane(network: Network, t: int) -> Membrane:
    """The model for population `t`: of delta synapses, of one time constant for each sign, or of several."""
    constants = _time_constants(network, t)
    excitatory, inhibitory = ({tau for tau, J in constants if sign * J > 0} for sign in (1, -1))
    if not any(excitatory | inhibitory):
        return Membrane("iaf_psc_delta", {}, {})
    if len(excitatory) <= 1 and len(inhibitory) <= 1:
        # A time constant that no synapse has must still be positive.
        (ex,), (inh,) = excitatory or inhibitory, inhibitory or excitatory
        return Membrane("iaf_psc_exp", {"tau_syn_ex": ex, "tau_syn_in": inh}, {})
    several = sorted(excitatory | inhibitory)
    return Membrane("iaf_psc_exp_multisynapse", {"tau_syn": several}, {tau: i + 1 for i, tau in enumerate(several)})


def mixed_synapses(network: Network) -> Iterator[str]:
    """A sentence for each population whose neurons have delta and exponential synapses, for which NEST has no model."""
    for t, name in enumerate(network.populations):
        constants = {tau for tau, _ in _time_constants(network, t)}
        if 0.0 in constants and len(constants) > 1:
            yield f"tau_syn of population {name} must be 0 ms for all its synapses or for none to be simulated in NEST"


def _time_constants(network: Network, t: int) -> set[tuple[float, float]]:
    """Time constant and weight of all kinds of synapses that neurons of population `t` have."""
    pairs = zip(network.tau_syn[t], network.J[t], network.K[t], strict=True)
    used = {(float(tau), float(J)) for tau, J, K in pairs if K > 0 and J != 0}
    if network.shot_variance_0[t] > 0:
        used.add((float(network.tau_syn_ext[t]), float(network.J_ext[t])))
    return used


def create_neurons(nest, network: Network, V_init: str) -> list[Any]:
    """The neurons of all populations, first of all nodes, so that their identifiers start from 1."""
    populations = []
    for n, size in enumerate(network.size):
        tau_m, theta, V_reset = float(network.tau_m[n]), float(network.theta[n]), float(network.V_reset[n])
        model, synapses, _ = membrane(network, n)
        constant = network.mu_0[n] if network.drive == "dc" else network.mu_ext[n]
        # With C_m = 1 pF, a current of mu/tau_m (pA) alone brings the membrane to mu (mV).
        neuron = {
            "C_m": 1.0,
            "E_L": 0.0,
            "tau_m": tau_m,
            "t_ref": float(network.t_ref[n]),
            "V_th": theta,
            "V_reset": V_reset,
            "I_e": float(constant) / tau_m,
            "V_m": nest.random.uniform(V_reset, theta) if V_init == "spread" else 0.0,
        }
        populations.append(nest.Create(model, int(size), params=neuron | synapses))
    return populations


def noise_current(sigma: float, tau_m: float, dt: float) -> float:
    """Standard deviation (pA) of a current, new in each step `dt` (ms), that acts like white noise of `sigma` (mV).

    On the grid the free membrane has exactly the standard deviation sigma/√2, at a C_m of 1 pF.
    """
    return sigma / math.sqrt(2.0) / tau_m / math.sqrt(math.tanh(0.5 * dt / tau_m))
