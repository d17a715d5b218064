"""Parameters with type, unit, bounds and meaning, and the one message a user gets when a value cannot be used."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError

LONGEST_SHOWN = 200  # characters of a value in a message


class ParameterError(ValueError):
    """Input that cannot be used; the message names every culprit, its value, its unit and what is allowed.

    Parameters
    ----------
    culprits : sequence of str
        One sentence for each culprit.
    """

    def __init__(self, culprits: Sequence[str]):
        self.culprits = tuple(map(printable, culprits))
        super().__init__("\n".join(self.culprits))


def printable(text: str) -> str:
    """Text in which what would steer a terminal is shown as an escape sequence; only line ends and tabs stay."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def stated(name: str, value: Any, unit: str = "") -> str:
    """Name, value and unit of a parameter as they open an error message."""
    if isinstance(value, np.generic):
        value = value.item()
    shown = np.array2string(value, separator=", ", threshold=12) if isinstance(value, np.ndarray) else repr(value)
    shown, name = (text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…" for text in (shown, name))
    return f"{name} = {shown} {unit}".rstrip()


@dataclass(frozen=True)
class Meaning:
    """Meaning of a parameter that is a name, a choice or yes and no: ``Annotated[bool, Meaning("whether …")]``."""

    meaning: str
    unit = ""


@dataclass(frozen=True)
class FileMeaning(Meaning):
    """Meaning of a parameter that is the path of a file."""


@dataclass(frozen=True)
class Quantity:
    """A number or array of numbers with its unit, meaning and bounds: ``Annotated[float, Quantity("ms", above=0)]``.

    Parameters
    ----------
    unit : str
        NEST's unit, or "" for a pure number.
    meaning : str
        A few words, as they stand beside the parameter in a notebook.
    above, at_least, at_most : float
        Bounds; `above` is open, the others are closed.
    whole : bool
        Whether only whole numbers are allowed.
    ndim : int
        0 for a number; 1 for one value per population; 2 for one value per pair (target, source).
    """

    unit: str = ""
    meaning: str = ""
    above: float = -math.inf
    at_least: float = -math.inf
    at_most: float = math.inf
    whole: bool = False
    ndim: int = 0

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        bounds = " and ".join(
            f"{sign} {bound:.15g} {self.unit}".rstrip()
            for sign, bound in ((">", self.above), ("≥", self.at_least), ("≤", self.at_most))
            if math.isfinite(bound)
        )
        kind = "a whole number" if self.whole else "a finite number"
        return f"{kind} {bounds}" if bounds else f"{kind} in {self.unit}" if self.unit else kind

    def accepts(self, values: np.ndarray) -> bool:
        """Whether all of `values` are numbers within the bounds."""
        if values.dtype.kind not in "iuf":  # a bool is not a number here, nor is a text that looks like one
            return False
        if not values.size:
            return True
        least, most = (values, values) if values.ndim == 0 else (values.min(), values.max())  # NaN if any is
        least, most = least.item(), most.item()
        return bool(
            math.isfinite(least)
            and math.isfinite(most)
            and self.above < least
            and self.at_least <= least
            and most <= self.at_most
            and (not self.whole or values.dtype.kind in "iu" or np.all(values == np.floor(values)))
        )

    def number(self, value: Any) -> float | int:
        """`value` as a Python number.

        Raises
        ------
        ValueError
            If it is not a number, not finite or out of bounds.
        """
        as_array = np.asarray(value)
        if as_array.ndim != 0 or not self.accepts(as_array):
            raise ValueError(f"must be {self.allowed}")
        # A whole number beyond 2**53 must not pass through a float.
        return int(value) if self.whole else float(value)

    def elements(self, value: Any) -> np.ndarray:
        """`value`, a number or an array of any shape, as an array.

        Raises
        ------
        ValueError
            If an element is not allowed.
        """
        try:
            given = np.asarray(value)
        except ValueError:
            raise ValueError("must be one number, or rows of equal length") from None
        if not self.accepts(given):
            raise ValueError(f"must be {self.allowed}" + (" in every element" if given.ndim else ""))
        return given

    def array(self, value: Any, n_populations: int) -> np.ndarray:
        """`value`, a number or a full array, as a read-only array of `ndim` dimensions of length `n_populations`.

        Raises
        ------
        ValueError
            If an element is not allowed or the shape does not fit.
        """
        shape = (n_populations,) * self.ndim
        given = self.elements(value)
        if given.shape not in ((), shape):
            raise ValueError(f"must be one number or an array of shape {shape}, not of shape {given.shape}")
        full = np.empty(shape, dtype=np.int64 if self.whole else float)
        full[...] = given
        full.flags.writeable = False
        return full

    def __get_pydantic_core_schema__(self, source, handler):
        def validate(value, info):
            if self.ndim == 0:
                return self.number(value)
            if "populations" not in info.data:  # no shape to hold it to; that culprit is told already
                return self.elements(value)
            return self.array(value, len(info.data["populations"]))

        return PlainValidator(validate).__get_pydantic_core_schema__(source, handler)


class Parameters(BaseModel):
    """Base of everything a user sets: refuses unknown names, and reports all culprits at once as `ParameterError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, strict=True)

    def __init__(self, /, **values: Any):
        culprits: list[str] = []
        try:
            super().__init__(**values)
            checked = self
        except ValidationError as error:
            fields = type(self).model_fields
            bad = {str(entry["loc"][0]) for entry in error.errors()}
            culprits += [self._sentence(entry) for entry in error.errors()]
            # What is wrong or missing becomes NaN, with which no rule is ever violated: so the rules between the
            # good ones are still checked, and one message tells all.
            checked = SimpleNamespace(
                **{
                    name: math.nan if field.is_required() else field.get_default(call_default_factory=True)
                    for name, field in fields.items()
                }
            )
            checked.__dict__.update(values | dict.fromkeys(bad, math.nan))
        culprits += self.violations(checked)
        if culprits:
            raise ParameterError(list(dict.fromkeys(culprits)))

    @classmethod
    def violations(cls, values: Any) -> Iterator[str]:
        """A sentence for each violated rule between parameters; `values` has them as attributes, NaN where unusable.

        A rule is written as "if what is forbidden", so that NaN never violates it.
        """
        yield from ()

    @classmethod
    def unit(cls, name: str) -> str:
        """The unit of parameter `name`."""
        return next((m.unit for m in cls.model_fields[name].metadata if isinstance(m, Quantity)), "")

    @classmethod
    def meaning(cls, name: str) -> str:
        """The meaning of parameter `name`: where a class gives none, that of its nearest base."""
        fields = [base.model_fields[name] for base in cls.__mro__ if name in getattr(base, "model_fields", {})]
        meanings = [m.meaning for field in fields for m in field.metadata if isinstance(m, Meaning | Quantity)]
        return next(filter(None, meanings), "")

    @classmethod
    def files(cls) -> set[str]:
        """The parameters that are paths of files."""
        fields = [(name, field) for base in cls.__mro__ for name, field in getattr(base, "model_fields", {}).items()]
        return {name for name, field in fields if any(isinstance(m, FileMeaning) for m in field.metadata)}

    @classmethod
    def _sentence(cls, entry: dict) -> str:
        name, why = ".".join(map(str, entry["loc"])), entry["msg"]
        known = list(cls.model_fields)
        if entry["type"] == "extra_forbidden":
            name = name[:LONGEST_SHOWN]
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"did you mean {close[0]}?" if close else "known are " + ", ".join(known)
            return f"{name} is not a parameter here; {meant}"
        if entry["type"] == "missing":
            return f"{name} is missing"
        unit = cls.unit(str(entry["loc"][0]))
        value = entry["input"]
        if entry["type"] != "value_error":
            why = f"is not allowed: {why[0].lower()}{why[1:]}"
        return f"{stated(name, value, unit)} {why.removeprefix('Value error, ')}"


def off_grid(grid: str, step: float, /, **times: Any) -> Iterator[str]:
    """A sentence for each of the `times` (ms, numbers or arrays) that is not a multiple of `step` (ms).

    `grid` says in the sentence what the step is.
    """
    for name, value in times.items():
        steps = np.asarray(value, dtype=float) / step
        whole = np.rint(steps)
        if np.any((np.abs(steps - whole) > 1e-6) | ((whole == 0) & (steps != 0))):
            yield f"{stated(name, value, 'ms')} must be a multiple of {stated(grid, step, 'ms')}"


def checked_frequency(frequency: Any) -> np.ndarray:
    """Frequencies (Hz) as an array, shape (F,).

    Raises
    ------
    ParameterError
    """
    allowed = Quantity("Hz", at_least=0)
    values = np.atleast_1d(np.asarray(frequency))
    if values.ndim != 1 or not allowed.accepts(values):
        raise ParameterError([f"{stated('frequency', frequency, 'Hz')} must be {allowed.allowed}, or a row of such"])
    return values.astype(float)
