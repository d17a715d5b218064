"""Parameters of ``phase_diagram.ipynb``."""

from typing import Annotated

from meanfield.model.quantities import Quantity
from meanfield.runs.parameters import CollectedDataParameters


class PhaseDiagramParameters(CollectedDataParameters):
    """Simulated states, and the critical lines that are drawn over them."""

    data: str = "results/reference/phase_diagram/phase_diagram.nc"
    n_grid: Annotated[
        int,
        Quantity(
            meaning="points along each axis of the grid from which critical lines are looked for",
            at_least=5,
            whole=True,
        ),
    ] = 41
    output: str = "results/phase_diagram_notebook"
