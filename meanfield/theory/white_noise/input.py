"""What theory needs to know of a network, as arrays that stack: one network, or a whole grid of them at once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from meanfield.model.assumptions import features
from meanfield.theory.white_noise.siegert import ALPHA, siegert_rate, siegert_rate_and_derivatives

HIGHEST_RATE = 1e6  # spikes/s: what counts as saturation without refractoriness
STEEPEST = 1e100  # spikes/s per mV or mV²: next to vanishing noise derivatives at threshold have no bound


@dataclass(frozen=True)
class StationaryInput:
    """Mean and noise intensity of the input as functions of the rates, for a stack of networks of N populations.

    mu = mu_0 + drift @ rate and sigma² = variance_0 + diffusion @ rate, the factors of NEST's diffusion_connection.
    Synapses with memory shift threshold and reset by ALPHA/2 · c/sigma, where c = coloured_0 + coloured @ rate; here
    the mean is moved by as much the other way.

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
    coloured : array, shape (..., N, N), mV² per spikes/s, optional
        diffusion · √(tau_syn/tau_m); None if all synapses are delta synapses.
    coloured_0 : array, shape (..., N), mV², optional
        The same of the external input; None together with `coloured`.
    """

    drift: np.ndarray
    diffusion: np.ndarray
    mu_0: np.ndarray
    variance_0: np.ndarray
    tau_m: np.ndarray
    t_ref: np.ndarray
    theta: np.ndarray
    V_reset: np.ndarray
    coloured: np.ndarray | None = None
    coloured_0: np.ndarray | None = None

    @classmethod
    def of(cls, network) -> StationaryInput:
        """The input of one `meanfield.Network`."""
        exponential = "tau_syn" in features(network)
        return cls(
            drift=network.drift,
            diffusion=network.diffusion,
            mu_0=network.mu_0,
            variance_0=network.variance_0,
            tau_m=network.tau_m,
            t_ref=network.t_ref,
            theta=network.theta,
            V_reset=network.V_reset,
            coloured=network.coloured if exponential else None,
            coloured_0=network.coloured_0 if exponential else None,
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

    def from_threshold(self) -> StationaryInput:
        """The same networks with voltages counted from the threshold, so that a mean next to it loses no digits."""
        return replace(self, mu_0=self.mu_0 - self.theta, theta=0.0 * self.theta, V_reset=self.V_reset - self.theta)

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
        return StationaryInput(
            *(
                x[..., representatives, :] @ sources if core == 2 else x[..., representatives]
                for x, core in self.arrays()
            )
        ), into

    def moments(self, rate):
        """Mean and noise intensity of the input, shape (..., N), mV, at rates of shape (..., N), spikes/s."""
        mu = self.mu_0 + (self.drift @ rate[..., None])[..., 0]
        variance = self.variance_0 + (self.diffusion @ rate[..., None])[..., 0]
        return mu, np.sqrt(variance)

    def effective_moments(self, rate):
        """`moments`, with the mean lowered by the shift of threshold and reset that synapses with memory cause."""
        mu, sigma = self.moments(rate)
        if self.coloured is None:
            return mu, sigma
        coloured = self.coloured_0 + (self.coloured @ rate[..., None])[..., 0]
        return mu - 0.5 * ALPHA * _ratio(coloured, sigma), sigma

    def effective_tau_syn(self, rate):
        """As of `meanfield.Network`, shape (..., N), ms."""
        if self.coloured is None:
            return np.zeros_like(self.moments(rate)[0])
        sigma = self.moments(rate)[1]
        return self.tau_m * _ratio(self.coloured_0 + (self.coloured @ rate[..., None])[..., 0], sigma**2) ** 2

    @property
    def highest_rate(self):
        """Rate of saturated neurons, 1/t_ref, shape (..., N), spikes/s."""
        return 1e3 / np.maximum(self.t_ref, 1e3 / HIGHEST_RATE)

    @property
    def neurons(self) -> dict[str, np.ndarray]:
        """The neurons' parameters, as `siegert_rate` takes them."""
        return {"tau_m": self.tau_m, "t_ref": self.t_ref, "theta": self.theta, "V_reset": self.V_reset}

    def response(self, rate):
        """Siegert's rate, shape (..., N), spikes/s, of neurons whose input comes from populations firing at `rate`."""
        return siegert_rate(*self.effective_moments(rate), **self.neurons)

    def response_and_slopes(self, rate):
        """`response`, and its derivatives with respect to mu, sigma² and coloured noise, each of shape (..., N)."""
        mu, sigma = self.effective_moments(rate)
        response, d_mu, d_sigma = siegert_rate_and_derivatives(mu, sigma, **self.neurons)
        with np.errstate(over="ignore"):
            d_mu, d_variance = (np.minimum(x, STEEPEST) for x in (d_mu, _ratio(d_sigma, 2.0 * sigma)))
        if self.coloured is None:
            return response, d_mu, d_variance, np.zeros_like(d_mu)
        by_coloured, by_variance = self._shift_slopes(rate, sigma)
        return response, d_mu, d_variance - d_mu * by_variance, -d_mu * by_coloured

    def _shift_slopes(self, rate, sigma):
        """Derivatives of the shift of threshold and reset with respect to coloured noise and sigma²."""
        coloured = self.coloured_0 + (self.coloured @ rate[..., None])[..., 0]
        with np.errstate(over="ignore"):
            slopes = 0.5 * ALPHA * _ratio(1.0, sigma), 0.25 * ALPHA * _ratio(coloured, sigma**3)
        by_coloured, by_variance = (np.minimum(x, STEEPEST) for x in slopes)
        return by_coloured, -by_variance

    def response_and_jacobian(self, rate):
        """`response` and its derivatives with respect to `rate`, shape (..., N, N), a pure number."""
        response, d_mu, d_variance, d_coloured = self.response_and_slopes(rate)
        jacobian = d_mu[..., None] * self.drift + d_variance[..., None] * self.diffusion
        if self.coloured is not None:
            jacobian = jacobian + d_coloured[..., None] * self.coloured
        return response, jacobian

    def shift_jacobian(self, rate):
        """Derivatives of the shift of threshold and reset with respect to `rate`, shape (..., N, N), mV s."""
        by_coloured, by_variance = self._shift_slopes(rate, self.moments(rate)[1])
        return by_coloured[..., None] * self.coloured + by_variance[..., None] * self.diffusion

    @property
    def tau_syn(self):
        """Time constants of the synapses, shape (..., N, N), ms; 0 where there are none."""
        if self.coloured is None:
            return np.zeros_like(self.diffusion)
        return self.tau_m[..., None] * _ratio(self.coloured, self.diffusion) ** 2

    def arrays(self):
        """Each array with the number of its dimensions that belong to one network."""
        cores = {"drift": 2, "diffusion": 2, "coloured": 2}
        given = ((getattr(self, f.name), cores.get(f.name, 1)) for f in fields(self))
        return [(x, core) for x, core in given if x is not None]


def _ratio(numerator, denominator):
    """The ratio, 0 where the denominator is."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(numerator, denominator, out=np.zeros(shape), where=denominator > 0.0)
