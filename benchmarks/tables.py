"""Measures accuracy and speed of all contestants and writes results/reference/benchmarks.md and .json.

Speed is processor time of one thread. In every round each contestant has its turn, so that what slows one down slows
all; told are the median over the rounds and, in brackets, the fastest and the slowest.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

import contestants
import mpmath as mp
import numpy as np
import reference
from contestants import ByNest, by_nnmt, by_quad, nnmt_d_mu, nnmt_network, one_by_one, ours, ours_derivatives

import meanfield as mf
from meanfield.theory import StationaryInput, brunel_fixed_points, fixed_points, siegert_cv
from meanfield.theory.fixed_points import solve

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference"
SMALLEST_RATE = mp.mpf("1e-300")
WRONG = 1e-6  # relative error from which a value counts as wrong
EXTREMES = {
    "sigma 1e-8 … 1e-3, mu 20.5 … 60": [
        (m, s, 0.0) for m in (20.5, 30.0, 60.0) for s in (1e-8, 1e-6, 1e-5, 1e-4, 1e-3)
    ],
    "mu 1e4 and 1e6": [(m, s, v) for m in (1e4, 1e6) for s in (0.1, 10.0, 1e3) for v in (0.0, 10.0)],
    "mu midway between reset and threshold": [(10.0, s, 0.0) for s in (0.5, 2.0, 8.0, 30.0)],
    "theta − V_reset 1e-12 … 1e-2": [(m, 3.0, 20.0 - d) for m in (10.0, 19.9, 40.0) for d in (1e-12, 1e-7, 1e-2)],
}


def random_inputs(n):
    """The points of the table: mu −20 … 60, sigma log-uniform 0.05 … 50 mV, V_reset 0 or 10, theta 20."""
    rng = np.random.default_rng(2017)
    return rng.uniform(-20, 60, n), np.exp(rng.uniform(np.log(0.05), np.log(50), n)), rng.choice([0.0, 10.0], n)


def ordinary_inputs(n):
    """Inputs as they occur in networks, mu −5 … 45 and sigma 1 … 20 mV; these take NNMT the least time."""
    rng = np.random.default_rng(2000)
    return rng.uniform(-5, 45, n), rng.uniform(1, 20, n)


def wide_inputs(n):
    """The range of the accuracy table as far as NNMT can do it in one vector: sigma from 0.5 mV."""
    rng = np.random.default_rng(2001)
    return rng.uniform(-20, 60, n), np.exp(rng.uniform(np.log(0.5), np.log(50), n))


def relative_errors(values, exact):
    """Of each value; NaN where there is none."""
    return np.array(
        [float(abs(mp.mpf(float(v)) / e - 1)) if np.isfinite(v) else np.nan for v, e in zip(values, exact, strict=True)]
    )


def summary(errors):
    """What a row of the accuracy table tells."""
    usable = errors[np.isfinite(errors)]
    right = usable[usable <= WRONG]
    return {
        "points": len(errors),
        "median": float(np.median(usable)) if len(usable) else None,
        "largest": float(usable.max()) if len(usable) else None,
        "largest_of_right": float(right.max()) if len(right) else None,
        "wrong": int((usable > WRONG).sum()),
        "none": int(np.isnan(errors).sum()),
    }


def accuracy(n):
    """Rows of the accuracy table."""
    inputs = random_inputs(n)
    exact = [reference.siegert(*x) for x in zip(*inputs, strict=True)]
    usable = np.array([rate > SMALLEST_RATE for rate, _, _ in exact])
    inputs = tuple(x[usable] for x in inputs)
    exact = [x for x, u in zip(exact, usable, strict=True) if u]
    rates, d_mu, d_sigma = zip(*exact, strict=True)
    rows = []

    def add(what, who, values, truth):
        rows.append({"what": what, "who": who} | summary(relative_errors(values, truth)))

    where = f"rate, {len(rates)} of {n} random points (rate > 1e-300)"
    _, by_mu, by_sigma = ours_derivatives(*inputs)
    add(where, "meanfield", ours(*inputs), rates)
    add(where, "NNMT, one by one", one_by_one(by_nnmt, *inputs), rates)
    add(where, "NNMT, one vector", as_one_vector(*inputs), rates)
    nest = ByNest(*inputs)
    nest.simulate(5)
    add(where, "NEST siegert_neuron", nest.rates(), rates)
    add(where, "scipy.integrate.quad", one_by_one(by_quad, *inputs), rates)
    add("∂rate/∂mu, same points", "meanfield", by_mu, d_mu)
    add("∂rate/∂mu, same points", "NNMT, one by one", one_by_one(nnmt_d_mu, *inputs), d_mu)
    add("∂rate/∂sigma, same points", "meanfield", by_sigma, d_sigma)
    for name, points in EXTREMES.items():
        few = tuple(np.array(x) for x in zip(*points, strict=True))
        truth = [reference.siegert(*x)[0] for x in points]
        add(name, "meanfield", ours(*few), truth)
        add(name, "NNMT, one by one", one_by_one(by_nnmt, *few), truth)
        add(name, "scipy.integrate.quad", one_by_one(by_quad, *few), truth)
    return rows


def as_one_vector(mu, sigma, V_reset):
    """NNMT on all points at once; its reset potential is one number, so two calls."""
    rates = np.full(len(mu), np.nan)
    for reset in np.unique(V_reset):
        some = reset == V_reset
        with contextlib.suppress(RuntimeError):
            rates[some] = by_nnmt(mu[some], sigma[some], float(reset))
    return rates


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


def markdown(result):
    """Both tables."""

    def number(x):
        return "–" if x is None else f"{x:.1e}"

    lines = [
        "Relative error against mpmath with 50 digits. *Wrong* are values off by more than 1e-6, *none* are exceptions",
        "and NaN; the largest error is that of the values that are neither.",
        "",
        "| quantity and inputs | by | points | median error | largest error | wrong | none |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in result["accuracy"]:
        lines.append(
            f"| {row['what']} | {row['who']} | {row['points']:,} | {number(row['median'])} "
            f"| {number(row['largest_of_right'])} | {row['wrong'] or ''} | {row['none'] or ''} |"
        )
    lines += [
        "",
        "Processor time on one thread, all contestants in turn in each round: median (fastest – slowest).",
        "",
        "| task | by | time | relative to the first |",
        "|---|---|--:|--:|",
    ]
    for row in result["speed"]:
        spread = f"{row['median']:.3g} ({min(row['samples']):.3g} – {max(row['samples']):.3g}) {row['unit']}"
        lines.append(f"| {row['what']} | {row['who']} | {spread} | {row['ratio']:.3g} |")
    made_with = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return "\n".join([*lines, "", f"Made with {made_with}, on {result['processor']}.", ""])


@functools.cache
def processor():
    """What the machine calls its processor."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")] if cpuinfo.exists() else []
    return names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()


def main():
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=10_000, help="random points of the accuracy table")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="folder for benchmarks.md and benchmarks.json")
    options = parser.parse_args()
    packages = ("numpy", "scipy", "mpmath", "nnmt", "nest-simulator")
    result = {
        "accuracy": accuracy(options.points),
        "speed": speed(),
        "versions": {"Python": platform.python_version()} | {name: version(name) for name in packages},
        "processor": processor(),
    }
    tables = markdown(result)
    print(tables)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "benchmarks.md").write_text(tables)
    (options.out / "benchmarks.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
