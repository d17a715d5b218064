"""Parameters of ``brunel_states.ipynb``."""

from typing import Annotated

from meanfield.model.quantities import FileMeaning
from meanfield.runs.parameters import CollectedDataParameters


class BrunelStatesParameters(CollectedDataParameters):
    """Brunel's four states, as two experiments collected them."""

    data: Annotated[str, FileMeaning("Brunel's four states")] = "results/reference/brunel_states/brunel_states.nc"
    size_data: Annotated[str, FileMeaning("state C in networks of several sizes")] = (
        "results/reference/spectrum_size/spectrum_size.nc"
    )
    output: str = "results/brunel_states_notebook"
