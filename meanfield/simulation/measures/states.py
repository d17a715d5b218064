"""The state of a simulated network: synchronous or not, regular or not, fast or slow (Brunel 2000)."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import signal, special

from meanfield.model.brunel import SLOW_BELOW
from meanfield.model.network import Network
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.measures.spectra import activity_spectrum
from meanfield.simulation.measures.spike_trains import pooled_interval_cv

STATES = ("SR", "AR", "AI", "SI-fast", "SI-slow", "silent")
BIN = 0.5  # ms, in which the activity is looked at: short beside every delay, long beside a time step

REGULAR_CV = 0.1
DEEP = 1.0
CLEAR = 0.5
COHERENT = 0.5


def classify_state(cv, synchrony, coherence, peak_frequency, delay) -> np.ndarray:
    """The state's name, by a rule on four measures that `measure_states` gives.

    1. **silent**: there are too few intervals for a CV.
    2. **Regular** (R) if the CV is below 0.1, else **irregular** (I). Irregular states need not come near Poisson's CV
       of 1: where many small weights balance, CVs of 0.4 are common (Brunel's point C), while in his regular state
       (A) intervals differ by less than a time step (0.01).
    3. **Synchronous** (S) if the activity's modulation is deep (synchrony ≥ 1: it deviates from its mean by as much as
       the mean), or if it is clear (≥ 0.5) and coherent (it resembles itself one period later with a correlation
       ≥ 0.5); else **asynchronous** (A).
    4. Synchronous irregular states are **fast** if frequency times delay reaches 0.12, else **slow**. Fast oscillations
       come from inhibition that arrives late; their period is about four delays. The slow one comes from the
       membranes' memory; its period is 20 delays and more, and hardly depends on them.

    Parameters
    ----------
    cv, synchrony, coherence : float or array, pure numbers
    peak_frequency : float or array, Hz
    delay : float or array, ms

    Returns
    -------
    array of str
        One of "SR", "AR", "AI", "SI-fast", "SI-slow", "silent".

    Notes
    -----
    In a finite network the stationary state is stirred by its own spikes, and answers with oscillations that fade. One
    period later linear theory leaves the part exp(growth/frequency) of them, whatever the number of neurons, so that
    a state may be called coherent before it gets unstable. What noise stirs is not deep, however: its synchrony falls
    as 1/√N. The numbers above are for 12,500 neurons with a tenth of all connections, where the rule follows
    theory but for a margin along the critical lines; in smaller networks, stirred states pass for synchronous.
    """
    cv, synchrony, coherence = (np.asarray(x, dtype=float) for x in (cv, synchrony, coherence))
    with np.errstate(invalid="ignore"):  # comparisons with NaN are false, as they should be
        synchronous = (synchrony >= DEEP) | ((synchrony >= CLEAR) & (coherence >= COHERENT))
        regular = cv < REGULAR_CV
        fast = 1e-3 * np.asarray(peak_frequency) * np.asarray(delay) >= SLOW_BELOW
    return np.select(
        [np.isnan(cv), synchronous & regular, regular, ~synchronous, fast],
        ["silent", "SR", "AR", "AI", "SI-fast"],
        "SI-slow",
    )


def measure_states(network: Network, spiking: xr.Dataset, *, segment: float = 250.0) -> xr.Dataset:
    """What tells the state of a network, for all its neurons together, and the state.

    Parameters
    ----------
    network : Network
        Its mean delay over synapses tells fast from slow.
    spiking : Dataset
        From `simulate_spiking`, with ``bin_width`` of at most 0.5 ms, best 0.1 ms.
    segment : float, ms
        Of the spectrum; see `activity_spectrum`.

    Returns
    -------
    Dataset
        Over dimension seed, pure numbers unless said:

        - ``network_rate`` (spikes/s): of all neurons;
        - ``cv``: of the recorded neurons' inter-spike intervals, pooled; see `pooled_interval_cv`;
        - ``fano``: variance over mean of the network's spike counts in bins of 0.5 ms; 1 for independent Poisson
          trains;
        - ``synchrony``: standard deviation over mean of the activity in these bins, without what independent Poisson
          trains would have: √((fano − 1)/mean count). 0 if asynchronous, 1/√2 for a full sinusoid;
        - ``peak_frequency`` (Hz): where the spectrum's maximum lies, by a parabola through the logarithms of the
          highest value and its neighbours;
        - ``peak_probability``: that such a peak arises anywhere by chance, were the spectrum flat at its median;
        - ``coherence``: correlation of the activity with itself one period later; see `returning_correlation`;
        - ``state``: see `classify_state`.

        What a silent network does not tell is missing.
    """
    spectrum = activity_spectrum(spiking, segment=segment)
    per_bin = max(1, round(BIN / spiking.attrs["bin_width"]))
    width = per_bin * spiking.attrs["bin_width"]
    size = network.size
    measured = []
    for seed in spiking["seed"].values:
        activity = spiking["activity"].sel(seed=seed).values @ size / size.sum()
        activity = activity[np.isfinite(activity)]
        rate = activity[: len(activity) // per_bin * per_bin].reshape(-1, per_bin).mean(axis=1)
        of_seed = spiking["spike_seed"].values == seed
        n_steps = round(float(spiking["duration"].sel(seed=seed)) / spiking.attrs["dt"])
        cv = pooled_interval_cv(spiking["spike_step"].values[of_seed], spiking["spike_neuron"].values[of_seed], n_steps)
        power, degrees = (spectrum[name].sel(seed=seed).values for name in ("power_total", "degrees_of_freedom"))
        count = rate.mean() * size.sum() * 1e-3 * width
        if not count > 0:
            measured.append((0.0, cv, *5 * [np.nan]))
            continue
        fano = count * rate.var(ddof=1) / rate.mean() ** 2
        peak, chance = spectral_peak(spectrum["frequency"].values, power, degrees)
        coherence = returning_correlation(rate)
        measured.append((activity.mean(), cv, fano, np.sqrt(max(fano - 1, 0) / count), peak, chance, coherence))
    mean, cv, fano, synchrony, peak, chance, coherence = np.array(measured).T

    def draw(values, units, long_name):
        return variable("seed", values, units, long_name, judged_as=SINGLE_DRAW)

    return xr.Dataset(
        {
            "network_rate": draw(mean, "spikes/s", "rate of all neurons"),
            "cv": draw(cv, "1", "CV of all inter-spike intervals"),
            "fano": draw(fano, "1", f"Fano factor of the network's spike counts in {width:g} ms"),
            "synchrony": draw(synchrony, "1", "relative modulation of the activity beyond Poisson trains'"),
            "peak_frequency": draw(peak, "Hz", "frequency of the activity's spectral peak"),
            "peak_probability": draw(chance, "1", "probability of such a peak in a flat spectrum"),
            "coherence": draw(coherence, "1", "correlation of the activity with itself one period later"),
            "state": draw(classify_state(cv, synchrony, coherence, peak, network.mean_delay), "1", "state by the rule"),
        },
        coords={"seed": spiking["seed"].values},
    )


def spectral_peak(frequency: np.ndarray, power: np.ndarray, degrees_of_freedom: float) -> tuple[float, float]:
    """Frequency (Hz) of the highest peak, and the probability of one so high in a flat spectrum.

    Each value is taken for χ² distributed around the spectrum's median, and independent of the others.
    """
    i = int(np.argmax(power))
    exceeded = power[i] / np.median(power) * special.chdtri(degrees_of_freedom, 0.5)
    chance = -np.expm1(len(power) * np.log1p(-special.chdtrc(degrees_of_freedom, exceeded)))
    if not 0 < i < len(power) - 1:
        return float(frequency[i]), float(chance)
    left, top, right = np.log(np.maximum(power[i - 1 : i + 2], 1e-300))
    shift = 0.5 * (left - right) / (left - 2 * top + right) if left + right < 2 * top else 0.0
    return float(frequency[i] + shift * (frequency[1] - frequency[0])), float(chance)


def returning_correlation(rate: np.ndarray) -> float:
    """How much the activity resembles itself a period later: the autocorrelation's maximum after its first zero.

    Lags up to a quarter of the recording are looked at. NaN if the rate is constant or has no zero till then.
    """
    deviation = rate - rate.mean()
    if not deviation.any():
        return np.nan
    n = len(rate)
    lags = np.arange(n // 4 + 1)
    covariance = signal.correlate(deviation, deviation, mode="full", method="fft")[n - 1 + lags] / (n - lags)
    lost = np.flatnonzero(covariance <= 0)
    return float(covariance[lost[0] :].max() / covariance[0]) if len(lost) else np.nan
