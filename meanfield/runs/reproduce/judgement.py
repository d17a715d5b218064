"""Whether a dataset made anew says the same as the stored one: to the byte, to rounding, or but for chance.

Another version of NEST, another compiler or another number of threads draws other random numbers, and then no byte of a
simulation stays. What must stay is what the data say: theory to rounding, simulated values to within their errors.

Chance is admitted only where the simulation really was another one, which shows in values that have an error. Then

- each value with an error is compared in Student's t test (Welch's, with the errors' degrees of freedom);
- each error is compared in an F test, so that a wrong error bar does not pass, nor hide a wrong value;
- in a dataset collected from many runs, each variable's deviations are summed over the runs in a normal test
  (Stouffer's), which sees a small shift that all runs share;
- all these tests are taken together (Bonferroni), so that two correct datasets are told "different" with a probability
  of at most `FALSE_ALARM`, however the tests depend on each other.

This holds as far as errors tell all that chance can do. Errors over time blocks leave out what differs between two
wirings for as long as they exist: in Brunel's network (500 and 2,500 neurons, 8 seeds) the spread between seeds was 0.3
to 0.9 of the errors at J = 0.1 mV, but 1.4 at 0.8 mV and 1.8 at 1 mV, where the network bursts.
"""

from __future__ import annotations

import enum
import re
import textwrap
from collections import Counter
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import stats

# For a whole dataset.
FALSE_ALARM = 1e-3

# What is computed without chance agrees to this relative difference, on any machine.
ROUNDING = 1e-9

# Errors over time blocks, of which a run has ten at least, unless the dataset tells what they are over.
LEAST_FREEDOM = 9

# The error of a variable is NAME_sem or NAME_error, or this.
ERROR_OF = {
    "deviation": "simulated_sem",
    "rung_rate": "rung_error",
}

# Where a run comes from, in a dataset collected from many; its dimensions are those over which there are runs.
ORIGIN = ("source", "provenance")

# What rounding leaves of a difference that is zero: no digit of it need stay.
RESIDUES = frozenset({"residual"})

# Single draws, for which no error is known, and what only restates values that are tested themselves.
UNTESTED = frozenset(
    {
        *("spike_step", "spike_neuron", "spike_seed", "neuron_rate", "activity", "activity_power", "block_rate"),
        *("time", "block", "duration", "target_reached", "cv", "cv_neurons", "simulated_cv", "surrogate_cv"),
        *("population_fano", "pair_correlation", "pair_correlation_sem", "pairs"),
        *("deviation_sem", "contribution_percent", "total_percent"),
        *("rate_upper", "simulated_upper"),
        *("network_rate", "neuron_cv", "fano", "synchrony", "coherence", "state", "peak_frequency", "peak_probability"),
        *("power", "power_total", "neuron_power", "raster", "raster_activity"),
        # The error of its part "reaction" is numerical only, though it depends on the simulated rates.
        *("part_contribution", "part_error"),
    }
)
NOT_TESTED = "not tested (single draws, or following from what is)"


class Verdict(enum.IntEnum):
    """From best to worst; a dataset's is that of its worst variable."""

    IDENTICAL = 0
    ROUNDING = 1
    CHANCE = 2
    DIFFERENT = 3

    def __str__(self) -> str:
        return ("identical", "equal to rounding", "statistically equal", "different")[self]


@dataclass(frozen=True)
class Finding:
    """What became of one variable."""

    variable: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Judgement:
    """What became of a dataset; printed, it gives its reasons."""

    findings: tuple[Finding, ...]
    added: tuple[str, ...] = ()  # variables that the stored dataset does not have yet
    n_tests: int = 0
    least_p: float = 1.0
    false_alarm: float = FALSE_ALARM

    @property
    def verdict(self) -> Verdict:
        """The worst of all variables'."""
        return max((finding.verdict for finding in self.findings), default=Verdict.IDENTICAL)

    def __str__(self) -> str:
        count = Counter(finding.verdict for finding in self.findings)
        lines = [f"{self.verdict} ({', '.join(f'{count[verdict]} {verdict}' for verdict in sorted(count))})"]
        if self.verdict is Verdict.IDENTICAL:
            lines = [f"identical, to the byte ({len(self.findings)} variables)"]
        if self.added:
            lines.append(f"new, and not in the stored dataset: {', '.join(self.added)}")
        other = [finding for finding in self.findings if finding.verdict is not Verdict.IDENTICAL]
        told = sorted((f for f in other if f.reason != NOT_TESTED), key=lambda finding: -finding.verdict)
        width = max((len(finding.variable) for finding in told), default=0)
        lines += [f"{finding.variable:{width}}  {finding.verdict!s:19}  {finding.reason}" for finding in told]
        if untested := [finding.variable for finding in other if finding.reason == NOT_TESTED]:
            lines += textwrap.wrap(f"{NOT_TESTED}: {', '.join(untested)}", 110)
        if self.n_tests:
            lines.append(
                f"{self.n_tests} t, F and Stouffer tests: smallest p {self.least_p:.2g}, threshold "
                f"{self.false_alarm / self.n_tests:.2g} (a false alarm in at most {self.false_alarm:.2g} of all cases)"
            )
        return "\n  ".join(lines)


