"""In-degrees that keep the separatrix of a bistable network, after Schuecker et al. (2017)."""

import numpy as np
import pytest

import meanfield as mf

NEURONS = {"tau_m": 10.0, "tau_syn": 0.5, "t_ref": 2.0, "theta": 15.0, "V_reset": 0.0, "delay": 1.5}
BOTH = NEURONS | {"size": 1000, "J": 0.02, "K_ext": 420, "J_ext": 0.02, "rule": "fixed_total_number"}


def bistable(n, rate_ext, K=None, seed=1):
    rng = np.random.default_rng(seed)
    K = rng.uniform(0.2, 1.8, (n, n)) * 420 / n if K is None else K
    names = [f"P{i}" for i in range(n)]
    return mf.Network(populations=names, K=K, rate_ext=rate_ext + rng.uniform(-1, 1, n) * (n > 1), **BOTH)


def separatrix(network):
    solutions = mf.fixed_points(network)
    assert solutions["stable"].values.tolist() == [True, False, True]
    return solutions["rate"].values[1]


def test_one_population_as_published():
    network, perturbed = (bistable(1, rate, K=420.0) for rate in (160.0, 161.0))
    found = mf.compensating_connectivity(network, perturbed)
    assert found["K_change"].item() == pytest.approx(-26.4989854898, abs=1e-9)
    assert found["K"].item() == pytest.approx(393.5010145, abs=1e-6)
    compensated = bistable(1, 161.0, K=found["K"].item())
    rates = mf.fixed_points(compensated)["rate"].values[:, 0]
    np.testing.assert_allclose(rates, [0.0133550348, 15.8496633829, 37.8743326537], rtol=1e-8)


@pytest.mark.parametrize("n", [3, 10, 254])
def test_many_populations_get_their_separatrix_back(n):
    network = bistable(n, 160.0)
    perturbed = mf.Network(**network.to_dict() | {"rate_ext": (network.rate_ext + 1.0).tolist()})
    found = mf.compensating_connectivity(network, perturbed)
    compensated = mf.Network(**perturbed.to_dict() | {"K": found["K"].values.tolist()})
    before, moved, after = (separatrix(one) for one in (network, perturbed, compensated))
    # The leading direction is cancelled to first order; what the others leave is small.
    assert np.abs(after - before).mean() < 0.1 * np.abs(moved - before).mean()
    np.testing.assert_allclose(found["shift"], moved - before, rtol=0.15)


def test_the_shift_is_exact_for_small_perturbations():
    network = bistable(4, 160.0)
    changes = {"rate_ext": (network.rate_ext + 1e-4).tolist(), "tau_syn_ext": 0.5001}
    changes |= {"tau_syn": 0.5, "mu_ext": [1e-5, 0, 0, 0]}
    perturbed = mf.Network(**network.to_dict() | changes)
    found = mf.compensating_connectivity(network, perturbed)
    np.testing.assert_allclose(found["shift"], separatrix(perturbed) - separatrix(network), rtol=1e-3)


def test_what_has_no_separatrix_or_other_connections_is_refused():
    network = bistable(1, 170.0, K=420.0)
    with pytest.raises(mf.ParameterError, match="the network has no fixed points with one unstable direction"):
        mf.compensating_connectivity(network, network)
    with pytest.raises(mf.ParameterError, match="the same populations, in-degrees K and weights J"):
        mf.compensating_connectivity(network, bistable(1, 170.0, K=400.0))
