"""What a batch costs beside the bare simulations:  python benchmarks/batch_overhead.py [--runs 40]

The same simulations of about five seconds are run by plain scripts, two at a time, and as a batch with -c2. The scripts
go half before and half after the batch, so that a machine that gets slower or faster favours neither. Processor time
of all processes counts. Writes results/reference/batch_overhead.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "results" / "reference" / "batch_overhead.md"
EXPERIMENT = "notebook: notebooks/deviation.ipynb\nfixed: {{order: 1000, duration: 1500.0}}\nseeds: {seeds}\n"


def processor_time() -> float:
    """Of all processes that have ended, in seconds."""
    times = os.times()
    return times.children_user + times.children_system


def by_scripts(seeds: range, folder: Path) -> float:
    """Run the plain script for each seed, two at a time."""
    before = processor_time()
    with ThreadPoolExecutor(2) as two:
        commands = [[sys.executable, HERE / "bare_simulation.py", str(seed), folder] for seed in seeds]
        list(two.map(lambda command: subprocess.run(command, check=True, capture_output=True), commands))
    return processor_time() - before


def as_batch(seeds: range, folder: Path) -> float:
    """Run the batch."""
    file = folder / "overhead.yml"
    file.write_text(EXPERIMENT.format(seeds=list(seeds)))
    before = processor_time()
    command = [sys.executable, "-m", "meanfield", "batch", file, "-c2"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return processor_time() - before


@click.command()
@click.option("--runs", default=40)
def main(runs: int) -> None:
    half = runs // 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scripts = by_scripts(range(1, 1 + half), folder)
        batch = as_batch(range(1, 1 + runs), folder)
        scripts += by_scripts(range(1 + half, 1 + runs), folder)
    text = (
        f"{runs} simulations on one thread each, two at a time; processor time of all processes.\n\n"
        "| by | processor time | a run | ratio |\n|---|--:|--:|--:|\n"
        f"| plain scripts | {scripts:.1f} s | {scripts / runs:.2f} s | 1 |\n"
        f"| a batch with `-c2` | {batch:.1f} s | {batch / runs:.2f} s | {batch / scripts:.3f} |\n"
    )
    print(text)
    OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
