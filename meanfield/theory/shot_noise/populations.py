"""The populations of a network as neurons on Poisson input: what they respond to rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError, Quantity, off_grid, stated
from meanfield.model.variables import variable
from meanfield.theory.shot_noise.discretisation import discretisation, equal_cells
from meanfield.theory.shot_noise.neuron import Neuron, ShotNoiseRate, trains_of_jumps
from meanfield.theory.shot_noise.refinement import TOLERANCE, rate_of_neuron
from meanfield.theory.shot_noise.time import time_of
from meanfield.theory.white_noise.input import StationaryInput


class Populations:
    """The populations of a network, those with identical neurons and input merged into one kind unless told otherwise.

    Rates are given and returned per kind.
    """

    def __init__(self, network, dt, merge=True):
        culprits = []
        if np.ndim(dt) or not Quantity("ms", at_least=0).accepts(np.asarray(dt)):
            culprits.append(f"{stated('dt', dt, 'ms')} must be a finite number ≥ 0 ms; 0 is continuous time")
        elif dt > 0:
            culprits += off_grid("dt", dt, t_ref=network.t_ref)
        if culprits:
            raise ParameterError(culprits)
        self.network, self.dt = network, float(dt)
        self.highest_rate = 1e3 / np.maximum(network.t_ref, 1e-3).min()
        # A constant current is part of the mean drive.
        poisson = network.drive == "poisson"
        self.external_rate = network.K_ext * network.rate_ext * poisson
        self.mu_ext = network.mu_ext if poisson else network.mu_0
        neurons = [getattr(network, name) for name in ("tau_m", "t_ref", "theta", "V_reset")]
        rows = np.column_stack([network.K, network.J, self.external_rate, network.J_ext, self.mu_ext, *neurons])
        _, self.first, self.kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        self.kind = self.kind.ravel()
        if not merge:
            self.first = self.kind = np.arange(len(rows))
        self._coarse, self._finest = ([None] * len(self.first) for _ in range(2))  # grids of potentials

    def merged(self, rate) -> np.ndarray:
        """Rates per kind from rates per population."""
        return rate[self.first]

    def siegert_jacobian(self, rate) -> np.ndarray:
        """Derivatives of Siegert's rates with respect to the rates, per kind."""
        _, jacobian = StationaryInput.of(self.network).response_and_jacobian(rate[self.kind])
        return jacobian[self.first] @ np.eye(len(self.first))[self.kind]

    def neuron(self, k: int) -> Neuron:
        """A neuron of kind k."""
        i, network = self.first[k], self.network
        return Neuron(
            *(float(getattr(network, name)[i]) for name in ("tau_m", "t_ref", "theta", "V_reset")),
            float(self.mu_ext[i]),
            time_of(self.dt),
        )

    def trains(self, k: int, rate):
        """Rates (spikes/s) and weights (mV) of the trains that reach a neuron of kind k."""
        i, network = self.first[k], self.network
        return (
            np.append(network.K[i] * rate[self.kind], self.external_rate[i]),
            np.append(network.J[i], network.J_ext[i]),
        )

    def each(self, rate, tolerance=TOLERANCE, again=None) -> list[ShotNoiseRate]:
        """What neurons respond to the rates, by grids of potentials as fine as the relative tolerance asks for.

        Or by the finest ones of a result `again`, for similar rates, whose errors are kept.
        """
        results = []
        for k in range(len(self.first)):
            neuron, trains = self.neuron(k), self.trains(k, rate)
            if again is None or not again[k].spacing:
                jumps = trains_of_jumps(*trains)
                self._finest[k] = type(discretisation(neuron, jumps)) if jumps is not None else None
                results.append(rate_of_neuron(neuron, *trains, tolerance=tolerance))
            else:
                one = rate_of_neuron(neuron, *trains, like=(self._finest[k], again[k].resolution))
                results.append(replace(again[k], rate=one.rate, cv=one.cv, missing=one.missing))
        return results

    def response(self, rate) -> np.ndarray:
        """The same on one coarse grid, always the same: a smooth function. Uncomputably low rates are 0."""
        responses = []
        for k in range(len(self.first)):
            neuron, trains = self.neuron(k), self.trains(k, rate)
            jumps = trains_of_jumps(*trains)
            if jumps is not None and self._coarse[k] is None:
                cells = equal_cells(neuron, jumps)
                self._coarse[k] = type(cells), cells.coarsest
            one = rate_of_neuron(neuron, *trains, like=self._coarse[k], cv=False)
            responses.append(0.0 if one.missing else one.rate)
        return np.array(responses)

    def unknown(self, reason: str) -> xr.Dataset:
        """As `dataset`, if nothing can be computed."""
        nothing = np.full(len(self.first), np.nan)
        details = [ShotNoiseRate(*[np.nan] * 5, converged=False)] * len(self.first)
        return self.dataset(nothing, nothing, details, input_at=nothing, converged=False, problem=reason)

    def dataset(self, rate, error, details, *, input_at, converged, problem="") -> xr.Dataset:
        """Rates, their errors and what belongs to them, per population."""
        network, kind = self.network, self.kind
        mu, sigma = network.input_moments(input_at[kind])
        reasons = [problem] if problem else []
        reasons += [
            f"{name}: {details[k].missing}"
            for name, k in zip(network.populations, kind, strict=True)
            if details[k].missing
        ]

        def of_details(name):
            return np.where(np.isfinite(rate), [getattr(one, name) for one in details], np.nan)[kind]

        def each(values, units, long_name, error=""):
            return variable("population", values, units, long_name, error=error)

        return xr.Dataset(
            {
                "rate": each(rate[kind], "spikes/s", "rate with Poisson input", "rate_error"),
                "rate_error": each(error[kind], "spikes/s", "numerical error of the rate"),
                "cv": each(of_details("cv"), "1", "coefficient of variation of inter-spike intervals", "cv_error"),
                "cv_error": each(of_details("cv_error"), "1", "its numerical error on the grid of potentials"),
                "mu": each(mu, "mV", "mean of the input"),
                "sigma": each(sigma, "mV", "noise intensity of the input"),
                "spacing": each(of_details("spacing"), "mV", "spacing of the finest grid of potentials"),
                "converged": variable((), converged, "1", "errors are at most 1e-5 of the rates"),
            },
            coords={"population": list(network.populations)},
            attrs={"dt": self.dt, "missing": "; ".join(reasons)},
        )
