"""The lock on an experiment, where it cannot be had."""

import errno
import fcntl

import pytest

from meanfield.runs.batch.lock import claim


@pytest.mark.parametrize("reason", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told_of_and_used(reason, monkeypatch, capsys, tmp_path):
    def refuse(*_):
        raise OSError(reason, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    claim(tmp_path / "map").close()
    assert "map is on a file system without locks: nobody else must run map meanwhile" in capsys.readouterr().err
