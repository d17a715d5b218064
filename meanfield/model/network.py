"""The one description of a network from which simulation, rate network and theory all start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from meanfield.model.assumptions import assumptions_broken
from meanfield.model.network_rules import MOST, network_violations, usable_delays
from meanfield.model.quantities import Parameters, Quantity
from meanfield.model.spread import spread_moments
from meanfield.model.yaml_files import read_yaml_mapping, yaml_text

# Fields that a description leaves out where they stand at their defaults.
_OPTIONAL = ("rule", "tau_syn", "tau_syn_ext", "J_cv", "delay_sd", "drive", "sigma_ext", "E_L")


class Network(Parameters):
    """Populations of leaky integrate-and-fire neurons, coupled at random by delta or exponential synapses.

    Every field but `populations`, `rule`, `drive`, `multapses` and `autapses` takes one number for all, or an array of
    shape (N,), or (N, N) with targets as rows and sources as columns. Arrays are read-only.

    Parameters
    ----------
    populations : sequence of str
        Names of the N populations.
    rule : {"fixed_indegree", "fixed_total_number", "pairwise_bernoulli"}
        How sources are drawn, as NEST names it: each neuron has K of them; the pair of populations has K·size synapses,
        dealt at random; each pair of neurons is connected with the same probability.
    size : array of int, shape (N,)
        Neurons in each population.
    K : array, shape (N, N)
        In-degree: how many synapses a neuron of the target population receives from the source population. Unless the
        rule is "fixed_indegree" it is a mean, and need not be whole.
    J : array of float, shape (N, N), mV
        Synaptic weight: the jump of the membrane potential at a spike's arrival; negative if inhibitory. For an
        exponential synapse the same charge, w tau_syn/C_m for a current w exp(−t/tau_syn).
    delay : array of float, shape (N, N), ms
        Synaptic delay; where K is 0 anything, NaN too.
    K_ext : array of int, shape (N,)
        In-degree from independent external sources.
    J_ext : array of float, shape (N,), mV
        Weight of the external synapses.
    rate_ext : array of float, shape (N,), spikes/s
        Rate of each external source.
    mu_ext : array of float, shape (N,), mV
        Constant external drive: the potential above rest to which it alone would bring the membrane.
    tau_m, t_ref : array of float, shape (N,), ms
        Membrane time constant and absolute refractory period.
    theta, V_reset : array of float, shape (N,), mV
        Firing threshold and reset potential. Given as absolute potentials if `E_L` is given; as attributes, always
        relative to rest.
    multapses, autapses : bool
        Whether the same neuron may be drawn more than once as a source of another one, and as a source of itself. Input
        of such synapses is not independent, of which theory does not know. "pairwise_bernoulli" never draws one twice.
    tau_syn : array of float, shape (N, N), ms
        Time constant of the synaptic currents, 0 for delta synapses; also one for each target population, shape (N,).
    tau_syn_ext : array of float, shape (N,), ms
        The same of the external synapses; by default that of the population's other synapses, if they have only one.
    J_cv : array of float, shape (N, N)
        Standard deviation of the recurrent weights relative to their mean. They are drawn from a normal distribution,
        again if the sign differs from the mean's.
    delay_sd : array of float, shape (N, N), ms
        Standard deviation of delays, drawn from a normal distribution, again if below the time step.
    drive : {"poisson", "dc"}
        Whether the external sources are Poisson trains, or only their mean current.
    sigma_ext : array of float, shape (N,), mV
        Noise intensity of external Gaussian white noise: alone, it lets the free membrane fluctuate with the standard
        deviation sigma_ext/√2 (Brunel & Hakim 1999, eq. 2.5, doi:10.1162/089976699300016179).
    E_L : array of float, shape (N,), mV
        Resting potential on the scale of theta and V_reset.

    Raises
    ------
    ParameterError
        Naming every value that cannot be used.
    """

    populations: tuple[str, ...]
    rule: Literal["fixed_indegree", "fixed_total_number", "pairwise_bernoulli"] = "fixed_indegree"
    size: Annotated[np.ndarray, Quantity(at_least=1, at_most=MOST, whole=True, ndim=1)]
    K: Annotated[np.ndarray, Quantity(at_least=0, at_most=MOST, ndim=2)]
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
    tau_syn: Annotated[np.ndarray, Quantity("ms", at_least=0, ndim=2)] = 0.0
    tau_syn_ext: Annotated[np.ndarray, Quantity("ms", at_least=0, ndim=1)] = None
    J_cv: Annotated[np.ndarray, Quantity(at_least=0, ndim=2)] = 0.0
    delay_sd: Annotated[np.ndarray, Quantity("ms", at_least=0, ndim=2)] = 0.0
    drive: Literal["poisson", "dc"] = "poisson"
    sigma_ext: Annotated[np.ndarray, Quantity("mV", at_least=0, ndim=1)] = 0.0
    E_L: Annotated[np.ndarray, Quantity("mV", ndim=1)] = 0.0

    model_config = ConfigDict(validate_default=True)

    def __init__(self, /, **values: Any):
        super().__init__(**values)
        if self.E_L.any():
            for name in ("theta", "V_reset"):
                self.__dict__[name] = _read_only(getattr(self, name) - self.E_L)

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

    @field_validator("K", mode="wrap")
    @classmethod
    def _whole_if_fixed(cls, value: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo) -> np.ndarray:
        if info.data.get("rule") != "fixed_indegree":
            return check(value)
        whole = Quantity(at_least=0, at_most=MOST, whole=True, ndim=2)
        return whole.array(value, len(info.data["populations"])) if "populations" in info.data else check(value)

    @field_validator("delay", mode="before")
    @classmethod
    def _only_where_synapses_are(cls, delay: Any, info: ValidationInfo) -> Any:
        return usable_delays(delay, info.data["K"]) if "K" in info.data else delay

    @field_validator("tau_syn", mode="before")
    @classmethod
    def _of_targets_or_pairs(cls, tau_syn: Any, info: ValidationInfo) -> Any:
        n = len(info.data.get("populations", ()))
        if np.shape(tau_syn) == (n,) and all(np.ndim(one) == 0 for one in tau_syn):
            return np.repeat(np.asarray(tau_syn)[:, None], n, axis=1)
        return tau_syn

    @field_validator("tau_syn_ext", mode="wrap")
    @classmethod
    def _as_the_other_synapses(
        cls, value: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> np.ndarray:
        if value is not None or not {"populations", "tau_syn", "K_ext", "rate_ext"} <= info.data.keys():
            return value if value is None else check(value)
        tau_syn, driven = info.data["tau_syn"], info.data["K_ext"] * info.data["rate_ext"] > 0
        if np.any(driven & (tau_syn != tau_syn[:, :1]).any(axis=-1)):
            raise ValueError("must be given for a population that is driven and has synapses of different tau_syn")
        return _read_only(tau_syn[:, 0].copy())

    @classmethod
    def violations(cls, values):
        if isinstance(values.populations, list | tuple):  # else it is unknown what shape arrays should have
            yield from network_violations(values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None

    @property
    def drift(self) -> np.ndarray:
        """Change of the mean input per change of the rates, 1e-3 tau_m K J, shape (N, N), mV per spikes/s."""
        return 1e-3 * self.tau_m[:, np.newaxis] * self.K * self.J * spread_moments(self.J_cv)[0]

    @property
    def diffusion(self) -> np.ndarray:
        """Change of the squared noise intensity, 1e-3 tau_m K J² (1 + J_cv²), shape (N, N), mV² per spikes/s."""
        return 1e-3 * self.tau_m[:, np.newaxis] * self.K * self.J * self.J * spread_moments(self.J_cv)[1]

    @property
    def mu_0(self) -> np.ndarray:
        """Mean of the external input, shape (N,), mV."""
        return 1e-3 * self.tau_m * self.K_ext * self.J_ext * self.rate_ext + self.mu_ext

    @property
    def shot_variance_0(self) -> np.ndarray:
        """Squared noise intensity of the external Poisson trains, shape (N,), mV²."""
        variance = 1e-3 * self.tau_m * self.K_ext * self.J_ext**2 * self.rate_ext
        return variance if self.drive == "poisson" else np.zeros_like(variance)

    @property
    def variance_0(self) -> np.ndarray:
        """Squared noise intensity of all external input, shape (N,), mV²."""
        return self.shot_variance_0 + self.sigma_ext**2

    @property
    def coloured(self) -> np.ndarray:
        """`diffusion` times √(tau_syn/tau_m): the noise, weighted by how its memory shifts the rate, shape (N, N)."""
        return self.diffusion * np.sqrt(self.tau_syn / self.tau_m[:, np.newaxis])

    @property
    def coloured_0(self) -> np.ndarray:
        """The same of the external Poisson trains, shape (N,), mV²; Gaussian white noise has no memory."""
        return self.shot_variance_0 * np.sqrt(self.tau_syn_ext / self.tau_m)

    def effective_tau_syn(self, rate: np.ndarray) -> np.ndarray:
        """Time constant of the one kind of synapse that shifts the rate of a neuron as all its kinds together do.

        √τ = Σ_k σ_k² √τ_k / Σ_k σ_k² over all that contributes σ_k² to the noise. It is exact if all τ_k are equal. In
        a little noise of memory τ beside much white noise, the shift it gives is |ζ(1/2)| = 1.46 times too large.

        Parameters
        ----------
        rate : array, shape (..., N), spikes/s

        Returns
        -------
        array, shape (..., N), ms
            0 where there is no noise.

        References
        ----------
        Fourcaud N, Brunel N (2002) Neural Comput 14:2057–2110, the equation after 4.33 (one time constant),
        doi:10.1162/089976602320264015
        """
        rate = np.asarray(rate, dtype=float)
        variance, coloured = rate @ self.diffusion.T + self.variance_0, rate @ self.coloured.T + self.coloured_0
        return self.tau_m * np.divide(coloured, variance, out=np.zeros_like(variance), where=variance > 0) ** 2

    def input_moments(self, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and noise intensity of the input when the populations fire at the given rates.

        Parameters
        ----------
        rate : array, shape (..., N), spikes/s

        Returns
        -------
        mu, sigma : arrays, shape (..., N), mV
            The free membrane's mean, and √2 times the standard deviation it has with delta synapses (Brunel 2000,
            eqs 2 and 3, doi:10.1023/A:1008925309027).
        """
        rate = np.asarray(rate, dtype=float)
        return rate @ self.drift.T + self.mu_0, np.sqrt(rate @ self.diffusion.T + self.variance_0)

    @property
    def neurons(self) -> dict[str, np.ndarray]:
        """The neurons' parameters, as `meanfield.siegert_rate` takes them."""
        return {name: getattr(self, name) for name in ("tau_m", "t_ref", "theta", "V_reset")}

    def assumptions(self) -> list[str]:
        """One sentence for each assumption of mean-field theory that this network breaks, or meets only nearly."""
        return assumptions_broken(self)

    @property
    def n_synapses(self) -> int:
        """Recurrent synapses in the whole network; the expected number if each is drawn for itself."""
        if self.rule != "fixed_indegree":
            return int(np.rint(self.size[:, np.newaxis] * self.K).sum())
        return sum(int(size) * int(K) for size, K in zip(self.size, self.K.sum(axis=1), strict=True))

    @property
    def mean_delay(self) -> float:
        """Mean delay over all recurrent synapses, in ms; NaN where there are none."""
        synapses = self.size[:, np.newaxis] * self.K
        return float(np.average(self.delay, weights=synapses)) if synapses.any() else np.nan

    def to_dict(self) -> dict[str, Any]:
        """The description as plain lists and numbers, from which ``Network(**description)`` builds an equal one."""
        return {name: _plain(self._given(name)) for name in type(self).model_fields if not self._at_default(name)}

    def _given(self, name: str) -> Any:
        absolute = name in ("theta", "V_reset") and self.E_L.any()
        return getattr(self, name) + self.E_L if absolute else getattr(self, name)

    def _at_default(self, name: str) -> bool:
        if name not in _OPTIONAL:
            return False
        default = self.tau_syn[:, 0] if name == "tau_syn_ext" else type(self).model_fields[name].default
        return bool(np.all(getattr(self, name) == default))

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


def _read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else list(value) if isinstance(value, tuple) else value
