"""What theory needs to know of a network, as arrays that stack: one network, or a whole grid of them at once."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from meanfield.theory.white_noise.siegert import siegert_rate, siegert_rate_and_derivatives


@dataclass(frozen=True)
class StationaryInput:
    """Mean and noise intensity of the input as functions of the rates, for a stack of networks of N populations.

    mu = mu_0 + drift @ rate and sigma² = variance_0 + diffusion @ rate, the factors of NEST's diffusion_connection.

    Parameters
    ----------
    drift : array, shape (..., N, N), mV per spikes/s
        1e-3 tau_m K J; targets are rows, sources columns.
    diffusion : array, shape (..., N, N), mV² per spikes/s
        1e-3 tau_m K J².
    mu_0 : array, shape (..., N), mV
        Mean of the external input.
    variance_0 : array, shape (..., N), mV²
        Squared noise intensity of the external input.
    tau_m, t_ref : array, shape (..., N), ms
    theta, V_reset : array, shape (..., N), mV
    """

    drift: np.ndarray
    diffusion: np.ndarray
    mu_0: np.ndarray
    variance_0: np.ndarray
    tau_m: np.ndarray
    t_ref: np.ndarray
    theta: np.ndarray
    V_reset: np.ndarray

    @classmethod
    def of(cls, network) -> StationaryInput:
        """The input of one `meanfield.Network`."""
        per_spike = 1e-3 * network.tau_m  # mV per (mV spikes/s): tau_m is in ms
        drift = per_spike[:, None] * network.K * network.J
        external = per_spike * network.K_ext * network.J_ext * network.rate_ext
        return cls(
            drift=drift,
            diffusion=drift * network.J,
            mu_0=external + network.mu_ext,
            variance_0=external * network.J_ext,
            tau_m=network.tau_m,
            t_ref=network.t_ref,
            theta=network.theta,
            V_reset=network.V_reset,
        )

    @property
    def stack(self) -> tuple[int, ...]:
        """Shape of the stack, () for one network."""
        return np.broadcast_shapes(*(x.shape[: x.ndim - core] for x, core in self.arrays()))

    @property
    def n_populations(self) -> int:
        """Populations of each network, N."""
        return self.drift.shape[-1]

    def flat(self) -> StationaryInput:
        """The same networks with one leading dimension for all of the stack's."""
        stack = self.stack
        return StationaryInput(
            *(
                np.broadcast_to(x, stack + x.shape[x.ndim - core :]).reshape(-1, *x.shape[x.ndim - core :])
                for x, core in self.arrays()
            )
        )

    def take(self, which) -> StationaryInput:
        """The networks `which` (indices into the one leading dimension)."""
        return StationaryInput(*(x[which] for x, _ in self.arrays()))

    def merged(self) -> tuple[StationaryInput, np.ndarray]:
        """The same networks with populations of identical neurons that receive identical input merged into one.

        Such populations fire at the same rate in every fixed point, since one function of all rates gives both rates.
        So nothing is lost.

        Returns
        -------
        StationaryInput
            With M ≤ N populations.
        ndarray of int, shape (N,)
            For each population, which of the M it went into.
        """
        n = self.n_populations
        columns = [(x if x.ndim == core else np.moveaxis(x, -core, 0)).reshape(n, -1) for x, core in self.arrays()]
        rows = np.concatenate(columns, axis=1)
        classes = {}
        into = np.array([classes.setdefault((row + 0.0).tobytes(), len(classes)) for row in rows])  # −0 + 0 is 0
        representatives = [int(np.argmax(into == i)) for i in range(len(classes))]
        sources = (into[:, None] == np.arange(len(classes))).astype(float)
        drift, diffusion = (x[..., representatives, :] @ sources for x in (self.drift, self.diffusion))
        return StationaryInput(
            drift, diffusion, *(x[..., representatives] for x, core in self.arrays() if core == 1)
        ), into

    def moments(self, rate):
        """Mean and noise intensity of the input, shape (..., N), mV, at rates of shape (..., N), spikes/s."""
        mu = self.mu_0 + (self.drift @ rate[..., None])[..., 0]
        variance = self.variance_0 + (self.diffusion @ rate[..., None])[..., 0]
        return mu, np.sqrt(variance)

    @property
    def neurons(self) -> dict[str, np.ndarray]:
        """The neurons' parameters, as `siegert_rate` takes them."""
        return {"tau_m": self.tau_m, "t_ref": self.t_ref, "theta": self.theta, "V_reset": self.V_reset}

    def response(self, rate):
        """Siegert's rate, shape (..., N), spikes/s, of neurons whose input comes from populations firing at `rate`."""
        return siegert_rate(*self.moments(rate), **self.neurons)

    def response_and_jacobian(self, rate):
        """`response` and its derivatives with respect to `rate`, shape (..., N, N), a pure number."""
        mu, sigma = self.moments(rate)
        response, d_mu, d_sigma = siegert_rate_and_derivatives(mu, sigma, **self.neurons)
        d_variance = np.divide(d_sigma, 2.0 * sigma, out=np.zeros_like(sigma), where=sigma > 0.0)
        return response, d_mu[..., None] * self.drift + d_variance[..., None] * self.diffusion

    def arrays(self):
        """Each array with the number of its dimensions that belong to one network."""
        return [(getattr(self, f.name), 2 if f.name in ("drift", "diffusion") else 1) for f in fields(self)]
