"""Fixed points of random networks, held against brute force and against the flow:  python benchmarks/random_networks.py

Draws networks of eight kinds with two to six populations, 1,000 unless told otherwise, and asks of each:

- Does Siegert's formula, evaluated afresh, return every rate that is shown? Is none shown that does not converge?
- Does each state at which the flow in pseudo-time settles, from silence and from saturation, stand among the solutions?
  The flow is followed by scipy's stiff solver. Do `pseudo_time` and `basins` lead to the same states?
- Do the solutions' indices add up to 1, as those of all solutions must?
- With two populations: are all solutions proven, and does a dense grid whose crossings are polished find no other?

Prints every network that fails, and writes a table, a row for each kind and size, to
results/reference/random_networks.md. Takes half an hour on one thread.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

import meanfield as mf
from meanfield.theory.white_noise.flow import basins
from meanfield.theory.white_noise.input import StationaryInput

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference" / "random_networks.md"
KINDS = ("different", "equal", "clustered", "inhibitory", "noiseless", "constant drive", "shut off", "exponential")
SIZES = range(2, 7)
DURATIONS = (30.0, 100.0, 300.0)  # in units of the flow's time constant, one after another until it is at rest


def random_network(kind: str, n: int, seed: int) -> mf.Network:
    """A network of `n` populations; the last is inhibitory, and all of them are if `kind` says so."""
    rng = np.random.default_rng([KINDS.index(kind), n, seed])
    excitatory = np.arange(n) < (0 if kind == "inhibitory" else rng.integers(1, n) if n > 1 else rng.integers(2))
    if kind == "clustered":
        excitatory = np.arange(n) < n - 1
    theta, tau_m = rng.uniform(12.0, 25.0, n), rng.uniform(5.0, 40.0, n)
    J_ext = rng.uniform(0.05, 0.5, n)
    K = rng.integers(0, 500, (n, n)) * (rng.random((n, n)) < 0.85)
    J = rng.uniform(0.05, 0.5) * np.where(excitatory, 1.0, -rng.uniform(2.0, 8.0)) * rng.uniform(0.7, 1.3, (n, n))
    values = {
        "tau_m": tau_m,
        "t_ref": rng.choice([0.5, 1.0, 2.0, 5.0], n),
        "theta": theta,
        "V_reset": rng.choice([0.0, 10.0]),
        "K_ext": np.full(n, 500),
        "J_ext": J_ext,
        "rate_ext": rng.uniform(0.3, 3.0, n) * theta / (0.5 * J_ext * tau_m),
        "mu_ext": np.zeros(n),
    }
    one = rng.integers(n)
    if kind == "equal":
        K, J = K[[0] * n], J[[0] * n]
        values |= {name: np.full(n, values[name][0]) for name in ("tau_m", "t_ref", "theta", "J_ext", "rate_ext")}
    elif kind == "clustered":
        within = rng.uniform(1.2, 4.0)
        K = np.full((n, n), rng.integers(20, 200))
        K[np.diag_indices(n)] = within * K[0, 0]
        K[:, -1], K[-1] = rng.integers(20, 300), rng.integers(10, 200)
        J = rng.uniform(0.1, 0.5) * np.where(excitatory, 1.0, -rng.uniform(1.0, 6.0)) * np.ones((n, n))
        J = J * rng.uniform(0.9, 1.1, (n, n)) if rng.random() < 0.5 else J
        values |= {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 10.0, "J_ext": 0.1}
        values["rate_ext"] = rng.uniform(0.5, 1.1) * 20.0
    elif kind == "noiseless":
        values["K_ext"][one] = 0
        values["mu_ext"][one] = theta[one] * (rng.uniform(0.0, 2.0) if rng.random() < 0.7 else 1.0)
        K[one] *= rng.random() < 0.7
    elif kind == "constant drive":
        values |= {"K_ext": 0, "mu_ext": rng.uniform(0.5, 3.0, n) * theta}
    elif kind == "shut off":
        values["rate_ext"] = values["rate_ext"] * np.where(np.arange(n) == one, rng.uniform(0.0, 0.5), 2.0)
    elif kind == "exponential":
        values |= {"tau_syn": rng.uniform(0.1, 3.0, n), "tau_syn_ext": rng.uniform(0.1, 3.0, n)}
    values = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return mf.Network(
        populations=[f"p{i}" for i in range(n)], size=1000, K=K.tolist(), J=J.tolist(), delay=1.5, **values
    )


def wrong_rates(inputs: StationaryInput, rates: np.ndarray) -> int:
    """How many of `rates`, shape (R, N), are no solutions.

    A mean of the input next to threshold, to rounding, may change the rate by more than 1e-9: so much is allowed.
    """
    response, d_mu, *_ = inputs.response_and_slopes(rates)
    size = np.abs(inputs.mu_0) + (np.abs(inputs.drift) @ rates[..., None])[..., 0]
    allowed = 1e-9 * rates.max(-1, keepdims=True) + 1e-15 * d_mu * size
    return int((np.abs(response - rates) > allowed).any(-1).sum())


def settled(inputs: StationaryInput, start: np.ndarray) -> np.ndarray | None:
    """Where the flow in pseudo-time comes to rest, by scipy's stiff solver; None if it does not."""
    n = inputs.n_populations

    def velocity(_, rate):
        return inputs.response(np.maximum(rate, 0.0)) - rate

    def jacobian(_, rate):
        return inputs.response_and_jacobian(np.maximum(rate, 0.0))[1] - np.eye(n)

    rate = start
    for duration in DURATIONS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of steps that are repeated
            path = solve_ivp(velocity, (0.0, duration), rate, method="LSODA", jac=jacobian, rtol=1e-7, atol=1e-9)
        rate = np.maximum(path.y[:, -1], 0.0)
        if path.success and np.abs(velocity(0.0, rate)).max() <= 1e-6 * max(rate.max(), 1e-6):
            return rate
    return None


