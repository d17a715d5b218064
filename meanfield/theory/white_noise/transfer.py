"""Linear response of the firing rate to small changes of the input, at any frequency and any rate of growth."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from meanfield.theory.white_noise.first_passage import SILENT_ABOVE
from meanfield.theory.white_noise.passage_transform import passage
from meanfield.theory.white_noise.siegert import bounds_shift, refuse_impossible, siegert_rate

BLOCK = 4096  # elements worked on at once: intermediate results stay in the processor's cache
ALMOST_NOISELESS = 1e-9  # sigma over mu − theta below which noise changes nothing within rounding
ASIDE = 1e-8  # so close to a removable singularity, the response as far beside it is taken
SMALLEST = 1e-250  # stands for s = 0, where logarithms of s would not be numbers


def transfer_function(frequency, mu, sigma, *, tau_m, t_ref, theta, V_reset, growth=0.0, tau_syn=0.0):
    """Linear response of the rate of leaky integrate-and-fire neurons to the input of their synapses.

    If the mean input is mu + ε exp(λt) with small ε and λ = growth + 2πi·frequency, the rate is ν + ε N_mu(λ) exp(λt);
    likewise N_variance with sigma². With y = (V − mu)/sigma at threshold (b) and reset (a), s = λ tau_m,
    u(y) = exp(y²/2) D_{−s}(−√2 y) and Δf = f(b) − f(a),

        N_mu       = ν/sigma · Δu' / {(1 + s) [u(b) − u(a) exp(−λ t_ref)]}
        N_variance = ν/(2 sigma²) · Δu'' / {(2 + s) [u(b) − u(a) exp(−λ t_ref)]}

    All arguments broadcast against each other; NaN in any of them gives NaN at that element.

    Parameters
    ----------
    frequency : float or array, Hz
        At 0, without growth, the responses are the derivatives of the stationary rate.
    mu : float or array, mV
        Mean of the input.
    sigma : float or array, mV, ≥ 0
        Noise intensity; the free membrane's standard deviation is sigma/√2. 0 gives the limit.
    tau_m : float or array, ms, > 0
    t_ref : float or array, ms, ≥ 0
    theta, V_reset : float or array, mV
    growth : float or array, 1/s
        Rate at which the modulation grows; negative if it dies out.
    tau_syn : float or array, ms, ≥ 0
        Time constant of exponential synapses, 0 for delta synapses. What is modulated is the input that reaches them.

    Returns
    -------
    by_mean : complex or array of complex, spikes/s per mV
        N_mu.
    by_variance : complex or array of complex, spikes/s per mV²
        N_variance, the response to a change of sigma².

    Raises
    ------
    ParameterError
        If sigma or a time is negative, tau_m is 0, or V_reset ≥ theta.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, eqs 42–51, doi:10.1023/A:1008925309027. His R and S contain φ₂ =
    exp(−y²) u; with u'' = 2 y u' + 2 s u what is left of his equation for the eigenvalues is 1 = Σ N · coupling.
    Brunel N, Chance FS, Fourcaud N, Abbott LF (2001) Phys Rev Lett 86:2186–2189, doi:10.1103/PhysRevLett.86.2186
    Lindner B, Schimansky-Geier L (2001) Phys Rev Lett 86:2934–2937, doi:10.1103/PhysRevLett.86.2934
    Schuecker J, Diesmann M, Helias M (2015) Phys Rev E 92:052119, eq. 29, doi:10.1103/PhysRevE.92.052119 (tau_syn)

    Notes
    -----
    White noise input (diffusion approximation). At high frequency N_mu falls like ν/sigma √(2/s), while N_variance
    tends to ν/sigma²: noise without memory acts at once.

    Exponential synapses shift threshold and reset by sigma α/2 √(tau_syn/tau_m), which is the response's first order in
    √(tau_syn/tau_m), and are low-pass filters, of the mean by 1/(1 + λ tau_syn), of the variance of their current by
    1/(1 + λ tau_syn/2). If sigma is modulated, threshold and reset move with it; that is as if the mean moved the other
    way by 1 + λ tau_m times as much. At λ = 0 responses stay the derivatives of the rate.
    First order in √(tau_syn/tau_m) is not enough at frequencies near 1/(2π tau_syn): against NEST, with modulated mean
    and variance, the response at Brunel's point C is off by 0.04 to 0.1 (of 1.4 to 0.9) up to 60 Hz at 0.5 ms, but by
    a quarter to all of it from 60 Hz on at 2 ms (results/reference/exponential_response_against_nest.md).
    """
    refuse_impossible(sigma=sigma, tau_m=tau_m, t_ref=t_ref, theta=theta, V_reset=V_reset, tau_syn=tau_syn)
    rate_of_change = np.asarray(growth, dtype=float) + 2j * np.pi * np.asarray(frequency, dtype=float)
    neurons = {"tau_m": tau_m, "t_ref": t_ref, "theta": theta, "V_reset": V_reset}
    if not np.any(tau_syn):
        by_mean, by_variance = responses(rate_of_change, mu, sigma, **neurons)
        return by_mean[()], by_variance[()]
    sigma, shift = np.asarray(sigma, dtype=float), bounds_shift(np.asarray(tau_m, dtype=float), np.asarray(tau_syn))
    by_mean, by_variance = responses(rate_of_change, mu - shift * sigma, sigma, **neurons)
    of_shift = by_mean * np.divide(shift, 2.0 * sigma, out=np.zeros(np.shape(shift * sigma)), where=sigma > 0.0)
    of_shift = of_shift * (1.0 + 1e-3 * np.asarray(tau_m) * rate_of_change)
    lag = 1e-3 * np.asarray(tau_syn) * rate_of_change
    return (by_mean / (1.0 + lag))[()], ((by_variance - of_shift) / (1.0 + 0.5 * lag))[()]


def responses(rate_of_change, mu, sigma, *, tau_m, t_ref, theta, V_reset):
    """`transfer_function` at a complex `rate_of_change` in 1/s, with nothing validated; returns arrays."""
    neurons = (mu, sigma, tau_m, t_ref, theta, V_reset)
    return _in_blocks(_response_block, 2, rate_of_change, *neurons)


def interval_transform(rate_of_change, mu, sigma, *, tau_m, t_ref, theta, V_reset):
    """(1 − ρ)/λ in s, where ρ(λ) is the Laplace transform of the density of inter-spike intervals; arguments as above.

    At λ = 0 this is the mean interval. Where there are no spikes it is infinite.
    """
    neurons = (mu, sigma, tau_m, t_ref, theta, V_reset)
    return _in_blocks(_interval_block, 1, rate_of_change, *neurons)[0]


class PoleFree(NamedTuple):
    """Responses and the intervals' transform as fractions whose parts have no poles; arrays of complex numbers.

    Parameters
    ----------
    by_mean, by_variance : array
        N_mu and N_variance, times `interval`.
    interval : array, s
        (1 − ρ)/λ times `end`; its zeros are the neurons' own resonances, the poles of both responses.
    end, size : array
        u(b) is `end` exp(`size`), as in `Passage`: times exp(`size`) all of the above are analytic, without it bounded.
    """

    by_mean: np.ndarray
    by_variance: np.ndarray
    interval: np.ndarray
    end: np.ndarray
    size: np.ndarray


def pole_free(rate_of_change, mu, sigma, *, tau_m, t_ref, theta, V_reset) -> PoleFree:
    """`responses` and `interval_transform` without poles; arguments as there. Where no spikes are, all are 1 or 0."""
    neurons = (mu, sigma, tau_m, t_ref, theta, V_reset)
    *parts, size = _in_blocks(_pole_free_block, 5, rate_of_change, *neurons)
    return PoleFree(*parts, size.real)


def _in_blocks(function, n_results, rate_of_change, *neurons):
    arguments = [np.asarray(rate_of_change, dtype=complex), *(np.asarray(x, dtype=float) for x in neurons)]
    shape = np.broadcast_shapes(*(x.shape for x in arguments))
    arguments = [np.broadcast_to(x, shape).reshape(-1) for x in arguments]
    results = [np.zeros(math.prod(shape), dtype=complex) for _ in range(n_results)]
    for start in range(0, results[0].size, BLOCK):
        block = slice(start, start + BLOCK)
        with np.errstate(all="ignore"):
            values = function(*(x[block] for x in arguments))
        for result, value in zip(results, values, strict=True):
            result[block] = value
    return [result.reshape(shape) for result in results]


def _response_block(rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset):
    rate = siegert_rate(mu, sigma, tau_m=tau_m, t_ref=t_ref, theta=theta, V_reset=V_reset)
    by_mean, by_variance = rate + 0j, rate + 0j  # 0 for silent neurons, NaN for NaN
    firing = np.flatnonzero(rate > 0.0)
    s, *neurons = _firing(firing, rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset)
    s = np.where(_removable(s), s + ASIDE, s)
    transforms, interval = _passages(s, *neurons)
    by_mean[firing] *= transforms.delta_v / ((1.0 + s) * interval * neurons[1])
    by_variance[firing] *= transforms.delta_w / ((2.0 + s) * interval * neurons[1] ** 2)
    return by_mean, by_variance


def _pole_free_block(rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset):
    rate = siegert_rate(mu, sigma, tau_m=tau_m, t_ref=t_ref, theta=theta, V_reset=V_reset)
    by_mean, by_variance, size = rate + 0j, rate + 0j, 0.0 * rate
    interval, end = np.ones((2, rate.size), dtype=complex)
    firing = np.flatnonzero(rate > 0.0)
    s, *neurons = _firing(firing, rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset)
    at, per_s = _passages(s, *neurons)
    seconds, end[firing], size[firing] = 1e-3 * tau_m[firing] * at.end, at.end, at.size
    interval[firing] = seconds * per_s
    delta_v, delta_w, removable = at.delta_v, at.delta_w, np.flatnonzero(_removable(s))
    if removable.size:
        s[removable] += ASIDE
        beside, _ = _passages(s[removable], *(x[removable] for x in neurons))
        ratio = beside.end / at.end[removable] * np.exp(beside.size - at.size[removable])
        delta_v[removable], delta_w[removable] = ratio * beside.delta_v, ratio * beside.delta_w
    by_mean[firing] *= seconds * delta_v / ((1.0 + s) * neurons[1])
    by_variance[firing] *= seconds * delta_w / ((2.0 + s) * neurons[1] ** 2)
    return by_mean, by_variance, interval, end, size


def _interval_block(rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset):
    interval = np.full(mu.shape, np.inf, dtype=complex)
    firing = np.flatnonzero(~(((theta - mu) > SILENT_ABOVE * sigma) | ((sigma == 0.0) & (mu <= theta))))
    s, *neurons = _firing(firing, rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset)
    interval[firing] = _passages(s, *neurons)[1] * 1e-3 * tau_m[firing]
    return (interval,)


def _firing(which, rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset):
    """s, not 0, and the arguments of some neurons, with the noise intensity that is used."""
    rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset = (
        x[which] for x in (rate_of_change, mu, sigma, tau_m, t_ref, theta, V_reset)
    )
    s = 1e-3 * rate_of_change * tau_m
    sigma = np.maximum(sigma, ALMOST_NOISELESS * np.maximum(mu - theta, 0.0))
    return np.where(s == 0.0, SMALLEST, s), mu, sigma, tau_m, t_ref, theta, V_reset


def _removable(s):
    """Whether s is −1 or −2, to what costs eight digits at most: removable singularities of the responses."""
    return (np.abs(s + 1.0) < ASIDE) | (np.abs(s + 2.0) < ASIDE)


def _passages(s, mu, sigma, tau_m, t_ref, theta, V_reset):
    """The transforms, and (1 − ρ)/s."""
    transforms = passage(s, (V_reset - mu) / sigma, (theta - mu) / sigma)
    return transforms, transforms.integral - transforms.transform * np.expm1(-s * t_ref / tau_m) / s
