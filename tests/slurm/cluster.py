"""A real SLURM of one node: munged, slurmctld and slurmd on the loopback, with all their files in one folder.

Nothing of it is in /etc and no port is fixed, so it stands beside any SLURM that the machine may have. Whatever runs
in it carries `SLURM_CONF` in its environment; by that mark `stop` finds also what has outlived its daemon.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

SLURM_CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket

# One node that may claim more cores than the machine has; jobs are told apart by processes, without cgroups,
# which a container seldom lets a job make.
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 Port={node_port} CPUs={cpus} RealMemory={memory}
PartitionName=main Nodes=node Default=YES MaxTime=60
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2

# No accounting: what a job's end was is known from the controller's memory only, for MinJobAge seconds.
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MinJobAge=300

# Look for work every second, since the tests' jobs are short.
SchedulerParameters=sched_interval=1,bf_interval=1
KillWait=5

StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
"""


class Cluster:
    """Context manager: a SLURM of `cpus` cores (more than the machine has, if wanted) and `memory` MB in `folder`.

    The folder must be root's and not writable by others (munged insists). `environment` makes `sbatch` and the others
    talk to this SLURM. Root is needed: slurmd sets the user of its jobs.
    """

    def __init__(self, folder: Path, cpus: int = 4, memory: int = 4000):
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        self.cpus, self.memory = cpus, memory
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "SBATCH_"))}
        path = f"{folder}/bin{os.pathsep}{os.environ['PATH']}"
        self.environment = outside | {"SLURM_CONF": str(self.configuration), "PATH": path}
        self.daemons = []

    def __enter__(self):
        try:
            self._write_configuration()
            munge = self.folder / "munge"
            self._start(
                *("munged", "--foreground", f"--key-file={munge}/key", f"--socket={munge}/socket"),
                *(f"--pid-file={munge}/pid", f"--seed-file={munge}/seed", f"--log-file={munge}/log"),
            )
            self._wait_for((munge / "socket").exists, "munged to listen")
            self._start("slurmctld", "-D")
            self._start("slurmd", "-D")
            self._wait_for(self._is_idle, "the node to be idle")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *failure):
        self.stop()

    def command(self, *arguments: str) -> str:
        """What a command such as `squeue` prints."""
        return subprocess.run(arguments, env=self.environment, check=True, capture_output=True, text=True).stdout

    def stop(self):
        """Cancel the jobs, stop the daemons in the reverse order, then whatever of this cluster is still there."""
        with suppress(OSError, subprocess.TimeoutExpired):  # if the controller never came up
            subprocess.run(["scancel", "--user=root"], env=self.environment, capture_output=True, timeout=20)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()
        left = self.processes()
        for process in left:
            process.kill()
        psutil.wait_procs(left, 10)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in this cluster: daemons, the jobs' keepers, jobs."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("SLURM_CONF") == str(self.configuration):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
                continue
        return found

    def _write_configuration(self):
        self.folder.chmod(0o755)  # munged wants others to reach its socket
        for name in ("bin", "munge", "state", "spool"):
            (self.folder / name).mkdir(mode=0o755)
        key = self.folder / "munge" / "key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        controller_port, node_port = _free_ports(2)
        self.configuration.write_text(
            SLURM_CONF.format(
                host=socket.gethostname().split(".")[0],
                folder=self.folder,
                controller_port=controller_port,
                node_port=node_port,
                cpus=self.cpus,
                memory=self.memory,
            )
        )
        # Containers seldom grant cgroups. SLURM before 24.05 cannot be told to do without; there the plugin for their
        # version 1 does nothing until asked, whereas the one for version 2 wants systemd.
        version = tuple(int(part) for part in self.command("slurmd", "-V").split()[1].split(".")[:2])
        plugin = "disabled" if version >= (24, 5) else "cgroup/v1"
        (self.folder / "cgroup.conf").write_text(f"CgroupPlugin={plugin}\n")
        # Snakemake's plugin starts a job's step with a clean environment, without SLURM_CONF: it expects /etc/slurm.
        step = self.folder / "bin" / "srun"
        step.write_text(f'#!/bin/sh\nSLURM_CONF={self.configuration} exec {shutil.which("srun")} "$@"\n')
        step.chmod(0o755)

    def _start(self, *command: str):
        """Start a daemon that ends with this process, however this process ends."""
        with (self.folder / f"{command[0]}.out").open("w") as output:
            self.daemons.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *command],
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )

    def _is_idle(self) -> bool:
        query = ["sinfo", "--noheader", "--nodes=node", "--format=%T"]
        return subprocess.run(query, env=self.environment, capture_output=True, text=True).stdout.strip() == "idle"

    def _wait_for(self, condition, what: str, seconds: float = 60):
        deadline = time.monotonic() + seconds
        while not condition():
            fallen = [daemon.args[-1] for daemon in self.daemons if daemon.poll() is not None]
            if fallen or time.monotonic() > deadline:
                raise RuntimeError(f"waited in vain for {what}; ended early: {fallen}\n{self._logs()}")
            time.sleep(0.2)

    def _logs(self) -> str:
        files = [*self.folder.glob("*.out"), *self.folder.glob("**/*log")]
        return "\n".join(f"--- {file.name}\n" + "\n".join(file.read_text().splitlines()[-15:]) for file in files)


def _free_ports(number: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
