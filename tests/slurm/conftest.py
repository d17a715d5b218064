import signal
import tempfile
from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster


@pytest.fixture(scope="session")
def cluster():
    """A SLURM for these tests; it is stopped also when they are terminated."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Not below pytest's own temporary folder, which only its user may enter: munged wants its socket open to all.
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, Cluster(Path(folder)) as cluster:
        yield cluster
