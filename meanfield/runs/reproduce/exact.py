"""Comparison of two datasets' values without chance: equal to rounding, or within numerical errors."""

from __future__ import annotations

import numpy as np

# What is computed without chance agrees to this relative difference, on any machine.
ROUNDING = 1e-9

# An error below this part of its value is a numerical one: no simulation is so long.
NUMERICAL = 1e-4

# An estimate of a numerical error is good to an order of magnitude.
MAGNITUDE = 10.0


def relative_difference(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Difference relative to the larger of the two; what is tiny beside the largest value counts relative to that."""
    size = np.fmax(np.abs(old), np.abs(new))
    finite = size[np.isfinite(size)]
    floor = 1e-6 * finite.max() if finite.size else 0.0
    difference = np.abs(np.where(new == old, 0.0, new - old))  # equal infinities differ by nothing
    return difference / np.where(size > 0, np.fmax(size, floor), 1.0)


def numerical(error: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Whether an error is so small that it must be a numerical one."""
    return error <= NUMERICAL * np.abs(value)


def values_agree(old: np.ndarray, new: np.ndarray, errors: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """Whether values are equal to rounding, or within the numerical errors that both datasets state for them."""
    agree = ~(relative_difference(old, new) > ROUNDING)
    if errors is None:
        return agree
    known = numerical(errors[0], old) & numerical(errors[1], new)
    return agree | (known & (np.abs(new - old) <= errors[0] + errors[1]))


def errors_agree(old: np.ndarray, new: np.ndarray, values: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Whether errors are equal beside the values that they belong to, or numerical and of the same magnitude."""
    size = np.fmax(np.abs(values[0]), np.abs(values[1]))
    agree = ~(relative_difference(old, new) > ROUNDING) | (np.abs(new - old) <= ROUNDING * size)
    magnitude = np.fmax(old, new) <= MAGNITUDE * np.fmin(old, new)
    return agree | (numerical(old, values[0]) & numerical(new, values[1]) & magnitude)