def judge(stored: xr.Dataset, anew: xr.Dataset, false_alarm: float = FALSE_ALARM) -> Judgement:
    """Compare a dataset made anew with the stored one, variable by variable.

    Parameters
    ----------
    stored, anew : Dataset
        Of the same notebook or experiment, with the same parameters. Their provenance is not compared, nor does it
        count what `anew` has beyond the variables of `stored`.
    false_alarm : float
        Probability with which datasets that differ by chance only are called different, at most.
    """
    names = [str(name) for name in stored.variables if name not in ORIGIN]
    added = tuple(str(name) for name in anew.variables if name not in stored.variables and name not in ORIGIN)
    incomparable = {name: reason for name in names if (reason := _incomparable(name, stored, anew))}
    findings = {name: Finding(name, Verdict.DIFFERENT, reason) for name, reason in incomparable.items()}
    findings = {name: findings.get(name) or _compare_exactly(stored[name], anew[name]) for name in names}
    error_of = {name: error for name in names if (error := _error_name(name, stored))}
    if all(findings[name].verdict < Verdict.DIFFERENT for name in error_of):
        return Judgement(tuple(findings.values()), added, false_alarm=false_alarm)

    tests: dict[str, _Tests] = {}
    for name in names:
        if findings[name].verdict < Verdict.DIFFERENT:
            continue
        if name in UNTESTED and name in anew:
            findings[name] = Finding(name, Verdict.CHANCE, NOT_TESTED)
        elif name in error_of and not incomparable.keys() & {name, error_of[name]}:
            tests[name] = _test_values(name, error_of[name], stored, anew)
        elif name in error_of.values() and name not in incomparable:
            tests[name] = _test_errors(name, stored, anew)
    n_tests = sum(test.p.size for test in tests.values())
    for name, test in tests.items():
        findings[name] = test.finding(name, false_alarm / max(n_tests, 1))
    least = min((test.p.min() for test in tests.values() if test.p.size), default=1.0)
    return Judgement(tuple(findings.values()), added, n_tests, float(least), false_alarm)


def _error_name(name: str, dataset: xr.Dataset) -> str:
    """The name that the error of a variable has, if it has one."""
    if name in UNTESTED or name not in dataset:
        return ""
    units = dataset[name].attrs.get("units")
    candidates = [ERROR_OF.get(name, ""), f"{name}_sem", f"{name}_error"]
    return next((of for of in candidates if of in dataset and dataset[of].attrs.get("units") == units), "")


def _incomparable(name: str, stored: xr.Dataset, anew: xr.Dataset) -> str:
    """Why values cannot be put side by side; nothing if they can."""
    if name not in anew.variables:
        return "is missing in the new dataset"
    old, new = stored[name], anew[name]
    if (old.dims, old.shape) != (new.dims, new.shape):
        shapes = [", ".join(f"{d} {n}" for d, n in of.sizes.items()) or "one value" for of in (old, new)]
        return f"has another shape: {shapes[0]} before, {shapes[1]} now"
    units = [of.attrs.get("units") for of in (old, new)]
    return f"has another unit: {units[0]} before, {units[1]} now" if units[0] != units[1] else ""


def _compare_exactly(old: xr.DataArray, new: xr.DataArray) -> Finding:
    """As if there were no chance."""
    name = str(old.name)
    if old.dtype.kind not in "fc" or new.dtype.kind not in "fc":
        n_other = int((old.values != new.values).sum())
        if n_other:
            return Finding(name, Verdict.DIFFERENT, f"{n_other} of {old.size} values are others")
        return Finding(name, Verdict.IDENTICAL)
    if old.values.tobytes() == new.values.tobytes():
        return Finding(name, Verdict.IDENTICAL)
    n_lost = int((np.isnan(old.values) != np.isnan(new.values)).sum())
    if n_lost:
        return Finding(name, Verdict.DIFFERENT, f"{n_lost} of {old.size} values are missing in one of the two")
    largest = float(np.nanmax(_relative_difference(old.values, new.values), initial=0.0))
    if name in RESIDUES:
        return Finding(name, Verdict.ROUNDING, "is what rounding leaves")
    verdict = Verdict.ROUNDING if largest <= ROUNDING else Verdict.DIFFERENT
    return Finding(
        name, verdict, f"largest relative difference {largest:.1e}, of {ROUNDING:.0e} allowed without chance"
    )


