"""The one description of a network from which simulation, rate network and theory all start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, field_validator

from meanfield.model.quantities import Parameters, Quantity, stated
from meanfield.model.yaml_files import read_yaml_mapping, yaml_text

# Neurons in a population, or synapses on a neuron: beyond any machine, and well before integers overflow.
MOST = 10**9


class Network(Parameters):
    """Populations of leaky integrate-and-fire neurons with delta synapses, coupled with fixed in-degrees.

    Voltages are relative to the resting potential. Every field but `populations` takes one number for all, or an
    array of shape (N,), or (N, N) with targets as rows and sources as columns. Arrays are read-only.

    Parameters
    ----------
    populations : sequence of str
        Names of the N populations.
    size : array of int, shape (N,)
        Neurons in each population.
    K : array of int, shape (N, N)
        In-degree: how many synapses a neuron of the target population receives from the source population.
    J : array of float, shape (N, N), mV
        Synaptic weight: the jump of the membrane potential at a spike's arrival; negative if inhibitory.
    delay : array of float, shape (N, N), ms
        Synaptic delay.
    K_ext : array of int, shape (N,)
        In-degree from independent external Poisson sources.
    J_ext : array of float, shape (N,), mV
        Weight of the external synapses.
    rate_ext : array of float, shape (N,), spikes/s
        Rate of each external source.
    mu_ext : array of float, shape (N,), mV
        Constant external drive: the potential to which it alone would bring the membrane.
    tau_m, t_ref : array of float, shape (N,), ms
        Membrane time constant and absolute refractory period.
    theta, V_reset : array of float, shape (N,), mV
        Firing threshold and reset potential.
    multapses, autapses : bool
        Whether the same neuron may be drawn more than once as a source of another one, and as a source of itself. Input
        of such synapses is not independent, of which theory does not know.

    Raises
    ------
    ParameterError
        Naming every value that cannot be used.
    """

    populations: tuple[str, ...]
    size: Annotated[np.ndarray, Quantity(at_least=1, at_most=MOST, whole=True, ndim=1)]
    K: Annotated[np.ndarray, Quantity(at_least=0, at_most=MOST, whole=True, ndim=2)]
    J: Annotated[np.ndarray, Quantity("mV", ndim=2)]
    delay: Annotated[np.ndarray, Quantity("ms", above=0, ndim=2)]
    K_ext: Annotated[np.ndarray, Quantity(at_least=0, at_most=MOST, whole=True, ndim=1)] = 0
    J_ext: Annotated[np.ndarray, Quantity("mV", ndim=1)] = 0.0
    rate_ext: Annotated[np.ndarray, Quantity("spikes/s", at_least=0, ndim=1)] = 0.0
    mu_ext: Annotated[np.ndarray, Quantity("mV", ndim=1)] = 0.0
    tau_m: Annotated[np.ndarray, Quantity("ms", above=0, ndim=1)] = 20.0
    t_ref: Annotated[np.ndarray, Quantity("ms", at_least=0, ndim=1)] = 2.0
    theta: Annotated[np.ndarray, Quantity("mV", ndim=1)] = 20.0
    V_reset: Annotated[np.ndarray, Quantity("mV", ndim=1)] = 0.0
    multapses: bool = True
    autapses: bool = True

    model_config = ConfigDict(validate_default=True)

    @field_validator("populations", mode="before")
    @classmethod
    def _distinct_names(cls, names: Any) -> tuple[str, ...]:
        if (
            not isinstance(names, (list, tuple))
            or not names
            or not all(isinstance(name, str) and name for name in names)
            or len(set(names)) < len(names)
        ):
            raise ValueError("must be one or more distinct names")
        return tuple(names)

    @classmethod
    def violations(cls, values):
        if isinstance(values.populations, list | tuple):  # else it is unknown what shape arrays should have
            yield from threshold_above_reset(values)
            sources = np.asarray(values.size) - (values.autapses is False) * np.eye(len(values.populations))
            if values.multapses is False and np.any(np.asarray(values.K) > sources):
                yield "without multapses, an in-degree K must not be greater than the number of source neurons"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None

    def input_moments(self, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and noise intensity of the input when the populations fire at the given rates.

        Parameters
        ----------
        rate : array, shape (..., N), spikes/s

        Returns
        -------
        mu, sigma : arrays, shape (..., N), mV
            The free membrane's mean, and √2 times its standard deviation (Brunel 2000, eqs 2 and 3,
            doi:10.1023/A:1008925309027).
        """
        rate = np.asarray(rate, dtype=float)
        per_spike = 1e-3 * self.tau_m  # mV per (mV spikes/s): tau_m is in ms
        mu = per_spike * (rate @ (self.K * self.J).T + self.K_ext * self.J_ext * self.rate_ext) + self.mu_ext
        variance = per_spike * (rate @ (self.K * self.J**2).T + self.K_ext * self.J_ext**2 * self.rate_ext)
        return mu, np.sqrt(variance)

    @property
    def n_synapses(self) -> int:
        """Recurrent synapses in the whole network."""
        return sum(int(size) * int(K) for size, K in zip(self.size, self.K.sum(axis=1), strict=True))

    @property
    def mean_delay(self) -> float:
        """Mean delay over all recurrent synapses, in ms; NaN where there are none."""
        synapses = self.size[:, np.newaxis] * self.K
        return float(np.average(self.delay, weights=synapses)) if synapses.any() else np.nan

    def to_dict(self) -> dict[str, Any]:
        """The description as plain lists and numbers, from which ``Network(**description)`` builds an equal one."""
        return {
            name: value.tolist()
            if isinstance(value, np.ndarray)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in ((name, getattr(self, name)) for name in type(self).model_fields)
        }

    def to_yaml(self, path: str | Path) -> None:
        """Write the description to a YAML file; reading it back gives an equal network, to the last bit."""
        Path(path).write_text(yaml_text(self.to_dict()))

    @classmethod
    def from_yaml(cls, path: str | Path) -> Network:
        """Read a description that `to_yaml` or a person wrote.

        Raises
        ------
        ParameterError
            If the file cannot be read, is not YAML, or describes no valid network.
        """
        return cls(**read_yaml_mapping(path))


def threshold_above_reset(values: Any):
    """A sentence if a threshold does not lie above its reset potential."""
    if np.any(np.asarray(values.theta) <= np.asarray(values.V_reset)):
        yield f"{stated('theta', values.theta, 'mV')} must be above {stated('V_reset', values.V_reset, 'mV')}"
