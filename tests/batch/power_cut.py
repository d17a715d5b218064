"""Pull the plug on a file system while results are replaced: python tests/batch/power_cut.py [ROUNDS], as root.

A file-system image is mounted, and sets of files are written into it one after the other. A copy of the image, taken
in the midst of that, is what a disk would hold after a power cut. Each set's files must be complete there, and all of
one set, once the journal has been carried out.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from meanfield.runs.files import finish_replacing, write_as_set

NAMES = ("figure.png", "figure.svg", "run.circumstances.json", "run.nc")
SIZE = 300_000  # bytes of each file


def content(number: int, name: str) -> bytes:
    """What a file holds: the number of its set, again and again."""
    return f"{name} {number:09d}\n".encode() * (SIZE // (len(name) + 11))


def write_sets(folder: Path) -> None:
    """Replace the set for ever."""
    number = 0
    while True:
        number += 1
        write_as_set(folder, {name: content(number, name) for name in NAMES})


@contextlib.contextmanager
def mounted(image: Path, place: Path) -> Iterator[None]:
    """The image as a folder."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def one_round(folder: Path, seconds: float) -> str:
    """What a power cut after so many seconds leaves: "set N", or what is wrong."""
    image, copy = folder / "image", folder / "copy"
    with image.open("wb") as file:
        file.truncate(64_000_000)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(image, folder / "disk"):
        results = folder / "disk" / "results"
        with subprocess.Popen([sys.executable, __file__, "--write", results]) as writer:
            while not (results / NAMES[-1]).exists():
                time.sleep(0.01)
            time.sleep(seconds)
            writer.send_signal(signal.SIGSTOP)  # the copy takes longer than a set
            while psutil.Process(writer.pid).status() != psutil.STATUS_STOPPED:
                time.sleep(0.001)
            copy.write_bytes(image.read_bytes())
            writer.kill()
    with mounted(copy, folder / "disk"):
        results = folder / "disk" / "results"
        finish_replacing(results)
        numbers = set()
        for name in NAMES:
            if not (results / name).exists():
                return f"{name} is not there"
            stored = (results / name).read_bytes()
            number = int(stored[len(name) + 1 : len(name) + 10] or 0) if stored.startswith(name.encode()) else 0
            if stored != content(number, name):
                return f"{name} has {len(stored)} bytes and is not complete"
            numbers.add(number)
    return f"set {numbers.pop()}" if len(numbers) == 1 else f"files of different sets: {sorted(numbers)}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write_sets(Path(sys.argv[2]))
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    good = 0
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as place:
            outcome = one_round(Path(place), random.uniform(0, 2))
        good += outcome.startswith("set")
        print(f"round {number}: {outcome}", flush=True)
    print(f"{good} of {rounds} rounds without an empty, a half or a mixed file")
    sys.exit(good < rounds)
