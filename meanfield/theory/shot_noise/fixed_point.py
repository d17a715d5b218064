"""Self-consistent rates of a network whose neurons receive independent Poisson trains."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.assumptions import unsupported
from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.theory.shot_noise.populations import Populations
from meanfield.theory.shot_noise.refinement import TOLERANCE
from meanfield.theory.white_noise.fixed_points import fixed_points

SELF_CONSISTENT = 1e-7  # largest relative deviation of the response from the rates
MOST_AMPLIFIED = 10.0
NEGLIGIBLE = 1e-9  # spikes/s, of which nothing that can be computed depends
MOST_ITERATIONS, MOST_ROUNDS = 60, 4
UNSOLVED = "no self-consistent rates found from this start"


def shot_noise_response(network, rate, dt: float = 0.1) -> xr.Dataset:
    """Rates at which neurons of a network respond to Poisson trains, as if its populations fired at given rates.

    Parameters
    ----------
    network : Network
    rate : array, shape (N,), spikes/s
        Of each population.
    dt : float, ms
        Time step of the simulation that is predicted; 0 for continuous time.

    Returns
    -------
    Dataset
        As from `shot_noise_fixed_point`; ``mu`` and ``sigma`` are those of the input at the given rates.

    Raises
    ------
    ParameterError
        If a rate or dt is impossible, or a refractory period is not a multiple of dt.

    Notes
    -----
    See `meanfield.theory.shot_noise_rate` for the method.
    """
    populations = Populations(network, dt, merge=False)
    rate = checked_rate("rate", rate, network)
    if unknown := beyond_shot_noise(network):
        return populations.unknown(unknown)
    responses = populations.each(rate)
    return populations.dataset(
        np.array([one.rate for one in responses]),
        np.array([one.error for one in responses]),
        responses,
        input_at=rate,
        converged=all(one.converged for one in responses),
    )


def shot_noise_fixed_point(network, dt: float = 0.1, *, start=None) -> xr.Dataset:
    """Self-consistent rates of a network if its neurons' input were independent Poisson trains.

    The input of a neuron is one Poisson train from each population, at that population's rate, and the external one.
    Unlike in Siegert's theory its jumps are finite, and with dt > 0 time advances in the steps of a simulation.

    Parameters
    ----------
    network : Network
    dt : float, ms
        Time step of the simulation that is predicted, with the update order of NEST's ``iaf_psc_delta``; 0 for
        continuous time.
    start : array, shape (N,), spikes/s, optional
        Where the search starts, by default Siegert's stable fixed point of lowest rate. Of several solutions this
        selects one.

    Returns
    -------
    Dataset
        Over population: ``rate`` and its numerical error ``rate_error`` (spikes/s), ``cv`` of the intervals and
        ``cv_error``, ``mu`` and ``sigma`` of the input (mV), ``spacing`` of the finest grid of potentials (mV); and
        ``converged``: whether the numerical errors are at most 1e-5 of the rates.
        What could not be computed is NaN, and attribute `missing` says why; else it is empty.

    Raises
    ------
    ParameterError
        If dt or `start` is impossible, or a refractory period is not a multiple of dt.

    Notes
    -----
    Broyden's method with the Jacobian of Siegert's formula to start from, on the coarsest of the grids; at its solution
    the grids are refined, and what that changes is added to the response, until the refined one is self-consistent.
    """
    populations = Populations(network, dt)
    if unknown := beyond_shot_noise(network):
        return populations.unknown(unknown)
    start = _siegert(network) if start is None else checked_rate("start", start, network)
    rate = populations.merged(start)
    rate, jacobian, solved = _self_consistent(populations, rate, populations.siegert_jacobian(rate), 0.0)
    refined = None
    for _ in range(MOST_ROUNDS):
        # The network feeds errors of single responses back; so these must be smaller if it amplifies them.
        feedback = np.abs(np.linalg.pinv(np.eye(len(rate)) - jacobian))
        amplified = np.max(feedback @ rate / np.maximum(rate, 1e-300), initial=1.0, where=rate > NEGLIGIBLE)
        refined = populations.each(rate, 0.9 * TOLERANCE / min(amplified, MOST_AMPLIFIED), again=refined)
        exists = np.array([not one.missing for one in refined])
        response = np.array([one.rate for one in refined])
        deviation = np.where(exists, response - rate, 0.0)
        if not solved or _vanishes(deviation, rate):
            break
        offset = np.where(exists, response - populations.response(rate), 0.0)
        rate, jacobian, solved = _self_consistent(populations, rate, jacobian, offset)

    solved = solved and _vanishes(deviation, rate)
    silent = exists & (response == 0.0)  # exactly, not as near to it as the search came
    rate, deviation = np.where(silent, 0.0, rate), np.where(silent, 0.0, deviation)
    error = feedback @ np.where(exists, np.abs(deviation) + [one.error for one in refined], 0.0)
    exists &= solved
    return populations.dataset(
        np.where(exists, rate, np.nan),
        np.where(exists, error, np.nan),
        refined,
        input_at=rate,
        converged=bool(np.all(exists) and np.all((error <= TOLERANCE * rate) | silent)),
        problem="" if solved else UNSOLVED,
    )


def beyond_shot_noise(network) -> str:
    """A sentence on what the network has that these theories do not know; empty if they know all of it.

    They take the mean of random in-degrees, and a constant current as part of the mean drive.
    """
    return unsupported(network, "the theory of shot noise", "rule", "drive", "delay_sd")


def _vanishes(deviation, rate) -> bool:
    return bool(np.all(np.abs(deviation) <= SELF_CONSISTENT * rate + NEGLIGIBLE))


def _self_consistent(populations, rate, jacobian, offset):
    """Broyden's method for rate = response(rate) + offset; rates, Jacobian of the response, and whether it worked."""
    highest = populations.highest_rate
    deviation = populations.response(rate) + offset - rate
    for _ in range(MOST_ITERATIONS):
        if _vanishes(deviation, rate):
            return rate, jacobian, True
        newton = np.linalg.pinv(np.eye(len(rate)) - jacobian) @ deviation
        # A rate that Siegert's formula puts near 0 may have to grow by orders of magnitude; it must not overshoot.
        step = np.clip(rate + newton, 0.5 * rate, np.minimum(2.0 * rate + 1.0, highest)) - rate
        if not step.any():
            return rate, jacobian, False
        rate = rate + step
        before, deviation = deviation, populations.response(rate) + offset - rate
        change_of_response = deviation - before + step
        jacobian = jacobian + np.outer(change_of_response - jacobian @ step, step) / (step @ step)
    return rate, jacobian, False


def _siegert(network) -> np.ndarray:
    """Siegert's stable fixed point of lowest rate, or the lowest if none is stable, shape (N,), spikes/s."""
    solutions = fixed_points(network)
    return solutions["rate"].values[int(np.argmax(solutions["stable"].values))]


def checked_rate(name, rate, network) -> np.ndarray:
    """The rates (spikes/s) as an array, shape (N,).

    Raises
    ------
    ParameterError
    """
    try:
        return np.array(Quantity("spikes/s", at_least=0, ndim=1).array(rate, len(network.populations)), dtype=float)
    except ValueError as why:
        raise ParameterError([f"{stated(name, rate, 'spikes/s')} {why}"]) from None
