"""How far each contestant is from 50 digits."""

from __future__ import annotations

import contextlib

import mpmath as mp
import numpy as np
import reference
from contestants import (
    ByNest,
    by_nnmt,
    by_quad,
    nnmt_d_mu,
    nnmt_response,
    one_by_one,
    our_response,
    ours,
    ours_derivatives,
)

import meanfield as mf

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
    return rows + linear_response_accuracy()


def linear_response_accuracy():
    """Rows on the linear response: at Brunel's points A to D, at random ones, and where modulations grow or die."""
    rng = np.random.default_rng(2000)
    at_points = []
    for g, eta in [(3.0, 2.0), (6.0, 4.0), (5.0, 2.0), (4.5, 0.9)]:
        state = mf.fixed_points(mf.brunel_network(g=g, eta=eta, V_reset=10.0)).isel(fixed_point=0, population=0)
        at_points += [(f, float(state["mu"]), float(state["sigma"]), 10.0) for f in np.geomspace(0.1, 1000, 40)]
    mu, sigma = rng.uniform(-10, 60, 60), np.exp(rng.uniform(np.log(0.5), np.log(30), 60))
    firing = np.flatnonzero(ours(mu, sigma, 10.0) > 1e-20)[:20]
    at_random = [(f, mu[i], sigma[i], 10.0) for i in firing for f in np.geomspace(0.1, 1000, 20)]
    growing = [(*point, rng.uniform(-300, 300)) for point in at_random]
    rows = []
    for where, points in (
        ("Brunel's A, B, C, D, 0.1 … 1000 Hz", at_points),
        ("20 random neurons, 0.1 … 1000 Hz", at_random),
        ("the same, growing by −300 … 300 per second", growing),
    ):
        exact = [reference.transfer_function(*point) for point in points]
        columns = [np.array(column) for column in zip(*points, strict=True)]
        contest = [("meanfield", kind, values) for kind, values in enumerate(our_response(*columns))]
        if points is at_points:
            contest.append(("NNMT", 0, np.concatenate([nnmt_response(np.array([p[0]]), *p[1:]) for p in points])))
        for who, kind, values in contest:
            errors = [float(abs(mp.mpmathify(complex(v)) / e[kind] - 1)) for v, e in zip(values, exact, strict=True)]
            what = f"response to {('the mean', 'noise')[kind]}, {where}"
            rows.append({"what": what, "who": who} | summary(np.array(errors)))
    return rows


def as_one_vector(mu, sigma, V_reset):
    """NNMT on all points at once; its reset potential is one number, so two calls."""
    rates = np.full(len(mu), np.nan)
    for reset in np.unique(V_reset):
        some = reset == V_reset
        with contextlib.suppress(RuntimeError):
            rates[some] = by_nnmt(mu[some], sigma[some], float(reset))
    return rates
