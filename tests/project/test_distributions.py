"""The wheel and the sdist that a release uploads to PyPI, built as its workflow does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from email import message_from_bytes
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from tests.docs import pages
from tests.world import GIT, ROOT, git
from tools import distributions, release

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
    "tools",
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


def description(built, ending):
    """What PyPI shows, from the metadata of the wheel or the sdist."""
    [name] = [name for name in built if name.endswith(ending)]
    if ending == ".whl":
        with ZipFile(BytesIO(built[name])) as archive:
            text = archive.read("broadcast_action-1.2.3.dist-info/METADATA")
    else:
        with tarfile.open(fileobj=BytesIO(built[name])) as archive:
            text = archive.extractfile("broadcast_action-1.2.3/PKG-INFO").read()
    found = message_from_bytes(text)
    assert found["Description-Content-Type"].startswith("text/markdown")
    return found.get_payload(decode=True).decode()


@pytest.mark.parametrize("ending", [".whl", ".tar.gz"])
def test_no_link_and_no_picture_on_the_page_of_pypi_is_relative(built, ending):
    found = pages.links_in(description(built, ending))
    here = pages.links("README.md")
    assert [link for link in found if not link.startswith("https://")] == []
    assert len(found) == len(here)
    source = "https://github.com/org/broadcast-action"
    for shown, link in zip(found, here, strict=True):
        assert shown in (link, f"{source}/blob/v1.2.3/{link}", f"{source}/raw/v1.2.3/{link}")
    assert f"{source}/raw/v1.2.3/docs/summary.png" in found


def test_every_kind_of_link_becomes_absolute():
    text = "[a](b.md) ![p](c.png) [![x](y.png)](z.md#q) [#](#up) [h](https://e.com/f) [m](mailto:a@b) `[i]`"
    at = "https://e.org/o/r"
    assert distributions.absolute(text, at, "main") == (
        f"[a]({at}/blob/main/b.md) ![p]({at}/raw/main/c.png) [![x]({at}/raw/main/y.png)]({at}/blob/main/z.md#q) "
        f"[#]({at}/blob/main/README.md#up) [h](https://e.com/f) [m](mailto:a@b) `[i]`"
    )


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
