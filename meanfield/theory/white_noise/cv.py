"""Irregularity of spike trains in theory: the coefficient of variation of inter-spike intervals."""

from __future__ import annotations

import math

import numpy as np

from meanfield.theory.white_noise.cv_integrals import interval_density, interval_integral
from meanfield.theory.white_noise.first_passage import Narrow, Noiseless, Regime, Silent, regimes_of
from meanfield.theory.white_noise.neurons import Neurons
from meanfield.theory.white_noise.scaled_erfc import SQRT_PI
from meanfield.theory.white_noise.siegert import Arguments

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def siegert_cv(mu, sigma, *, tau_m, t_ref, theta, V_reset, tau_syn=0.0):
    """Coefficient of variation of the inter-spike intervals of a leaky integrate-and-fire neuron.

    CV² = 2π (ν tau_m)² ∫_a^b exp(x²) ∫_{−∞}^x exp(y²)(1 + erf y)² dy dx with a = (V_reset − mu)/sigma and
    b = (theta − mu)/sigma. All arguments broadcast; NaN in any of them gives NaN at that element.

    Parameters
    ----------
    mu : float or array, mV
        Mean of the input.
    sigma : float or array, mV, ≥ 0
        Noise intensity; the free membrane's standard deviation is sigma/√2.
    tau_m : float or array, ms, > 0
    t_ref : float or array, ms, ≥ 0
    theta, V_reset : float or array, mV
    tau_syn : float or array, ms, ≥ 0
        Time constant of exponential synapses; as in `siegert_rate`, it shifts threshold and reset.

    Returns
    -------
    float or array, a pure number
        Relative error below 1e-12. 0 without noise above threshold; 1, the limit, where the rate is too low for a
        double; NaN where without noise there are no spikes.

    Raises
    ------
    ParameterError
        If sigma or a time is negative, tau_m is 0, or V_reset ≥ theta.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, App. A.1, doi:10.1023/A:1008925309027

    Notes
    -----
    Assumes white noise, which makes successive intervals independent. No integral is done numerically, except where
    a and b nearly coincide.
    """
    neurons, shape = Arguments(mu, sigma, tau_m, t_ref, theta, V_reset, tau_syn).flat()
    cv = np.empty(math.prod(shape))
    with np.errstate(all="ignore"):
        for regime, where in regimes_of(neurons, cv.size):
            cv[where] = _in_regime(regime, neurons.part(where))
    return cv.reshape(shape)[()]


def _in_regime(regime: Regime, neurons: Neurons):
    """The CV of neurons that are all in one regime."""
    if isinstance(regime, Silent):
        return np.where(neurons.sigma > 0.0, 1.0, np.nan)
    E, S, *_ = regime.integrals(neurons, False)
    intervals = neurons.tau_m / (neurons.t_ref * E + SQRT_PI * neurons.tau_m * S)  # ν tau_m / E
    if isinstance(regime, Noiseless):
        above_threshold, above_reset = neurons.mu - neurons.theta, neurons.mu - neurons.V_reset
        slope = (neurons.theta - neurons.V_reset) / above_threshold / above_reset
        return intervals * neurons.sigma * np.sqrt(0.5 * slope * (1.0 / above_threshold + 1.0 / above_reset))
    a, b = neurons.bounds()
    exponent = np.where(b > 0.0, b * b, 0.0)
    if isinstance(regime, Narrow):
        half = 0.5 * neurons.width
        nodes = b - half + half * _NODES[:, None]
        variance = half * (_WEIGHTS @ interval_density(nodes, exponent))
    else:
        variance = interval_integral(b, exponent) - interval_integral(a, exponent)
    return intervals * np.sqrt(2.0 * np.pi * variance)
