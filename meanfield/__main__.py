"""The command line: ``python -m meanfield``, also installed as ``meanfield``."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

try:
    import click
except ModuleNotFoundError:
    sys.exit("meanfield: the command needs more than theory does; pip install 'meanfield[notebooks]' installs it")

from meanfield.model.quantities import ParameterError
from meanfield.runs.places import repository

REFERENCE = Path("results", "reference")  # of the repository: the datasets and figures that are tracked
FILE_HELP = "YAML file of parameters; paths in it start at the repository's root. -p goes before it."


class _ToldInOneLine(click.Group):
    """Tells a user's mistake without a traceback, with exit code 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except ParameterError as error:
            for culprit in error.culprits:
                click.echo(f"meanfield: {culprit}", err=True)
            sys.exit(2)


@click.group(cls=_ToldInOneLine)
def main() -> None:
    """What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""
    # nbformat's validator builds a grammar for a format that notebooks do not have: seconds of every command.
    sys.modules.setdefault("rfc3987_syntax", None)


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(), help="Folder for the results.")
@click.option("-p", "--parameter", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter; may be repeated.")
@click.option("-f", "--file", type=click.Path(path_type=Path), help=FILE_HELP)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--ends-with-parent", is_flag=True, hidden=True, help="For batches: end when Snakemake ends.")
def run(
    notebook: Path,
    output: str,
    parameter: tuple[tuple[str, str], ...],
    file: Path | None,
    quiet: bool,
    ends_with_parent: bool,
) -> None:
    """Run NOTEBOOK with the parameters given, after checking every one of them."""
    from meanfield.model.yaml_files import read_yaml_mapping, read_yaml_value
    from meanfield.runs.in_one_line import outcome
    from meanfield.runs.kernel_process import die_with
    from meanfield.runs.runner import NotebookFailed, run_notebook

    if ends_with_parent:
        die_with(os.getppid())
    given = read_yaml_mapping(file) if file else {}
    typed = {name: read_yaml_value(value) for name, value in parameter}
    if "output" in {**given, **typed}:
        raise ParameterError(["output is set by -o, not as a parameter"])
    try:
        executed = run_notebook(notebook, output, given, typed, say=None if quiet else sys.stderr)
    except NotebookFailed as error:
        click.echo(f"meanfield: {error}", err=True)
        sys.exit(1)
    if not quiet:
        click.echo(outcome(executed))


@main.command()
def cells() -> None:
    """Write the parameters cells of the repository's notebooks anew, from their models."""
    from meanfield.runs.cell_writer import write_cells

    notebooks = repository("meanfield cells") / "notebooks"
    for path in write_cells(sorted(notebooks.glob("*.ipynb"))):
        click.echo(f"written: {path}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--variables", is_flag=True, help="List all variables too.")
def show(file: Path, variables: bool) -> None:
    """Print what the dataset FILE holds, and where it comes from."""
    from meanfield.runs.results import load_dataset
    from meanfield.runs.show import describe

    click.echo(describe(load_dataset(file), file, variables))


