"""Install what `make test-slurm` needs, or say in one sentence what is missing (exit code 2)."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ("slurm-wlm", "munge")
COMMANDS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel")
SERVICES = ("munge.service", "slurmctld.service", "slurmd.service")

# Debian starts a service at its installation unless this says otherwise.
POLICY = Path("/usr/sbin/policy-rc.d")


def main():
    missing = [command for command in COMMANDS if shutil.which(command) is None]
    obstacles = []
    if os.geteuid() != 0:
        obstacles.append("it must be run as root, since slurmd sets the user of its jobs")
    if missing and shutil.which("apt-get") is None:
        obstacles.append(
            f"it needs {', '.join(missing)}, which it can install on Debian only (there is no apt-get here)"
        )
    if obstacles:
        print(f"make test-slurm cannot run here: {'; '.join(obstacles)}.", file=sys.stderr)
        sys.exit(2)
    if missing:
        install()


def install():
    """Install the packages without their services being started, now or when the machine starts again."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    commands = [
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *PACKAGES],
    ]
    if shutil.which("systemctl"):
        commands.append(["systemctl", "disable", *SERVICES])
    with services_at_rest():
        for command in commands:
            done = subprocess.run(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                print(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}", file=sys.stderr)
                sys.exit(2)


@contextmanager
def services_at_rest():
    if POLICY.exists():  # containers have one that forbids the start
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    main()
