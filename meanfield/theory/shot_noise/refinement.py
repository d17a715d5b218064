"""Rate and irregularity of a neuron by grids of potentials, refined until the result settles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from meanfield.theory.shot_noise.discretisation import CellsInContinuousTime, Discretisation, discretisation
from meanfield.theory.shot_noise.floating_point import HAIR, may_tie
from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.neuron import Neuron, ShotNoiseRate, trains_of_jumps

TOLERANCE = 1e-5  # relative error at which refinement of the grid stops
LEAST_GRIDS = 3  # to be compared, since two may agree by chance
RAREST = 1e9  # steps, or input spikes, per interval: beyond, rounding errors exceed 1e-5 of the rate
ROUNDING = 1e-14  # relative, per step or input spike in an interval

SILENT = "spikes are too rare: less than one in 1e9 time steps or input spikes, which rounding does not let compute"
TOO_SMALL = "weights are too small for a grid that resolves them; there the diffusion approximation is accurate"


def rate_of_neuron(
    neuron: Neuron, input_rates, weights, exponential=False, *, like=None, cv=True, tolerance=TOLERANCE
) -> ShotNoiseRate:
    """`shot_noise_rate` without checks, to a relative `tolerance`.

    Or on one grid, errors unknown: `like` is a discretisation, of similar jumps, and its resolution.
    """
    jumps = trains_of_jumps(input_rates, weights, exponential)
    if jumps is None:
        return _noiseless(neuron)
    if neuron.mu_ext <= neuron.theta and np.all(jumps.sizes < 0.0):
        return ShotNoiseRate(0.0, 0.0, np.nan, np.nan)  # never reaches threshold
    try:
        if like is None:
            return _refined(discretisation(neuron, jumps), tolerance)
        kind, resolution = like
        cells = kind(neuron, jumps)
        rate, cv, _ = _at(cells, resolution, cv)
        return ShotNoiseRate(rate, np.nan, cv, np.nan, cells.spacing(resolution), resolution, converged=False)
    except NotSolved as problem:
        return ShotNoiseRate(np.nan, np.nan, np.nan, np.nan, converged=False, missing=str(problem))


def _noiseless(neuron: Neuron) -> ShotNoiseRate:
    if neuron.mu_ext <= neuron.theta:
        return ShotNoiseRate(0.0, 0.0, np.nan, np.nan)
    time = neuron.tau_m * np.log((neuron.mu_ext - neuron.V_reset) / (neuron.mu_ext - neuron.theta))
    return ShotNoiseRate(neuron.rate(neuron.time.seen(time)), 0.0, 0.0, 0.0)


def _at(cells: Discretisation, resolution: int, cv: bool = True) -> tuple[float, float, float]:
    """Rate (spikes/s), CV unless not asked for, and number of steps or input spikes in an interval."""
    mean, variance, events = cells.moments(resolution, cv)
    if not 0.0 < events < RAREST:
        raise NotSolved(SILENT)
    return cells.neuron.rate(mean), float(max(variance, 0.0) ** 0.5 / (cells.neuron.refractory + mean)), events


def _refined(cells: Discretisation, tolerance: float) -> ShotNoiseRate:
    """Make cells finer until the result settles."""
    resolution = cells.coarsest
    if isinstance(cells, CellsInContinuousTime) and cells.spacing(resolution) > np.abs(cells.jumps.sizes).min():
        raise NotSolved(TOO_SMALL)
    results = []
    while True:
        *result, events = _at(cells, resolution)
        results.append(result)
        finest = not cells.affordable(resolution + 1)
        if len(results) >= LEAST_GRIDS or (finest and len(results) > 1):
            (rate, cv), (error, cv_error) = cells.judged(results)
            error += rate * ROUNDING * events
            if finest or error <= tolerance * rate:
                break
        resolution += 1
    error += rate * cells.floor(rate)
    if may_tie(cells.neuron, cells.jumps):
        beneath = replace(cells.neuron, theta=cells.neuron.theta + HAIR * (cells.neuron.theta - cells.neuron.V_reset))
        error += abs(rate - _at(type(cells)(beneath, cells.jumps), resolution, cv=False)[0])
    accurate = bool(error <= TOLERANCE * rate)
    numbers = map(float, (rate, error, cv, cv_error, cells.spacing(resolution)))
    return ShotNoiseRate(*numbers, resolution, converged=accurate)
