"""How much processor time each contestant takes, on one thread.

In every round each contestant has its turn, so that what slows one down slows all.
"""

from __future__ import annotations

import contextlib
import time

import contestants
import numpy as np
from contestants import (
    ByNest,
    by_nnmt,
    by_quad,
    nnmt_network,
    nnmt_response,
    one_by_one,
    our_response,
    ours,
    ours_derivatives,
)

import meanfield as mf
from meanfield.theory.white_noise.brunel_grid import brunel_fixed_points
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.fixed_points import fixed_points, solve
from meanfield.theory.white_noise.input import StationaryInput


def ordinary_inputs(n):
    """Inputs as they occur in networks, mu −5 … 45 and sigma 1 … 20 mV; these take NNMT the least time."""
    rng = np.random.default_rng(2000)
    return rng.uniform(-5, 45, n), rng.uniform(1, 20, n)


def wide_inputs(n):
    """The range of the accuracy table as far as NNMT can do it in one vector: sigma from 0.5 mV."""
    rng = np.random.default_rng(2001)
    return rng.uniform(-20, 60, n), np.exp(rng.uniform(np.log(0.5), np.log(50), n))


def many_populations(n=254):
    """A network with dense random coupling, every population different."""
    rng = np.random.default_rng(0)
    return mf.Network(
        populations=[f"p{i}" for i in range(n)],
        size=100,
        K=rng.integers(0, 20, (n, n)),
        J=rng.choice([0.1, -0.5], n, p=[0.8, 0.2]) * rng.uniform(0.5, 1.5, (n, n)),
        delay=1.5,
        K_ext=100,
        J_ext=0.2,
        rate_ext=rng.uniform(40, 120, n),
    )


