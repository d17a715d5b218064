"""How the self-consistent trains are computed, checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import field_validator

from meanfield.model.quantities import Parameters, Quantity, off_grid, stated

REPETITIONS = 10
LONGEST = 1e5  # ms
FIRST_STAGE, FEWEST = 4, 16  # generations


class TrainsParameters(Parameters):
    """How trains are computed; see `self_consistent_trains`."""

    dt: Annotated[float, Quantity("ms", at_least=0)]
    variant: Literal["exact", "gaussian"]
    target_rate_sem: Annotated[float, Quantity(above=0)]
    target_cv_sem: Annotated[float, Quantity(above=0)]
    max_generations: Annotated[int, Quantity(at_least=FEWEST, whole=True)]
    neurons: Annotated[int, Quantity(at_least=2 * REPETITIONS, whole=True)]
    duration: Annotated[float, Quantity("ms", above=0, at_most=LONGEST)]
    windows: tuple[float, ...]
    seed: Annotated[int, Quantity(at_least=1, at_most=2**32 - 1, whole=True)]
    threads: Annotated[int, Quantity(at_least=1, whole=True)]

    @field_validator("windows", mode="before")
    @classmethod
    def _lengths(cls, value: Any) -> tuple[float, ...]:
        return tuple(np.atleast_1d(Quantity("ms", above=0).elements(value)).tolist())

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        if values.dt > 0:
            yield from off_grid("the time step dt", values.dt, duration=values.duration)
            if isinstance(values.windows, tuple):
                yield from off_grid("the time step dt", values.dt, windows=values.windows)
        elif values.dt == 0 and values.variant == "exact":
            yield f"{stated('dt', values.dt, 'ms')} is continuous time, which only variant = 'gaussian' knows"
        if np.any(np.asarray(values.windows) > values.duration):
            yield f"{stated('windows', values.windows, 'ms')} must not be longer than duration = {values.duration!r} ms"
