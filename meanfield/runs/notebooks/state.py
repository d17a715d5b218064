"""Parameters of ``state.ipynb``."""

from typing import Annotated, ClassVar, Literal

from meanfield.model.quantities import Meaning, Quantity, off_grid, stated
from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.simulation.parameters import BinWidth, RecordedTrains, Segment, Threads


class StateParameters(SimulatedNetworkParameters):
    """One network and one seed, a point of a batch."""

    headings: ClassVar[dict[str, str]] = {"segment": "What is measured"}

    n_seeds: Annotated[Literal[1], Meaning("one run; a batch has an axis of seeds")] = 1
    threads: Threads = 1
    record: RecordedTrains = 250
    bin_width: BinWidth = 0.1
    segment: Segment = 250.0
    shown: Annotated[float, Quantity("ms", "end of the run whose spikes and activity are kept", at_least=1)] = 200.0
    output: str = "results/state"

    @classmethod
    def violations(cls, values):
        from meanfield.simulation.measures.excerpt import BIN  # here, since it needs xarray

        yield from super().violations(values)
        if values.shown > values.duration:
            yield f"{stated('shown', values.shown, 'ms')} must be ≤ duration = {values.duration!r} ms"
        yield from off_grid("bin_width", values.bin_width, segment=values.segment)
        yield from off_grid("the excerpt's bins", BIN, shown=values.shown)
        yield from off_grid("bin_width", values.bin_width, **{"the excerpt's bins": BIN})
