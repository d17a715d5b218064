"""Networks with exponential synapses, random wiring and white-noise drive, simulated in NEST."""

import numpy as np
import pytest

import meanfield as mf

RUN = {"threads": 1, "record": 0, "progress": False}
# Simulated by Potjans & Diesmann (2014), Poisson drive, full size.
PUBLISHED = [0.86, 2.80, 4.45, 5.93, 7.59, 8.64, 1.09, 7.88]


def test_inhibition_and_gaussian_white_noise():
    """Brunel & Hakim (1999): 3.55 ± 0.03 spikes/s in an independent simulation; theory 3.4467. Within five errors."""
    network = mf.Network(
        populations=["I"], size=5000, K=1000, J=-0.1, delay=2.0, mu_ext=25.0, sigma_ext=1.0, V_reset=10.0
    )
    found = mf.simulate_spiking(network, duration=300.0, **RUN)
    rate, error = found["rate"].item(), found["rate_sem"].item()
    assert rate == pytest.approx(3.55, abs=5 * np.hypot(0.03, error))


def test_a_tenth_of_the_microcircuit_fires_like_the_whole():
    """Mean rates are kept but for what greater weights change: populations in the same order, within a third."""
    found = mf.simulate_spiking(mf.potjans_diesmann(0.1), duration=500.0, **RUN)
    rate = found["rate"].values[0]
    assert np.corrcoef(rate, PUBLISHED)[0, 1] > 0.98
    np.testing.assert_allclose(rate[1:6], PUBLISHED[1:6], rtol=0.35)
