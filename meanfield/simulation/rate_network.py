"""The mean-field rate network in NEST: ``siegert_neuron`` with ``diffusion_connection``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from meanfield.model.assumptions import features
from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.parameters import RateNetworkParameters

# siegert_neuron integrates numerically over [(V_reset − mu)/sigma, (theta − mu)/sigma]. Tried out on NEST 3.10.0 for
# sigma from 0 to 10 mV and mu to 1e6 mV: up to this magnitude of the lower limit its relative error stays below 1e-9;
# from some 3e4 on it is silently wrong or aborts the whole process.
LARGEST_LIMIT = 1e4
# Where the threshold is further than this many sigma above mu, siegert_neuron returns 0 without integrating.
SILENT_BEYOND = 6.0
# Rates that all change relatively less than this over one time constant have settled.
SETTLED = 1e-12
TINY_RATE = 1e-15  # spikes/s; a change smaller than this is none
# spikes/s; to the lowest of them that gives a usable input, initial rates are raised if they give none.
RAISED = (1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)


def simulate_rate_network(
    network: Network, *, initial_rate: float | np.ndarray = 0.0, chatter: bool = False, **parameters: Any
) -> xr.Dataset:
    """Integrate the mean-field rate network in NEST from the initial rates until it settles.

    Each population is one ``siegert_neuron``; its rate relaxes in pseudo-time towards Siegert's prediction for the
    input it receives, tau · dν/dt = −ν + Φ(mu(ν), sigma(ν)). NEST steps by exponential Euler. Where there are several
    fixed points, the initial rates decide which one is reached.

    With next to no noise ``siegert_neuron`` would abort the process or be silently wrong. In a network whose noise is
    all its own, rates of 0 give none; then rates start at 0.001 spikes/s at least, or at the next power of ten that
    will do. If none does, or if such an input is reached on the way, the rates are missing.

    Parameters
    ----------
    network : Network
    initial_rate : float or array of shape (N,), spikes/s
        Rates at pseudo-time 0 (default 0).
    pseudo_duration : float, ms
        Pseudo-time after which the integration ends at the latest (default 500); it ends as soon as the rates settle.
    pseudo_dt : float, ms
        Step of pseudo-time (default 0.05); strongly coupled networks oscillate numerically beyond about 0.2 tau.
    tau : float, ms
        Time constant of the relaxation (default 1).
    chatter : bool
        Whether NEST may print its messages.

    Returns
    -------
    Dataset
        ``trajectory`` (pseudo_time, population) and the rates it settles at, ``rate`` (population), in spikes/s;
        ``converged``, whether it does. If not, ``rate`` is NaN, and attribute `missing` says why. Attribute
        `initial_rate` holds the rates that it started from.

    Raises
    ------
    ParameterError
        If a parameter cannot be used.

    References
    ----------
    Hahne J et al. (2017) Front Neuroinform 11:34, eqs 27–30, doi:10.3389/fninf.2017.00034
    """
    rates = Quantity("spikes/s", at_least=0, ndim=1)
    try:
        start = rates.array(initial_rate, len(network.populations))
    except ValueError as error:
        raise ParameterError([f"{stated('initial_rate', initial_rate, 'spikes/s')} {error}"]) from None
    run = RateNetworkParameters(**parameters)

    drift, diffusion, mu_0, variance_0 = network.drift, network.diffusion, network.mu_0, network.variance_0

    def unusable(rate):
        return _unusable(network, mu_0 + drift @ rate, np.sqrt(variance_0 + diffusion @ rate))

    if unusable(start):
        start = next((raised for raised in (np.maximum(start, r) for r in RAISED) if not unusable(raised)), start)

    nest = fresh_kernel(dt=run.pseudo_dt, chatter=chatter)
    nest.use_wfr = False  # its iteration stops at an absolute tolerance; without it, the fixed point is exact
    neurons, multimeter = _build(nest, network, run, start)
    # Rates reach their targets one step after they are sent: in the first step nothing has arrived, and the rates decay
    # from slightly above to the initial rates, which thereby are those at pseudo-time 0.
    nest.Simulate(run.pseudo_dt)

    exponential = "tau_syn" in features(network)
    # One step at a time costs little and gives the same numbers, and so each input is looked at before NEST sees it.
    rates = [np.atleast_1d(neurons.rate)]
    steps_per_tau = math.ceil(run.tau / run.pseudo_dt)
    settled, missing = False, f"the rate network has not settled after {run.pseudo_duration:.15g} ms of pseudo-time"
    while not settled and len(rates) <= round(run.pseudo_duration / run.pseudo_dt):
        if problem := unusable(rates[-1]):
            missing = f"the rate network ends at pseudo-time {(len(rates) - 1) * run.pseudo_dt:.6g} ms: {problem}"
            break
        # A siegert_neuron knows one tau_syn; several act like one that depends on what each contributes to the noise.
        if exponential:
            neurons.tau_syn = network.effective_tau_syn(rates[-1])
        nest.Simulate(run.pseudo_dt)
        rates.append(np.atleast_1d(neurons.rate))
        if len(rates) > steps_per_tau:
            change = np.abs(rates[-1] - rates[-1 - steps_per_tau])
            settled = bool(np.all(change <= SETTLED * rates[-1] + TINY_RATE))

    events = multimeter.events  # its last sample is still under way
    order = np.lexsort((events["senders"], events["times"]))
    trajectory = np.concatenate([events["rate"][order].reshape(-1, len(start)), rates[-1:]])
    time = run.pseudo_dt * np.arange(len(trajectory))
    hz = {"units": "spikes/s"}
    rate = trajectory[-1] if settled else np.full(len(start), np.nan)
    return xr.Dataset(
        {
            "rate": ("population", rate, hz | {"long_name": "rate that the rate network settled at"}),
            "trajectory": (("pseudo_time", "population"), trajectory, hz | {"long_name": "rate of the rate network"}),
            "converged": ((), settled, {"units": "1", "long_name": "whether the rates had settled"}),
        },
        coords={
            "population": list(network.populations),
            "pseudo_time": ("pseudo_time", time, {"units": "ms", "long_name": "pseudo-time"}),
        },
        attrs=run.model_dump(exclude={"initial_rate"})
        | {"initial_rate": start}
        | ({} if settled else {"missing": missing}),
    )


def _build(nest, network: Network, run: RateNetworkParameters, start: np.ndarray):
    """Create and connect everything; return the neurons of the populations and the multimeter."""
    n_populations = len(network.populations)
    neurons = nest.Create("siegert_neuron", n_populations)
    for n in range(n_populations):
        neurons[n].set(
            tau=run.tau,
            tau_m=float(network.tau_m[n]),
            t_ref=float(network.t_ref[n]),
            theta=float(network.theta[n]),
            V_reset=float(network.V_reset[n]),
            rate=float(start[n] * math.exp(run.pseudo_dt / run.tau)),
        )

    def connect(source, target: int, drift: float, diffusion: float) -> None:
        synapse = {"synapse_model": "diffusion_connection", "drift_factor": drift, "diffusion_factor": diffusion}
        nest.Connect(source, neurons[target], "all_to_all", synapse)

    drift, diffusion = network.drift, network.diffusion
    for t in range(n_populations):
        # A siegert_neuron without input fires at its additive `mean`: so it gives what is constant, at rate 1.
        if network.mu_0[t] != 0 or network.variance_0[t] != 0:
            unit = nest.Create("siegert_neuron", params={"mean": 1.0, "rate": 1.0})
            connect(unit, t, network.mu_0[t], network.variance_0[t])
        for s in range(n_populations):
            if drift[t, s] != 0:
                connect(neurons[s], t, drift[t, s], diffusion[t, s])

    multimeter = nest.Create("multimeter", params={"record_from": ["rate"], "interval": run.pseudo_dt})
    nest.Connect(multimeter, neurons)
    return neurons, multimeter


def _unusable(network: Network, mu: np.ndarray, sigma: np.ndarray) -> str:
    """Why ``siegert_neuron`` cannot bear an input; empty if it can."""
    silent = network.theta - mu > SILENT_BEYOND * sigma
    bad = ~silent & ~((mu - network.V_reset) <= LARGEST_LIMIT * sigma)
    if not np.any(bad):
        return ""
    n = int(np.argmax(bad))
    return (
        f"the input of population {network.populations[n]} has mu = {mu[n]:.6g} mV and sigma = {sigma[n]:.6g} mV; "
        "NEST's siegert_neuron cannot be used with so little noise: "
        f"sigma must be ≥ {(mu[n] - network.V_reset[n]) / LARGEST_LIMIT:.3g} mV there"
    )