def speed_cases():
    """For each row: what, unit, factor from seconds to the unit, rounds, and what each contestant does."""
    n = 100_000
    mu, sigma = wide_inputs(n)
    ordinary = ordinary_inputs(n)
    few = (*(x[:300] for x in ordinary), np.zeros(300))
    nest = ByNest(*(x[:10_000] for x in ordinary), np.zeros(10_000))
    one = (24.0, 7.0, 0.0)
    brunel, bistable, dense = mf.brunel_network(), mf.brunel_network(g=3.0, eta=0.8), many_populations()
    brunel_input, bistable_input = StationaryInput.of(brunel), StationaryInput.of(bistable)
    g, eta = np.linspace(0, 8, 200), np.linspace(0, 4, 200)
    frequencies = np.linspace(0.1, 1000, 500)
    point_c_network = mf.brunel_network(V_reset=10.0)
    point_c = tuple(float(x[0]) for x in point_c_network.input_moments(np.full(2, 37.949697085763364)))
    rng = np.random.default_rng(1)
    sample = [mf.brunel_network(g=rng.choice(g), eta=rng.choice(eta[10:])) for _ in range(20)]

    def repeat(times, function, *arguments):
        return lambda: [function(*arguments) for _ in range(times)]

    return [
        (
            f"rate, array of {n:,}, sigma 0.5 … 50 mV",
            "µs per rate",
            1e6 / n,
            15,
            {"meanfield": lambda: ours(mu, sigma, 0.0), "NNMT": lambda: by_nnmt(mu, sigma, 0.0)},
        ),
        (
            f"rate, array of {n:,}, sigma 1 … 20 mV",
            "µs per rate",
            1e6 / n,
            15,
            {
                "meanfield": lambda: ours(*ordinary, 0.0),
                "NNMT": lambda: by_nnmt(*ordinary, 0.0),
                "NEST siegert_neuron": lambda: nest.simulate(10),
                "scipy.integrate.quad": (lambda: one_by_one(by_quad, *few), n / 300),
            },
        ),
        (
            f"rate and both derivatives, array of {n:,}",
            "µs each",
            1e6 / n,
            9,
            {"meanfield": lambda: ours_derivatives(mu, sigma, 0.0)},
        ),
        (
            f"CV of intervals, array of {n:,}",
            "µs each",
            1e6 / n,
            9,
            {"meanfield": lambda: siegert_cv(mu, sigma, V_reset=0.0, **contestants.NEURON)},
        ),
        (
            "rate, one number",
            "µs",
            1e6 / 200,
            15,
            {
                "meanfield": repeat(200, ours, *one),
                "NNMT": repeat(200, by_nnmt, *one),
                "scipy.integrate.quad": repeat(200, by_quad, *one),
            },
        ),
        (
            "fixed points of NEST's Brunel example (one solution)",
            "ms",
            1e3 / 20,
            15,
            {
                "meanfield, all with stability, arrays": repeat(20, solve, brunel_input),
                "meanfield, all with stability, as a dataset": repeat(20, fixed_points, brunel),
                "NNMT, one, least squares": repeat(20, nnmt_network, brunel, "LSTSQ"),
                "NNMT, one, ODE": repeat(20, nnmt_network, brunel, "ODE"),
            },
        ),
        (
            "fixed points at g = 3, eta = 0.8 (three solutions)",
            "ms",
            1e3 / 20,
            15,
            {
                "meanfield, all with stability, arrays": repeat(20, solve, bistable_input),
                "NNMT, one, ODE": repeat(20, nnmt_network, bistable, "ODE"),
            },
        ),
        (
            "map of 200 × 200 networks, g 0 … 8, eta 0 … 4",
            "s",
            1.0,
            5,
            {
                "meanfield, all with stability, as a dataset": lambda: brunel_fixed_points(g=g, eta=eta),
                "NNMT, one each, ODE, extrapolated from 20": (lambda: in_spite_of_errors(sample), 40_000 / 20),
            },
        ),
        (
            "linear response at 500 frequencies, 0.1 … 1000 Hz, Brunel's point C",
            "ms",
            1e3,
            7,
            {
                "meanfield, to mean and noise": lambda: our_response(frequencies, *point_c, 10.0),
                "NNMT, to the mean, extrapolated from 50": (
                    lambda: nnmt_response(frequencies[::10], *point_c, 10.0),
                    10.0,
                ),
            },
        ),
        (
            "eigenvalues of Brunel's network at point C, up to 1000 Hz",
            "ms",
            1e3,
            5,
            {"meanfield": lambda: mf.eigenvalues(point_c_network)},
        ),
        (
            "all critical lines of Brunel's Fig. 7",
            "s",
            1.0,
            1,
            {"meanfield": lambda: mf.critical_lines(V_reset=10.0)},
        ),
        (
            "254 populations, dense random coupling",
            "s",
            1.0,
            7,
            {
                "meanfield, first solution": lambda: fixed_points(dense, n_starts=1),
                "meanfield, search from 4 starts": lambda: fixed_points(dense),
            },
        ),
    ]


def in_spite_of_errors(networks):
    """NNMT on networks some of which it cannot solve."""
    for network in networks:
        with contextlib.suppress(RuntimeError, AssertionError, ValueError):
            nnmt_network(network, "ODE")


def speed():
    """Rows of the speed table."""
    rows = []
    for what, unit, factor, rounds, contest in speed_cases():
        samples = {who: [] for who in contest}
        for round_ in range(rounds + 1):
            for who, work in contest.items():
                run, scale = work if isinstance(work, tuple) else (work, 1.0)
                start = time.process_time()
                run()
                if round_:  # the first round only warms up
                    samples[who].append((time.process_time() - start) * factor * scale)
        ours_median = np.median(next(iter(samples.values())))
        rows += [
            {"what": what, "who": who, "unit": unit, "rounds": rounds, "samples": times}
            | {"median": float(np.median(times)), "ratio": float(np.median(times) / ours_median)}
            for who, times in samples.items()
        ]
    return rows
