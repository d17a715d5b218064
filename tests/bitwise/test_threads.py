"""Theory has the same digits with any number of threads that linear algebra may use."""

from __future__ import annotations

import os
import subprocess
import sys

COMPUTE = """
import meanfield as mf
found = mf.shot_noise_fixed_point(mf.brunel_network(J=0.2), dt=0.1)
print(found["rate"].values.tobytes().hex(), found["cv"].values.tobytes().hex())
"""


def test_rates_for_shot_noise_do_not_depend_on_the_number_of_threads():
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    told = [
        subprocess.run(
            [sys.executable, "-c", COMPUTE],
            env=os.environ | dict.fromkeys(names, threads),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert told[0] == told[1] != ""
