"""A neuron's membrane on a circle of time, in the steps of a simulation or in continuous time: compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from meanfield.theory.trains.random_streams import normal_at, number_at

# Of what exponent on a crossing between two steps is not looked for any more.
IMPOSSIBLE = 40.0


class Membrane(NamedTuple):
    """A leaky integrate-and-fire neuron.

    Parameters
    ----------
    refractory : float
        Steps after a spike in which input is lost; a whole number on a grid.
    decay, drive : float
        From one step to the next, V becomes drive + decay V + input.
    theta, V_reset : float, mV
    """

    refractory: float
    decay: float
    drive: float
    theta: float
    V_reset: float


@njit(cache=True, nogil=True)
def fire_in_steps(arriving, start, membrane, spikes, lap):
    """Steps of a neuron's spikes on the circle.

    The neuron goes around once, and on until it fires in the same step as a lap ago: from there on it would repeat
    itself, and what came before depended on where it started. If that never happens, the second lap is taken.

    Parameters
    ----------
    arriving : array, shape (n_steps,), mV
        Input that arrives in each step.
    start : float
        Where between V_reset (0) and theta (1) the potential starts.
    membrane : Membrane
    spikes : array of int32
        Filled with the steps.
    lap : array of int32
        Room for as many.

    Returns
    -------
    n : int
        Number of spikes.
    closed : bool
        Whether the neuron came back to where it started, so that the train has no seam.
    """
    potential = membrane.V_reset + start * (membrane.theta - membrane.V_reset)
    n, potential, silent, _ = _lap_in_steps(arriving, potential, 0, membrane, spikes, lap, 0)
    n_again, _, _, same = _lap_in_steps(arriving, potential, silent, membrane, lap, spikes, n)
    return _joined(spikes, n, lap, n_again, same)


@njit(cache=True)
def _lap_in_steps(arriving, potential, silent, membrane, spikes, before, n_before):
    """One lap, but not beyond a spike that was there `before`; which of those it was, or −1."""
    refractory, decay, drive = int(membrane.refractory), membrane.decay, membrane.drive
    theta, V_reset = membrane.theta, membrane.V_reset
    n, k = 0, 0
    for t in range(arriving.shape[0]):
        # Update order and arithmetic of NEST's iaf_psc_delta.
        if silent > 0:
            silent -= 1
        else:
            potential = drive + decay * potential + arriving[t]
        if potential >= theta:
            silent, potential = refractory, V_reset
            spikes[n] = t
            n += 1
            while k < n_before and before[k] < t:
                k += 1
            if k < n_before and before[k] == t:
                return n, potential, silent, k
    return n, potential, silent, -1


@njit(cache=True)
def _joined(spikes, n, lap, n_again, same):
    """A second lap up to its last spike, and from there on the first one, if that fired in the same step."""
    if same < 0:
        spikes[:n_again] = lap[:n_again]
        return n_again, n_again == 0
    rest = spikes[same + 1 : n].copy()
    spikes[:n_again] = lap[:n_again]
    spikes[n_again : n_again + rest.shape[0]] = rest
    return n_again + rest.shape[0], True


@njit(cache=True, nogil=True)
def fire_in_continuous_time(arriving, mean, white, key, start, membrane, spikes, lap):
    """The same for Gaussian input, between whose values the potential moves as a Brownian bridge.

    Parameters
    ----------
    mean : float, mV
        Mean of the input of a step.
    white : float, mV²
        Variance of a step's input that is due to white noise.
    key : int
        What further random numbers are for.
    """
    potential = membrane.V_reset + start * (membrane.theta - membrane.V_reset)
    n, potential, wait, _ = _lap_in_continuous_time(
        arriving, mean, white, key, potential, 0.0, membrane, spikes, lap, 0
    )
    n_again, _, _, same = _lap_in_continuous_time(arriving, mean, white, key, potential, wait, membrane, lap, spikes, n)
    return _joined(spikes, n, lap, n_again, same)


@njit(cache=True)
def _lap_in_continuous_time(arriving, mean, white, key, potential, wait, membrane, spikes, before, n_before):
    """One lap as `_lap_in_steps`; `wait` is how many steps, or what part of one, the neuron is still refractory."""
    decay, drive, theta, V_reset = membrane.decay, membrane.drive, membrane.theta, membrane.V_reset
    n, k = 0, 0
    for t in range(arriving.shape[0]):
        if wait >= 1.0:
            wait -= 1.0
            continue
        part = 1.0 - wait
        if part == 1.0:
            then = drive + decay * potential + arriving[t]
        else:
            then = _after_part(part, potential, arriving[t] - mean, mean, membrane)
        wait = 0.0
        above = then - theta
        distance = 2.0 * (potential - theta) * above
        crosses = above >= 0.0 or (
            distance < IMPOSSIBLE * white * part and number_at(key, t, 0) < np.exp(-distance / (white * part))
        )
        if not crosses:
            potential = then
            continue
        spikes[n] = t
        n += 1
        when = 1.0 - part + part * _crossing_time(theta - potential, abs(above), white * part, key, t)
        wait = when + membrane.refractory - 1.0
        potential = V_reset
        if wait < 0.0:  # the rest of this step, with new noise: the crossing has used what there was
            noise = white**0.5 * normal_at(key, t, 3)
            potential = min(_after_part(-wait, potential, noise, mean, membrane), theta)
            wait = 0.0
        while k < n_before and before[k] < t:
            k += 1
        if k < n_before and before[k] == t:
            return n, potential, wait, k
    return n, potential, wait, -1


@njit(cache=True)
def _after_part(part, potential, noise, mean, membrane):
    """The potential after a part of a step whose input is `mean` and this noise."""
    decay = membrane.decay**part
    drive = membrane.drive * (1.0 - decay) / (1.0 - membrane.decay)
    return drive + decay * potential + part * mean + part**0.5 * noise


@njit(cache=True)
def _crossing_time(below, beyond, variance, key, t):
    """When a Brownian bridge of unit duration first crosses a threshold, `beyond` which it ends, or ends from which.

    T / (1 − T) is inverse Gaussian (Michael, Schucany & Haas 1976, doi:10.2307/2683801, for its generation).
    """
    if below <= 0.0:
        return 0.0
    if variance <= 0.0:
        return below / (below + beyond) if beyond > 0.0 else 1.0
    mean = below / max(beyond, 1e-12 * below)
    w = 0.5 * mean * variance / below**2 * normal_at(key, t, 1) ** 2
    ratio = mean / (1.0 + w + (w * (w + 2.0)) ** 0.5)
    if number_at(key, t, 5) * (mean + ratio) > mean:
        ratio = mean * mean / ratio
    return ratio / (1.0 + ratio)
