"""The kernel in which a run's notebook is executed: this Python, apart from what a user has set up for other work."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from meanfield.runs.files import temporary_folder

# What a user may have set for IPython, matplotlib or OpenMP, and what would change a run.
FOREIGN = ("IPYTHONDIR", "PYTHONSTARTUP", "PYTHONINSPECT", "MPLBACKEND", "MATPLOTLIBRC", "OMP_NUM_THREADS")
LONGEST_SOCKET = 60  # characters of the folder's name: the system limits a socket's whole path to some 100

_running: list[RunKernel] = []


class RunKernel(AsyncKernelManager):
    """A kernel of this very interpreter, whatever kernels are installed, which ends when its runner ends.

    It talks through sockets in a folder of its own, so that parallel kernels never collide.
    """

    transport = "ipc"

    @property
    def kernel_spec(self) -> KernelSpec:
        # -P: a nest.py in the folder where the user stands is not NEST.
        start = [sys.executable, "-P", "-m", "meanfield.runs.kernel_process", str(os.getpid())]
        isolated = ["--IPKernelApp.exec_PYTHONSTARTUP=False", "--IPKernelApp.ignore_cwd=True"]
        # At its end a kernel is interrupted, and now and then says so; nobody needs to know.
        quiet = ["--IPKernelApp.log_level=CRITICAL"]
        return KernelSpec(
            argv=[*start, "-f", self.connection_file, *isolated, *quiet], display_name="Python 3", language="python"
        )

    @default("ip")
    def _sockets(self) -> str:
        return f"{self._folder}/kernel"

    @default("connection_file")
    def _connection_file(self) -> str:
        return f"{self._folder}/connection.json"

    @property
    def _folder(self) -> Path:
        if "folder" not in self.__dict__:
            self._closing = contextlib.ExitStack()
            self.folder = self._closing.enter_context(temporary_folder(longest=LONGEST_SOCKET))
        return self.folder

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        options["env"] = self._surroundings(options.get("env") or os.environ)
        command, options = await super()._async_pre_start_kernel(**options)
        _running.append(self)
        return command, options

    pre_start_kernel = _async_pre_start_kernel

    def _surroundings(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Environment variables of the kernel's process."""
        kept = {name: value for name, value in variables.items() if name not in FOREIGN}
        kept |= {"IPYTHONDIR": str(self._folder), "MPLBACKEND": "agg"}
        home = Path(kept.get("HOME", ""))
        if not os.access(home, os.W_OK | os.X_OK):
            kept["HOME"] = str(self._folder)
        return kept

    def kill(self) -> None:
        """End the kernel's process at once."""
        if process := getattr(self.provisioner, "process", None):
            process.kill()

    @property
    def was_killed(self) -> bool:
        """Whether its process was ended by SIGKILL, as the system does when memory runs out."""
        process = getattr(self.provisioner, "process", None)
        return process is not None and process.poll() == -signal.SIGKILL

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart)
        if not restart:
            with contextlib.suppress(ValueError):
                _running.remove(self)
            self._closing.close()

    cleanup_resources = _async_cleanup_resources


@contextlib.contextmanager
def kernels_end_with_signals() -> Iterator[None]:
    """Let SIGTERM, SIGHUP and Ctrl-C end the kernels of this process at once, and then this process in good order."""

    def end(number: int, _frame: Any) -> None:
        for kernel in list(_running):
            kernel.kill()
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():  # only there does Python take signals
        yield
        return
    signals = [number for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT) if _is_taken(number)]
    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_taken(number: int) -> bool:
    """Whether a signal ends this process now; under nohup a hang-up does not."""
    return signal.getsignal(number) is not signal.SIG_IGN
