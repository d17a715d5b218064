"""The process of a run's kernel, whose life is bound to that of its runner."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # Linux: the signal that this process gets when its parent ends


def die_with(parent: int) -> None:
    """End this process as soon as its parent has ended, also within a call that lasts for minutes.

    Where the system cannot do it (macOS), the kernel notices between two calls.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        sys.exit(1)


if __name__ == "__main__":
    die_with(int(sys.argv.pop(1)))
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
