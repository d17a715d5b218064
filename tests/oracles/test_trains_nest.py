"""One generation of neurons beside NEST: the same arithmetic, and the same trains from the same trains."""

from dataclasses import replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.kernel import fresh_kernel
from meanfield.theory.trains.kinds import Kinds
from meanfield.theory.trains.membrane import Membrane, fire_in_steps
from meanfield.theory.trains.recordings import Recordings
from meanfield.theory.trains.superposition import fire_on_superposition

DT = 0.1


def spikes_in_nest(step, weight, *, laps_of, **neuron):
    """Steps of the spikes of a neuron in NEST that receives jumps `weight` at these steps, lap after lap."""
    nest = fresh_kernel(dt=DT)
    target = nest.Create("iaf_psc_delta", params={"C_m": 1.0, "E_L": 0.0, "tau_m": 20.0, "t_ref": 2.0} | neuron)
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(target, recorder)
    for at in range(max(np.bincount(step))):
        # One generator for the first jump in each step, another for the second, …: added up one by one.
        steps = np.flatnonzero(np.bincount(step, minlength=laps_of) > at)
        times = DT * (np.concatenate([steps, steps + laps_of]) + 1)
        generator = nest.Create("spike_generator", params={"spike_times": np.round(times, 3)})
        nest.Connect(generator, target, syn_spec={"weight": weight, "delay": DT})
    nest.Simulate(DT * (2 * laps_of + 2))
    return recorder.events["times"] - 2  # of the generator's and the delay's step; NEST stamps the end of a step


@pytest.mark.parametrize(("J", "theta", "together"), [(0.3, 0.9, 3), (0.1, 20.0, 200), (0.1, 0.3, 3), (0.7, 6.3, 9)])
def test_potentials_that_tie_with_threshold_go_as_in_nest(J, theta, together):
    """From rest, so many jumps in a step reach theta but for rounding, which decides."""
    rng = np.random.default_rng(1)
    n_steps = 3000
    step = np.sort(np.concatenate([np.repeat([200, 900, 2500], together), rng.integers(n_steps, size=8 * together)]))
    arriving = np.zeros(n_steps)
    for t in step:
        arriving[t] += J
    spikes, lap = np.zeros(n_steps, np.int32), np.zeros(n_steps, np.int32)
    n, _ = fire_in_steps(arriving, 0.0, Membrane(20.0, np.exp(-DT / 20.0), 0.0, theta, 0.0), spikes, lap)
    in_nest = spikes_in_nest(step, J, laps_of=n_steps, V_th=theta, V_reset=0.0, V_m=0.0)
    np.testing.assert_array_equal(spikes[:n], in_nest[in_nest >= n_steps] - n_steps)


@pytest.mark.parametrize("mu_ext", [19.0, -3.0])
def test_a_neuron_fires_in_the_same_steps_as_in_nest(mu_ext):
    rng = np.random.default_rng(2)
    n_steps, tau_m = 20_000, 17.3
    kind = Kinds(
        mf.Network(populations=["E"], size=1, K=0, J=0.0, delay=1.5, mu_ext=mu_ext, tau_m=tau_m, V_reset=3.1),
        DT,
        continuous=False,
    ).each[0]
    step = np.sort(rng.integers(n_steps, size=60_000 if mu_ext < 0 else 6_000))
    arriving = np.zeros(n_steps)
    for t in step:
        arriving[t] += 0.37
    spikes, lap = np.zeros(n_steps, np.int32), np.zeros(n_steps, np.int32)
    n, closed = fire_in_steps(arriving, 0.0, kind.membrane, spikes, lap)
    in_nest = spikes_in_nest(
        step, 0.37, laps_of=n_steps, tau_m=tau_m, I_e=mu_ext / tau_m, V_th=20.0, V_reset=3.1, V_m=3.1
    )
    assert closed
    assert n > 50
    np.testing.assert_array_equal(spikes[:n], in_nest[in_nest >= n_steps] - n_steps)


def test_a_generation_fires_as_nest_neurons_on_the_same_shifted_trains():
    """By hand once: trains of a network, drawn and shifted, drive neurons here and in NEST."""
    network = mf.brunel_network(order=250, g=5.0, J=0.4)
    spiking = mf.simulate_spiking(network, simulator="compiled", duration=1000.0, record="all", progress=False)
    in_nest = mf.simulate_surrogates(network, spiking, simulator="nest", surrogate_neurons=500, progress=False)
    in_nest = in_nest.sel(surrogate="shifted").isel(seed=0)

    n_steps, n_sources = 10_000, 250
    kind = Kinds(network, DT, continuous=False).each[0]
    first_of = {0.4: 0, -2.0: 1000}  # excitatory neurons were made first
    sent = Recordings.empty(n_sources, n_steps, [20, 20])
    step, neuron = spiking["spike_step"].values - 1, spiking["spike_neuron"].values
    for b, J in enumerate(kind.J):
        for j in range(n_sources):
            train = np.sort(step[neuron == first_of[J] + j])
            sent.spikes[b, j, : len(train)], sent.count[b, j] = train, len(train)
    # E and I are of one kind; here each has its own trains, with the mean count of all neurons, not only of these.
    kind = replace(kind, source=np.arange(2))
    expected = np.array([float(spiking["rate"].values[0, int(J < 0)]) for J in kind.J])
    new = Recordings.empty(4000, n_steps, [20])
    fire_on_superposition(kind, expected, sent, 0, new, (1,))
    error = np.hypot(in_nest["surrogate_rate_sem"], new.count.std() / 4000**0.5)
    # Four standard errors: of new seeds one in 8,000 would fail.
    assert (np.abs(in_nest["surrogate_rate"] - new.mean_count[0]) < 4 * error).all()
    sums = new.windows([9000])[0, 0]
    assert in_nest["surrogate_cv"].values == pytest.approx(np.full(2, sums[4] / sums[3]), abs=0.02)