def by_brute_force(inputs: StationaryInput, n_grid: int = 300) -> np.ndarray:
    """Solutions of two populations: polished crossings of both nullclines on a dense grid, shape (R, 2)."""
    axes = [
        np.concatenate([[0.0], np.geomspace(1e-9, top, n_grid), np.linspace(0.0, top, n_grid // 3)[1:]])
        for top in 1e3 / inputs.t_ref
    ]
    axes = [np.unique(axis) for axis in axes]
    deviation = inputs.response(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1))
    for k, axis in enumerate(axes):
        deviation[..., k] -= axis if k else axis[:, None]
    corners = np.stack([deviation[i : i - 1 or None, j : j - 1 or None] for i in (0, 1) for j in (0, 1)])
    crossed = ((corners.min(0) <= 0.0) & (corners.max(0) >= 0.0)).all(-1)
    solutions = []
    for i, j in np.argwhere(crossed):
        low, high = np.array([axes[0][i], axes[1][j]]), np.array([axes[0][i + 1], axes[1][j + 1]])

        def of_share(share, low=low, high=high):
            rate = np.maximum(low + share * (high - low), 0.0)
            return (inputs.response(rate) - rate) / (high - low)

        polished = root(of_share, [0.5, 0.5], tol=1e-12)
        rate = np.maximum(low + polished.x * (high - low), 0.0)
        deviates = np.abs(inputs.response(rate) - rate).max() > 1e-9 * max(rate.max(), 1e-12)
        if not deviates and not any(is_same(rate, other) for other in solutions):
            solutions.append(rate)
    return np.reshape(solutions, (-1, 2))


def is_same(rate, other, tolerance=1e-5) -> bool:
    """Whether two solutions are one."""
    return bool(np.abs(rate - other).max() <= tolerance * max(np.max(other), 1e-6))


def faults(network: mf.Network) -> tuple[list[str], dict]:
    """What is wrong with the fixed points of a network, in words, and what they are like."""
    start = time.process_time()
    solutions = mf.fixed_points(network)
    seconds = time.process_time() - start
    inputs = StationaryInput.of(network)
    rates, stable = solutions["rate"].values, solutions["stable"].values
    proven, missing = solutions.attrs["completeness"] == "all", int(solutions["count"]) == 0
    says = {"seconds": seconds, "proven": proven, "missing": missing, "solutions": 0 if missing else len(rates)}
    if missing:
        return ([] if np.isnan(rates).all() and solutions.attrs["missing"] else ["shown, though missing"]), says
    wrong = []
    if not solutions["converged"].all() or wrong_rates(inputs, rates):
        wrong.append("a rate is no solution")
    starts = np.stack([np.zeros(len(rates[0])), 1e3 / inputs.t_ref])
    flow = mf.pseudo_time(network, rate_0=starts, duration=sum(DURATIONS), time=[sum(DURATIONS)])
    reached = basins(network, starts, solutions=solutions)["fixed_point"].values
    for i, name in enumerate(("silence", "saturation")):
        end = settled(inputs, starts[i])
        if end is None:
            continue
        says[name] = 1
        if not any(is_same(end, other, 1e-3) for other in rates[stable]):
            wrong.append(f"the flow from {name} settles at {end}")
        for function, there in (("pseudo_time", flow["rate"].values[i, 0]), ("basins", rates[reached[i]])):
            if function == "basins" and reached[i] < 0:
                wrong.append(f"basins decides nothing from {name}, where the flow settles at {end}")
            elif not is_same(there, end, 1e-3):
                wrong.append(f"{function} leads from {name} to {there} {flow.attrs['missing']}, the flow to {end}")
    _, jacobian = inputs.response_and_jacobian(rates)
    says["index"] = np.linalg.slogdet(np.eye(len(rates[0])) - jacobian)[0].sum()
    if len(rates[0]) == 2:
        if not proven:
            wrong.append("not proven")
        wrong += [
            f"brute force finds {rate}"
            for rate in by_brute_force(inputs)
            if not any(is_same(rate, other) for other in rates)
        ]
    return wrong, says


def row(kind: str, n: int, each: int) -> tuple[str, int]:
    """A line of the table, and how many networks are wrong."""
    table, seconds, n_wrong = Counter(), [], 0
    for seed in range(each):
        wrong, says = faults(random_network(kind, n, seed))
        n_wrong += bool(wrong)
        for sentence in wrong:
            print(f"  {kind}, {n} populations, seed {seed}: {sentence}", flush=True)
        seconds.append(says.pop("seconds"))
        table.update({"index": int(says.pop("index", 1) == 1), **says})
    line = (
        f"| {kind} | {n} | {each} | {n_wrong} | {table['proven']} | {table['missing']} | {table['solutions']} "
        f"| {table['silence'] + table['saturation']} of {2 * each} | {table['index']} "
        f"| {1e3 * np.median(seconds):.0f}, {1e3 * np.max(seconds):.0f} |"
    )
    print(line, flush=True)
    return line, n_wrong


def markdown(rows: list[str]) -> str:
    """The table, and how to read it."""
    lines = [
        "# Fixed points of random networks",
        "",
        "*Wrong*: networks in which a rate that is shown is no solution, a state that the flow in pseudo-time reaches",
        "from silence or from saturation is not among the solutions, `pseudo_time` or `basins` lead elsewhere, or,",
        "for two populations, anything is unproven or brute force finds another solution. *Proven*: all solutions",
        "are known. *Missing*: none was found, and the rates are missing. *Settled*: how often the flow comes to",
        "rest at all. *Index is 1*: the solutions' indices add up to that of all of them. Made by",
        "`benchmarks/random_networks.py`.",
        "",
        "| kind | populations | networks | wrong | proven | missing | solutions | settled | index is 1 "
        "| ms median, longest |",
        "|---|" + "--:|" * 9,
        *rows,
    ]
    return "\n".join(lines) + "\n"


def known_rows(path: Path) -> dict[tuple[str, str], str]:
    """Lines of a table that was written before, by kind and number of populations."""
    lines = path.read_text().splitlines() if path.exists() else []
    rows = {tuple(cell.strip() for cell in line.split("|")[1:3]): line for line in lines if line.startswith("|")}
    return {key: line for key, line in rows.items() if key[0] in KINDS}


def main() -> int:
    """Draw, ask, print and write, where what is not asked again stays; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-n", type=int, default=1000, help="networks, if all kinds are drawn (default 1000)")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    warnings.simplefilter("error")
    each = -(-options.n // (len(KINDS) * len(SIZES)))
    rows, n_wrong = known_rows(options.output), 0
    for kind in options.kinds:
        for n in SIZES:
            rows[kind, str(n)], more = row(kind, n, each)
            n_wrong += more
        options.output.write_text(markdown([rows[k, str(n)] for k in KINDS for n in SIZES if (k, str(n)) in rows]))
    print(f"\n{n_wrong} of {each * len(options.kinds) * len(SIZES)} networks are wrong.")
    return min(n_wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
