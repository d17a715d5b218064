"""Rate and irregularity of a neuron by grids of potentials, refined until the result settles."""

from __future__ import annotations

import numpy as np

from meanfield.theory.shot_noise.grid_chain import GridChain, NotSolved
from meanfield.theory.shot_noise.jump_drift import JumpDrift
from meanfield.theory.shot_noise.neuron import Neuron, ShotNoiseRate, trains_of_jumps
from meanfield.theory.shot_noise.potential_grid import Jumps, PotentialGrid

TOLERANCE = 1e-5  # relative error at which refinement of the grid stops
LOWEST = 8.0  # the grid reaches that many standard deviations below the mean
DOUBT = 0.05  # share of the last change that extrapolation may miss: the order was never found further off than that
MOST_CELLS = 2**16
MOST_ENTRIES = 10**7  # of a matrix's factors
RAREST = 1e9  # steps, or input spikes, per interval: beyond, rounding errors exceed 1e-5 of the rate
ROUNDING = 1e-14  # relative, per step or input spike in an interval

SILENT = "spikes are too rare: less than one in 1e9 time steps or input spikes, which rounding does not let compute"

TOO_SMALL = "weights are too small for a grid that resolves them; there the diffusion approximation is accurate"


def rate_of_neuron(
    neuron: Neuron, input_rates, weights, exponential=False, *, spacing=None, cv=True, tolerance=TOLERANCE
) -> ShotNoiseRate:
    """`shot_noise_rate` without checks, to a relative `tolerance`; or on one grid of `spacing` (mV), errors unknown."""
    jumps = trains_of_jumps(input_rates, weights, exponential)
    if jumps is None:
        return _noiseless(neuron)
    if neuron.mu_ext <= neuron.theta and np.all(jumps.sizes < 0.0):
        return ShotNoiseRate(0.0, 0.0, np.nan, np.nan)  # never reaches threshold
    try:
        if spacing is None:
            return _refine(neuron, jumps, tolerance)
        rate, cv, _ = _on_grid(neuron, jumps, spacing, cv)
        return ShotNoiseRate(rate, np.nan, cv, np.nan, spacing, converged=False)
    except NotSolved as problem:
        return ShotNoiseRate(np.nan, np.nan, np.nan, np.nan, converged=False, missing=str(problem))


def _noiseless(neuron: Neuron) -> ShotNoiseRate:
    if neuron.mu_ext <= neuron.theta:
        return ShotNoiseRate(0.0, 0.0, np.nan, np.nan)
    time = neuron.tau_m * np.log((neuron.mu_ext - neuron.V_reset) / (neuron.mu_ext - neuron.theta))
    # A whole number of steps, unless rounding alone lifts it above one.
    steps = max(1.0, np.ceil(time / neuron.unit * (1 - 1e-12))) if neuron.dt > 0 else time
    return ShotNoiseRate(float(1e3 / (neuron.unit * (neuron.refractory + steps))), 0.0, 0.0, 0.0)


def first_spacing(neuron: Neuron, jumps: Jumps) -> float:
    """Width of the coarsest grid's cells, mV: of the weights' common unit by a power of two, so that jumps fit in."""
    deviation = (0.5 * neuron.tau_m * jumps.variance) ** 0.5
    widest = min((neuron.theta - neuron.V_reset) / 32, deviation / 4)
    # Near threshold, functions change over one jump or, if that is wider, over the input of a time step.
    widest = min(widest, max(jumps.unit, (jumps.variance * neuron.dt) ** 0.5) / 4)
    spacing = jumps.unit * 2.0 ** np.floor(np.log2(widest / jumps.unit) + 1e-9)
    while not _affordable(neuron, jumps, spacing / 4.0):
        spacing *= 2.0
    return float(spacing)


