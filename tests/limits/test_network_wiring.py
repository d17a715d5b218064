"""What a network may have beyond delta synapses and fixed in-degrees: what is kept, refused and said of it."""

import numpy as np
import pytest
from scipy.stats import truncnorm

import meanfield as mf
from meanfield.model.assumptions import features, unsupported
from meanfield.model.spread import spread_moments
from meanfield.theory.white_noise.delays import delayed

PAIR = {"populations": ["E", "I"], "size": 100, "K": 10, "J": [[0.1, -0.2], [0.1, -0.2]], "delay": 1.5}
DRIVEN = {"K_ext": 100, "J_ext": 0.1, "rate_ext": 20.0}
EVERYTHING = PAIR | {
    "K": [[2.5, 0], [3, 1]],
    "rule": "pairwise_bernoulli",
    "tau_syn": [[0.5, 2.0], [1.0, 3.0]],
    "tau_syn_ext": [0.5, 1.0],
    "J_cv": [[0.1, 0.0], [0.2, 0.3]],
    "delay_sd": 0.3,
    "drive": "dc",
    "sigma_ext": [1.0, 0.0],
    "theta": [-50.0, -49.7],
    "V_reset": -65.1,
    "E_L": [-65.0, -65.1],
}


def network(**values) -> mf.Network:
    return mf.Network(**PAIR | values)


def test_what_a_network_does_not_use_is_not_in_its_description():
    old = network().to_dict()
    assert not {"rule", "tau_syn", "tau_syn_ext", "J_cv", "delay_sd", "drive", "sigma_ext", "E_L"} & set(old)
    assert network(rule="fixed_indegree", tau_syn=0.0, E_L=0.0, drive="poisson").to_dict() == old


def test_everything_comes_back_from_a_file(tmp_path):
    net = mf.Network(**EVERYTHING)
    net.to_yaml(tmp_path / "net.yml")
    read = mf.Network.from_yaml(tmp_path / "net.yml")
    assert read == net
    for name in type(net).model_fields:
        np.testing.assert_array_equal(getattr(read, name), getattr(net, name), err_msg=name)
    assert features(net) == ["tau_syn", "rule", "J_cv", "delay_sd", "sigma_ext"]  # a drive that is 0 is not used


def test_absolute_potentials_are_given_back_and_used_relative_to_rest():
    net = mf.Network(**EVERYTHING)
    np.testing.assert_allclose(net.theta, [15.0, 15.4], rtol=1e-15)
    np.testing.assert_allclose(net.V_reset, [-0.1, 0.0], atol=1e-13)
    assert net.to_dict()["theta"] == [-50.0, -49.7]
    assert net.to_dict()["E_L"] == [-65.0, -65.1]


@pytest.mark.parametrize("nothing", [0.0, np.nan, -1.0])
def test_a_delay_without_synapses_does_not_count(nothing):
    net = network(K=[[10, 0], [10, 10]], delay=[[1.5, nothing], [1.0, 2.0]])
    assert net.delay.tolist() == [[1.5, 1.0], [1.0, 2.0]]
    assert network(K=0, delay=nothing).delay.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    with pytest.raises(mf.ParameterError, match="delay"):
        network(K=10, delay=[[1.5, nothing], [1.0, 2.0]])


def test_one_time_constant_for_each_target():
    net = network(tau_syn=[0.5, 2.0], **DRIVEN)
    assert net.tau_syn.tolist() == [[0.5, 0.5], [2.0, 2.0]]
    assert net.tau_syn_ext.tolist() == [0.5, 2.0]
    np.testing.assert_allclose(net.effective_tau_syn([3.0, 7.0]), [0.5, 2.0], rtol=1e-14)


