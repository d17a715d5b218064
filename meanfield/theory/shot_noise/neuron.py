"""Stationary rate and irregularity of a leaky integrate-and-fire neuron whose input spikes have finite size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from meanfield.theory.shot_noise.grid_chain import GridChain, NotSolved
from meanfield.theory.shot_noise.jump_drift import JumpDrift
from meanfield.theory.shot_noise.potential_grid import Jumps, PotentialGrid
from meanfield.validation import Parameters, Quantity, off_grid, stated

TOLERANCE = 1e-5  # relative error at which refinement of the grid stops
LOWEST = 8.0  # the grid reaches that many standard deviations below the mean
DOUBT = 0.05  # share of the last change that extrapolation may miss: the order was never found further off than that
MOST_CELLS = 2**16
MOST_ENTRIES = 10**7  # of a matrix's factors
RAREST = 1e9  # steps, or input spikes, per interval: beyond, rounding errors exceed 1e-5 of the rate
ROUNDING = 1e-14  # relative, per step or input spike in an interval

SILENT = "spikes are too rare: less than one in 1e9 time steps or input spikes, which rounding does not let compute"

TOO_SMALL = "weights are too small for a grid that resolves them; there the diffusion approximation is accurate"


class ShotNoiseParameters(Parameters):
    """A neuron and its input; see `shot_noise_rate`."""

    input_rates: Annotated[np.ndarray, Quantity("spikes/s", at_least=0, ndim=1)]
    weights: Annotated[np.ndarray, Quantity("mV", ndim=1)]
    tau_m: Annotated[float, Quantity("ms", above=0)]
    t_ref: Annotated[float, Quantity("ms", at_least=0)]
    theta: Annotated[float, Quantity("mV")]
    V_reset: Annotated[float, Quantity("mV")]
    mu_ext: Annotated[float, Quantity("mV")] = 0.0
    dt: Annotated[float, Quantity("ms", at_least=0)] = 0.1
    jumps: Literal["fixed", "exponential"] = "fixed"

    @classmethod
    def violations(cls, values):
        shapes = np.shape(values.input_rates), np.shape(values.weights)
        if () not in shapes and (shapes[0] != shapes[1] or len(shapes[0]) != 1):
            yield f"input_rates and weights must be lists of the same length, not of shapes {shapes[0]} and {shapes[1]}"
        if values.theta <= values.V_reset:
            yield f"{stated('theta', values.theta, 'mV')} must be above {stated('V_reset', values.V_reset, 'mV')}"
        if values.dt > 0 and values.t_ref >= 0:
            yield from off_grid("dt", values.dt, t_ref=values.t_ref)


@dataclass(frozen=True)
class ShotNoiseRate:
    """Rate and irregularity of a neuron, with their numerical errors.

    Parameters
    ----------
    rate, error : float, spikes/s
        NaN if it could not be computed; `missing` then says why.
    cv, cv_error : float
        Coefficient of variation of the intervals; NaN if there are none.
    spacing : float, mV
        Width of the finest grid's cells, 0 if none was needed.
    converged : bool
        Whether `error` is at most 1e-5 of the rate.
    missing : str
        Why there is no rate; empty if there is one.
    """

    rate: float
    error: float
    cv: float
    cv_error: float
    spacing: float = 0.0
    converged: bool = True
    missing: str = ""


def shot_noise_rate(
    input_rates, weights, *, tau_m, t_ref, theta, V_reset, mu_ext=0.0, dt=0.1, jumps="fixed"
) -> ShotNoiseRate:
    """Stationary firing rate of a leaky integrate-and-fire neuron with delta synapses and Poisson input.

    Exact up to the numerical error that is returned with it: no diffusion approximation. Each input spike lifts the
    potential by its weight; between them it relaxes to `mu_ext`.

    Parameters
    ----------
    input_rates : array, shape (M,), spikes/s
        Rates of M independent Poisson trains; trains of equal weight add up to one.
    weights : array, shape (M,), mV
        Jump of the potential at each spike of a train, negative if inhibitory.
    tau_m : float, ms
        Membrane time constant.
    t_ref : float, ms
        Absolute refractory period; input during it is lost.
    theta, V_reset : float, mV
        Threshold and reset.
    mu_ext : float, mV
        Constant drive: the potential to which it alone would bring the membrane.
    dt : float, ms
        Time step of the simulation that is predicted, with the update order of NEST's ``iaf_psc_delta``: decay, input
        of the step, threshold; 0 for continuous time.
    jumps : {"fixed", "exponential"}
        Whether all jumps of a train have the size `weights`, or exponentially distributed ones with that mean.

    Returns
    -------
    ShotNoiseRate

    Raises
    ------
    ParameterError
        If a value is impossible, or t_ref is not a multiple of dt.

    References
    ----------
    Stein RB (1965) Biophys J 5:173–194, doi:10.1016/S0006-3495(65)86709-1 (the model)
    Richardson MJE, Swarbrick R (2010) Phys Rev Lett 105:178102, doi:10.1103/PhysRevLett.105.178102 (exponential jumps)
    Helias M, Deger M, Rotter S, Diesmann M (2010) PLoS Comput Biol 6:e1000929, doi:10.1371/journal.pcbi.1000929
    (finite jumps and the time grid, to leading order)

    Notes
    -----
    The mean interval from reset to threshold solves a linear equation on a grid of potentials (`grid_chain.py`,
    `jump_drift.py`), which is refined until the result settles. The error returned is what the last changes let expect
    of further refinement.
    """
    given = ShotNoiseParameters(**locals())
    return rate_of_neuron(Neuron.of(given), *_trains(given))


def _trains(given):
    return np.atleast_1d(given.input_rates), np.atleast_1d(given.weights), given.jumps == "exponential"


@dataclass(frozen=True)
class Neuron:
    """A neuron's parameters as for `shot_noise_rate`, checked; dt = 0 is continuous time."""

    tau_m: float
    t_ref: float
    theta: float
    V_reset: float
    mu_ext: float
    dt: float

    @classmethod
    def of(cls, given) -> Neuron:
        """From anything that has these as attributes."""
        return cls(**{name: float(getattr(given, name)) for name in cls.__dataclass_fields__})

    @property
    def refractory(self) -> float:
        """Refractory period in time steps, or in ms if time is continuous."""
        return round(self.t_ref / self.dt) if self.dt > 0 else self.t_ref

    @property
    def unit(self) -> float:
        """Time step, or 1 if time is continuous, ms."""
        return self.dt or 1.0


def trains_of_jumps(input_rates, weights, exponential=False) -> Jumps | None:
    """Those of the trains (spikes/s, mV) that do something, trains of equal weight as one; None if none does."""
    sizes, which = np.unique(weights, return_inverse=True)
    rates = np.bincount(which.ravel(), np.asarray(input_rates, dtype=float), minlength=len(sizes)) * 1e-3
    acts = (rates > 0.0) & (sizes != 0.0)
    return Jumps(rates[acts], sizes[acts], exponential) if acts.any() else None


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


def _on_grid(neuron: Neuron, jumps: Jumps, spacing: float, cv: bool = True) -> tuple[float, float, float]:
    """Rate (spikes/s), CV unless not asked for, and number of steps or input spikes in an interval, by one grid."""
    grid = _grid(neuron, jumps, spacing)
    drive = {"tau_m": neuron.tau_m, "V_reset": neuron.V_reset, "mu_ext": neuron.mu_ext}
    if neuron.dt > 0:
        mean, variance = GridChain(grid, jumps, **drive, dt=neuron.dt).moments(cv)
        events = mean
    else:
        mean, variance = JumpDrift(grid, jumps, **drive).moments(cv)
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
