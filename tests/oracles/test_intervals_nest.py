"""The distribution of inter-spike intervals against unconnected neurons on the same Poisson input in NEST.

Each interval falls into one of some 30 bins that theory holds equally likely. The chi² of a correct theory is in the
accepted range but for one time in a thousand; seeds are fixed.
"""

import numpy as np
import pytest
from scipy.stats import chi2

from meanfield.simulation.kernel import fresh_kernel
from meanfield.theory.shot_noise.intervals import shot_noise_intervals

N_NEURONS = 4000
FALSE_ALARM = 1e-3
NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 0.0}


def simulated_intervals(input_rates, weights, *, dt, mu_ext, duration, per_neuron):
    """The first intervals of each neuron, in time steps; all have that many within `duration` (ms), or it is an error.

    So the choice of intervals does not depend on their length.
    """
    nest = fresh_kernel(dt=dt, seed=5)
    neurons = nest.Create(
        "iaf_psc_delta",
        N_NEURONS,
        params={
            "C_m": 1.0,
            "E_L": 0.0,
            "tau_m": NEURON["tau_m"],
            "t_ref": NEURON["t_ref"],
            "V_th": NEURON["theta"],
            "V_reset": NEURON["V_reset"],
            "V_m": NEURON["V_reset"],
            "I_e": mu_ext / NEURON["tau_m"],
        },
    )
    for rate, weight in zip(input_rates, weights, strict=True):
        source = nest.Create("poisson_generator", params={"rate": rate})
        nest.Connect(source, neurons, syn_spec={"weight": weight, "delay": dt})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(neurons, recorder)
    nest.Simulate(duration)
    events = recorder.events
    order = np.lexsort((events["times"], events["senders"]))
    step, neuron = events["times"][order], events["senders"][order]
    first = np.flatnonzero(np.diff(neuron, prepend=-1))
    assert np.diff(first, append=len(neuron)).min() > per_neuron
    return np.concatenate([np.diff(step[at : at + per_neuron + 1]) for at in first])


def chi_squared(intervals, theory):
    """chi² of intervals (ms) in bins of about equal probability, and the number of bins less one."""
    edges = np.unique(np.searchsorted(-theory["survival"].values, -np.linspace(1, 0, 31)[1:-1]))
    place = np.searchsorted(
        edges, np.rint((intervals - float(theory["interval"][0])) / theory.attrs["dt"]), side="left"
    )
    cumulative = np.concatenate([[0.0], 1.0 - theory["survival"].values[edges], [1.0]])
    expected = len(intervals) * np.diff(cumulative)
    counted = np.bincount(place, minlength=len(expected))
    assert expected.min() > 50
    return float(((counted - expected) ** 2 / expected).sum()), len(expected) - 1


@pytest.mark.parametrize(
    ("input_rates", "weights", "dt", "mu_ext", "duration", "per_neuron"),
    [
        ([52033.1145, 8008.278625], [0.1, -0.5], 0.1, 0.0, 400.0, 4),  # the default network's: regular
        ([4000.0, 800.0], [0.8, -2.0], 0.2, 5.0, 900.0, 3),  # few and large jumps: irregular
    ],
)
def test_intervals_are_distributed_as_theory_says(input_rates, weights, dt, mu_ext, duration, per_neuron):
    simulated = dt * simulated_intervals(
        input_rates, weights, dt=dt, mu_ext=mu_ext, duration=duration, per_neuron=per_neuron
    )
    theory = shot_noise_intervals(input_rates, weights, dt=dt, mu_ext=mu_ext, **NEURON)
    statistic, freedom = chi_squared(simulated, theory)
    low, high = chi2.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], freedom)
    assert low < statistic < high
    # Sharp enough to notice: the same neuron with intervals two per cent longer does not pass.
    assert chi_squared(1.02 * simulated, theory)[0] > high
