"""Parameters of ``validity_map.ipynb``."""

from typing import Annotated

from meanfield.model.quantities import FileMeaning, Meaning, Quantity
from meanfield.runs.parameters import CollectedDataParameters


class ValidityParameters(CollectedDataParameters):
    """Deviations over g and eta and along J, as two experiments collected them."""

    data: Annotated[str, FileMeaning("runs over g and eta")] = "results/reference/validity_map/validity_map.nc"
    line_data: Annotated[str, FileMeaning("runs over J")] = "results/reference/validity_along_J/validity_along_J.nc"
    level: Annotated[
        float,
        Quantity(meaning="probability of calling a deviation significant that is chance", above=0, at_most=0.5),
    ] = 0.01
    trains: Annotated[
        bool, Meaning("whether to predict self-consistent trains at every setting, which takes minutes")
    ] = True
    output: str = "results/validity_map_notebook"
