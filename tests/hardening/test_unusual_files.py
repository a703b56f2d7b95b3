"""Pipes, devices and broken files where git's and the runner's files should be: an error of that part, at once."""

from __future__ import annotations

import os
import struct
import time
from hashlib import sha1

import pytest

from broadcast.git.index import UnreadableIndex, parse_index
from broadcast.git.object_store import Objects
from broadcast.github.response import parse
from broadcast.runner import surroundings
from tests.world import Going

CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [kit]\n"
PLACES = (
    ".git/index", ".git/config", ".git/HEAD", ".git/packed-refs", ".git/commondir", ".git/info/attributes",
    ".git/objects/info/alternates", ".gitattributes", "kit/.gitattributes", "kit/.gitignore", ".github/broadcast.yml", "kit/a",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_time():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["pipe", "endless"])
def test_nothing_waits_for_a_pipe_or_reads_a_device_without_end(swift, place, kind):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a": "x", "kit/b": "x"}, CONFIG)
    variables = swift.environment()
    there = swift.source / place
    there.unlink(missing_ok=True)
    there.parent.mkdir(exist_ok=True)
    os.mkfifo(there) if kind == "pipe" else there.symlink_to("/dev/zero")
    ran, _ = Going(swift, variables).end()
    assert ran.code in (0, 1, 2)
    assert ran.summary
    assert "exit-code" in ran.outputs


@pytest.mark.parametrize("kind", ["pipe", "endless", "directory"])
def test_an_event_that_is_no_file_is_as_if_there_were_none(swift, tmp_path, kind):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a": "x"}, CONFIG)
    event = tmp_path / "event"
    {"pipe": os.mkfifo, "endless": lambda path: path.symlink_to("/dev/zero"), "directory": os.mkdir}[kind](event)
    assert swift.run({"GITHUB_EVENT_PATH": str(event)}, allow_ref="main").outcomes == {"acme/api": "created"}


def index(entries: list[bytes], count: int | None = None) -> bytes:
    """Version 4, whose entries say how much they drop of the path before and what they add."""
    head = struct.pack(">4sII", b"DIRC", 4, len(entries) if count is None else count)
    entry = struct.pack(">8xII8xI8xI20sH", 0, 0, 0o100644, 0, b"x" * 20, 0)
    body = head + b"".join(entry + rest for rest in entries)
    return body + sha1(body).digest()


def test_an_index_that_makes_much_of_little_is_refused():
    long = index([b"\0" + b"a" * 1_000_000 + b"\0", *[b"\0b\0"] * 100_000])
    wide = index([b"\0" + b"a" * 4_000 + b"\0", *[b"\1b\0"] * 100_000])
    for content in (long, wide):
        with pytest.raises(UnreadableIndex, match="far longer"):
            parse_index(content)


def test_an_index_that_counts_without_end_is_refused():
    with pytest.raises(UnreadableIndex, match="drops more"):
        parse_index(index([b"\xff" * 3_000_000 + b"\0a\0"]))


def test_directories_of_objects_that_name_each_other_are_looked_through_once(tmp_path):
    for name in "abc":
        (tmp_path / name / "objects/info").mkdir(parents=True)
        lines = [str(tmp_path / other / "objects") for other in "abc"] * 2_000 + [f"/no/{at}" for at in range(5_000)]
        (tmp_path / name / "objects/info/alternates").write_text("\n".join(lines))
    with pytest.raises(KeyError):
        Objects(bytes(tmp_path / "a")).blob("a" * 40)


@pytest.mark.parametrize("config", ['[remote "origin"]\n' + "url = x/" * 100_000, "\n" * 900_000, "url\t=" * 150_000])
def test_a_config_of_git_is_looked_through_in_a_moment(tmp_path, config):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text(config)
    began = time.monotonic()
    assert surroundings.origin_of(tmp_path) == ""
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("text", ["\\ud800", "a\\udfffb", "\\uD800\\uD800", "\\ude00\\ud83d"])
def test_half_a_character_in_an_answer_costs_no_report(swift, text):
    assert all(not 0xD800 <= ord(char) <= 0xDFFF for char in parse(200, {}, f'{{"a": "{text}"}}').data["a"])
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a": "x"}, CONFIG)
    message = text.encode().decode("unicode_escape")
    swift.hub.fail(lambda one: one.writes, times=99, status=422, body={"message": f"No {message}"})
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "failed"}
    assert ran.summary


def test_a_whole_character_in_two_halves_stays_what_it_is():
    assert parse(200, {}, '{"a": "\\ud83d\\ude00"}').data == {"a": "\U0001f600"}
