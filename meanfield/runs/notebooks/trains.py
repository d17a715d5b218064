"""Parameters of ``trains.ipynb``."""

from typing import Annotated, ClassVar, Literal

from meanfield.model.quantities import Meaning, Quantity, off_grid, stated
from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.simulation.parameters import BinWidth, RecordedTrains, Seeds, Segment, Simulator, Threads


class TrainsLessonParameters(SimulatedNetworkParameters):
    """The lesson on trains that are like those which drive them."""

    headings: ClassVar[dict[str, str]] = {
        "order": "The network: Brunel's, at his point C",
        "variant": "The theory",
        "segment": "What is measured",
    }

    V_reset: Annotated[float, Quantity("mV", "reset potential (NEST's examples have 0)")] = 10.0
    autapses: Annotated[
        bool, Meaning("whether a neuron may be drawn as a source of itself (not in Brunel's paper)")
    ] = False
    duration: Annotated[float, Quantity("ms", "recorded biological time for each seed", at_least=1000)] = 4000.0
    n_seeds: Seeds = 1
    simulator: Simulator = "compiled"
    threads: Threads = 1
    record: RecordedTrains = 400
    bin_width: BinWidth = 0.1
    variant: Annotated[
        Literal["exact", "gaussian"],
        Meaning('"exact": the trains themselves; "gaussian": noise with their spectrum'),
    ] = "exact"
    neurons: Annotated[int, Quantity(meaning="of each population, in a generation", at_least=20, whole=True)] = 400
    segment: Segment = 500.0
    output: str = "results/trains"

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        yield from off_grid("bin_width", values.bin_width, segment=values.segment)
        if values.segment > values.duration:
            yield f"{stated('segment', values.segment, 'ms')} must be ≤ duration = {values.duration!r} ms"
