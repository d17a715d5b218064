"""Accuracy and speed of the theory beside its peers:  OPENBLAS_NUM_THREADS=1 python benchmarks/peers.py

Prints two tables and writes them to results/reference/benchmarks.md and .json. Takes some ten minutes.
"""

from __future__ import annotations

import argparse
import json
import platform
from importlib.metadata import version
from pathlib import Path

from accuracy import accuracy
from speed import speed

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference"


def markdown(result):
    """Both tables."""

    def number(x):
        return "–" if x is None else f"{x:.1e}"

    lines = [
        "Relative error against mpmath with 50 digits. *Wrong* are values off by more than 1e-6, *none* are exceptions",
        "and NaN; the largest error is that of the values that are neither.",
        "",
        "| quantity and inputs | by | points | median error | largest error | wrong | none |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in result["accuracy"]:
        lines.append(
            f"| {row['what']} | {row['who']} | {row['points']:,} | {number(row['median'])} "
            f"| {number(row['largest_of_right'])} | {row['wrong'] or ''} | {row['none'] or ''} |"
        )
    lines += [
        "",
        "Processor time on one thread, all contestants in turn in each round: median (fastest – slowest).",
        "",
        "| task | by | time | relative to the first |",
        "|---|---|--:|--:|",
    ]
    for row in result["speed"]:
        spread = f"{row['median']:.3g} ({min(row['samples']):.3g} – {max(row['samples']):.3g}) {row['unit']}"
        lines.append(f"| {row['what']} | {row['who']} | {spread} | {row['ratio']:.3g} |")
    made_with = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return "\n".join([*lines, "", f"Made with {made_with}, on {result['processor']}.", ""])


def processor():
    """What the machine calls its processor."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")] if cpuinfo.exists() else []
    return names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()


def main():
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=10_000, help="random points of the accuracy table")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="folder for benchmarks.md and benchmarks.json")
    options = parser.parse_args()
    packages = ("numpy", "scipy", "mpmath", "nnmt", "nest-simulator")
    result = {
        "accuracy": accuracy(options.points),
        "speed": speed(),
        "versions": {"Python": platform.python_version()} | {name: version(name) for name in packages},
        "processor": processor(),
    }
    tables = markdown(result)
    print(tables)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "benchmarks.md").write_text(tables)
    (options.out / "benchmarks.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
