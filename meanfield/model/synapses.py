"""Weights and in-degrees from what people measure: currents, amplitudes of postsynaptic potentials, probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, Quantity, stated


def weight_from_current(current, *, C_m, tau_syn):
    """Weight J (mV) of an exponential synapse: the charge of current · exp(−t/tau_syn), as a voltage.

    Parameters
    ----------
    current : float or array, pA
    C_m : float or array, pF
    tau_syn : float or array, ms
    """
    return current * tau_syn / C_m


def weight_from_psp(peak, *, tau_m, tau_syn):
    """Weight J (mV) of a synapse whose postsynaptic potential has the given peak.

    V(t) = J tau_m/(tau_m − tau_syn) [exp(−t/tau_m) − exp(−t/tau_syn)], which peaks at J (tau_syn/tau_m)^(tau_syn/(tau_m
    − tau_syn)): at J for delta synapses, at J/e if both time constants are equal.

    Parameters
    ----------
    peak : float or array, mV
    tau_m : float or array, ms, > 0
    tau_syn : float or array, ms, ≥ 0
    """
    ratio = np.asarray(tau_syn, dtype=float) / tau_m
    off = ratio - 1.0
    # (1 + off)^(1/off), with its series about equal time constants
    near = np.abs(off) < 1e-5
    safe = np.where(near | (ratio == 0), 1.0, off)
    exponent = np.where(near, 1 - off / 2 + off**2 / 3, np.log1p(safe) / safe)
    return (peak * np.where(ratio == 0, 1.0, np.exp(exponent * np.where(ratio == 0, 0.0, ratio))))[()]


def network_from(
    populations, size, *, probability=None, K=None, current=None, psp=None, J=None, C_m=None, **others: Any
) -> Network:
    """A `Network` from connection probabilities, and from currents or amplitudes of postsynaptic potentials.

    Parameters
    ----------
    populations, size
        As of `Network`.
    probability : float or array, shape (N, N)
        That a pair of neurons is connected, or `K`, the in-degree, as of `Network`. Unless another `rule` is given,
        pairs are connected independently ("pairwise_bernoulli").
    current : float or array, shape (N, N), pA
        Peak of the synaptic current, with `C_m` (pF, one number or shape (N,)) and `tau_syn`; or `psp`, in mV, the peak
        of the postsynaptic potential; or `J`, as of `Network`. The external synapses' are `current_ext` and `psp_ext`,
        one number or shape (N,), or `J_ext`.
    **others
        The other fields of `Network`.

    Raises
    ------
    ParameterError
        If something is given twice or not at all, or a value cannot be used.
    """
    n = len(populations)
    culprits = [
        f"of {', '.join(given)} one must be given, not {sum(x is not None for x in given.values()) or 'none'}"
        for given in ({"probability": probability, "K": K}, {"current": current, "psp": psp, "J": J})
        if sum(x is not None for x in given.values()) != 1
    ]
    ext = {name: others.pop(name, None) for name in ("current_ext", "psp_ext")}
    if sum(x is not None for x in (*ext.values(), others.get("J_ext"))) > 1:
        culprits.append("of current_ext, psp_ext, J_ext one must be given at most")
    if (current is not None or ext["current_ext"] is not None) and C_m is None:
        culprits.append("C_m is missing: a current has an effect by the membrane's capacity")
    if probability is not None and not Quantity(at_least=0, at_most=1).accepts(np.asarray(probability)):
        culprits.append(f"{stated('probability', probability)} must be a finite number ≥ 0 and ≤ 1")
    if culprits:
        raise ParameterError(culprits)
    size = np.broadcast_to(size, n)
    if probability is not None:
        others.setdefault("rule", "pairwise_bernoulli")
        sources = size - (others.get("autapses", True) is False) * np.eye(n)
        K = np.broadcast_to(probability, (n, n)) * sources
        if others["rule"] == "fixed_indegree":
            K = np.rint(K).astype(int)
    # What is not given is as of any network.
    plain = Network(populations=populations, size=size, K=0, J=0.0, **_time_constants(others))
    if J is None:
        J = (
            weight_from_psp(psp, tau_m=plain.tau_m[:, None], tau_syn=plain.tau_syn)
            if current is None
            else weight_from_current(current, C_m=_column(C_m), tau_syn=plain.tau_syn)
        )
    if ext["psp_ext"] is not None:
        others["J_ext"] = weight_from_psp(np.asarray(ext["psp_ext"]), tau_m=plain.tau_m, tau_syn=plain.tau_syn_ext)
    if ext["current_ext"] is not None:
        others["J_ext"] = weight_from_current(np.asarray(ext["current_ext"]), C_m=C_m, tau_syn=plain.tau_syn_ext)
    return Network(populations=populations, size=size, K=K, J=J, **others)


def _time_constants(others):
    return {"delay": 1.0} | {name: others[name] for name in ("tau_m", "tau_syn", "tau_syn_ext") if name in others}


def _column(values):
    return np.asarray(values)[:, None] if np.ndim(values) == 1 else values
