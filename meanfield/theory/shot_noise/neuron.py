"""What is asked about a neuron with shot-noise input, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from meanfield.model.quantities import ParameterError, Parameters, Quantity, off_grid, stated
from meanfield.theory.shot_noise.potential_grid import Jumps
from meanfield.theory.shot_noise.time import Time, time_of


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


def refuse_continuous_time(dt, what: str) -> None:
    """Raise `ParameterError` if the time step is 0, and say what (in the plural) exists in time steps only."""
    if np.ndim(dt) == 0 and dt == 0:
        raise ParameterError([f"{stated('dt', dt, 'ms')} must be > 0 ms: {what} in time steps"])


def trains_of(given):
    """Rates (spikes/s) and sizes (mV) of the given trains, and whether sizes are exponentially distributed."""
    return np.atleast_1d(given.input_rates), np.atleast_1d(given.weights), given.jumps == "exponential"


@dataclass(frozen=True)
class Neuron:
    """A neuron's parameters as for `shot_noise_rate`, checked."""

    tau_m: float
    t_ref: float
    theta: float
    V_reset: float
    mu_ext: float
    time: Time

    @classmethod
    def of(cls, given) -> Neuron:
        """From anything that has these as attributes, and `dt`."""
        numbers = (float(getattr(given, name)) for name in ("tau_m", "t_ref", "theta", "V_reset", "mu_ext"))
        return cls(*numbers, time_of(given.dt))

    @property
    def refractory(self) -> float:
        """Refractory period, as time counts it."""
        return self.time.counted(self.t_ref)

    def rate(self, mean: float) -> float:
        """Rate (spikes/s), if that is the mean time from reset to spike, as time counts it."""
        return float(1e3 / (self.time.unit * (self.refractory + mean)))


def trains_of_jumps(input_rates, weights, exponential=False) -> Jumps | None:
    """Those of the trains (spikes/s, mV) that do something, trains of equal weight as one; None if none does."""
    sizes, which = np.unique(weights, return_inverse=True)
    rates = np.bincount(which.ravel(), np.asarray(input_rates, dtype=float), minlength=len(sizes)) * 1e-3
    acts = (rates > 0.0) & (sizes != 0.0)
    return Jumps(rates[acts], sizes[acts], exponential) if acts.any() else None


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
    resolution : int
        Of that grid; see `meanfield.theory.shot_noise.discretisation`.
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
    resolution: int = 0
    converged: bool = True
    missing: str = ""
