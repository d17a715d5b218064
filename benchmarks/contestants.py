"""The ways to evaluate Siegert's rate that are compared. All take mV and ms and return spikes/s."""

from __future__ import annotations

import contextlib
import math
import os
import warnings

import nnmt
import numpy as np
from scipy.integrate import quad
from scipy.special import erf

import meanfield as mf
from meanfield.theory.white_noise.siegert import siegert_rate, siegert_rate_and_derivatives

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0}


def ours(mu, sigma, V_reset):
    """This package, arrays or numbers."""
    return siegert_rate(mu, sigma, V_reset=V_reset, **NEURON)


def ours_derivatives(mu, sigma, V_reset):
    """Rate and derivatives with respect to mu and sigma."""
    return siegert_rate_and_derivatives(mu, sigma, V_reset=V_reset, **NEURON)


def _in_si(mu, sigma, V_reset):
    return {
        "mu": mu * 1e-3,
        "sigma": sigma * 1e-3,
        "V_0_rel": V_reset * 1e-3,
        "V_th_rel": NEURON["theta"] * 1e-3,
        "tau_m": NEURON["tau_m"] * 1e-3,
        "tau_r": NEURON["t_ref"] * 1e-3,
    }


def by_nnmt(mu, sigma, V_reset):
    """NNMT, arrays or numbers."""
    return nnmt.lif.delta._firing_rates_for_given_input(**_in_si(mu, sigma, V_reset))


def nnmt_d_mu(mu, sigma, V_reset):
    """NNMT's derivative with respect to mu, spikes/s per mV."""
    return 1e-3 * nnmt.lif.delta._derivative_of_firing_rates_wrt_mean_input(**_in_si(mu, sigma, V_reset))


def our_response(frequency, mu, sigma, V_reset, growth=0.0):
    """Linear response to mean and to squared noise intensity."""
    return mf.transfer_function(frequency, mu, sigma, growth=growth, V_reset=V_reset, **NEURON)


def nnmt_response(frequency, mu, sigma, V_reset):
    """NNMT's response to the mean, for an array of frequencies and one working point, spikes/s per mV.

    It goes through mpmath, and leaves out of the denominator by what phase the refractory time delays.
    """
    return 1e-3 * nnmt.lif.exp._transfer_function_shift(
        **_in_si(mu, sigma, V_reset),
        tau_s=0.0,
        omegas=2.0 * np.pi * frequency,
        synaptic_filter=False,
    ).reshape(-1)


def by_quad(mu, sigma, V_reset):
    """The textbook formula, integrated by scipy.integrate.quad; numbers only."""
    a, b = (V_reset - mu) / sigma, (NEURON["theta"] - mu) / sigma
    integral, _ = quad(lambda u: math.exp(u * u) * (1.0 + erf(u)), a, b)
    return 1e3 / (NEURON["t_ref"] + NEURON["tau_m"] * math.sqrt(math.pi) * integral)


class ByNest:
    """NEST's siegert_neuron: one neuron for each input, driven by a constant rate through two factors."""

    def __init__(self, mu, sigma, V_reset):
        os.environ.setdefault("PYNEST_QUIET", "1")  # no banner at import
        import nest

        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.set(resolution=0.1, use_wfr=False, local_num_threads=1)
        # A time constant this short lets the rate reach its asymptote within one step.
        self.neurons = nest.Create("siegert_neuron", len(mu), params={"tau": 1e-3, **NEURON})
        self.neurons.set(V_reset=list(V_reset))
        drive = nest.Create("siegert_neuron", params={"mean": 1.0, "rate": 1.0})
        for neuron, drift, noise in zip(self.neurons, mu, sigma, strict=True):
            synapse = {"synapse_model": "diffusion_connection", "drift_factor": drift, "diffusion_factor": noise**2}
            nest.Connect(drive, neuron, "all_to_all", synapse)
        self.nest = nest

    def simulate(self, n_steps):
        """Evaluate all rates about `n_steps` times."""
        self.nest.Simulate(0.1 * n_steps)

    def rates(self):
        """The rates reached."""
        return np.array(self.neurons.get("rate"))


def one_by_one(function, mu, sigma, V_reset):
    """A function of numbers over arrays; NaN where it raises."""
    results = np.full(len(mu), np.nan)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for i, arguments in enumerate(zip(mu.tolist(), sigma.tolist(), V_reset.tolist(), strict=True)):
            with contextlib.suppress(RuntimeError, OverflowError, ZeroDivisionError, ValueError):
                results[i] = function(*arguments)
    return results


def nnmt_network(network: mf.Network, method: str):
    """NNMT's self-consistent rates of a network, by "ODE" or "LSTSQ"."""
    return nnmt.lif.delta._firing_rates(
        J=1e-3 * network.J,
        K=network.K,
        V_0_rel=1e-3 * network.V_reset,
        V_th_rel=1e-3 * network.theta,
        tau_m=1e-3 * network.tau_m,
        tau_r=1e-3 * network.t_ref,
        J_ext=1e-3 * np.diag(network.J_ext),
        K_ext=np.diag(network.K_ext),
        nu_ext=network.rate_ext,
        fixpoint_method=method,
    )
