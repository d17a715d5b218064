"""The kinds of neurons in a network: populations that differ in nothing are one."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from meanfield.theory.trains.kind import EXACTLY, POISSON, Kind
from meanfield.theory.trains.membrane import Membrane
from meanfield.theory.trains.synapses import effect_of_jump
from meanfield.theory.white_noise.input import StationaryInput

HIGHEST_GAIN = 0.8


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
    each : list of Kind
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
        self._chance = np.full(network.K.shape, EXACTLY)
        if network.rule == "fixed_total_number":
            self._chance[:] = POISSON
        elif network.rule == "pairwise_bernoulli":
            self._chance[:] = network.K / network.size
        external = self._external_rate, network.J_ext, network.tau_syn_ext, network.sigma_ext, self._mu_ext
        synapses = network.K, network.J, network.J_cv, network.tau_syn, np.nan_to_num(self._chance)
        rows = np.column_stack([*synapses, *external, *network.neurons.values()])
        _, self.first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        self.kind = kind.ravel()
        self.each = [self._kind_of(int(i)) for i in self.first]
        self.highest_rate = 1e3 / np.maximum(network.t_ref[self.first] + dt, dt)
        self._input = StationaryInput.of(network)

    def __len__(self) -> int:
        return len(self.each)

    def _kind_of(self, i: int) -> Kind:
        network, sorts = self.network, {}
        columns = network.K[i], self.kind, network.J[i], network.J_cv[i], network.tau_syn[i], self._chance[i]
        for K, *sort in zip(*columns, strict=True):
            if K > 0.0 and sort[1] != 0.0:
                # Equal chances are one object or one number, so that NaN does not keep sorts apart.
                sort = tuple(None if np.isnan(x) else float(x) for x in sort)
                sorts[sort] = sorts.get(sort, 0.0) + float(K)
        source, J, J_cv, tau_syn, chance = np.array(list(sorts), dtype=float).reshape(-1, 5).T

        external = float(self._external_rate[i]) * 1e-3 * self.dt
        tau_ext = float(network.tau_syn_ext[i]) if external > 0.0 else 0.0
        taus = sorted({0.0, tau_ext, *tau_syn})  # white noise acts as delta synapses do
        tau_m = float(network.tau_m[i])
        variance = -0.5 * np.expm1(-2.0 * self.dt / tau_m) if not self.continuous else self.dt / tau_m
        return Kind(
            source=source.astype(np.int64),
            K=np.array(list(sorts.values()), dtype=float),
            chance=chance,
            J=J,
            J_cv=J_cv,
            channel=np.searchsorted(taus, tau_syn),
            current_decay=np.array([np.exp(-self.dt / tau) if tau > 0.0 else 0.0 for tau in taus]),
            effect=np.array([effect_of_jump(tau, tau_m, self.dt) for tau in taus]),
            J_ext=float(network.J_ext[i]) if external > 0.0 else 0.0,
            external=external,
            channel_ext=taus.index(tau_ext),
            noise=float(network.sigma_ext[i]) ** 2 * variance,
            membrane=self._membrane(i),
        )

    def _membrane(self, i: int) -> Membrane:
        network, tau_m = self.network, float(self.network.tau_m[i])
        decay, steps = float(np.exp(-self.dt / tau_m)), float(network.t_ref[i]) / self.dt
        return Membrane(
            refractory=steps if self.continuous else float(round(steps)),
            decay=decay,
            drive=(1.0 - decay) * tau_m * (float(self._mu_ext[i]) / tau_m),  # as NEST rounds it
            theta=float(network.theta[i]),
            V_reset=float(network.V_reset[i]),
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
        triangular, unitary = linalg.schur(gain, output="complex")  # eigenvalues stand on the diagonal
        eigenvalues = np.diagonal(triangular)
        triangular = triangular - np.diag(np.maximum(eigenvalues.real - HIGHEST_GAIN, 0.0))
        return (unitary @ np.linalg.inv(np.eye(len(self)) - triangular) @ unitary.conj().T).real
