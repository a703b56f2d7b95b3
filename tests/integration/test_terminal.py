"""The command as people run it, in a terminal and in a pipe."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from tests.integration.test_commands import options, terminal
from tests.world import TOKEN, World, git

COLOUR = "\x1b["


def fleet(world: World, count: int, more: str = "", held: dict | None = None) -> list[str]:
    """A source that sends two files to so many targets."""
    names = [f"acme/t{n:02}" for n in range(count)]
    for name in names:
        world.hub.repository(name, files=held or {"README.md": b"theirs\n", "a.txt": b"one\n"})
    config = f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [a.txt, b.txt]\n{more}"
    world.write({"a.txt": "one\ntwo\n", "b.txt": "no end"}, config)
    return names


def on_screen(world: World, *arguments: str, started: list | None = None, **environment: str) -> tuple[int, str]:
    """The exit code, and what a terminal of 100 columns gets."""
    mine, theirs = pty.openpty()
    variables = {
        "PATH": os.environ["PATH"],
        "GH_TOKEN": TOKEN,
        "TERM": "xterm-256color",
        "COLUMNS": "100",
        **environment,
    }
    command = [world.python, "-P", "-m", "broadcast", *arguments]
    process = subprocess.Popen(command, cwd=world.source, env=variables, stdin=theirs, stdout=theirs, stderr=theirs)
    if started is not None:
        started.append(process)
    os.close(theirs)
    found = b""
    while True:
        try:
            found += os.read(mine, 65_536)
        except OSError:  # EIO: the other end is closed
            break
    os.close(mine)
    return process.wait(), found.decode().replace("\r\n", "\n")


def test_targets_that_are_alike_are_one_group(world):
    names = fleet(world, 18)
    ran = terminal(world, "plan", *options(world))
    assert ran.stdout.splitlines() == [
        "would create  18 repositories", *(f"    {name}" for name in names),
        "    ~ a.txt  +1 -0", "    + b.txt  +1 -0",
        "Plan: all 18 repositories would get a pull request",
    ]  # fmt: skip


def test_a_refused_reviewer_is_named_once(world):
    fleet(world, 18, "pr_reviewers: [stranger]\n")
    ran = terminal(world, "sync", *options(world))
    assert (ran.stdout + ran.stderr).count("reviewer stranger") == 1
    assert "(acme/t00, acme/t01, acme/t02 and 15 more)" in ran.stderr
    assert ran.stdout.count("/pull/1\n") == 18


def test_a_screen_has_colours_and_a_bar_that_goes_away(world):
    fleet(world, 18)
    code, text = on_screen(world, "plan", *options(world))
    assert code == 0
    assert "\x1b[32mwould create\x1b[0m\x1b[1m  18 repositories\x1b[0m\n" in text
    *bars, rest = text.split("\r\x1b[K")
    assert any("████████████████████" in one for one in bars)
    assert "█" not in rest
    assert not any("\n" in one for one in bars)
    assert max(len(re.sub(r"\x1b\[\d+m", "", line)) for line in rest.splitlines()) <= 100


@pytest.mark.parametrize(
    ("variables", "has_colour"),
    [({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False), ({}, True)],
)
def test_a_screen_has_no_colours_where_none_are_wanted(world, variables, has_colour):
    world.write({"a": "1"}, "version: 1\ntargets: [acme/t]\nfiles: [a]\n")
    text = on_screen(world, "validate", *options(world), **variables)[1]
    assert ("\x1b[1m" in text) == has_colour


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}, {"CLICOLOR_FORCE": "1"}, {"FORCE_COLOR": "0"}])
def test_a_pipe_has_colours_where_they_are_forced_and_never_a_bar(world, variables):
    fleet(world, 6)
    ran = terminal(world, "plan", *options(world), **variables)
    assert (COLOUR in ran.stdout) == ("1" in variables.values())
    assert "\r" not in ran.stdout + ran.stderr
    assert "looked at 6/6" in ran.stderr


def test_git_apply_takes_the_patch_of_a_plan(world, tmp_path):
    held = {
        "README.md": b"theirs\n", "kit/a.md": b"one\r\ntwo\r\nthree", "kit/gone.md": b"x\n", "kit/logo.png": b"\0old",
        "kit/run.sh": b"same\n", "kit/latin.txt": "caf\xe9\n".encode("latin-1"), "kit/dead.bin": b"\0\xff",
        "kit/w x.md": b"a\n", "kit/turn": b"was a file\n",
    }  # fmt: skip
    for name in ("acme/api", "acme/web"):
        world.hub.repository(name, files=held)
    sent = {
        "kit/a.md": "one\r\n2\r\nthree\n", "kit/new.md": "", "kit/logo.png": b"\0new\xff", "kit/run.sh": "same\n",
        "kit/latin.txt": "caf\xe9\n", "kit/w x.md": "a", "kit/\xfc\"q.md": "quoted\n", "kit/b.png": b"\0\1\2",
        "kit/large": "x\n" * 200_000,
    }  # fmt: skip
    world.write(sent)
    (world.source / "kit/run.sh").chmod(0o755)
    (world.source / "kit/turn").symlink_to("a.md")
    world.write({}, "version: 1\ntargets: [acme/api, acme/web]\ndirectories: [{src: kit, mode: mirror}]\n")
    ran = subprocess.run(
        [world.python, "-P", "-m", "broadcast", "plan", "--diff", "--only-targets", "acme/api", *options(world)],
        cwd=world.source, env={"PATH": os.environ["PATH"], "GH_TOKEN": TOKEN}, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert b"Plan: acme/api would get a pull request" in ran.stderr
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(world.hub.find("acme/api").path), str(clone))
    done = subprocess.run(["git", "apply", "--index"], cwd=clone, input=ran.stdout, capture_output=True, check=False)
    assert done.returncode == 0, (done.stderr, ran.stdout)
    assert listed(clone) == listed(world.source)
    both = terminal(world, "plan", "--diff", *options(world)).stdout
    assert re.findall(r"^# (.*)$", both, re.MULTILINE) == ["acme/api", "acme/web"]


def listed(clone: Path) -> list[str]:
    """Mode, id and path of every file below kit/."""
    return sorted(git(clone, "ls-files", "-s", "kit").splitlines())


def test_a_file_has_what_was_asked_for_and_no_error(world):
    world.write({"a": "1"}, "version: 1\ntargts: [acme/t]\nfiles: [a]\n")
    for command in ("plan", "validate", "migrate", "status", "check"):
        ran = terminal(world, command, *(options(world) if command != "migrate" else ()))
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "error: " in ran.stderr


def test_ctrl_c_is_one_line(world):
    fleet(world, 3)
    world.hub.after(lambda request: request.writes, lambda *_: process.send_signal(2))
    process = subprocess.Popen(
        [world.python, "-P", "-m", "broadcast", "sync", *options(world)], cwd=world.source,
        env={"PATH": os.environ["PATH"], "GH_TOKEN": TOKEN}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    stopped = [line for line in err.splitlines() if not line.startswith("about ")]  # what the writes take
    assert len(stopped) == 1
    assert stopped[0].startswith("Stopped by SIGINT: ")


_INTERRUPTED = """\
import os, runpy, sys
class Finder:
    def find_spec(name, path=None, target=None):
        if name == "broadcast.cli":
            os.kill(os.getpid(), 2)
sys.meta_path.insert(0, Finder)
runpy.run_module("broadcast", run_name="__main__")
"""


def test_ctrl_c_while_the_program_is_loaded_is_one_line_too(world):
    ran = subprocess.run([world.python, "-P", "-c", _INTERRUPTED], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "Stopped by SIGINT\n")


def test_a_screen_gets_one_line_after_ctrl_c(world):
    fleet(world, 8)
    hold: list[subprocess.Popen] = []
    world.hub.after(
        lambda request: request.writes and sum(one.writes for one in world.hub.requests) == 2,
        lambda *_: hold[0].send_signal(2),
    )
    code, text = on_screen(world, "sync", *options(world), started=hold)
    left = [line.split("\r\x1b[K")[-1] for line in text.removesuffix("\n").split("\n")]
    assert code == 130
    assert [re.sub(r"\x1b\[\d+m", "", line)[:18] for line in left if not line.startswith("about ")] == [
        "Stopped by SIGINT:"
    ]
