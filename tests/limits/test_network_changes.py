"""Entries of a network that are changed by name, and names that are none."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.model.network_changes import changed_network

NETWORK = mf.Network(
    populations=("E", "I, fast"), size=[40, 10], K=[[8, 2], [8, 2]], J=[[0.1, -0.5], [0.1, -0.5]], delay=1.5
)


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"J[E,I, fast]": -1.0}, "J", [[0.1, -1.0], [0.1, -0.5]]),
        ({"J[I, fast,E]": 0.2}, "J", [[0.1, -0.5], [0.2, -0.5]]),
        ({"J[:, E]": 0.2}, "J", [[0.2, -0.5], [0.2, -0.5]]),
        ({"J": -1, "J[E,:]": 0.2}, "J", [[0.2, 0.2], [-1.0, -1.0]]),
        ({"tau_m[I, fast]": 10}, "tau_m", [20.0, 10.0]),
        ({"tau_syn": 0.5}, "tau_syn_ext", [0.5, 0.5]),
        ({"mu_ext": [1.0, 2.0]}, "mu_ext", [1.0, 2.0]),
        ({"rule": "pairwise_bernoulli", "K[E,E]": 7.5}, "K", [[7.5, 2.0], [8.0, 2.0]]),
        ({"E_L": -65.0, "theta[:]": -50.0, "V_reset": -60.0}, "theta", [15.0, 15.0]),
    ],
)
def test_an_entry_has_its_new_value_and_all_others_their_old_one(changes, name, expected):
    changed = changed_network(NETWORK, changes)
    np.testing.assert_array_equal(getattr(changed, name), expected)
    touched = {name, "tau_syn", "rule", "V_reset", "E_L"}
    for other in set(mf.Network.model_fields) - touched:
        np.testing.assert_array_equal(getattr(changed, other), getattr(NETWORK, other))


def test_absolute_potentials_stay_absolute():
    network = mf.Network(populations=("E",), size=[9], K=1, J=0.1, delay=1.0, E_L=-65.0, theta=-50.0, V_reset=-65.0)
    assert changed_network(network, {"theta[E]": -45.0}).theta.tolist() == [20.0]


@pytest.mark.parametrize(
    ("entry", "value", "sentence"),
    [
        ("J[E]", 1.0, "J[E] names no pair of populations; it is written J[target,source], with :, E, I, fast"),
        ("tau_m[S]", 1.0, "tau_m[S] names no population; it is written tau_m[population], with :, E, I, fast"),
        ("weight[E,E]", 1.0, "weight[E,E] is no entry of a network; its entries are rule, size, K"),
        ("populations", ["A", "B"], "populations is no entry of a network"),
        ("rule[E]", "pairwise_bernoulli", "rule[E] must be written rule: it is one for the whole network"),
        ("J[E,E", 1.0, "J[E,E must be written J[target,source]"),
        ("K[E,E]", 7.5, "must be a whole number"),
        ("tau_m[E]", "fast", "tau_m = ['fast', 20.0] ms must be a finite number > 0 ms in every element"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(entry, value, sentence):
    with pytest.raises(mf.ParameterError) as caught:
        changed_network(NETWORK, {entry: value})
    (culprit,) = caught.value.culprits
    assert sentence in culprit
