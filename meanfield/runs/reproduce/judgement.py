"""Judgement of a dataset made anew beside the stored one: the same to the byte, to rounding, or but for chance.

Another version of NEST, another compiler or another number of threads draws other random numbers, and then no byte of a
simulation stays. What must stay is what the data say: theory to rounding, simulated values to within their errors.

Chance is admitted only where the simulation really was another one, which shows in values that have more than a
numerical error. Then

- each value with an error is compared in Student's t test (Welch's, with the errors' degrees of freedom);
- each error is compared in an F test, so that a wrong error bar does not pass, nor hide a wrong value;
- in a dataset collected from many runs, each variable's deviations are summed over the runs in a normal test
  (Stouffer's), which sees a small shift that all runs share;
- all these tests are taken together (Bonferroni), so that two correct datasets are called "different" with a
  probability of at most `FALSE_ALARM`, however the tests depend on each other.

Which variable has which error, and which is a single draw, the datasets say (`meanfield.model.variables`). This holds
as far as errors tell all that chance can do. The error of a single run leaves out what differs between two wirings for
as long as they exist: in small networks with strong synapses as much as time does
(results/reference/standard_errors.md).
"""

from __future__ import annotations

import enum
import textwrap
from collections import Counter
from dataclasses import dataclass

import numpy as np
import xarray as xr

from meanfield.model.variables import RESIDUAL, RESTATED, SINGLE_DRAW, STANDARD_ERROR, ancillary
from meanfield.runs.reproduce.chance import Tests, like, tests_of_errors, tests_of_values
from meanfield.runs.reproduce.exact import ROUNDING, errors_agree, numerical, relative_difference, values_agree

# For a whole dataset.
FALSE_ALARM = 1e-3

# Where a run comes from, in a dataset collected from many; its dimensions are those over which there are runs.
ORIGIN = ("source", "provenance")

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
        shown = sorted((f for f in other if f.reason != NOT_TESTED), key=lambda finding: -finding.verdict)
        width = max((len(finding.variable) for finding in shown), default=0)
        lines += [f"{finding.variable:{width}}  {finding.verdict!s:19}  {finding.reason}" for finding in shown]
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
    pair = _Pair(stored, anew)
    names = [str(name) for name in stored.variables if name not in ORIGIN]
    added = tuple(str(name) for name in anew.variables if name not in stored.variables and name not in ORIGIN)
    incomparable = {name: reason for name in names if (reason := pair.incomparable(name))}
    findings = {
        name: Finding(name, Verdict.DIFFERENT, incomparable[name])
        if name in incomparable
        else pair.without_chance(name)
        for name in names
    }
    different = [name for name in names if findings[name].verdict is Verdict.DIFFERENT]
    if not any(pair.by_chance(name) for name in different):
        return Judgement(tuple(findings.values()), added, false_alarm=false_alarm)

    tests: dict[str, Tests] = {}
    for name in different:
        if pair.judged_as(name) in (SINGLE_DRAW, RESTATED) and name in anew.variables:
            findings[name] = Finding(name, Verdict.CHANCE, NOT_TESTED)
        elif name not in incomparable and pair.error(name) not in incomparable and (test := pair.tests(name)):
            tests[name] = test
    n_tests = sum(test.p.size for test in tests.values())
    for name, test in tests.items():
        verdict = Verdict.DIFFERENT if test.least < false_alarm / max(n_tests, 1) else Verdict.CHANCE
        findings[name] = Finding(name, verdict, f"{test.words}, p = {test.least:.2g}")
    least = min((test.least for test in tests.values()), default=1.0)
    return Judgement(tuple(findings.values()), added, n_tests, least, false_alarm)


