"""A lock on an experiment's folder that ends with its process, so that nobody ever has to unlock."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import sys
from pathlib import Path
from typing import IO

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # so some clusters mount their file systems


class AlreadyRunning(RuntimeError):
    """Another process is running the same experiment in the same folder."""


def claim(folder: Path) -> IO[str]:
    """An exclusive lock on an experiment's folder, held while the file that is returned is open.

    Raises
    ------
    AlreadyRunning
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / ".lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in WITHOUT_LOCKS:
            warning = f"{folder} is on a file system without locks: nobody else must run {folder.name} meanwhile"
            print(warning, file=sys.stderr)
            return lock
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        lock.seek(0)
        owner = lock.read().strip() or "another process"
        lock.close()
        raise AlreadyRunning(f"experiment {folder.name} is being run already, by {owner}; let that end first") from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()} on {platform.node()}")
    lock.flush()
    return lock
