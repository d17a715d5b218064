"""Notebooks as JupyterLab saves them here: without metadata of its own, which would change tracked files."""

from __future__ import annotations

from typing import Any

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def without_own_metadata(model: dict[str, Any], **_: Any) -> None:
    """Leave of a notebook's metadata what the tracked ones have; ``make lab`` names this as hook before saving.

    Parameters
    ----------
    model : dict
        What is about to be saved, as Jupyter's contents manager describes it; changed in place.
    """
    if model["type"] == "notebook" and model["content"]["nbformat"] == 4:
        model["content"]["metadata"] = METADATA
