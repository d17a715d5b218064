"""Terms of the error budget: the name, words, cause and look of each, one row a term."""

from __future__ import annotations

from typing import NamedTuple

import xarray as xr


class Term(NamedTuple):
    """One step of the budget. A new theory is a row here, and a rung in `meanfield.comparison.error_budget`."""

    name: str  # in datasets: of a rung and of the step up to it, or of a part of the last step
    words: str  # in tables and figures
    cause: str  # what theory leaves out below this step
    colour: str  # of `meanfield.figures.palettes.COLOURS`
    marker: str
    line: str = "-"


TERMS = (
    Term("siegert", "Siegert", "", "black", "D"),
    Term("shot_noise", "shot noise", "each input spike moves the potential by a jump", "blue", "s"),
    Term("time_grid", "time grid", "the simulation advances in steps of dt", "orange", "^"),
    Term("self_consistent_trains", "self-consistent trains", "spike trains are not Poisson", "vermillion", "p"),
    Term("finite_network", "finite size and wiring", "neurons share inputs, and their spikes come back", "green", "o"),
)
# Of networks with exponential synapses, random in-degrees or spread weights, before the trains.
NEURONS = (
    Term("delta_synapses", "delta synapses", "", "black", "D"),
    Term("exponential_synapses", "exponential synapses", "currents outlast the spike that causes them", "blue", "s"),
    Term("spread_weights", "spread weights", "weights of one kind differ", "sky", "h"),
    Term("unequal_neurons", "unequal neurons", "neurons differ in their in-degrees and weights", "orange", "^"),
)
# Of the step to the simulated network, measured on surrogates.
PARTS = (
    Term("reaction", "network's reaction", "the network drives itself at its own rates", "wine", "v"),
    Term("control", "control (0)", "chance alone", "grey", "x", ":"),
    Term("trains", "trains not Poisson", "a neuron's intervals are no Poisson train's", "pink", "P"),
    Term("correlations", "correlations", "neurons fire together", "navy", ">", "-."),
    Term("rest", "rest", "what unconnected neurons do not have", "grey", "+", "--"),
)
# In place of the control, where theory is that of white noise.
WHITE_NOISE_PARTS = (
    Term("multapses", "multapses", "spikes of a source drawn more than once arrive together", "vermillion", "p"),
    Term("jumps_in_steps", "jumps in steps", "input spikes move the potential by jumps, in steps of dt", "green", "s"),
)
# Of datasets that were made before the trains' statistics were a term of their own.
FORMER = (Term("network", "real trains", "spike trains are neither Poisson nor independent", "green", "o"),)
_ROWS = {term.name: term for term in (*TERMS, *NEURONS, *PARTS, *WHITE_NOISE_PARTS, *FORMER)}


def split_above(budget: xr.Dataset) -> str:
    """The rung from which the parts of a budget lead to the simulated rate; by default the last one before it."""
    return budget["part_contribution"].attrs.get("above", str(budget["rung"].values[-2]))


def term(name: str) -> Term:
    """The row of this name; a dataset's term that has none keeps its name, in grey."""
    return _ROWS.get(str(name)) or Term(str(name), str(name).replace("_", " "), "", "grey", ".")