def _grid(neuron: Neuron, jumps: Jumps, spacing: float) -> PotentialGrid:
    lowest = min(neuron.V_reset, neuron.mu_ext)
    if jumps.reach[0] > 0.0:
        mean = neuron.mu_ext + neuron.tau_m * jumps.drift
        deviation = (0.5 * neuron.tau_m * jumps.variance) ** 0.5
        lowest = min(lowest, mean) - LOWEST * deviation - (1 if jumps.exponential else 4) * jumps.reach[0]
    # In continuous time discontinuities lie at threshold, less a jump, and do best on the grid: see `JumpDrift`.
    top = 0.0 if neuron.dt == 0 and not jumps.exponential else 0.5
    return PotentialGrid(neuron.theta, spacing, int(np.ceil((neuron.theta - lowest) / spacing)) + 8, top)


def _drive(neuron: Neuron) -> dict[str, float]:
    return {"tau_m": neuron.tau_m, "V_reset": neuron.V_reset, "mu_ext": neuron.mu_ext}


def chain_on_grid(neuron: Neuron, jumps: Jumps, spacing: float, kind: type[GridChain] = GridChain, **more) -> GridChain:
    """The neuron's steps, on a grid of potentials of `spacing` (mV); of a `kind` that may take `more`."""
    return kind(_grid(neuron, jumps, spacing), jumps, **_drive(neuron), dt=neuron.dt, **more)


def _on_grid(neuron: Neuron, jumps: Jumps, spacing: float, cv: bool = True) -> tuple[float, float, float]:
    """Rate (spikes/s), CV unless not asked for, and number of steps or input spikes in an interval, by one grid."""
    if neuron.dt > 0:
        mean, variance = chain_on_grid(neuron, jumps, spacing).moments(cv)
        events = mean
    else:
        mean, variance = JumpDrift(_grid(neuron, jumps, spacing), jumps, **_drive(neuron)).moments(cv)
        events = mean * jumps.total_rate
    if not 0.0 < events < RAREST:
        raise NotSolved(SILENT)
    interval = neuron.refractory + mean
    return 1e3 / (neuron.unit * interval), np.maximum(variance, 0.0) ** 0.5 / interval, events


def _refine(neuron: Neuron, jumps: Jumps, tolerance: float) -> ShotNoiseRate:
    """Halve the grid's spacing until the result settles."""
    spacing = first_spacing(neuron, jumps)
    if neuron.dt == 0 and spacing > np.abs(jumps.sizes).min():
        raise NotSolved(TOO_SMALL)
    extrapolates = neuron.dt == 0 and jumps.exponential
    # The order is the fourth only if the grid holds all discontinuities.
    shrinks = 16.0 if neuron.dt == 0 and jumps.commensurate and not jumps.exponential else 4.0
    *raw, _ = _on_grid(neuron, jumps, spacing)
    change = np.full(2, np.inf)
    while True:
        spacing /= 2.0
        raw_before, change_before = raw, change
        *raw, events = _on_grid(neuron, jumps, spacing)
        settled, change = np.asarray(raw), np.subtract(raw, raw_before)
        error = np.hypot(change, change_before / shrinks)  # either may be small by chance
        if extrapolates:  # second order and smooth
            settled, error = settled + change / 3.0, error * DOUBT
        error[0] += settled[0] * ROUNDING * events
        accurate = bool(error[0] <= tolerance * settled[0])
        if accurate or not _affordable(neuron, jumps, spacing / 2.0):
            numbers = map(float, (settled[0], error[0], settled[1], error[1], spacing))
            return ShotNoiseRate(*numbers, converged=accurate)


def _affordable(neuron: Neuron, jumps: Jumps, spacing: float) -> bool:
    n = _grid(neuron, jumps, spacing).n
    if neuron.dt > 0:
        return n <= MOST_CELLS
    filled = (8 if jumps.exponential else 1) * n * min(n, sum(jumps.reach) / spacing + 4)
    return n <= MOST_CELLS and filled <= MOST_ENTRIES
