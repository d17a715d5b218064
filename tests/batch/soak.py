"""Kill a batch again and again, and see that nothing is lost, nothing repeated, nothing half-written.

    python tests/batch/soak.py                      30 rounds on 24 runs, some minutes
    python tests/batch/soak.py --rounds 2 --runs 6

In each round a batch is continued by the plain command, and after a random time its whole process group is killed
(SIGKILL). Five seconds later none of its processes may be alive. At the end it may finish: its collected dataset must
be byte-identical to that of an undisturbed batch, and nothing may be left in the temporary directory.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import psutil
import xarray as xr
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Repository

TIME_TO_END = 5.0  # s, for kernels to notice that their runner is gone


@click.command()
@click.option("--rounds", default=30, help="Kills.")
@click.option("--runs", default=24, help="Runs of the batch.")
@click.option("--seed", default=1, help="Seed of the random moments.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to work; by default a temporary folder.")
def main(rounds: int, runs: int, seed: int, folder: Path | None) -> None:
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        undisturbed, disturbed = (Repository(Path(place) / name) for name in ("undisturbed", "disturbed"))
        temporary = Path(place) / "temporary"
        temporary.mkdir()
        os.environ["TMPDIR"] = str(temporary)
        text = f"grid:\n- g: {{from: 1.0, to: {runs}.0, n: {runs}}}\n"
        started = time.monotonic()
        code, said = undisturbed.batch(undisturbed.experiment(text))
        whole = time.monotonic() - started
        assert code == 0, said

        file = disturbed.experiment(text)
        # Slow enough that every round finds the batch at work: all rounds together take about as long as it does.
        finished: dict[str, tuple[int, int]] = {}
        killed = 0
        for _ in tqdm(range(rounds), unit="kill"):
            process = disturbed.start("meanfield", "batch", file, "-c2")
            try:
                process.communicate(timeout=moments.uniform(0.2, 1.5) * max(whole / rounds + 3.0, 3.0))
            except Exception:
                Repository.kill(process)
                killed += 1
            ended_in_time(disturbed)
            finished = look(disturbed, finished)
        code, said = disturbed.batch(file)
        assert code == 0, said
        look(disturbed, finished)
        assert disturbed.collected().read_bytes() == undisturbed.collected().read_bytes(), (
            "the collected dataset differs"
        )
        left = list((disturbed.folder / "results").rglob(".*.partial*"))
        assert not left, f"partial files are left: {left}"
        left = list(temporary.iterdir())
        assert not left, f"temporary folders are left: {left}"
    print(
        f"{killed} of {rounds} rounds were killed; {len(finished)} of {runs} runs finished meanwhile; same bytes, "
        f"no process alive {TIME_TO_END:g} s after a kill, nothing left in the temporary directory"
    )


def ended_in_time(repository: Repository) -> None:
    """Fail if a process of the copy is alive some seconds after the kill."""
    _, alive = psutil.wait_procs(list(processes_of(repository)), timeout=TIME_TO_END)
    alive = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    assert not alive, f"still alive: {alive}"


def processes_of(repository: Repository) -> Iterator[psutil.Process]:
    """What runs the copy's code."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("PYTHONPATH") == str(repository.folder):
                yield process
        except psutil.Error:
            continue


def look(repository: Repository, finished: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """What is finished now; fails if a dataset is broken, or one that was there before has been written again."""
    now = {}
    for name, path in repository.datasets().items():
        xr.load_dataset(path, engine="h5netcdf")
        state = path.stat()
        now[name] = (state.st_ino, state.st_mtime_ns)
    for name, state in finished.items():
        assert now.get(name) == state, f"run {name} was finished, and was run again"
    return now


if __name__ == "__main__":
    main()
