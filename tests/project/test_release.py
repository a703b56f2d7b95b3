"""Cutting a release, on a repository with a remote of its own."""

from __future__ import annotations

import shutil
import tomllib

import pytest
import yaml

from broadcast import __version__
from tests.world import ROOT, git
from tools import release

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
IMAGE = f"ghcr.io/org/broadcast-action:v1.0.0@sha256:{'0' * 64}"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A clone with the files of this repository that a release changes."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(tmp_path, "clone", "-q", "remote.git", "clone")
    clone = tmp_path / "clone"
    (clone / "broadcast").mkdir()
    for name in ("CHANGELOG.md", "action.yml", "broadcast/__init__.py", "pyproject.toml"):
        shutil.copy(ROOT / name, clone / name)
    commit(clone)
    return clone


def commit(clone) -> None:
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "work")
    git(clone, "push", "-q", "origin", "HEAD:main")


def shown(clone, commit: str, path: str) -> str:
    return git(clone, "show", f"{commit}:{path}")


def remote(clone) -> dict[str, str]:
    """The remote's refs: name → commit."""
    return {name: oid for oid, name in (line.split("\t") for line in git(clone, "ls-remote").splitlines())}


def test_the_version_is_the_same_wherever_it_stands():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__


def test_prepare_writes_the_version_everywhere_and_dates_the_changelog(root):
    told = release.notes(root, "Unreleased")
    release.prepare(root, "1.0.0", "2030-01-02")
    assert git(root, "log", "-1", "--format=%s %an").strip() == "Release 1.0.0 github-actions[bot]"
    assert git(root, "status", "--porcelain") == ""
    assert tomllib.loads(shown(root, "HEAD", "pyproject.toml"))["project"]["version"] == "1.0.0"
    assert '__version__ = "1.0.0"\n' in shown(root, "HEAD", "broadcast/__init__.py")
    assert "## [Unreleased]\n\n## [1.0.0] - 2030-01-02\n\n### Added\n" in shown(root, "HEAD", "CHANGELOG.md")
    assert (release.notes(root, "1.0.0"), release.notes(root, "Unreleased")) == (told, "")


def test_publish_tags_a_commit_that_pins_the_image_and_leaves_main_building_its_own(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    release.publish(root, "1.0.0", IMAGE)
    refs = remote(root)
    assert refs["refs/tags/v1.0.0"] == refs["refs/tags/v1"] != refs["refs/heads/main"]
    runs = {name: yaml.safe_load(shown(root, refs[name], "action.yml"))["runs"]["image"] for name in refs}
    assert runs["refs/tags/v1.0.0"] == f"docker://{IMAGE}"
    assert runs["refs/heads/main"] == "Dockerfile"
    assert git(root, "diff", "--name-only", refs["refs/heads/main"], refs["refs/tags/v1"]).split() == ["action.yml"]


def test_publish_done_again_changes_nothing_though_main_has_moved_on(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    prepared = git(root, "rev-parse", "HEAD").strip()
    release.publish(root, "1.0.0", IMAGE)
    git(root, "reset", "-q", "--hard", prepared)
    (root / "new.txt").write_text("new\n")
    commit(root)
    before = remote(root)
    git(root, "reset", "-q", "--hard", prepared)
    release.publish(root, "1.0.0", IMAGE)
    assert remote(root) == before


def test_publish_needs_no_more_history_than_the_workflow_fetches(root, tmp_path):
    checkout = WORKFLOW["jobs"]["publish"]["steps"][0]["with"]
    depth = checkout["fetch-depth"]
    release.prepare(root, "1.0.0", "2030-01-02")
    git(root, "push", "-q", "origin", "HEAD:release/1.0.0")
    git(
        tmp_path,
        "clone",
        "-q",
        f"--depth={depth}",
        "--branch=release/1.0.0",
        f"file://{tmp_path}/remote.git",
        "shallow",
    )
    release.publish(tmp_path / "shallow", "1.0.0", IMAGE)
    assert "refs/tags/v1.0.0" in remote(root)


def test_the_next_release_moves_the_major_tag_and_no_other(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    release.publish(root, "1.0.0", IMAGE)
    first = remote(root)
    git(root, "reset", "-q", "--hard", first["refs/heads/main"])
    changelog = root / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n"))
    commit(root)
    release.prepare(root, "1.1.0", "2030-02-03")
    assert release.notes(root, "1.1.0") == "- More."
    release.publish(root, "1.1.0", IMAGE.replace("v1.0.0", "v1.1.0"))
    second = remote(root)
    assert second["refs/tags/v1"] == second["refs/tags/v1.1.0"]
    assert second["refs/tags/v1.0.0"] == first["refs/tags/v1.0.0"]


def test_nothing_is_pushed_when_main_has_moved_meanwhile(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    git(root.parent, "clone", "-q", "remote.git", "other")
    (root.parent / "other" / "new.txt").write_text("new\n")
    commit(root.parent / "other")
    with pytest.raises(Exception, match="push"):
        release.publish(root, "1.0.0", IMAGE)
    assert set(remote(root)) == {"HEAD", "refs/heads/main"}


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0\n", "$(id)"])
def test_what_is_no_version_is_refused(root, version):
    with pytest.raises(SystemExit, match="is no version"):
        release.prepare(root, version, "2030-01-02")


def test_a_version_that_is_not_newer_is_refused(root):
    release.prepare(root, "1.10.0", "2030-01-02")
    for version in ("1.10.0", "1.9.0"):
        with pytest.raises(SystemExit, match=r"isn't newer than 1\.10\.0"):
            release.prepare(root, version, "2030-01-02")


def test_a_release_that_has_nothing_to_say_is_refused(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    with pytest.raises(SystemExit, match="tells nothing"):
        release.prepare(root, "1.1.0", "2030-01-03")


def test_an_image_without_a_digest_is_refused(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    for image in (IMAGE.partition("@")[0], IMAGE[:-1], IMAGE.replace(":v1.0.0", ":v1.1.0"), f"x {IMAGE}"):
        with pytest.raises(SystemExit, match="is no image"):
            release.publish(root, "1.0.0", image)


def test_what_is_published_is_the_version_that_was_prepared(root):
    release.prepare(root, "1.0.0", "2030-01-02")
    with pytest.raises(SystemExit, match="isn't the commit"):
        release.publish(root, "1.1.0", IMAGE.replace("v1.0.0", "v1.1.0"))


def test_a_file_that_has_lost_its_line_is_reported(root):
    (root / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(SystemExit, match=r"pyproject\.toml: .* 0 times"):
        release.prepare(root, "1.0.0", "2030-01-02")
