from __future__ import annotations

import os
import subprocess
from hashlib import sha1
from typing import TYPE_CHECKING

import pytest

from broadcast.git.index import UnreadableIndex, parse_index
from broadcast.git.objects import blob_id

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com")
NAMES = [
    b"a",
    b"a b",
    b"a.b/c",
    b"a/b/c",
    b"a/b/d",
    "dir/\u00e9".encode(),
    b"latin/\xe9",
    b"new\nline",
    b"z" * 255,
]
LONG = b"/".join([b"l" * 200] * 21)  # 4220 bytes: longer than the 12 bits that the flags have for it


@pytest.fixture(autouse=True)
def _only_our_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(where: Path, *command: str, stdin: bytes = b"", check: bool = True) -> bytes:
    done = subprocess.run(["git", *IDENTITY, *command], cwd=where, input=stdin, check=check, capture_output=True)
    return done.stdout


def index(repo: Path) -> bytes:
    return (repo / ".git/index").read_bytes()


def listed(repo: Path) -> list[tuple[bytes, int, str, int]]:
    lines = git(repo, "ls-files", "-s", "-z").split(b"\0")[:-1]
    fields = [(line.split(b"\t", 1)[1], *line.split(b"\t", 1)[0].decode().split()) for line in lines]
    return [(path, int(mode, 8), oid, int(stage)) for path, mode, oid, stage in fields]


def parsed(repo: Path) -> list[tuple[bytes, int, str, int]]:
    return [(e.path, e.mode, e.oid, e.stage) for e in parse_index(index(repo))]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.longpaths", "true")
    lines = b"".join(b"100644 %s\t%s\0" % (blob_id(name).encode(), name) for name in [*NAMES, LONG])
    git(tmp_path, "update-index", "-z", "--index-info", stdin=lines)
    return tmp_path


@pytest.mark.parametrize("version", [2, 3, 4])
def test_an_index_says_what_git_says_of_it(repo: Path, version: int) -> None:
    extra = repo / "added-by-intent"
    extra.write_bytes(b"x")
    if version == 3:  # git writes version 3 only when an entry needs its flags
        git(repo, "add", "-N", extra.name)
    git(repo, "update-index", "--index-version", str(version))
    assert int.from_bytes(index(repo)[4:8]) == version
    assert parsed(repo) == listed(repo)
    assert LONG in {entry.path for entry in parse_index(index(repo))}


@pytest.mark.parametrize("version", [2, 4])
def test_flags_are_read(tmp_path: Path, version: int) -> None:
    git(tmp_path, "init", "-q")
    for name in ("plain", "new", "skipped"):
        (tmp_path / name).write_text(name)
    git(tmp_path, "add", "plain", "skipped")
    git(tmp_path, "add", "-N", "new")
    git(tmp_path, "update-index", "--skip-worktree", "skipped")
    git(tmp_path, "update-index", "--index-version", str(version))
    flags = {e.path: (e.intent_to_add, e.skip_worktree) for e in parse_index(index(tmp_path))}
    assert flags == {b"new": (True, False), b"plain": (False, False), b"skipped": (False, True)}


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_bytes(b"12345")
    os.utime(tmp_path / "a", ns=(0, 1_600_000_000_123_456_789))
    git(tmp_path, "add", "a")
    (entry,) = parse_index(index(tmp_path))
    assert (entry.size, entry.mtime_ns) == (5, 1_600_000_000_123_456_789)


def test_a_conflict_has_its_three_stages(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    lines = b"".join(b"100644 %s %d\tf\0" % (blob_id(b"%d" % n).encode(), n) for n in (1, 2, 3))
    git(tmp_path, "update-index", "-z", "--index-info", stdin=lines)
    assert [entry.stage for entry in parse_index(index(tmp_path))] == [1, 2, 3]
    assert parsed(tmp_path) == listed(tmp_path)


def test_optional_extensions_are_skipped(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("a")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "x")
    git(tmp_path, "update-index", "--untracked-cache", "--force-write-index")
    assert b"TREE" in index(tmp_path)
    assert parsed(tmp_path) == listed(tmp_path)


def test_an_index_without_checksum_is_read(repo: Path) -> None:
    without = index(repo)[:-20] + bytes(20)  # index.skipHash=true
    assert parse_index(without) == parse_index(index(repo))


def test_a_split_index_is_refused_with_the_way_out(repo: Path) -> None:
    git(repo, "update-index", "--split-index")
    with pytest.raises(UnreadableIndex, match="split index") as caught:
        parse_index(index(repo))
    assert "--no-split-index" in caught.value.remedy


def test_a_sparse_index_is_refused_with_the_way_out(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name in ("in/a", "out/deep/b"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    git(tmp_path, "sparse-checkout", "set", "--cone", "--sparse-index", "in")
    with pytest.raises(UnreadableIndex, match="sparse index") as caught:
        parse_index(index(tmp_path))
    command = caught.value.remedy.split("`")[3].split()
    git(tmp_path, *command[1:])
    assert parsed(tmp_path) == listed(tmp_path)


def resealed(body: bytes) -> bytes:
    return body + sha1(body).digest()


def test_an_unknown_mandatory_extension_is_refused(repo: Path) -> None:
    with pytest.raises(UnreadableIndex, match="unknown extension 'newx'"):
        parse_index(resealed(index(repo)[:-20] + b"newx\0\0\0\0"))


@pytest.mark.parametrize("damage", ["empty", "signature", "version", "checksum", "short", "count", "no checksum"])
def test_damage_is_named(repo: Path, damage: str) -> None:
    data = index(repo)
    damaged = {
        "empty": b"",
        "signature": b"CRID" + data[4:],
        "version": data[:4] + b"\0\0\0\x05" + data[8:],
        "checksum": data[:-1] + bytes([data[-1] ^ 1]),
        "short": resealed(data[:100]),
        "count": resealed(data[:8] + b"\0\0\xff\xff" + data[12:-20]),
        "no checksum": data[:12],
    }[damage]
    with pytest.raises(UnreadableIndex) as caught:
        parse_index(damaged)
    assert caught.value.remedy


def test_a_name_that_ends_behind_the_index_is_damage(repo: Path) -> None:
    """One entry whose padding would take bytes of the checksum."""
    entry = index(repo)[12:][:62] + b"a"
    with pytest.raises(UnreadableIndex, match="cut short"):
        parse_index(resealed(b"DIRC\0\0\0\x02\0\0\0\x01" + entry))


def test_version_4_cannot_drop_more_than_the_previous_path(repo: Path) -> None:
    git(repo, "update-index", "--index-version", "4")
    data = bytearray(index(repo)[:-20])
    assert data[12 + 62] == 0  # the first entry drops nothing
    data[12 + 62] = 1
    with pytest.raises(UnreadableIndex, match="drops more"):
        parse_index(resealed(bytes(data)))
