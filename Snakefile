# Batches of notebook runs. Plain `snakemake` runs every experiment; one alone:
#     snakemake --config experiment=experiments/NAME.yml        (or: make batch EXPERIMENT=experiments/NAME.yml)
# How the runs are distributed is a matter of profiles: workflow/profiles/default is loaded by itself.
import shlex
from pathlib import Path

from meanfield.batch import layout, session
from meanfield.batch.cost_model import CostModel
from meanfield.batch.dependencies import PACKAGE, files_used_by_figure, files_used_by_notebook
from meanfield.batch.experiment import Experiment, experiment_files
from meanfield.provenance import ROOT

CHOSEN = [config["experiment"]] if "experiment" in config else experiment_files()
BATCHES = {path.stem: session.Batch.prepare(path) for path in map(Path, CHOSEN)}
PYTHON = shlex.quote(sys.executable)
LOCK = ROOT / "requirements.lock"
MODEL = CostModel.of_this_machine()


def run_of(wildcards):
    return BATCHES[wildcards.experiment].runs[wildcards.run]


def as_options(wildcards):
    """What the experiment sets at this point, as the runner's options."""
    return " ".join(
        f"-p {name} {shlex.quote(str(value))}" for name, value in run_of(wildcards).given.items()
    )


onstart:
    session.begin(BATCHES.values())


onsuccess:
    session.end(BATCHES.values())


onerror:
    session.end(BATCHES.values())


wildcard_constraints:
    experiment="[^/]+",
    run="[^/]+",


rule all:
    input:
        [[layout.collected_dataset(batch.experiment), *layout.figure_files(batch.experiment)] for batch in BATCHES.values()],


# One run. Its name holds a digest of all parameters; so a changed comment or an added grid value repeats nothing.
rule run:
    input:
        lambda wildcards: BATCHES[wildcards.experiment].notebook,
        lambda wildcards: BATCHES[wildcards.experiment].files_of(run_of(wildcards)),
        LOCK,
    output:
        "results/{experiment}/runs/{run}/{notebook}.nc",
    log:
        "results/{experiment}/runs/{run}/{notebook}.ipynb",
        "results/{experiment}/runs/{run}/{notebook}.failed.ipynb",
    params:
        notebook=lambda wildcards: BATCHES[wildcards.experiment].notebook,
        folder=lambda wildcards: layout.run_folder(BATCHES[wildcards.experiment].experiment, run_of(wildcards)),
        options=as_options,
    threads: lambda wildcards: MODEL.threads(run_of(wildcards).checked)
    resources:
        mem_mb=lambda wildcards: MODEL.memory_mb(run_of(wildcards).checked),
        runtime=lambda wildcards: MODEL.minutes_allowed(run_of(wildcards).checked),
    shell:
        "{PYTHON} -m meanfield run {params.notebook:q} -o {params.folder:q} {params.options}"


# All runs as one dataset.
rule collect:
    input:
        lambda wildcards: BATCHES[wildcards.experiment].datasets,
        PACKAGE / "batch" / "collect.py",
    output:
        "results/{experiment}/{experiment}.nc",
    params:
        file=lambda wildcards: BATCHES[wildcards.experiment].path,
        content=lambda wildcards: BATCHES[wildcards.experiment].experiment.model_dump_json(),
    resources:
        mem_mb=1000,
        runtime=30,
    shell:
        "{PYTHON} -m meanfield collect {params.file:q}"


rule figure:
    input:
        "results/{experiment}/{experiment}.nc",
        lambda wildcards: files_used_by_figure(wildcards.figure),
        LOCK,
    output:
        multiext("results/{experiment}/{figure}", *(f".{ending}" for ending in layout.FIGURE_FORMATS)),
    resources:
        mem_mb=1000,
        runtime=30,
    shell:
        "{PYTHON} -m meanfield figures {input[0]:q}"
