"""Computations that may fail: their result, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def attempt(compute: Callable[[], Result], otherwise: Result) -> tuple[Result, str]:
    """The result of a computation and "", or what stands for it and why it failed.

    For predictions beside a simulation, which must not be lost with them. What cannot be predicted is missing with that
    reason; errors of the program itself are raised.
    """
    try:
        return compute(), ""
    except (ValueError, ArithmeticError, LookupError) as error:
        return otherwise, str(error) or type(error).__name__