def _relative_difference(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Difference relative to the larger of the two; what is tiny beside the largest value counts relative to that."""
    size = np.fmax(np.abs(old), np.abs(new))
    finite = size[np.isfinite(size)]
    floor = 1e-6 * finite.max() if finite.size else 0.0
    difference = np.abs(np.where(new == old, 0.0, new - old))  # equal infinities differ by nothing
    return difference / np.where(size > 0, np.fmax(size, floor), 1.0)


@dataclass(frozen=True)
class _Tests:
    """The p values of one variable's tests."""

    p: np.ndarray
    told: str
    untold: int = 0  # values that differ though no error is known for them
    lost: int = 0  # values that are there in one dataset only

    def finding(self, name: str, threshold: float) -> Finding:
        least = self.p.min() if self.p.size else 1.0
        if self.lost:
            return Finding(name, Verdict.DIFFERENT, f"{self.lost} values are missing in one of the two")
        if not self.p.size:
            return Finding(name, Verdict.DIFFERENT, f"{self.untold} values are others, and none has an error")
        told = f"{self.told}, p = {least:.2g}" + (f"; {self.untold} without an error" if self.untold else "")
        return Finding(name, Verdict.DIFFERENT if least < threshold else Verdict.CHANCE, told)


def _test_values(name: str, error_name: str, stored: xr.Dataset, anew: xr.Dataset) -> _Tests:
    """Student's t for each value, and Stouffer's sum over the runs that a dataset is collected from."""
    old, new = stored[name], anew[name]
    variance = [np.nan_to_num(of[error_name].broadcast_like(old).transpose(*old.dims) ** 2) for of in (stored, anew)]
    total = variance[0] + variance[1]
    difference = new.values - old.values
    other = _relative_difference(old.values, new.values) > ROUNDING
    tested = other & (total > 0)

    freedom = [_freedom(error_name, of) for of in (stored, anew)]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(tested, difference / np.sqrt(total), 0.0)
        joint = total**2 / sum(v**2 / n for v, n in zip(variance, freedom, strict=True))
        z = np.where(tested, np.sign(t) * stats.norm.isf(stats.t.sf(np.abs(t), joint)), 0.0)
    p = 2 * stats.t.sf(np.abs(t), joint)[tested]
    over_runs = {d for origin in ORIGIN if origin in stored for d in stored[origin].dims}
    runs = [old.get_axis_num(d) for d in old.dims if d in over_runs]
    shift = np.zeros(0)
    if runs and tested.any():
        n = tested.sum(axis=tuple(runs))
        shift = np.divide(z.sum(axis=tuple(runs)), np.sqrt(n), out=np.zeros(n.shape), where=n > 1)[n > 1]
    told = f"largest difference {np.abs(t).max():.1f} standard errors"
    if shift.size:
        told += f", of the sum over runs {np.abs(shift).max():.1f}"
    return _Tests(
        np.concatenate([p, 2 * stats.norm.sf(np.abs(shift)).ravel()]),
        told,
        untold=int((other & ~(total > 0)).sum()),
        lost=int((np.isnan(old.values) != np.isnan(new.values)).sum()),
    )


def _test_errors(name: str, stored: xr.Dataset, anew: xr.Dataset) -> _Tests:
    """An F test for each error: is one larger than chance makes it?"""
    old, new = stored[name].values, anew[name].values
    tested = (old > 0) & (new > 0) & (_relative_difference(old, new) > ROUNDING)
    ratio = (new[tested] / old[tested]) ** 2
    n_old, n_new = _freedom(name, stored), _freedom(name, anew)
    p = 2 * np.minimum(stats.f.sf(ratio, n_new, n_old), stats.f.cdf(ratio, n_new, n_old))
    largest = np.sqrt(np.fmax(ratio, 1 / ratio).max(initial=1.0))
    return _Tests(p if p.size else np.ones(1), f"errors differ by a factor of {largest:.2g} at most")


def _freedom(error_name: str, dataset: xr.Dataset) -> int:
    """Degrees of freedom of an error, from what it is over."""
    error = dataset[error_name]
    over = error.attrs.get("over", "" if "seed" in error.dims else dataset.attrs.get("over", ""))
    numbers = [int(number) for number in re.findall(r"\d+", over)]
    if len(numbers) == 2:  # "20 time blocks in 2 seeds"
        return max(1, numbers[0] - numbers[1])
    if len(numbers) == 1:  # "5 seeds"
        return max(1, numbers[0] - 1)
    return LEAST_FREEDOM