@main.command()
@click.argument("place", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The page, FILE.html.")
@click.option("--code", is_flag=True, help="Show a notebook's code too.")
def report(place: Path, output: Path, code: bool) -> None:
    """Write one HTML page of PLACE, a dataset or the folder of a run or a batch: to send, and to read anywhere."""
    from meanfield.runs.files import refuse_unwritable_file, write_atomically
    from meanfield.runs.report.contents import report

    refuse_unwritable_file(output, ".html")
    page = report(place, code)
    write_atomically(output, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    click.echo(f"written: {output}, {len(page.encode()) / 1e6:.2f} MB")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The table, FILE.csv.")
def export(file: Path, output: Path) -> None:
    """Write the numbers of the dataset FILE as a table, a row for each population, seed and setting of a batch."""
    from meanfield.runs.files import refuse_unwritable_file, write_atomically
    from meanfield.runs.report.spreadsheet import csv_of
    from meanfield.runs.results import load_dataset

    refuse_unwritable_file(output, ".csv")
    content = csv_of(load_dataset(file), file)
    write_atomically(output, lambda temporary: temporary.write_text(content, encoding="utf-8"))
    click.echo(f"written: {output}, {content.count(chr(10)) - 1} rows")


@main.command()
@click.argument("place", type=click.Path(path_type=Path), required=False)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name what differs, and exit with 1 if any.")
def figures(place: Path | None, only_check: bool) -> None:
    """Draw the figures of PLACE again, a dataset or a folder of them; by default all tracked ones.

    Nothing is simulated, and the same dataset gives the same bytes.
    """
    from meanfield.runs.reproduce.redraw import check, draw_again

    place = place or repository("meanfield figures without a PLACE") / REFERENCE
    if not place.exists():
        raise ParameterError([f"{place} does not exist"])
    states = check(place) if only_check else draw_again(place)
    if not states:
        raise ParameterError([f"{place} holds no dataset of which a figure is known"])
    for path, state in states.items():
        if state != "same":
            click.echo(f"{state}: {path}")
    n_same = list(states.values()).count("same")
    click.echo(f"{n_same} of {len(states)} files are the same to the byte")
    if only_check and n_same < len(states):
        sys.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A new folder; by default in results/rerun.")
def rerun(file: Path, output: Path | None) -> None:
    """Run again what made the dataset FILE, and compare; exits with 1 if the two are different."""
    from meanfield.runs.reproduce.judgement import Verdict
    from meanfield.runs.reproduce.rerun import RunFailed, rerun

    try:
        result = rerun(file, output)
    except RunFailed as error:
        click.echo(f"meanfield: {error}", err=True)
        sys.exit(1)
    click.echo(result)
    sys.exit(result.judgement.verdict is Verdict.DIFFERENT)


@main.command()
@click.argument("names", nargs=-1)
def reproduce(names: tuple[str, ...]) -> None:
    """Make the tracked datasets anew, all or those in the folders NAMES, and compare; exits with 1 if any differs."""
    from meanfield.runs.reproduce.rerun import reproduce

    sys.exit(not reproduce(repository("meanfield reproduce") / REFERENCE, names, say=click.echo))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="Name of the tracked result; by default the folder's.")
def track(folder: Path, name: str | None) -> None:
    """Copy what a run or a batch has left in FOLDER to the tracked results: dataset, figures and executed notebook."""
    from meanfield.runs.provenance import PLAIN
    from meanfield.runs.tracked import track

    name = name if name is not None else folder.resolve().name
    if not re.fullmatch(PLAIN, name):
        raise ParameterError([f"{name!r} is no name of a tracked result: it must be a plain name"])
    for path in track(folder, repository("a tracked result") / REFERENCE / name):
        click.echo(f"written: {path}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def plan(file: Path) -> None:
    """Print how many runs the experiment FILE has, and what they will cost in time, memory and disk."""
    from meanfield.runs.batch.plan import plan_of

    click.echo(plan_of(file))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def collect(file: Path) -> None:
    """Collect the datasets of all runs of the experiment FILE into one (a step of a batch)."""
    from meanfield.runs.batch import layout
    from meanfield.runs.batch.collect import collect as collected
    from meanfield.runs.batch.session import Batch
    from meanfield.runs.results import save_dataset

    batch = Batch.prepare(file)
    batch.refuse_strange_datasets()
    save_dataset(collected(batch.experiment, batch.datasets), layout.collected_dataset(batch.experiment))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def batch(file: Path, options: tuple[str, ...]) -> None:
    """Run what is not finished of the experiment FILE; OPTIONS are handed to Snakemake (-c2, --profile …)."""
    from meanfield.runs.batch.lock import AlreadyRunning
    from meanfield.runs.batch.session import run_batch

    try:
        run_batch(file, options)
    except AlreadyRunning as error:
        click.echo(f"meanfield: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
