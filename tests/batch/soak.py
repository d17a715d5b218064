"""Kill a batch again and again, and see that nothing is lost, nothing repeated, nothing half-written.

    python tests/batch/soak.py                      30 rounds on 24 runs, some minutes
    python tests/batch/soak.py --rounds 3 --runs 8

In each round a batch is continued by the plain command, and after a random time its whole process group is killed
(SIGKILL). At the end it may finish, and its collected dataset must be byte-identical to that of an undisturbed batch.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import click
import xarray as xr
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Repository


@click.command()
@click.option("--rounds", default=30, help="Kills.")
@click.option("--runs", default=24, help="Runs of the batch.")
@click.option("--seed", default=1, help="Seed of the random moments.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to work; by default a temporary folder.")
def main(rounds: int, runs: int, seed: int, folder: Path | None) -> None:
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        undisturbed, disturbed = (Repository(Path(place) / name) for name in ("undisturbed", "disturbed"))
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
            process = disturbed.start("snakemake", "--config", f"experiment={file}", "-c2")
            try:
                process.communicate(timeout=moments.uniform(0.2, 1.5) * max(whole / rounds + 3.0, 3.0))
            except Exception:
                Repository.kill(process)
                killed += 1
            time.sleep(1.5)  # a kernel notices that its runner is gone, and ends
            finished = look(disturbed, finished)
        code, said = disturbed.batch(file)
        assert code == 0, said
        look(disturbed, finished)
        assert disturbed.collected().read_bytes() == undisturbed.collected().read_bytes(), (
            "the collected dataset differs"
        )
        left = list((disturbed.folder / "results").rglob(".*.partial*"))
        assert not left, f"partial files are left: {left}"
    print(f"{killed} of {rounds} rounds were killed; {len(finished)} of {runs} runs finished meanwhile; same bytes")


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
