"""Install what `make test-browser` needs, or say in one sentence what is missing (exit code 2)."""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main():
    if any(map(shutil.which, BROWSERS)):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        reason = "it needs Chromium, which it can install as root on Debian only"
        print(f"make test-browser cannot run here: {reason}.", file=sys.stderr)
        sys.exit(2)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium"],
    ):
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode:
            print(f"make test-browser cannot run here: {' '.join(command)} failed.", file=sys.stderr)
            sys.exit(2)


if __name__ == "__main__":
    main()