class _Pair:
    """Two datasets side by side; what the one made anew says of its variables holds for both."""

    def __init__(self, stored: xr.Dataset, anew: xr.Dataset):
        self.both = stored, anew
        self.value_of: dict[str, str] = {}
        for name in anew.variables:
            self.value_of.setdefault(ancillary(anew, str(name)), str(name))
        self.runs = {dimension for name in ORIGIN if name in stored for dimension in stored[name].dims}

    def judged_as(self, name: str) -> str:
        """A variable's mark."""
        marks = [dataset[name].attrs.get("judged_as") for dataset in self.both if name in dataset.variables]
        return marks[-1] or marks[0] or ""

    def error(self, name: str) -> str:
        """Name of the error that a variable is judged by; empty if there is none."""
        if self.judged_as(name):
            return ""
        names = [ancillary(dataset, name) for dataset in reversed(self.both) if name in dataset.variables]
        return next((error for error in names if error and all(error in dataset for dataset in self.both)), "")

    def by_chance(self, name: str) -> bool:
        """Whether chance has changed a variable: some value that has more than a numerical error."""
        error = self.error(name)
        if not error or self.incomparable(name) or self.judged_as(error) == STANDARD_ERROR:
            return bool(error)
        small = [numerical(like(dataset[error], dataset[name]), dataset[name].values) for dataset in self.both]
        return bool((self.differ(name) & ~(small[0] & small[1])).any())

    def incomparable(self, name: str) -> str:
        """Why values cannot be put side by side; nothing if they can."""
        if name not in self.both[1].variables:
            return "is missing in the new dataset"
        old, new = (dataset[name] for dataset in self.both)
        if (old.dims, old.shape) != (new.dims, new.shape):
            shapes = [", ".join(f"{d} {n}" for d, n in array.sizes.items()) or "one value" for array in (old, new)]
            return f"its shape differs: {shapes[0]} before, {shapes[1]} now"
        units = [array.attrs.get("units") for array in (old, new)]
        return f"its unit differs: {units[0]} before, {units[1]} now" if units[0] != units[1] else ""

    def without_chance(self, name: str) -> Finding:
        """Compare a variable as if there were no chance."""
        old, new = (dataset[name].values for dataset in self.both)
        if old.dtype.kind not in "fc" or new.dtype.kind not in "fc":
            if n_differ := int((old != new).sum()):
                return Finding(name, Verdict.DIFFERENT, f"{n_differ} of {old.size} values differ")
            return Finding(name, Verdict.IDENTICAL)
        if old.tobytes() == new.tobytes():
            return Finding(name, Verdict.IDENTICAL)
        if n_lost := int((np.isnan(old) != np.isnan(new)).sum()):
            return Finding(name, Verdict.DIFFERENT, f"{n_lost} of {old.size} values are missing in one of the two")
        if self.judged_as(name) == RESIDUAL:
            return Finding(name, Verdict.ROUNDING, "is what rounding leaves")
        n_differ = int(self.differ(name).sum())
        largest = float(np.nanmax(relative_difference(old, new), initial=0.0))
        words = f"{n_differ} of {old.size} values differ; the" if n_differ else "the"
        reason = f"{words} largest relative difference is {largest:.1e} ({ROUNDING:.0e} is rounding)"
        return Finding(name, Verdict.DIFFERENT if n_differ else Verdict.ROUNDING, reason)

    def differ(self, name: str) -> np.ndarray:
        """Which values differ by more than rounding and numerical errors."""
        old, new = (dataset[name].values for dataset in self.both)
        beside = [dataset[self.value_of[name]] for dataset in self.both if self.value_of.get(name) in dataset]
        if len(beside) == 2 and all(array.shape == old.shape for array in beside):
            return ~errors_agree(old, new, (beside[0].values, beside[1].values))
        error = self.error(name)
        errors = tuple(like(dataset[error], dataset[name]) for dataset in self.both) if error else None
        return ~values_agree(old, new, errors)

    def tests(self, name: str) -> Tests | None:
        """The tests of a variable that differs; None if it is neither a value with errors nor an error."""
        error = self.error(name)
        if not error:
            return tests_of_errors(name, self.both, self.differ(name)) if name in self.value_of else None
        if (np.isnan(self.both[0][name].values) != np.isnan(self.both[1][name].values)).any():
            return None
        tests = tests_of_values(name, error, self.both, self.runs, self.differ(name))
        return tests if tests.p.size else None
