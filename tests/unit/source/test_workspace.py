"""What we write in the workspace is its owner's, and others can read it."""

from __future__ import annotations

import os
import stat

import pytest

from broadcast.observe.object_cache import FILE, ObjectCache
from broadcast.source.workspace import Workspace

OWNER, GROUP = 1001, 121  # of a hosted runner
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def home(tmp_path):
    """A workspace that is somebody else's where we are root."""
    home = tmp_path / "workspace"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, OWNER, GROUP)
    return home


def rights(path):
    found = path.lstat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


@as_root
def test_a_file_is_the_owners_and_all_can_read_it(home):
    Workspace(home).write("results.json", b"{}")
    assert rights(home / "results.json") == (OWNER, GROUP, 0o644)
    assert (home / "results.json").read_bytes() == b"{}"


@as_root
def test_directories_that_are_made_are_the_owners_too_and_those_that_were_there_stay_as_they_are(home):
    (home / "old").mkdir(mode=0o700)
    Workspace(home).replace("old/made/too/file", b"1")
    assert rights(home / "old") == (0, 0, 0o700)
    assert [rights(home / "old" / name) for name in ("made", "made/too")] == [(OWNER, GROUP, 0o755)] * 2
    assert rights(home / "old/made/too/file") == (OWNER, GROUP, 0o644)


@as_root
def test_a_file_that_was_somebodys_keeps_its_owner_and_mode(home):
    file = home / "results.json"
    file.write_text("theirs")
    os.chown(file, 1002, 1002)
    file.chmod(0o600)
    Workspace(home).write("results.json", b"ours")
    assert rights(file) == (1002, 1002, 0o600)
    assert file.read_bytes() == b"ours"


@as_root
def test_the_cache_of_an_older_run_that_only_root_could_read_becomes_readable(home):
    (home / "cache").mkdir()
    old = home / "cache" / FILE
    old.write_bytes(b"\x80")
    old.chmod(0o600)
    known = ObjectCache(home / "cache", workspace=Workspace(home))
    known.learn({"4b825dc642cb6eb9a060e54bf8d69288fbee4904": {}})
    known.save()
    assert not known.warnings
    assert rights(old) == (OWNER, GROUP, 0o644)


@as_root
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_umask_of_the_container_takes_nothing_from_the_owner(home, umask):
    before = os.umask(umask)
    try:
        Workspace(home).replace("made/file", b"")
    finally:
        os.umask(before)
    assert (rights(home / "made"), rights(home / "made/file")) == ((OWNER, GROUP, 0o755), (OWNER, GROUP, 0o644))


def test_a_device_is_written_to_and_stays_as_it_is(home):
    before = rights(home / "/dev/null")
    Workspace(home).write("/dev/null", b"gone")
    assert rights(home / "/dev/null") == before


def test_who_is_not_root_gets_the_modes_of_any_new_file(home, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    before = os.umask(0o027)
    try:
        Workspace(home).replace("made/file", b"")
    finally:
        os.umask(before)
    found = [rights(home / name) for name in ("made", "made/file")]
    assert found == [(os.getuid(), os.getgid(), 0o750), (os.getuid(), os.getgid(), 0o640)]


def test_a_file_is_replaced_whole_and_nothing_else_is_left(home):
    for content in (b"one", b"two"):
        Workspace(home).replace("made/file", content)
    assert [path.name for path in (home / "made").iterdir()] == ["file"]
    assert (home / "made/file").read_bytes() == b"two"


def test_what_can_not_be_replaced_leaves_nothing_behind(home):
    (home / "made/file/inside").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        Workspace(home).replace("made/file", b"")
    assert [path.name for path in (home / "made").iterdir()] == ["file"]
