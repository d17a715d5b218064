"""Siegert's formula: the stationary rate of a leaky integrate-and-fire neuron driven by white or coloured noise."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from meanfield.model.quantities import ParameterError, stated
from meanfield.theory.white_noise.first_passage import Regime, regime_of, regimes_of
from meanfield.theory.white_noise.neurons import Neurons
from meanfield.theory.white_noise.scaled_erfc import SQRT_PI

# √2 |ζ(1/2)|, by which coloured noise shifts threshold and reset: Fourcaud & Brunel (2002), the equation after 4.33.
ALPHA = 2.0652531522312172

BLOCK = 16384  # elements worked on at once: intermediate results stay in the processor's cache


def siegert_rate(mu, sigma, *, tau_m, t_ref, theta, V_reset, tau_syn=0.0):
    """Stationary firing rate of a leaky integrate-and-fire neuron.

    ν = 1/(t_ref + tau_m √π ∫_a^b exp(u²)(1 + erf u) du) with a = (V_reset − mu)/sigma, b = (theta − mu)/sigma.

    All arguments broadcast against each other; NaN in any of them gives NaN at that element.

    Parameters
    ----------
    mu : float or array, mV
        Mean of the input; ±inf gives the limit.
    sigma : float or array, mV, ≥ 0
        Noise intensity; the free membrane's standard deviation is sigma/√2. At 0 the noiseless neuron's rate.
    tau_m : float or array, ms, > 0
        Membrane time constant.
    t_ref : float or array, ms, ≥ 0
        Absolute refractory period.
    theta, V_reset : float or array, mV
        Threshold and reset, relative to the resting potential. V_reset = theta is refused: whatever the input, the
        rate would be 1/t_ref, and the limits of V_reset → theta and sigma → 0 contradict each other.
    tau_syn : float or array, ms, ≥ 0
        Time constant of exponential synapses, 0 for delta synapses; the result is of first order in
        √(tau_syn/tau_m).

    Returns
    -------
    float or array, spikes/s
        Relative error below 5e-14 for rates down to 1e-300; lower rates fade to 0.

    Raises
    ------
    ParameterError
        If sigma or a time is negative, tau_m is 0, or V_reset ≥ theta.

    References
    ----------
    Siegert AJF (1951) Phys Rev 81:617–623, doi:10.1103/PhysRev.81.617
    Amit DJ, Brunel N (1997) Cereb Cortex 7:237–252, doi:10.1093/cercor/7.3.237
    Brunel N (2000) J Comput Neurosci 8:183–208, eq. 21, doi:10.1023/A:1008925309027
    Fourcaud N, Brunel N (2002) Neural Comput 14:2057–2110, the equation after 4.33, doi:10.1162/089976602320264015

    Notes
    -----
    Assumes input spikes that are many, small and uncorrelated (diffusion approximation).
    """
    return _evaluate(Arguments(mu, sigma, tau_m, t_ref, theta, V_reset, tau_syn), derivatives=False)[0]


def siegert_rate_and_derivatives(mu, sigma, *, tau_m, t_ref, theta, V_reset, tau_syn=0.0):
    """Stationary firing rate and its derivatives with respect to the input's mean and noise intensity.

    ∂ν/∂mu = √π tau_m ν²/sigma [erfcx(−b) − erfcx(−a)] and ∂ν/∂sigma = √π tau_m ν²/sigma [b erfcx(−b) − a erfcx(−a)]
    for white noise, with a and b as in `siegert_rate`.

    Parameters
    ----------
    mu, sigma, tau_m, t_ref, theta, V_reset, tau_syn : float or array
        As for `siegert_rate`.

    Returns
    -------
    rate : float or array, spikes/s
    d_mu, d_sigma : float or array, spikes/s per mV
        Relative error below 1e-12. At sigma = 0 the one-sided limits; at mu = theta there, where the rate has a
        vertical tangent, 0.

    Raises
    ------
    ParameterError
        As for `siegert_rate`.
    """
    return _evaluate(Arguments(mu, sigma, tau_m, t_ref, theta, V_reset, tau_syn), derivatives=True)


class Arguments(NamedTuple):
    """What `siegert_rate` is given, in its units."""

    mu: float | np.ndarray
    sigma: float | np.ndarray
    tau_m: float | np.ndarray
    t_ref: float | np.ndarray
    theta: float | np.ndarray
    V_reset: float | np.ndarray
    tau_syn: float | np.ndarray

    @property
    def neurons(self) -> Neurons:
        """The same as the integrals need it."""
        mu, sigma, tau_m, t_ref, theta, V_reset, tau_syn = self
        return Neurons(mu, sigma, theta, V_reset, bounds_shift(tau_m, tau_syn), tau_m, t_ref)

    def flat(self):
        """Neurons in one row, where what is one number for all stays so, and the arguments' common shape.

        Raises
        ------
        ParameterError
            If an argument is impossible.
        """
        refuse_impossible(**{name: x for name, x in self._asdict().items() if name != "mu"})
        arrays = Arguments(*(np.asarray(x, dtype=float) for x in self))
        shape = np.broadcast_shapes(*(x.shape for x in arrays))
        if np.signbit(arrays.sigma).any():  # −0, by which quotients would get the wrong sign
            arrays = arrays._replace(sigma=np.abs(arrays.sigma))
        with np.errstate(all="ignore"):
            neurons = arrays.neurons
        return Neurons(*(x if x.ndim == 0 else np.broadcast_to(x, shape).reshape(-1) for x in neurons)), shape


def _evaluate(arguments: Arguments, derivatives: bool):
    """Rate, and if asked for its derivatives."""
    if all(isinstance(x, (float, int)) for x in arguments):
        mu, sigma, tau_m, t_ref, theta, V_reset, tau_syn = map(float, arguments)
        # One ordinary neuron goes without arrays, which would cost more than the rate itself.
        if (
            0.0 < sigma < 1e37
            and tau_m > 0.0
            and t_ref >= 0.0
            and theta > V_reset
            and tau_syn >= 0.0
            and math.isfinite(mu + tau_m + t_ref + theta + V_reset + tau_syn)
        ):
            neuron = Neurons(mu, sigma, theta, V_reset, bounds_shift(tau_m, tau_syn), tau_m, t_ref)
            return tuple(map(float, _in_regime(regime_of(neuron), neuron, derivatives)))
    neurons, shape = arguments.flat()
    results = [np.zeros(math.prod(shape)) for _ in range(3 if derivatives else 1)]
    with np.errstate(all="ignore"):
        for start in range(0, results[0].size, BLOCK):
            block = slice(start, start + BLOCK)
            _evaluate_block(neurons.part(block), [result[block] for result in results], derivatives)
    return tuple(result.reshape(shape)[()] for result in results)


def _evaluate_block(neurons: Neurons, results, derivatives):
    """Fill in results, regime by regime."""
    for regime, where in regimes_of(neurons, results[0].size):
        values = _in_regime(regime, neurons.part(where), derivatives)
        for result, value in zip(results, values, strict=True):
            result[where] = value


def _in_regime(regime: Regime, neurons: Neurons, derivatives):
    """Rate, and if asked for its derivatives, of neurons that are all in one regime."""
    E, S, D1, D2 = regime.integrals(neurons, derivatives)
    period = neurons.t_ref * E + SQRT_PI * neurons.tau_m * S  # mean interval times E, ms
    rate = 1e3 * (E / period)
    if not derivatives:
        return (rate,)
    gain = SQRT_PI * neurons.tau_m * rate / period
    if regime.slopes_by_sigma:
        gain = gain / neurons.sigma
    return rate, gain * D1, gain * (D2 - neurons.shift * D1)


def refuse_impossible(*, sigma, tau_m, t_ref, theta, V_reset, tau_syn=0.0):
    """Raise `ParameterError` that names every argument with an impossible element; NaN passes."""
    culprits = []
    for name, value, unit in (("sigma", sigma, "mV"), ("t_ref", t_ref, "ms"), ("tau_syn", tau_syn, "ms")):
        if np.any(np.less(value, 0.0)):
            culprits.append(f"{stated(name, value, unit)} must be ≥ 0 {unit}")
    if np.any(np.less_equal(tau_m, 0.0)):
        culprits.append(f"{stated('tau_m', tau_m, 'ms')} must be > 0 ms")
    if np.any(np.less_equal(theta, V_reset)):
        culprits.append(f"{stated('theta', theta, 'mV')} must be above {stated('V_reset', V_reset, 'mV')}")
    if culprits:
        raise ParameterError(culprits)


def bounds_shift(tau_m, tau_syn):
    """By how much exponential synapses move the bounds a and b, a pure number."""
    return 0.5 * ALPHA * (tau_syn / tau_m) ** 0.5