def test_several_time_constants_count_by_their_share_of_the_noise():
    net = network(tau_syn=[[4.0, 9.0], [4.0, 9.0]], tau_syn_ext=1.0, sigma_ext=2.0, **DRIVEN)
    rate = np.array([5.0, 3.0])
    noise = 0.02 * np.array([10 * 0.1**2 * 5, 10 * 0.2**2 * 3, 100 * 0.1**2 * 20])
    root = (noise @ [2.0, 3.0, 1.0]) / (noise.sum() + 4.0)
    np.testing.assert_allclose(net.effective_tau_syn(rate), root**2, rtol=1e-13)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"theta": -50.0, "V_reset": -65.0}, "where theta and V_reset are absolute potentials, give E_L"),
        ({"E_L": 30.0}, "theta = [20., 20.] mV must be above the resting potential, E_L = [30., 30.] mV"),
        ({"rule": "one_to_one"}, "rule = 'one_to_one' is not allowed"),
        ({"drive": "ac"}, "drive = 'ac' is not allowed: input should be 'poisson' or 'dc'"),
        ({"K": 2.5}, "K = 2.5 must be a whole number"),
        ({"rule": "pairwise_bernoulli", "K": 100.5}, "must not be greater than the number of source neurons"),
        ({"rule": "pairwise_bernoulli", "K": 100, "autapses": False}, "must not be greater than the number of source"),
        ({"rule": "fixed_total_number", "multapses": False}, "'fixed_total_number' cannot do without multapses"),
        ({"tau_syn": -1.0}, "tau_syn = -1.0 ms must be a finite number ≥ 0 ms"),
        ({"tau_syn": [1.0, 2.0, 3.0]}, "tau_syn = [1.0, 2.0, 3.0] ms must be one number or an array of shape (2, 2)"),
        ({"tau_syn": [[1.0, 2.0], [1.0, 1.0]]} | DRIVEN, "tau_syn_ext = None ms must be given"),
        ({"J_cv": 0.45}, "1.3 % of the weights change sign; at most 1 % may"),
        ({"delay_sd": 2.0}, "must not be greater than delay"),
        ({"sigma_ext": -1.0}, "sigma_ext = -1.0 mV must be a finite number ≥ 0 mV"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_one_sentence(values, sentence):
    with pytest.raises(mf.ParameterError) as caught:
        network(**values)
    assert sentence in str(caught.value)
    assert len(caught.value.culprits) == 1


def test_random_rules_take_mean_in_degrees():
    net = network(K=[[2.5, 1.25], [0.5, 1.0]], rule="fixed_total_number")
    assert net.K.tolist() == [[2.5, 1.25], [0.5, 1.0]]
    assert net.n_synapses == 525


@pytest.mark.parametrize("cv", [0.05, 0.2, 0.42])
def test_moments_of_what_is_drawn_again(cv):
    first, second = spread_moments(cv)
    drawn = truncnorm(-1 / cv, np.inf, loc=1.0, scale=cv)
    np.testing.assert_allclose([first, second], [drawn.moment(1), drawn.moment(2)], rtol=1e-12)


def test_spread_weights_and_constant_drive_in_the_moments():
    rate, driven = np.array([5.0, 3.0]), DRIVEN | {"mu_ext": 1.0}
    plain, spread, dc = network(**driven), network(J_cv=0.1, **driven), network(drive="dc", sigma_ext=2.0, **driven)
    np.testing.assert_allclose(spread.input_moments(rate)[0], plain.input_moments(rate)[0], rtol=1e-14)
    np.testing.assert_allclose(dc.input_moments(rate)[0], plain.input_moments(rate)[0], rtol=1e-14)
    recurrent = 0.02 * (10 * 0.1**2 * 5 + 10 * 0.2**2 * 3)
    external = 0.02 * 100 * 0.1**2 * 20
    np.testing.assert_allclose(spread.input_moments(rate)[1] ** 2, 1.01 * recurrent + external, rtol=1e-13)
    np.testing.assert_allclose(dc.input_moments(rate)[1] ** 2, recurrent + 4.0, rtol=1e-13)


@pytest.mark.parametrize(("delay", "sd"), [(1.5, 0.75), (0.75, 0.375), (2.0, 0.1)])
def test_spread_delays_against_a_sum(delay, sd):
    d = (np.arange(400_000) + 0.5) * (delay + 10 * sd) / 400_000 * 1e-3
    weight = np.exp(-0.5 * ((1e3 * d - delay) / sd) ** 2)
    rates = np.array([0.0, -300.0, 100 + 2j * np.pi * 500, -200 + 2j * np.pi * 1000])
    expected = np.exp(-rates[:, None] * d) @ weight / weight.sum()
    np.testing.assert_allclose(delayed(rates, 1e-3 * delay, sd=1e-3 * sd), expected, rtol=1e-9)


def test_assumptions_name_what_is_broken():
    assert network(K=0, J=0.0).assumptions() == []
    sentences = " ".join(mf.Network(**EVERYTHING).assumptions())
    for word in ("exponential", "differ in tau_syn", "pairwise_bernoulli", "J_cv", "autapses"):
        assert word in sentences
    assert "multapses" not in sentences  # a pair is connected once at most
    assert (
        "(multapses), so that its spikes arrive together: from a population comes up to 10 % more noise."
        in " ".join(mf.brunel_network().assumptions())
    )
    assert unsupported(network(), "this theory") == ""
    assert unsupported(network(J_cv=0.1, sigma_ext=1.0), "this theory", "J_cv") == (
        "this theory does not know Gaussian external noise (sigma_ext)"
    )


def test_the_theory_of_shot_noise_says_what_it_does_not_know():
    for values in ({"tau_syn": 0.5}, {"sigma_ext": 1.0}, {"J_cv": 0.1}):
        for result in (
            mf.shot_noise_fixed_point(network(**values, **DRIVEN)),
            mf.shot_noise_response(network(**values, **DRIVEN), [1.0, 1.0]),
        ):
            assert result["rate"].isnull().all()
            assert "the theory of shot noise does not know" in result.attrs["missing"]


def test_shot_noise_takes_a_constant_current_as_mean_drive():
    dc = mf.shot_noise_response(network(drive="dc", **DRIVEN | {"rate_ext": 1000.0}), [20.0, 10.0])
    mu_ext = mf.shot_noise_response(network(mu_ext=200.0), [20.0, 10.0])
    np.testing.assert_allclose(dc["rate"], mu_ext["rate"], rtol=1e-12)
