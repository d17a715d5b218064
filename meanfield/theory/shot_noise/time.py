"""Time as a simulation has it, in steps, and time as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TimeSteps:
    """Time that advances in steps.

    Parameters
    ----------
    dt : float, ms
        Length of a step.
    """

    dt: float

    @property
    def unit(self) -> float:
        """In which times are counted, ms."""
        return self.dt

    def counted(self, time) -> float:
        """A time (ms) that is a whole number of steps, as that number."""
        return round(time / self.dt)

    def seen(self, time) -> float:
        """Number of steps after which what happens at a time (ms) above 0 is seen."""
        return max(1.0, float(np.ceil(time / self.dt * (1 - 1e-12))))  # unless rounding alone lifts it above one


@dataclass(frozen=True)
class ContinuousTime:
    """The limit of steps that vanish; times are counted in ms."""

    @property
    def unit(self) -> float:
        """In which times are counted, ms."""
        return 1.0

    def counted(self, time) -> float:
        """A time (ms) as it is."""
        return time

    def seen(self, time) -> float:
        """A time (ms) as it is: what happens is seen at once."""
        return float(time)


Time = TimeSteps | ContinuousTime


def time_of(dt: float) -> Time:
    """Steps of dt (ms), or continuous time if that is 0, as users write it."""
    return TimeSteps(dt) if dt > 0.0 else ContinuousTime()
