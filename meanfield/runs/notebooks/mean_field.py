"""Parameters of ``mean_field.ipynb``."""

from typing import Annotated, ClassVar, Literal

from meanfield.model.brunel import BrunelParameters, Drive, Inhibition
from meanfield.model.quantities import Meaning, Quantity, stated
from meanfield.runs.parameters import NotebookParameters


class MeanFieldParameters(BrunelParameters, NotebookParameters):
    """The lesson on self-consistent rates."""

    headings: ClassVar[dict[str, str]] = {
        "order": "The network: Brunel's. With these defaults it has three solutions.",
        "rate_max": "The phase plane",
        "vary": "The bifurcation diagram",
        "g_max": "The map over g and eta",
    }

    g: Inhibition = 3.0
    eta: Drive = 0.8
    rate_max: Annotated[float, Quantity("spikes/s", "end of both axes", above=0)] = 300.0
    n_plane: Annotated[int, Quantity(meaning="grid points along each", at_least=20, whole=True)] = 200
    n_trajectories: Annotated[
        int, Quantity(meaning="paths through the plane, from corner to corner", at_least=1, whole=True)
    ] = 12
    vary: Annotated[Literal["eta", "g"], Meaning('along "eta" or "g"')] = "eta"
    vary_from: Annotated[float, Quantity(meaning="first value", at_least=0)] = 0.0
    vary_to: Annotated[float, Quantity(meaning="last value", above=0)] = 1.5
    n_vary: Annotated[int, Quantity(meaning="how many values", at_least=2, whole=True)] = 601
    g_max: Annotated[float, Quantity(meaning="largest g; the map begins at 0", above=0)] = 8.0
    eta_max: Annotated[float, Quantity(meaning="largest eta; the map begins at 0", above=0)] = 4.0
    n_map: Annotated[int, Quantity(meaning="values along each", at_least=2, whole=True)] = 200
    output: str = "results/mean_field"

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        if values.vary_to <= values.vary_from:
            yield f"{stated('vary_to', values.vary_to)} must be above {stated('vary_from', values.vary_from)}"
