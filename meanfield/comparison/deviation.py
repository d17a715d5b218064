"""Deviation of simulated rates from theory, and what it means beside its error."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.comparison.pooled_rate import pooled_rate
from meanfield.comparison.siegert import siegert_near
from meanfield.comparison.unequal_neurons import unequal_neurons
from meanfield.model.network import Network
from meanfield.model.variables import RESTATED, SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.simulation.measures.record_doubts import record_doubts
from meanfield.simulation.measures.spike_trains import population_fano
from meanfield.theory.attempt import attempt
from meanfield.theory.linear.eigenvalues import eigenvalues
from meanfield.theory.linear.predicted_state import stability

FANO_WINDOW = 10.0  # ms


def deviation(network: Network, spiking: xr.Dataset, near: xr.DataArray | np.ndarray | None = None) -> xr.Dataset:
    """Put simulated rates beside Siegert's.

    Parameters
    ----------
    network : Network
        The network that was simulated.
    spiking : Dataset
        From `simulate_spiking`.
    near : array, shape (N,), spikes/s, optional
        Of several self-consistent solutions, the one nearest to these rates is compared; by default nearest to the
        simulated ones.

    Returns
    -------
    Dataset
        - over dimension population: ``simulated``, the mean over seeds, its standard error ``simulated_sem`` (its
          attribute `over` says over what) with its degrees of freedom ``simulated_freedom``, what speaks against it,
          ``simulated_doubt``, and the 95 % upper bound ``simulated_upper``; ``siegert``; ``deviation`` =
          simulated − siegert in spikes/s, ``deviation_percent`` of Siegert's rate, its standard error
          ``deviation_percent_sem``, and ``deviation_sem`` in standard errors; ``mu`` and ``sigma`` of the input at the
          fixed point, in mV; ``simulated_cv`` of the inter-spike intervals and ``siegert_cv``, theory's;
          ``population_fano``, the Fano factor of the population's spike counts in windows of 10 ms, mean over seeds;
        - ``n_solutions``, how many self-consistent solutions there are;
        - over (fixed_point, population): ``fixed_point_rate``; over fixed_point: ``fixed_point_stable``.

        What does not exist is missing (NaN): the standard error and CV of a silent population, the percentage where
        theory predicts that silence, Siegert's rate where no solution converged, and the standard error of a record
        that does not tell it; attribute `missing` of ``siegert`` and ``simulated_sem`` says why.

    Raises
    ------
    ValueError
        If the dataset is not of this network's populations.
    """
    _refuse_other_populations(network, spiking)
    simulated, sem, freedom, upper, over, missing = pooled_rate(spiking)
    siegert = siegert_near(network, near, simulated)
    difference = simulated - siegert.rate
    # Silence that theory predicts too says nothing about the ratio of the two rates.
    agreed_silence = (simulated == 0) & (siegert.rate <= upper)

    def in_percent(values):
        return np.where(agreed_silence, np.nan, 100 * _ratio(values, siegert.rate))

    n_cv = spiking["cv_neurons"].values
    cv = _ratio((np.nan_to_num(spiking["cv"].values) * n_cv).sum(axis=0), n_cv.sum(axis=0))

    def each(values, units, long_name, **marks):
        return variable("population", values, units, long_name, **marks)

    percent, solutions = {"error": "deviation_percent_sem"}, siegert.solutions
    standard_error = {"error": "simulated_freedom", "judged_as": STANDARD_ERROR}
    return xr.Dataset(
        {
            "simulated": each(simulated, "spikes/s", "simulated rate", error="simulated_sem"),
            "simulated_sem": each(
                sem, "spikes/s", "standard error of the simulated rate", over=over, missing=missing, **standard_error
            ),
            "simulated_freedom": each(freedom, "1", "degrees of freedom of the standard error", judged_as=SINGLE_DRAW),
            "simulated_doubt": record_doubts(spiking),
            "simulated_upper": each(upper, "spikes/s", "95 % upper bound of the simulated rate", judged_as=RESTATED),
            "siegert": each(siegert.rate, "spikes/s", "Siegert's self-consistent rate", missing=siegert.missing),
            "deviation": each(difference, "spikes/s", "simulated rate − Siegert's rate", error="simulated_sem"),
            "deviation_percent": each(in_percent(difference), "%", "deviation relative to Siegert's rate", **percent),
            "deviation_percent_sem": each(
                in_percent(sem), "%", "standard error of the relative deviation", **standard_error
            ),
            "deviation_sem": each(_ratio(difference, sem), "1", "deviation in standard errors", judged_as=RESTATED),
            "mu": each(siegert.mu, "mV", "mean input at the fixed point"),
            "sigma": each(siegert.sigma, "mV", "noise intensity of the input at the fixed point"),
            "simulated_cv": each(cv, "1", "CV of the simulated inter-spike intervals", judged_as=SINGLE_DRAW),
            "siegert_cv": each(siegert.cv, "1", "CV of the inter-spike intervals in theory"),
            "population_fano": each(
                _fano(spiking),
                "1",
                f"Fano factor of the population's spike counts in {FANO_WINDOW:g} ms",
                judged_as=SINGLE_DRAW,
            ),
            "n_solutions": variable((), int(solutions["converged"].sum()), "1", "number of self-consistent solutions"),
            "fixed_point_rate": variable(
                ("fixed_point", "population"),
                solutions["rate"].where(solutions["converged"]).values,
                "spikes/s",
                "rate of a self-consistent solution",
            ),
            "fixed_point_stable": variable(
                "fixed_point",
                solutions["stable"].values,
                "1",
                "whether the rate network returns to it after a small disturbance",
            ),
        },
        coords={"population": list(network.populations)},
        attrs=spiking.attrs,
    )


def compare(network: Network, spiking: xr.Dataset, rate_network: xr.Dataset) -> xr.Dataset:
    """Put simulated rates, the rate network's and Siegert's side by side.

    Parameters
    ----------
    network : Network
        The network that both were simulated for.
    spiking : Dataset
        From `simulate_spiking`.
    rate_network : Dataset
        From `simulate_rate_network`.

    Returns
    -------
    Dataset
        All that `spiking` and `rate_network` hold, ``rate_network`` (population), and all of `deviation`, where
        Siegert's solution is the one nearest to where the rate network settled; and whether that solution is stable
        against small disturbances, delays included: ``white_noise_growth`` (1/s) and ``white_noise_frequency`` (Hz) of
        the leading one by `eigenvalues`, and the name of the state, ``white_noise_state``. Where in-degrees are random
        or weights spread, also what `unequal_neurons` returns.

    Raises
    ------
    ValueError
        If the datasets are not of this network's populations.
    """
    _refuse_other_populations(network, rate_network)
    reached = rate_network["rate"]
    comparison = deviation(network, spiking, near=reached).assign_attrs(rate_network.attrs)
    comparison["rate_network"] = variable("population", reached.values, "spikes/s", "rate of NEST's rate network")
    settling = rate_network.drop_vars("rate").rename(converged="rate_network_converged")
    stability = _stability(network, comparison["siegert"].values)
    unequal = unequal_neurons(network, spiking, comparison["siegert"].values)
    return xr.merge([comparison, stability, unequal, spiking, settling], combine_attrs="override")


def _stability(network: Network, siegert: np.ndarray) -> xr.Dataset:
    """What becomes of small disturbances of Siegert's solution."""
    growth = frequency = np.nan
    state, reason = "", "Siegert's rate is missing"
    if np.isfinite(siegert).all():
        modes, reason = attempt(lambda: eigenvalues(network, siegert), None)
        if modes is not None:
            growth, frequency, state = stability(network, modes)
    return xr.Dataset(
        {
            "white_noise_growth": variable((), growth, "1/s", "growth of the leading disturbance", missing=reason),
            "white_noise_frequency": variable((), frequency, "Hz", "frequency of the leading disturbance"),
            "white_noise_state": variable((), state, "1", "state by linear stability, white noise"),
        }
    )


def _refuse_other_populations(network: Network, dataset: xr.Dataset) -> None:
    names = list(network.populations)
    if list(dataset["population"].values) != names:
        raise ValueError(f"the dataset has populations {list(dataset['population'].values)}, the network {names}")


def _fano(spiking: xr.Dataset) -> np.ndarray:
    """Fano factor of each population's spike counts, mean over seeds; shape (N,)."""
    size = [int((spiking["neuron_population"] == name).sum()) for name in spiking["population"].values]
    bin_width = spiking.attrs["bin_width"]
    bins = max(1, round(FANO_WINDOW / bin_width))
    activity = spiking["activity"].transpose("seed", "population", "time").values
    factors = [[population_fano(a, n, bin_width, bins) for a, n in zip(run, size, strict=True)] for run in activity]
    return np.mean(factors, axis=0)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The ratio, missing where there is nothing to divide by."""
    possible = np.isfinite(denominator) & (denominator != 0)
    return np.divide(numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=possible)
