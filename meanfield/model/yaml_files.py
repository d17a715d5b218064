"""YAML as people write it: 1e4 is a number, and no name is given twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from meanfield.model.quantities import ParameterError


class _Reader(yaml.SafeLoader):
    """Safe YAML, in which 1e4 is a number (YAML 1.1 takes it for text) and no name is given twice."""

    def construct_mapping(self, node, deep=False):
        names = [name.value for name, _ in node.value]
        for position, name in enumerate(names):
            if name in names[:position]:
                raise yaml.constructor.ConstructorError(
                    problem=f"{name} is given twice", problem_mark=node.value[position][0].start_mark
                )
        return super().construct_mapping(node, deep)


class _Writer(yaml.SafeDumper):
    """Safe YAML for `_Reader`: a name that it would take for a number, as 0E0, is quoted."""


for _language in (_Reader, _Writer):
    _language.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
    )


def read_yaml_mapping(path: str | Path) -> dict[str, Any]:
    """The mapping of names to values that a YAML file holds.

    Raises
    ------
    ParameterError
        If the file cannot be read or holds something else.
    """
    try:
        content = yaml.load(Path(path).read_text(), _Reader)
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError([f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ParameterError([f"{path}{where} is not valid YAML: {getattr(error, 'problem', None) or error}"]) from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ParameterError([f"{path} must hold lines of the form 'name: value'"])
    return content


def yaml_text(content: dict[str, Any]) -> str:
    """YAML from which `read_yaml_mapping` reads an equal mapping, to the last bit."""
    return yaml.dump(content, Dumper=_Writer, sort_keys=False, default_flow_style=None)
