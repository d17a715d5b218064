"""Eigenvalues of random networks with several delays, beside brute force:  python benchmarks/random_eigenvalues.py

Draws networks of two to six populations, each pair with a delay of its own, and asks of each:

- How many disturbances grow? `growing_modes` and `eigenvalues` must say as many as the contour around them.
- How many eigenvalues lie between `LEAST_GROWTH` and infinity, at frequencies between `LOWEST` and `TOP`?
  `eigenvalues` must list as many, or say that its list is not complete.
- Is each listed one a zero of det(1 − M)?

The count is that of the argument principle, along contours on which no turn can be overlooked: at both ends of each
piece the function's derivative, which knows nothing of the other end, must predict the change in between. Below growth
0 det(1 − M) has poles, where a population answers in resonance. There it is multiplied by each population's 1 − ρ, the
transform of its intervals' density: what is left has no poles off the real axis, and the same zeros.

Writes results/reference/eigenvalue_counts.md.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
from random_networks import known_rows, random_network

import meanfield as mf
from meanfield.theory.linear.argument_principle import growing_modes
from meanfield.theory.white_noise.linear_network import LinearNetwork

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference" / "eigenvalue_counts.md"
KINDS = ("different", "clustered", "inhibitory", "exponential")
DELAYS = {"0.5 to 3 ms": (0.5, 3.0), "1 to 40 ms": (1.0, 40.0), "100 ms": (99.0, 101.0)}
TOP = {"0.5 to 3 ms": 300.0, "1 to 40 ms": 100.0, "100 ms": 30.0}  # Hz
SIZES = range(2, 7)
LOWEST = 2.0  # Hz
LEAST_GROWTH = -50.0  # 1/s
FIRST_TURN = 0.3  # radians by which delays turn the function between neighbouring points of a contour, before halving
TURN, MISPREDICTED = 0.3, 0.02  # radians by which it may turn, and by how much more or less than its derivatives say
LONGEST_PIECE = 5.0  # 1/s
MOST_HALVINGS = 40
FAINT = 1e-3  # spikes/s: the resonances of populations that fire less lie next to −k/tau_m
WEAK = 0.5  # of 1/(1 + N): so weakly disturbances return right of what is searched
SAME = 1e-6  # relative distance of two eigenvalues that are one


def network_with_delays(kind: str, n: int, delays: tuple[float, float], seed: int) -> mf.Network:
    """One of `random_networks`, with a delay for each pair, uniform in a range (ms)."""
    rng = np.random.default_rng([KINDS.index(kind), n, int(10 * delays[1]), seed])
    description = random_network(kind, n, seed).to_dict()
    return mf.Network(**description | {"delay": rng.uniform(*delays, (n, n)).round(2).tolist()})


def turn(function, corners, step: float) -> float:
    """By how much an analytic function turns around 0 along a polygon, in radians; NaN if it vanishes there."""
    pieces = [np.linspace(a, b, int(np.ceil(abs(b - a) / step)) + 1)[:-1] for a, b in pairwise(corners)]
    z = np.concatenate([*pieces, corners[-1:]])
    value, slope = _value_and_slope(function, z, step)
    total = 0.0
    for _ in range(MOST_HALVINGS):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            change = np.log(value[1:] / value[:-1])
            ends = np.diff(z) * slope[:-1], np.diff(z) * slope[1:]
            good = (np.abs(ends[0]) <= TURN) & (np.abs(ends[1]) <= TURN)
            good &= np.abs(change - 0.5 * (ends[0] + ends[1])) <= MISPREDICTED
        if good.all():
            return total + change.imag.sum()
        middle = 0.5 * (z[:-1] + z[1:])[~good]
        at = np.flatnonzero(~good) + 1
        value_there, slope_there = _value_and_slope(function, middle, step)
        z, value, slope = (np.insert(x, at, y) for x, y in ((z, middle), (value, value_there), (slope, slope_there)))
    return np.nan


def _value_and_slope(function, z, step):
    """Values, and the derivative of their logarithm."""
    h = 1e-5 * step
    value, after = function(np.concatenate([z, z + h])).reshape(2, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return value, (after - value) / (h * value)


class BruteForce:
    """Numbers of eigenvalues by contours.

    Parameters
    ----------
    state : LinearNetwork
        A network about its stationary state.
    top : float, Hz
        Eigenvalues of higher frequency are not counted.
    """

    def __init__(self, state: LinearNetwork, top: float):
        self.state, self.top, n = state, 2.0 * np.pi * top, state.rate.size
        self.step = min(FIRST_TURN / (n * state.longest_delay), LONGEST_PIECE)
        self.right = 100.0
        omega = 1j * np.linspace(0.0, self.top, 501)
        while np.linalg.norm(state.coupling(self.right + omega), ord=2, axis=(1, 2)).max() > WEAK / (1.0 + n):
            self.right *= 1.3
        active = state.rate > 0.0
        heard = (state.inputs.drift != 0.0) & active & active[:, None]
        reached = np.linalg.matrix_power(np.eye(n) + heard, n) > 0.0
        self.in_a_loop = np.diag(heard @ reached) > 0.0

    def one_minus_transforms(self, z):
        """1 − ρ of each population that hears of its own disturbances, shape (n, N)."""
        return z[:, None] * self.state.interval_transform(z)[:, self.in_a_loop]

    def without_poles(self, z):
        """det(1 − M), times 1 − ρ of each population that hears of its own disturbances."""
        return self.state.determinant(z) * self.one_minus_transforms(z).prod(-1)

    def growing(self) -> float:
        """Eigenvalues to the right of 0, conjugates included."""
        far = self.right + 1j * self.top
        turned = turn(self.state.determinant, np.array([far, 1j * far.imag, 0.0]), self.step)
        return (np.angle(self.state.determinant(np.array([far])))[0] + turned) / np.pi

    def within(self) -> float:
        """Eigenvalues of growth above `LEAST_GROWTH` and frequency above `LOWEST`."""
        low, high = 2.0 * np.pi * LOWEST, self.top
        corners = np.array([self.right + 1j * high, LEAST_GROWTH + 1j * high, LEAST_GROWTH + 1j * low])
        corners = np.append(corners, self.right + 1j * low)
        turned = turn(self.without_poles, corners, self.step)
        # Far to the right each factor keeps within a quarter turn of 1.
        ends = corners[[-1, 0]]
        factors = np.column_stack([self.state.determinant(ends), self.one_minus_transforms(ends)])
        return (turned + np.diff(np.angle(factors), axis=0).sum()) / (2.0 * np.pi)


def examine(network: mf.Network, top: float, listing: bool = True) -> tuple[list[str], dict]:
    """What is wrong with the eigenvalues of a network, in words, and what they are like; with or without their list."""
    state = LinearNetwork.of(network)
    if not np.any(state.passed_on):
        return [], {"silent": 1}
    oracle = BruteForce(state, top)
    counted = growing_modes(
        lambda _, z: state.coupling(z), state.rate[None], state.cv[None], np.array([state.longest_delay]), top
    )[0]
    growing = oracle.growing()
    says = {"examined": 1, "growing": np.nan_to_num(growing)}
    if not abs(growing - np.rint(growing)) < 0.01:
        return [f"the contour does not say how many grow: {growing}"], says | {"undecided": 1}
    wrong = []
    if counted != np.rint(growing):
        wrong.append(f"{counted:g} growing modes counted, {growing:.0f} are")
        says["miscounted"] = 1
    if not listing:
        return wrong, says
    start = time.process_time()
    modes = mf.eigenvalues(network, state.rate, min_growth=LEAST_GROWTH, max_frequency=top)
    growth, frequency, number = (modes[name].values for name in ("growth", "frequency", "multiplicity"))
    complete = bool(modes.attrs["complete"])
    says |= {"seconds": time.process_time() - start, "listed": 1, "incomplete": not complete}
    within = oracle.within()
    says["within"] = np.nan_to_num(within)
    if not abs(within - np.rint(within)) < 0.01:
        return [*wrong, f"the contour does not say how many there are: {within}"], says | {"undecided": 1}
    grow = (number * np.where(frequency > 0.0, 2, 1))[growth > 0.0].sum()
    above = number[frequency > LOWEST].sum()
    if grow != np.rint(growing) or above != np.rint(within):
        counts = f"{grow} growing and {above} above {LOWEST:g} Hz listed, {growing:.0f} and {within:.0f} are"
        wrong.append(counts + ("" if complete else "; not said to be complete"))
        says["missing, complete" if complete else "missing, said so"] = 1
    values = growth + 2j * np.pi * frequency
    value, after = oracle.without_poles(np.concatenate([values, values + 1e-3])).reshape(2, -1)
    # A step of Newton's method leads nowhere. Next to −k/tau_m zeros and poles of 1 − ρ cannot be told apart.
    nowhere = np.abs(value) * 1e-3 <= SAME * (1.0 + np.abs(values)) * np.abs(after - value)
    per_membrane = -1e-3 * values[:, None] * state.inputs.tau_m[state.rate < FAINT]
    if not (nowhere | (np.abs(per_membrane - np.rint(per_membrane.real)) < SAME).any(axis=1)).all():
        wrong.append("what is listed is no zero")
        says["no zero"] = 1
    return wrong, says


def row(kind: str, delays: str, each: int, listed: int) -> str:
    """A line of the table."""
    table, seconds = Counter(), []
    for n in SIZES:
        for seed in range(each):
            wrong, says = examine(network_with_delays(kind, n, DELAYS[delays], seed), TOP[delays], seed < listed)
            for sentence in wrong:
                print(f"  {kind}, {delays}, {n} populations, seed {seed}: {sentence}", flush=True)
            seconds += [says.pop("seconds")] if "seconds" in says else []
            table.update(says)
    columns = ("examined", "growing", "miscounted", "listed", "within", "missing, complete", "missing, said so")
    numbers = " | ".join(f"{table[name]:.0f}" for name in (*columns, "incomplete", "no zero", "undecided"))
    line = f"| {kind} | {delays} | {numbers} | {np.median(seconds or 0.0):.1f}, {np.max(seconds or 0.0):.1f} |"
    print(line, flush=True)
    return line


def markdown(rows: list[str]) -> str:
    """The table, and how to read it."""
    lines = [
        "# Eigenvalues of random networks with several delays",
        "",
        f"Networks of {SIZES[0]} to {SIZES[-1]} populations, each pair with a delay of its own, about the stationary",
        "state of highest rates; drawn as in `benchmarks/random_networks.py`. *Growing*: eigenvalues of growth",
        f"above 0 and frequency below {', '.join(format(top, 'g') for top in TOP.values())} Hz for the three ranges",
        "of delays, conjugates included, and in how many networks `growing_modes` *miscounts* them. *Within*:",
        f"those of *listed* networks of growth above {LEAST_GROWTH:g}/s between {LOWEST:g} Hz and there. *Missing*:",
        "those in which `eigenvalues` lists fewer or more of either than there are, and says that its list is",
        "complete, or says that it is not. *Incomplete*: how often it says so at all. *No zero*: networks in which a",
        f"listed number is no eigenvalue; those of populations that fire less than {FAINT:g}/s are not asked.",
        "*Undecided*: an eigenvalue lies on the contour.",
        "",
        "The numbers are those of the argument principle, along contours so dense that derivatives at both ends of",
        "each piece predict what happens in between. Made by `benchmarks/random_eigenvalues.py`.",
        "",
        "| networks | delays | examined | growing | miscounted | listed | within | missing, called complete "
        "| missing, said so | incomplete | no zero | undecided | s median, longest |",
        "|---|---|" + "--:|" * 11,
        *rows,
    ]
    return "\n".join(lines) + "\n"


def main():
    """Draw, ask, print and write; what is not asked again stays in the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--each", type=int, default=5, help="of each kind, size and range of delays (default 5)")
    parser.add_argument("--listed", type=int, default=2, help="of these, whose eigenvalues are listed (default 2)")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--delays", nargs="*", choices=DELAYS, default=list(DELAYS))
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    warnings.simplefilter("error")
    rows = known_rows(options.output)
    for delays in options.delays:
        for kind in options.kinds:
            rows[kind, delays] = row(kind, delays, options.each, options.listed)
            in_order = [rows[key] for key in ((k, d) for k in KINDS for d in DELAYS) if key in rows]
            options.output.write_text(markdown(in_order))


if __name__ == "__main__":
    main()
