"""The one description of a network from which simulation, rate network and theory all start."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import yaml
from pydantic import ConfigDict, field_validator

from meanfield.validation import ParameterError, Parameters, Quantity, stated

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
        Path(path).write_text(yaml.dump(self.to_dict(), Dumper=_Writer, sort_keys=False, default_flow_style=None))

    @classmethod
    def from_yaml(cls, path: str | Path) -> Network:
        """Read a description that `to_yaml` or a person wrote.

        Raises
        ------
        ParameterError
            If the file cannot be read, is not YAML, or describes no valid network.
        """
        return cls(**read_yaml_mapping(path))


class _Reader(yaml.SafeLoader):
    """Safe YAML, in which 1e4 is a number (YAML 1.1 takes it for text) and no name is given twice."""

    def construct_mapping(self, node, deep=False):
        names = [name.value for name, _ in node.value]
        for position, name in enumerate(names):
            if name in names[:position]:
                raise yaml.constructor.ConstructorError(
                    problem=f"{name} is given twice", problem_mark=node.value[position][0].start_mark
                )
        return super().construct_mapping(node, deep)


class _Writer(yaml.SafeDumper):
    """Safe YAML for `_Reader`: a name that it would take for a number, as 0E0, is quoted."""


for _language in (_Reader, _Writer):
    _language.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
    )


def read_yaml_mapping(path: str | Path) -> dict[str, Any]:
    """The mapping of names to values that a YAML file holds.

    Raises
    ------
    ParameterError
        If the file cannot be read or holds something else.
    """
    try:
        content = yaml.load(Path(path).read_text(), _Reader)
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError([f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ParameterError([f"{path}{where} is not valid YAML: {getattr(error, 'problem', None) or error}"]) from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ParameterError([f"{path} must hold lines of the form 'name: value'"])
    return content


def threshold_above_reset(values: Any):
    """A sentence if a threshold does not lie above its reset potential."""
    if np.any(np.asarray(values.theta) <= np.asarray(values.V_reset)):
        yield f"{stated('theta', values.theta, 'mV')} must be above {stated('V_reset', values.V_reset, 'mV')}"


class BrunelParameters(Parameters):
    """Parameters of Brunel's network of excitatory (E) and inhibitory (I) neurons; see `brunel_network`."""

    order: Annotated[int, Quantity(at_least=1, at_most=MOST // 4, whole=True)] = 2500
    g: Annotated[float, Quantity(at_least=0)] = 5.0
    eta: Annotated[float, Quantity(at_least=0)] = 2.0
    J: Annotated[float, Quantity("mV", above=0)] = 0.1
    epsilon: Annotated[float, Quantity(above=0, at_most=1)] = 0.1
    delay: Annotated[float, Quantity("ms", above=0)] = 1.5
    tau_m: Annotated[float, Quantity("ms", above=0)] = 20.0
    t_ref: Annotated[float, Quantity("ms", at_least=0)] = 2.0
    theta: Annotated[float, Quantity("mV", above=0)] = 20.0
    V_reset: Annotated[float, Quantity("mV")] = 0.0
    multapses: bool = True
    autapses: bool = True

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        yield from threshold_above_reset(values)
        if values.epsilon * values.order < 1 - 1e-9:
            yield (
                f"{stated('epsilon', values.epsilon)} with {stated('order', values.order)} gives no inhibitory "
                f"synapse: epsilon · order = {values.epsilon * values.order:.6g} must be ≥ 1"
            )
        if not values.multapses and not values.autapses and values.epsilon * values.order > values.order - 1 + 1e-9:
            yield (
                f"{stated('epsilon', values.epsilon)} with {stated('order', values.order)} leaves too few neurons to "
                "draw distinct sources from without multapses and autapses: epsilon · order must be ≤ order − 1"
            )

    def network(self) -> Network:
        """The network that these parameters describe."""
        # A product such as 0.29 * 100 falls just short of a whole number in floating point; the tiny step mends that.
        C_E, C_I = (math.floor(self.epsilon * size + 1e-9) for size in (4 * self.order, self.order))
        nu_threshold = 1e3 * self.theta / (self.J * C_E * self.tau_m)
        return Network(
            populations=("E", "I"),
            size=[4 * self.order, self.order],
            K=[[C_E, C_I], [C_E, C_I]],
            J=[[self.J, -self.g * self.J], [self.J, -self.g * self.J]],
            delay=self.delay,
            K_ext=C_E,
            J_ext=self.J,
            rate_ext=self.eta * nu_threshold,
            tau_m=self.tau_m,
            t_ref=self.t_ref,
            theta=self.theta,
            V_reset=self.V_reset,
            multapses=self.multapses,
            autapses=self.autapses,
        )


def brunel_network(
    order: int = 2500,
    g: float = 5.0,
    eta: float = 2.0,
    J: float = 0.1,
    epsilon: float = 0.1,
    delay: float = 1.5,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    theta: float = 20.0,
    V_reset: float = 0.0,
    multapses: bool = True,
    autapses: bool = True,
) -> Network:
    """The sparsely connected network of excitatory and inhibitory neurons of Brunel (2000), with model A's symmetry.

    Parameters
    ----------
    order : int
        Scale: 4·order excitatory and order inhibitory neurons.
    g : float
        Inhibitory weights are −g·J; inhibition dominates beyond g = 4.
    eta : float
        External rate in units of the rate nu_th = theta/(J·C_E·tau_m) that alone brings the mean input to threshold.
    J : float, mV
        Excitatory weight, recurrent and external.
    epsilon : float
        Connection probability: in-degrees are C_E = epsilon·4·order and C_I = epsilon·order, rounded down.
    delay : float, ms
    tau_m, t_ref : float, ms
    theta, V_reset : float, mV
        The default V_reset = 0 is that of NEST's example networks; Brunel's paper has 10.
    multapses, autapses : bool
        As of `Network`. NEST's examples allow both; in Brunel's paper neurons connect to "other neurons", so that
        autapses is False there. Theory does not see the difference.

    Returns
    -------
    Network
        Populations "E" and "I".

    Raises
    ------
    ParameterError
        Naming every value that cannot be used.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, sec. 2, doi:10.1023/A:1008925309027
    """
    return BrunelParameters(**locals()).network()
