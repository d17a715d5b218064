"""Parameters of ``explore.ipynb``."""

from typing import Annotated, ClassVar, Literal

from meanfield.model.quantities import Meaning
from meanfield.runs.network_parameters import NetworkParameters


class ExploreParameters(NetworkParameters):
    """The network with which the explorer begins."""

    headings: ClassVar[dict[str, str]] = {"vary": "What is shown along one parameter"}

    vary: Annotated[
        Literal["g", "eta", "J", "V_reset", "tau_syn"], Meaning("the parameter; of another network its drive varies")
    ] = "eta"
    output: str = "results/explore"
