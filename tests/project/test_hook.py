"""The hook in .pre-commit-hooks.yaml, run by pre-commit itself in a repository that names ours in its config."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.world import GIT, ROOT, git

PARTS = ("broadcast", "LICENSE", "README.md", "pyproject.toml", ".pre-commit-hooks.yaml")
GOOD = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"
BAD = GOOD.replace("files:", "fils:")
USE = "repos:\n  - {{repo: '{ours}', rev: v1, hooks: [{{id: broadcast-validate}}]}}\n"


@pytest.fixture
def ours(tmp_path):
    """Our repository, with a tag."""
    place = tmp_path / "ours"
    place.mkdir()
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place / name)
    commit(place)
    git(place, "tag", "v1")
    return place


def commit(place):
    git(place, "init", "-q", "-b", "main")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "work")


@pytest.fixture
def pre_commit(tmp_path, ours):
    """`pre_commit(config)` stages a config and runs the hook, as `git commit` does."""
    theirs = tmp_path / "theirs"
    (theirs / ".github").mkdir(parents=True)
    (theirs / "LICENSE").write_text("MIT\n")
    (theirs / ".pre-commit-config.yaml").write_text(USE.format(ours=ours))
    commit(theirs)
    git(theirs, "remote", "add", "origin", "git@github.com:acme/templates.git")

    def run(config):
        (theirs / ".github/broadcast.yml").write_text(config)
        git(theirs, "add", "-A")
        variables = {**os.environ, **GIT, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
        command = [sys.executable, "-m", "pre_commit", "run", "--color", "never"]
        return subprocess.run(command, cwd=theirs, env=variables, capture_output=True, text=True, check=False)

    return run


@pytest.mark.network
def test_a_mistake_stops_the_commit_with_its_place_and_remedy_and_a_good_config_passes(pre_commit):
    done = pre_commit(BAD)
    if "InstallationError" in done.stdout or "No matching distribution" in done.stdout + done.stderr:
        assert "CI" not in os.environ, done.stdout
        pytest.skip("no package registry can be reached")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "- hook id: broadcast-validate" in done.stdout
    assert ".github/broadcast.yml:3:1: " in done.stdout
    assert "did you mean 'files'?" in done.stdout
    assert "Traceback" not in done.stdout
    done = pre_commit(GOOD)
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout + done.stderr
    done = pre_commit(GOOD.replace("LICENSE", "LICENCE"))
    assert (done.returncode, ".github/broadcast.yml:3:" in done.stdout) == (1, True), done.stdout
