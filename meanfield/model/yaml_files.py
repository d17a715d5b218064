"""YAML as people write it: 1e4 and 0100 are numbers, no name stands twice, no short file stands for a huge one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from meanfield.model.quantities import ParameterError

# Far beyond what a person writes, and read within a second.
LARGEST = 1_000_000  # bytes
DEEPEST = 20  # lists and mappings within each other

WHOLE = re.compile(r"[-+]?\d+$")
FRACTION = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?$|[-+]?\.?(inf|Inf|INF)$|\.?(nan|NaN|NAN)$")


class _Reader(yaml.SafeLoader):
    """Safe YAML with decimal numbers only, without aliases and tags, and in which no name is given twice."""

    depth = 0

    def compose_node(self, parent, index):
        if self.check_event(yaml.events.AliasEvent):
            raise self._refusal("an alias (*) is not allowed here; write the value out")
        if tag := self.peek_event().tag:
            raise self._refusal(f"a tag ({tag.replace('tag:yaml.org,2002:', '!!')}) is not allowed here")
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refusal(f"more than {DEEPEST} lists or mappings stand within each other")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refusal(self, problem: str) -> yaml.MarkedYAMLError:
        return yaml.composer.ComposerError(problem=problem, problem_mark=self.peek_event().start_mark)

    def construct_mapping(self, node, deep=False):
        names = [name.value for name, _ in node.value]
        for position, name in enumerate(names):
            if name in names[:position]:
                raise yaml.constructor.ConstructorError(
                    problem=f"{name} is given twice", problem_mark=node.value[position][0].start_mark
                )
        return super().construct_mapping(node, deep)

    def construct_whole(self, node):
        return self._number(node, int)

    def construct_fraction(self, node):
        return self._number(node, lambda text: float(re.sub(r"\.(?=[a-zA-Z])", "", text)))

    def _number(self, node, read):
        text = self.construct_scalar(node)
        try:
            return read(text)
        except ValueError:
            problem = f"{text[:20]!r} is no number that can be read"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark) from None


class _Writer(yaml.SafeDumper):
    """Safe YAML for `_Reader`: a name that it would take for a number, as 0E0, is quoted."""

    def ignore_aliases(self, data):
        return True


_Reader.add_constructor("tag:yaml.org,2002:int", _Reader.construct_whole)
_Reader.add_constructor("tag:yaml.org,2002:float", _Reader.construct_fraction)
for _language in (_Reader, _Writer):
    # YAML 1.1 takes 0100 for 64, 1:30 for 90 and 1e4 for text; none of them is what a person means.
    _language.yaml_implicit_resolvers = {
        first: [rule for rule in rules if rule[0].rpartition(":")[2] not in ("int", "float", "timestamp")]
        for first, rules in _language.yaml_implicit_resolvers.items()
    }
    _language.add_implicit_resolver("tag:yaml.org,2002:int", WHOLE, list("-+0123456789"))
    _language.add_implicit_resolver("tag:yaml.org,2002:float", FRACTION, list("-+.0123456789iInN"))


def read_yaml_mapping(path: str | Path) -> dict[str, Any]:
    """The mapping of names to values that a YAML file holds.

    Raises
    ------
    ParameterError
        If the file cannot be read, is too large, or holds something else.
    """
    path = Path(path)
    try:
        if path.is_fifo() or path.is_char_device():  # reading might never end
            raise OSError("it is no ordinary file")
        if path.stat().st_size > LARGEST:
            raise OSError(f"it has {path.stat().st_size / 1e6:.1f} MB, of at most {LARGEST / 1e6:g} MB")
        text = path.read_text()
    except (OSError, ValueError) as error:
        raise ParameterError([f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    content = _read(text, str(path))
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ParameterError([f"{path} must hold lines of the form 'name: value'"])
    return content


def read_yaml_value(text: str) -> Any:
    """One value as typed on the command line: a list or mapping, or a number, true, false or text without quotes.

    Raises
    ------
    ParameterError
        If it begins like YAML's lists, mappings or quotes, but is none that is allowed.
    """
    if text.lstrip()[:1] in tuple("[{'\"&*!"):
        return _read(text, "the value")
    reader = _Reader("")
    tag = reader.resolve(yaml.ScalarNode, text, (True, False))
    if tag.rpartition(":")[2] not in ("int", "float", "bool"):
        return text  # with whatever is in it, as the # of a file's name; no parameter is nothing, a name may be empty
    try:
        return reader.construct_object(yaml.ScalarNode(tag, text))
    except yaml.YAMLError as error:
        raise ParameterError([str(error.problem)]) from None


def _read(text: str, where: str) -> Any:
    try:
        return yaml.load(text, _Reader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark and where != "the value" else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ParameterError([f"{where}{line} is not valid YAML: {problem}"]) from None


def yaml_text(content: dict[str, Any]) -> str:
    """YAML from which `read_yaml_mapping` reads an equal mapping, to the last bit."""
    return yaml.dump(content, Dumper=_Writer, sort_keys=False, default_flow_style=None)
