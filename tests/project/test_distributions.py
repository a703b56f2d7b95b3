"""The wheel and the sdist that a release uploads to PyPI, built as its workflow does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from tests.world import GIT, ROOT, git
from tools import release

JOBS = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
FILES = (
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "action.yml",
    "broadcast",
    "entrypoint.py",
    "pyproject.toml",
)
DAY = "2030-01-02"
NAMES = {"broadcast_action-1.2.3-py3-none-any.whl", "broadcast_action-1.2.3.tar.gz"}


def released(place: Path, *, made: float) -> dict[str, bytes]:
    """Name → bytes of what `make dist` builds from a release in `place`, whose files were written at `made`."""
    place.mkdir()
    for name in FILES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, place / name)
    git(place, "init", "-q", "-b", "main")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "work")
    release.prepare(place, "1.2.3", DAY)
    for path in place.rglob("*"):
        os.utime(path, (made, made))
    tools = str(Path(sys.executable).parent)
    command = ["make", "--silent", f"--directory={place}", "--old-file=.venv/.ready", f"BIN={tools}", "dist"]
    subprocess.run(command, check=True, env={**os.environ, **GIT}, capture_output=True)
    return {path.name: path.read_bytes() for path in (place / "dist").iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return released(tmp_path_factory.mktemp("dist") / "first", made=1_900_000_000)


def test_they_have_the_version_of_the_release(built):
    assert built.keys() == NAMES


def test_one_commit_always_makes_the_same_bytes(built, tmp_path):
    assert released(tmp_path / "second", made=2_000_000_000) == built


def test_the_installed_wheel_names_its_version(built, tmp_path):
    [wheel] = [name for name in built if name.endswith(".whl")]
    (tmp_path / wheel).write_bytes(built[wheel])
    with ZipFile(tmp_path / wheel) as archive:
        archive.extractall(tmp_path / "installed")
    command = [sys.executable, "-P", "-m", "broadcast", "--version"]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1.2.3" in done.stdout.split()


def test_the_sdist_holds_what_builds_the_wheel(built, tmp_path):
    [sdist] = [name for name in built if name.endswith(".tar.gz")]
    (tmp_path / sdist).write_bytes(built[sdist])
    with tarfile.open(tmp_path / sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "broadcast/__init__.py"} <= names


def test_the_job_that_pypi_trusts_runs_no_script_and_may_do_nothing_else():
    job = JOBS["pypi"]
    assert job["permissions"] == {"id-token": "write"}
    assert job["environment"] == "pypi"
    assert not [step for step in job["steps"] if "run" in step or "checkout@" in step["uses"]]


def test_nothing_is_uploaded_before_the_tags_are_pushed_and_nothing_is_tagged_that_cannot_be_built():
    assert JOBS["pypi"]["needs"] == "publish"
    assert "package" in JOBS["publish"]["needs"]
    [made] = [step["with"] for step in JOBS["package"]["steps"] if "upload-artifact@" in step.get("uses", "")]
    [taken] = [step["with"] for step in JOBS["pypi"]["steps"] if "download-artifact@" in step["uses"]]
    assert made == {**taken, "if-no-files-found": "error"}
