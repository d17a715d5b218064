"""The names of `import meanfield as mf`, which are imported when they are first used."""

from __future__ import annotations

import pydoc
import subprocess
import sys

import pytest

import meanfield as mf
from meanfield.runs.sources import ROOT


def _stands_in(name: str) -> str:
    return getattr(getattr(mf, name), "__module__", "")


@pytest.mark.parametrize("name", mf.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert pydoc.getdoc(getattr(mf, name))


def test_no_function_has_the_name_of_a_module_that_would_hide_it():
    modules = {path.stem for path in (ROOT / "meanfield").iterdir() if path.name != "__init__.py"}
    assert not modules & (set(mf.__all__) - {"figures"})


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, meanfield; print(*{'numpy', 'xarray', 'scipy', 'matplotlib', 'nest', 'pandas'} & set(sys.modules))"
    )
    assert not subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_theory_and_figures_never_import_the_simulator():
    names = [f"mf.{name}" for name in mf.__all__ if _stands_in(name).startswith("meanfield.theory")]
    names += [f"mf.figures.{name}" for name in mf.figures.__all__]
    assert len(names) > 30
    code = f"import sys, meanfield as mf; {', '.join(names)}; print('nest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
