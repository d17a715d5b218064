"""The cortical microcircuit of Potjans & Diesmann (2014): four layers, each with excitation and inhibition."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from meanfield.model.network import Network
from meanfield.model.quantities import Parameters, Quantity
from meanfield.model.synapses import weight_from_current

POPULATIONS = ("23E", "23I", "4E", "4I", "5E", "5I", "6E", "6I")
# All numbers are those of the paper's Table 5, unless said.
SIZE = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
K_EXT = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
# Probability that a pair of neurons is connected at least once; targets are rows.
PROBABILITY = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)
CURRENT, INHIBITION, DOUBLED = 87.8, -4.0, 2.0  # pA; relative to it; from 4E to 23E
C_M, TAU_M, TAU_SYN, T_REF = 250.0, 10.0, 0.5, 2.0  # pF, ms
E_L, THETA, V_RESET = -65.0, -50.0, -65.0  # mV
DELAY, RELATIVE_SD_OF_DELAYS = np.array([1.5, 0.75]), 0.5  # ms, of E and I
RATE_EXT = 8.0  # spikes/s
# Mean rates of the full network with constant drive in NEST's implementation, spikes/s; from them a network
# of reduced size knows what input it misses.
FULL_RATE = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])


class PotjansDiesmannParameters(Parameters):
    """Parameters of the microcircuit; see `potjans_diesmann`."""

    scale: Annotated[float, Quantity(above=0, at_most=1)] = 1.0
    drive: Literal["poisson", "dc"] = "poisson"


def potjans_diesmann(scale: float = 1.0, drive: str = "poisson") -> Network:
    """The microcircuit below 1 mm² of early sensory cortex: eight populations, 77,169 neurons, 0.3 billion synapses.

    Parameters
    ----------
    scale : float
        Sizes and in-degrees relative to the full model's.
    drive : {"poisson", "dc"}
        Whether the external input is Poisson trains or their mean current.

    Returns
    -------
    Network
        Populations 23E, 23I, 4E, 4I, 5E, 5I, 6E, 6I. In-degrees follow from sizes and connection probabilities and are
        means (rule "fixed_total_number").

    Raises
    ------
    ParameterError
        If the scale is not in (0, 1], or the drive is unknown.

    References
    ----------
    Potjans TC, Diesmann M (2014) Cereb Cortex 24:785–806, Table 5, doi:10.1093/cercor/bhs358
    van Albada SJ, Helias M, Diesmann M (2015) PLoS Comput Biol 11:e1004490, doi:10.1371/journal.pcbi.1004490

    Notes
    -----
    At scale < 1, neurons have fewer sources of greater weight, J/√scale, so that the variance of their input is that of
    the full model; a constant current replaces the mean that is then missing, at the full model's simulated rates. Mean
    rates are kept thereby. Correlations are not: neurons share more of their input, and a spike has more effect.
    External input is not reduced.

    With constant drive and a scale of 0.1, no population but 6I reaches its threshold without the others' input. Such a
    network stays silent from the start, although its mean-field theory has the active state, too.
    """
    PotjansDiesmannParameters(scale=scale, drive=drive)
    pairs = SIZE.astype(float)[:, None] * SIZE
    # So many synapses, dealt at random, connect a pair at least once with the given probability. With log1p some
    # numbers would change by one, and differ from those of the model's other implementations.
    synapses = np.rint(np.log(1 - PROBABILITY) / np.log(1 - 1 / pairs)) + 0.0  # not −0
    K = synapses / SIZE[:, None]
    w = np.tile([CURRENT, INHIBITION * CURRENT], (8, 4))
    w[0, 2] *= DOUBLED
    J = weight_from_current(w, C_m=C_M, tau_syn=TAU_SYN)
    missing = (1 - np.sqrt(scale)) * 1e-3 * TAU_M * (K * J) @ FULL_RATE
    delay = np.tile(DELAY, (8, 4))
    return Network(
        populations=POPULATIONS,
        rule="fixed_total_number",
        size=np.rint(scale * SIZE).astype(int),
        K=scale * K,
        J=J / np.sqrt(scale),
        J_cv=0.1,
        delay=delay,
        delay_sd=RELATIVE_SD_OF_DELAYS * delay,
        tau_syn=TAU_SYN,
        K_ext=K_EXT,
        J_ext=weight_from_current(CURRENT, C_m=C_M, tau_syn=TAU_SYN),
        rate_ext=RATE_EXT,
        drive=drive,
        mu_ext=missing,
        tau_m=TAU_M,
        t_ref=T_REF,
        theta=THETA,
        V_reset=V_RESET,
        E_L=E_L,
    )
