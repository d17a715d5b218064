"""Colours, markers and lines by what they stand for: populations, states, theories, values of a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

# Okabe and Ito's colours, and two darker ones of Tol's.
COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "pink": "#CC79A7",
    "sky": "#56B4E9",
    "vermillion": "#D55E00",
    "navy": "#332288",
    "wine": "#882255",
    "grey": "#999999",
    "black": "black",
}

THEORY = "black"
SIMULATED = COLOURS["blue"]  # of a measurement on all neurons
BAND = COLOURS["sky"]  # around it
UNSTABLE = COLOURS["vermillion"]
TRAJECTORY = COLOURS["green"]

# Excitatory populations: cold, full, solid; inhibitory ones: warm, open, dashed. Layers differ in hue and shape.
EXCITATORY = ("blue", "sky", "green", "navy")
INHIBITORY = ("orange", "vermillion", "pink", "wine")
SHAPES = "os^Dv"

# Brunel's states, and the lines where they begin.
STATES = {
    "SR": {"marker": "s", "color": THEORY},
    "AR": {"marker": "D", "color": COLOURS["grey"]},
    "AI": {"marker": "o", "color": COLOURS["green"]},
    "SI-fast": {"marker": "^", "color": COLOURS["vermillion"]},
    "SI-slow": {"marker": "v", "color": COLOURS["blue"]},
    "silent": {"marker": "x", "color": COLOURS["grey"]},
}
CRITICAL_LINES = {
    "synchronous regular": {"color": THEORY, "ls": "-", "label": "SR | AI"},
    "fast": {"color": COLOURS["vermillion"], "ls": "--", "label": "fast oscillation"},
    "slow": {"color": COLOURS["blue"], "ls": "-", "label": "slow oscillation"},
    "saddle-node": {"color": COLOURS["grey"], "ls": ":", "label": "saddle-node"},
}

# Theories of one quantity, side by side.
THEORIES = {
    "white_noise": {"color": THEORY, "ls": "--", "label": "theory, white noise"},
    "shot_noise": {"color": THEORY, "ls": "-", "label": "theory, shot noise"},
    "shot_noise_measured": {"color": COLOURS["vermillion"], "ls": "-.", "label": "the same, on measured trains"},
}

TRAINS = {"color": COLOURS["vermillion"], "ls": "-.", "lw": 1.4}  # of self-consistent trains

# Values of a parameter, one after the other.
SERIES = (("o", COLOURS["blue"]), ("^", COLOURS["orange"]), ("s", COLOURS["green"]), ("D", COLOURS["pink"]))


class Look(NamedTuple):
    """How a population is drawn, wherever it is."""

    colour: str
    marker: str
    line: str
    face: str  # of its markers: its colour, or white
    width: float  # of its line

    @property
    def markers(self) -> dict[str, Any]:
        """For matplotlib: markers without a line."""
        return {"color": self.colour, "marker": self.marker, "mfc": self.face, "ls": "none", "ms": 4}

    @property
    def curve(self) -> dict[str, Any]:
        """For matplotlib: a line without markers."""
        return {"color": self.colour, "ls": self.line, "lw": self.width}


def population_looks(names: Iterable[str]) -> dict[str, Look]:
    """The look of each population of a network, by its name.

    A population is inhibitory if its name ends in I, as in "I", "L23I" or "4i", or says "inh".
    """
    names = [str(name) for name in names]
    inhibitory = [bool(re.search(r"(I|(?<![A-Za-z])i)[\d_]*$|inh", name)) for name in names]
    looks = {}
    for number, (name, inhibits) in enumerate(zip(names, inhibitory, strict=True)):
        place = inhibitory[:number].count(inhibits)
        hues = INHIBITORY if inhibits else EXCITATORY
        colour = COLOURS[hues[place % len(hues)]]
        line, face = ("--", "white") if inhibits and not all(inhibitory) else ("-", colour)
        # Two populations often lie on each other: the second shows inside the first.
        width = 2.4 if len(names) == 2 and number == 0 else 1.2
        looks[name] = Look(colour, SHAPES[place % len(SHAPES)], line, face, width)
    return looks
