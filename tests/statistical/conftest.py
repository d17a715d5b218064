"""Recordings of point processes whose statistics are known, as `simulate_spiking` would store them."""

import numpy as np
import pytest
import xarray as xr

DT = 0.1  # ms


@pytest.fixture
def recorded():
    """Makes a recording of one population "A" from spikes: their steps (from 1) and neurons, one pair for each seed."""

    def make(*runs, n_neurons: int, n_steps: int, bin_width: float = DT) -> xr.Dataset:
        per_bin = round(bin_width / DT)
        activity = [
            np.bincount((step - 1) // per_bin, minlength=n_steps // per_bin) / (n_neurons * 1e-3 * bin_width)
            for step, _ in runs
        ]
        seeds = np.arange(1, len(runs) + 1)
        return xr.Dataset(
            {
                "activity": (("seed", "time", "population"), np.array(activity)[..., np.newaxis]),
                "spike_step": ("spike", np.concatenate([step for step, _ in runs])),
                "spike_neuron": ("spike", np.concatenate([neuron for _, neuron in runs])),
                "spike_seed": ("spike", np.repeat(seeds, [len(step) for step, _ in runs])),
                "duration": ("seed", np.full(len(runs), n_steps * DT)),
            },
            coords={"seed": seeds, "population": ["A"], "neuron_population": ("neuron", np.full(n_neurons, "A"))},
            attrs={"bin_width": bin_width, "dt": DT, "record": "all"},
        )

    return make


@pytest.fixture
def poisson():
    """Draws Poisson trains: `rate` in spikes/s, a number or one for each time step."""

    def draw(seed: int, n_neurons: int, n_steps: int, rate) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        chance = np.broadcast_to(1e-3 * DT * np.asarray(rate), n_steps)
        step, neuron = np.nonzero(rng.random((n_steps, n_neurons)) < chance[:, np.newaxis])
        return step + 1, neuron

    return draw


@pytest.fixture
def renewal():
    """Draws stationary trains with gamma intervals of a mean in ms, in phase or not; CV = 1/√shape."""

    def draw(seed: int, n_neurons: int, n_steps: int, interval: float, shape: float, together: bool = False):
        rng = np.random.default_rng(seed)
        n = int(3 * n_steps * DT / interval + 60)
        first = np.zeros((n_neurons, 1)) if together else rng.uniform(-40 * interval, -39 * interval, (n_neurons, 1))
        intervals = rng.gamma(shape, interval / shape, (n_neurons, n))
        times = first + np.cumsum(intervals, axis=1)
        neuron = np.broadcast_to(np.arange(n_neurons)[:, np.newaxis], times.shape)
        step = np.floor(times / DT).astype(int) + 1
        kept = (step >= 1) & (step <= n_steps)
        step, neuron = step[kept], neuron[kept]
        order = np.lexsort((neuron, step))
        return step[order], neuron[order]

    return draw
