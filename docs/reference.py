"""A page for each public name, and a list of the names of each room, from the stubs that say where they stand."""

from __future__ import annotations

import inspect

import meanfield as mf
from meanfield.runs.parameters import NotebookParameters

# The first room that a name's module begins with.
ROOMS = [
    *("model", "theory.white_noise", "theory.shot_noise", "theory.trains", "theory.linear"),
    *("simulation", "comparison", "figures", "runs"),
]


def public_names() -> dict[str, object]:
    """All public objects, by their full name."""
    names = {f"meanfield.{name}": getattr(mf, name) for name in mf.__all__ if name != "figures"}
    return names | {f"meanfield.figures.{name}": getattr(mf.figures, name) for name in mf.figures.__all__}


def room_of(thing: object) -> str:
    """The room in which an object stands, as the name of its page."""
    place = thing.__module__.removeprefix("meanfield.")
    return next(room for room in ROOMS if place.startswith(room)).rpartition(".")[2]


def pages_of_names() -> dict[str, str]:
    """The pages, by their path."""
    return {f"reference/{name}.rst": _page(name, thing) for name, thing in public_names().items()}


def lists_of_rooms() -> dict[str, str]:
    """What comes after the introduction of each room: its names with their first sentences."""
    rooms: dict[str, list[str]] = {room.rpartition(".")[2]: [] for room in ROOMS}
    for name, thing in public_names().items():
        rooms[room_of(thing)].append(name)
    return {room: _list(names) for room, names in rooms.items()}


def _page(name: str, thing: object) -> str:
    module, _, short = name.rpartition(".")
    if not inspect.isclass(thing):
        body = [f".. autofunction:: {short}"]
    elif issubclass(thing, NotebookParameters):
        body = [f".. autoclass:: {short}()", "", *_parameters(thing)]
    else:
        body = [f".. autoclass:: {short}", "   :members:", "   :exclude-members: model_config, violations"]
    place = f"Stands in ``{thing.__module__.replace('.', '/')}.py``."
    return "\n".join([short, "=" * len(short), "", f".. currentmodule:: {module}", "", *body, "", place, ""])


def _parameters(model: type[NotebookParameters]) -> list[str]:
    """A table of a notebook's parameters."""
    rows = [("name", "default", "meaning")]
    for name, field in model.model_fields.items():
        rows.append((f"``{name}``", f"``{field.default!r}`` {model.unit(name)}", model.meaning(name)))
    lines = [f"   {'  -' if column else '* -'} {cell}" for row in rows for column, cell in enumerate(row)]
    return [".. list-table::", "   :header-rows: 1", "", *lines]


def _list(names: list[str]) -> str:
    listed = "\n".join(f"   {name}" for name in names)
    tree = "\n".join(names)
    return (
        f"\n```{{eval-rst}}\n.. autosummary::\n   :nosignatures:\n\n{listed}\n```\n\n"
        f"```{{toctree}}\n:hidden:\n\n{tree}\n```\n"
    )
