"""Runs' names come through unchanged where Snakemake hands jobs on, as it does on clusters."""

from snakemake.target_jobs import parse_target_jobs_cli_args
from snakemake_interface_executor_plugins.utils import TargetSpec, encode_target_jobs_cli_args

from meanfield.runs.batch.experiment import Experiment


def test_names_survive_the_command_line_of_a_job():
    experiment = Experiment(
        name="names",
        notebook="notebooks/deviation.ipynb",
        grid=[{"g": [4.5]}, {"J": [0.1, 1e-5], "order": [100, 200]}],
        seeds=[1, 2],
    )
    for run in experiment.runs():
        job = TargetSpec("run", {"experiment": "names", "run": run.name, "notebook": "deviation"})
        assert parse_target_jobs_cli_args(encode_target_jobs_cli_args([job])) == [job]
