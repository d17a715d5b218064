"""Sentences on what a network has that mean-field theory does not assume."""

from __future__ import annotations

import numpy as np

from meanfield.model.multapses import multapse_share

# What a network may have beyond delta synapses, fixed in-degrees, one weight and delay for a pair, and Poisson drive.
_FEATURES = {
    "tau_syn": "exponential synapses (tau_syn > 0)",
    "rule": "random in-degrees (rule)",
    "J_cv": "spread weights (J_cv)",
    "delay_sd": "spread delays (delay_sd)",
    "drive": "drive by constant current (drive: dc)",
    "sigma_ext": "Gaussian external noise (sigma_ext)",
}
DENSE = 0.2  # share of the source population, above which inputs are shared so often that it is said


def features(network) -> list[str]:
    """Which of tau_syn, rule, J_cv, delay_sd, drive, sigma_ext the network makes use of."""
    coupled = (network.K > 0) & (network.J != 0)
    driven = (network.K_ext > 0) & (network.J_ext != 0) & (network.rate_ext > 0)
    used = {
        "tau_syn": np.any(network.tau_syn[coupled] > 0) or np.any(network.tau_syn_ext[driven] > 0),
        "rule": network.rule != "fixed_indegree" and coupled.any(),
        "J_cv": np.any(network.J_cv[coupled] > 0),
        "delay_sd": np.any(network.delay_sd[coupled] > 0),
        "drive": network.drive == "dc" and driven.any(),
        "sigma_ext": np.any(network.sigma_ext > 0),
    }
    return [name for name in _FEATURES if used[name]]


def neurons_differ(network) -> bool:
    """Whether neurons of a population receive different input, by their in-degrees or weights."""
    return bool({"rule", "J_cv"} & set(features(network)))


def unsupported(network, what: str, *known: str) -> str:
    """A sentence on the features of the network that `what` does not know; empty if there are none.

    Parameters
    ----------
    network : Network
    what : str
        Its subject, as "the theory of shot noise".
    known : str
        Names of features that are honoured, see `features`.
    """
    unknown = [_FEATURES[name] for name in features(network) if name not in known]
    *first, last = unknown or [""]
    return f"{what} does not know {', '.join(first)}{' and ' * bool(first)}{last}" if unknown else ""


def assumptions_broken(network) -> list[str]:
    """See `meanfield.Network.assumptions`."""
    used = features(network)
    coupled = (network.K > 0) & (network.J != 0)
    return [
        sentence
        for sentence, holds in (
            (_exponential(network), "tau_syn" in used),
            (
                "Synapses of one neuron differ in tau_syn: theory interpolates, weighting square roots of time "
                "constants with their variances.",
                "tau_syn" in used and _several_time_constants(network),
            ),
            (
                f"In-degrees are random (rule: {network.rule}), so that neurons of a population differ in rate: theory "
                "takes the mean in-degree unless rate_distribution is asked.",
                "rule" in used,
            ),
            (
                "Weights are spread (J_cv): theory adds their variance to the noise, and takes all neurons' sums for "
                "equal unless rate_distribution is asked.",
                "J_cv" in used,
            ),
            (
                "A neuron may be drawn more than once as a source (multapses), so that its spikes arrive together: "
                f"from a population comes up to {100 * np.max(multapse_share(network) * coupled):.2g} % more noise.",
                network.multapses and network.rule != "pairwise_bernoulli" and coupled.any(),
            ),
            (
                "A neuron may be drawn as a source of itself (autapses), so that its input depends on its own spikes.",
                network.autapses and np.diag(coupled).any(),
            ),
            (
                f"A neuron has up to {np.max(network.K / network.size):.0%} of a population as sources: neurons "
                "share input.",
                np.any(network.K / network.size > DENSE),
            ),
        )
        if holds
    ]


def _exponential(network) -> str:
    ratio = np.sqrt(max((network.tau_syn / network.tau_m[:, None]).max(), (network.tau_syn_ext / network.tau_m).max()))
    return (
        "Synapses are exponential: theory takes them into account to first order in √(tau_syn/tau_m), which is up to "
        f"{ratio:.2g}."
    )


def _several_time_constants(network) -> bool:
    """Whether noise of different time constants, white noise among them, meets in one neuron."""
    for t in range(len(network.populations)):
        constants = set(network.tau_syn[t, (network.K[t] > 0) & (network.J[t] != 0)])
        if network.shot_variance_0[t] > 0:
            constants.add(network.tau_syn_ext[t])
        if network.sigma_ext[t] > 0:
            constants.add(0.0)
        if len(constants) > 1:
            return True
    return False
