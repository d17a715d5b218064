"""The kinds of neurons in a network, and what drives each: on the time grid, as `generation` takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from meanfield.theory.trains.membrane import Membrane
from meanfield.theory.white_noise.input import StationaryInput

HIGHEST_GAIN = 0.8


@dataclass(frozen=True)
class Kind:
    """Neurons of one kind and their input.

    Parameters
    ----------
    source : array of int, shape (S,)
        Kinds that send the trains.
    K : array of int, shape (S,)
        How many trains of each.
    J : array, shape (S,), mV
        Jump at their spikes; the same kind may send trains of several weights.
    J_ext : float, mV
        Jump at external spikes.
    external : float
        Mean number of external spikes in a step.
    membrane : Membrane
        Of the neurons.
    """

    source: np.ndarray
    K: np.ndarray
    J: np.ndarray
    J_ext: float
    external: float
    membrane: Membrane


class Kinds:
    """All kinds of a network's neurons: populations of identical neurons with identical input are one kind.

    Parameters
    ----------
    network : Network
    dt : float, ms
    continuous : bool
        Whether the potential moves between the steps, and refractory periods end there.

    Attributes
    ----------
    first : array of int, shape (A,)
        A population of each kind.
    kind : array of int, shape (N,)
        The kind of each population.
    """

    def __init__(self, network, dt: float, continuous: bool):
        self.network, self.dt, self.continuous = network, dt, continuous
        # A constant current is part of the mean drive.
        poisson = network.drive == "poisson"
        self._external_rate = network.K_ext * network.rate_ext * poisson
        self._mu_ext = network.mu_ext if poisson else network.mu_0
        neurons = [getattr(network, name) for name in ("tau_m", "t_ref", "theta", "V_reset")]
        rows = np.column_stack([network.K, network.J, self._external_rate, network.J_ext, self._mu_ext, *neurons])
        _, self.first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        self.kind = kind.ravel()
        self.each = [self._kind_of(int(i)) for i in self.first]
        self.highest_rate = 1e3 / np.maximum(network.t_ref[self.first] + dt, dt)
        self._input = StationaryInput.of(network)

    def __len__(self) -> int:
        return len(self.each)

    def _kind_of(self, i: int) -> Kind:
        network, trains = self.network, {}
        for b, K, J in zip(self.kind, network.K[i], network.J[i], strict=True):
            if K > 0 and J != 0.0:
                trains[int(b), float(J)] = trains.get((int(b), float(J)), 0) + int(K)
        tau_m = float(network.tau_m[i])
        decay = float(np.exp(-self.dt / tau_m))
        external = float(self._external_rate[i]) * 1e-3 * self.dt
        steps = float(network.t_ref[i]) / self.dt
        membrane = Membrane(
            refractory=steps if self.continuous else float(round(steps)),
            decay=decay,
            drive=(1.0 - decay) * tau_m * (float(self._mu_ext[i]) / tau_m),
            theta=float(network.theta[i]),
            V_reset=float(network.V_reset[i]),
        )
        return Kind(
            source=np.array([b for b, _ in trains], dtype=np.int64),
            K=np.array(list(trains.values()), dtype=np.int64),
            J=np.array([J for _, J in trains], dtype=float),
            J_ext=float(network.J_ext[i]) if external > 0.0 else 0.0,
            external=external,
            membrane=membrane,
        )

    def newton(self, rate: np.ndarray) -> np.ndarray:
        """What Newton's method multiplies response − rate by, shape (A, A), with the gain of Siegert's formula.

        At a stable solution no eigenvalue of the gain reaches 1; where Siegert's does, the method would run away.

        Parameters
        ----------
        rate : array, shape (A,), spikes/s
        """
        _, jacobian = self._input.response_and_jacobian(rate[self.kind])
        gain = np.nan_to_num(jacobian[self.first] @ np.eye(len(self))[self.kind], posinf=0.0, neginf=0.0)
        eigenvalues, vectors = np.linalg.eig(gain)
        factors = 1.0 / (1.0 - np.minimum(eigenvalues.real, HIGHEST_GAIN) - 1j * eigenvalues.imag)
        return (vectors * factors @ np.linalg.pinv(vectors)).real
