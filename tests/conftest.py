"""What tests of several kinds share."""

import json
import subprocess
import sys
import textwrap

import pytest


@pytest.fixture(scope="session")
def in_its_own_process():
    """Run Python code in a process of its own, warnings as errors; give back what it prints as JSON."""

    def run(code: str, *arguments):
        command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"ended with {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    return run
