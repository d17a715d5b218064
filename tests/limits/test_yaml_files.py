"""YAML that people and strangers write: numbers as they are meant, and nothing that hangs, swells or runs."""

from __future__ import annotations

import os

import pytest

from meanfield.model.quantities import ParameterError
from meanfield.model.yaml_files import LARGEST, read_yaml_mapping, read_yaml_value, yaml_text

BAD = {
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]": "line 2 is not valid YAML: an alias (*) is not allowed here",
    "a: " + "[" * 5000 + "]" * 5000: "more than 20 lists or mappings stand within each other",
    "a: " + "{b: " * 30 + "1" + "}" * 30: "more than 20 lists or mappings stand within each other",
    "a: \0": "unacceptable character #x0000",
    "a: " + "9" * 5000: "'99999999999999999999' is no number that can be read",
    "a: !!int foo": "a tag (!!int) is not allowed here",
    "a: !!timestamp foo": "a tag (!!timestamp) is not allowed here",
    "a: !!python/object/apply:os.system [ls]": "a tag (!!python/object/apply:os.system) is not allowed here",
    "? [a]\n: 1": "unhashable key",
    "a: 1\na: 2": "a is given twice",
    "[1, 2]": "must hold lines of the form 'name: value'",
    "1: 2": "must hold lines of the form 'name: value'",
    "": "must hold lines of the form 'name: value'",
}
NUMBERS = {"0100": 100, "-7": -7, "1e3": 1000.0, ".5": 0.5, "5.": 5.0, "1E-3": 1e-3, "-.inf": -float("inf")}
TEXTS = ["", "E", "1:30", "1_000", "0x1F", "net #2.yml", "a: b", "2001-01-01", "%x", "12 a", "null"]


@pytest.mark.parametrize("content", BAD, ids=lambda content: content[:12])
def test_bad_files_are_refused_in_a_sentence(content, tmp_path):
    file = tmp_path / "bad.yml"
    file.write_text(content)
    with pytest.raises(ParameterError) as refused:
        read_yaml_mapping(file)
    (sentence,) = refused.value.culprits
    assert BAD[content] in sentence
    assert str(file) in sentence
    assert "\n" not in sentence


def test_a_huge_file_and_one_without_end_are_not_read(tmp_path):
    huge, endless = tmp_path / "huge.yml", tmp_path / "endless.yml"
    huge.write_text("a: 1\n" + "#" * LARGEST)
    os.mkfifo(endless)
    for file, why in ((huge, "of at most 1 MB"), (endless, "no ordinary file")):
        with pytest.raises(ParameterError, match=why):
            read_yaml_mapping(file)


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_the_same_in_a_file_and_on_the_command_line(text, tmp_path):
    file = tmp_path / "numbers.yml"
    file.write_text(f"a: {text}\n")
    value = read_yaml_mapping(file)["a"]
    assert value == NUMBERS[text] == read_yaml_value(text)
    assert type(value) is type(NUMBERS[text]) is type(read_yaml_value(text))


@pytest.mark.parametrize("text", TEXTS)
def test_all_else_on_the_command_line_is_text(text):
    assert read_yaml_value(text) == text


def test_lists_and_truths_are_read_on_the_command_line():
    assert read_yaml_value("[1, 2.5, E]") == [1, 2.5, "E"]
    assert read_yaml_value("true") is True
    assert read_yaml_value("'100'") == "100"
    for bad in ("[1,2", "&a [*a]", "!!int foo"):
        with pytest.raises(ParameterError, match="the value is not valid YAML"):
            read_yaml_value(bad)


@pytest.mark.parametrize("text", [*NUMBERS, *TEXTS, "0E0", "nan", "Inf", "no", "~", "\x1b[31m"])
def test_what_is_written_reads_back_equal(text, tmp_path):
    file = tmp_path / "again.yml"
    shared = [text]
    file.write_text(yaml_text({"a": shared, "b": shared, "c": text}))
    assert read_yaml_mapping(file) == {"a": [text], "b": [text], "c": text}


def test_messages_do_not_steer_a_terminal():
    assert ParameterError(["bad \x1b[31m\x9b name"]).culprits == ("bad \\x1b[31m\\x9b name",)
