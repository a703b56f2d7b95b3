"""Systems that can't open a file below an open directory, as Windows: the same runs, by the whole paths."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK
from tests.hub import Hub
from tests.world import ROOT, TOKEN, World, git

MASKED = str(ROOT / "tests/masked.py")
CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE, run.sh, link]\ndirectories: [{src: docs, dest: docs}]\n"
FILES = {"LICENSE": "MIT\n", "run.sh": "#!/bin/sh\n", "docs/a/b.md": "one\ntwo\n"}


@pytest.fixture
def world(tmp_path):
    with Hub(tmp_path / "hub") as hub:
        hub.repository("acme/api", {"LICENSE": b"old\n"})
        world = World(tmp_path, hub)
        (world.source / "link").symlink_to("LICENSE")
        (world.source / "run.sh").write_text("")
        (world.source / "run.sh").chmod(0o755)
        world.write(FILES, CONFIG)
        git(world.source, "remote", "add", "origin", "git@github.com:acme/templates.git")
        yield world


def act(world, **inputs):
    """Run the action, masked."""
    world.hub.requests.clear()
    variables = world.environment(**inputs)
    command = [world.python, "-P", MASKED, str(ROOT / "entrypoint.py")]
    done = subprocess.run(
        command,
        cwd=world.source,
        env=variables | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return world.ran(done.returncode, done.stdout + done.stderr, variables)


def type_in(world, *arguments):
    """Type a command, masked."""
    command = [world.python, "-P", MASKED, "broadcast", *arguments]
    variables = {
        "PATH": os.environ["PATH"],
        "GH_TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
        "GITHUB_API_URL": world.hub.url,
    }
    return subprocess.run(command, cwd=world.source, env=variables, capture_output=True, text=True, check=False)


def held(world):
    """What the pull request proposes: path → (mode, content)."""
    [pull] = world.hub.find("acme/api").pulls
    return world.hub.find("acme/api").files(pull.head)


def test_plan_and_sync_send_what_the_commit_has(world):
    assert act(world, command="plan").outcomes == {"acme/api": "created"}
    assert act(world).outcomes == {"acme/api": "created"}
    found = held(world)
    assert found["run.sh"] == (EXECUTABLE, b"#!/bin/sh\n")
    assert found["link"] == (SYMLINK, b"LICENSE")
    assert found["docs/a/b.md"] == (REGULAR, b"one\ntwo\n")
    assert act(world).outcomes == {"acme/api": "open"}


@pytest.mark.parametrize("path", ["docs/aux.md", "docs/a:b", "docs/con/x"])
def test_a_name_that_no_disk_of_windows_can_hold_is_sent_as_the_commit_has_it(world, path):
    world.write({path: "x\n"})
    (world.source / path).write_text("of another file\n")
    assert act(world).outcomes == {"acme/api": "created"}
    assert held(world)[path] == (REGULAR, b"x\n")


def test_what_git_has_packed_is_read_too(world):
    git(world.source, "gc", "-q")
    for name in ("LICENSE", "docs/a/b.md"):
        (world.source / name).unlink()
    assert act(world).outcomes == {"acme/api": "created"}
    assert held(world)["docs/a/b.md"] == (REGULAR, b"one\ntwo\n")


def test_line_endings_and_links_as_git_for_windows_writes_them_change_nothing(world):
    git(world.source, "config", "core.autocrlf", "true")
    git(world.source, "config", "core.symlinks", "false")
    git(world.source, "config", "core.fileMode", "false")
    (world.source / "link").unlink()
    git(world.source, "rm", "-q", "-r", "--cached", ".")
    git(world.source, "reset", "-q", "--hard")
    (world.source / "run.sh").chmod(0o644)
    assert (world.source / "docs/a/b.md").read_bytes() == b"one\r\ntwo\r\n"
    assert not (world.source / "link").is_symlink()
    ran = act(world, results_file="results.json", metrics_file="made.prom", cache_dir=".cache")
    assert ran.outcomes == {"acme/api": "created"}
    assert "differ" not in ran.log
    assert held(world)["run.sh"][0] == EXECUTABLE
    assert held(world)["link"] == (SYMLINK, b"LICENSE")
    assert held(world)["docs/a/b.md"] == (REGULAR, b"one\ntwo\n")
    assert json.loads((world.source / "results.json").read_text())["targets"]
    assert (world.source / "made.prom").read_text().endswith("# EOF\n")


def test_uncommitted_files_are_sent_as_they_lie_there(world):
    git(world.source, "config", "core.symlinks", "false")
    (world.source / "link").unlink()
    (world.source / "link").write_text("LICENSE")
    (world.source / "LICENSE").write_text("new\n")
    done = type_in(world, "plan", "--allow-dirty", "--diff")
    assert done.returncode == 0, done.stderr
    assert "+new" in done.stdout
    assert "+ link (a symlink)" in done.stderr
    assert "left out" not in done.stderr


def test_a_terminal_validates_plans_and_syncs(world):
    for arguments, words in ((["validate"], "is valid"), (["plan"], "would get"), (["sync"], "got a pull request")):
        done = type_in(world, *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
        assert words in done.stdout + done.stderr


def test_init_writes_the_first_config(world):
    (world.source / ".github/broadcast.yml").unlink()
    done = type_in(world, "init", "acme/api")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (world.source / ".github/workflows/broadcast.yml").is_file()
    assert type_in(world, "validate", "--allow-dirty").returncode == 0


def test_a_directory_that_is_a_link_gives_nothing_away(world, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/b.md").write_text("secret\n")
    (world.source / "docs/a/b.md").unlink()
    (world.source / "docs/a").rmdir()
    (world.source / "docs/a").symlink_to(tmp_path / "secret")
    assert act(world).outcomes == {"acme/api": "created"}
    assert held(world)["docs/a/b.md"] == (REGULAR, b"one\ntwo\n")
    assert "secret" not in type_in(world, "plan", "--allow-dirty", "--diff").stdout
