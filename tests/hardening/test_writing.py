"""What a run writes on a runner stays below the workspace, whatever stands there; a terminal's user writes anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broadcast.git import nofollow
from broadcast.observe.object_cache import FILE, ObjectCache
from broadcast.source import workspace
from broadcast.source.workspace import Workspace
from tests.hardening.test_paths import DOT_GIT

CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"
OUTSIDE = ("../x", "a/../../x", "/etc/x", "/", "..", "a/..", "/github/home/x")
INPUTS = ("results_file", "metrics_file", "cache_dir")


@pytest.fixture(autouse=True, params=[True, False], ids=["by handles", "by paths"])
def handles(request, monkeypatch):
    """Whether the system opens files below open directories; Windows doesn't."""
    for module in (nofollow, workspace):
        monkeypatch.setattr(module, "HAS_HANDLES", request.param)
    return request.param


@pytest.fixture
def source(swift):
    swift.hub.repository("acme/api", files={"a": b"a"})
    swift.write({"LICENSE": "MIT\n"}, CONFIG)
    return swift.source


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home/.git/hooks").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "home"


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("path", [*OUTSIDE, ".git/hooks/post-checkout", "a/.GIT/config", "git~1/config"])
def test_a_place_outside_of_the_workspace_is_refused_before_anything_is_asked(swift, source, name, path):
    ran = swift.run(**{name: path})
    assert ran.code == 2
    assert f"the input {name.replace('_', '-')} can't be {path!r}" in ran.log
    assert "the workspace" in ran.log
    assert not swift.hub.requests


@pytest.mark.parametrize("name", INPUTS)
def test_a_place_in_the_workspace_is_written_to_by_either_spelling(swift, source, name):
    for path in ("made/it", str(source / "made/it")):
        (source / "made").mkdir(exist_ok=True)
        assert swift.run(**{name: path}).code == 0
        assert (source / "made/it").exists() or name == "cache_dir"  # which is for directories alone


@pytest.mark.parametrize("path", [*OUTSIDE, *(f"{name}/x" for name in DOT_GIT), *(f"a/{name}" for name in DOT_GIT)])
def test_no_file_is_written_outside_or_into_git_in_any_disguise(home, path):
    for write in (Workspace(home, confined=True).write, Workspace(home, confined=True).replace):
        with pytest.raises(OSError, match="give a path"):
            write(path, b"x")
    assert {found.name for found in home.parent.rglob("*")} == {"home", "elsewhere", ".git", "hooks"}


@pytest.mark.parametrize("goal", ["../elsewhere/x", ".git/hooks/x", "here", "/dev/null"])
def test_no_file_is_written_through_a_link(home, goal):
    (home / "out").symlink_to(goal)
    with pytest.raises(OSError, match=r"[Ss]ymbolic|[Ll]oop"):
        Workspace(home, confined=True).write("out", b"x")
    Workspace(home, confined=True).replace("out", b"ours")  # in the place of the link
    assert (home / "out").read_bytes() == b"ours"
    assert not (home / "out").is_symlink()
    assert not list((home.parent / "elsewhere").iterdir())


@pytest.mark.parametrize("goal", ["../elsewhere", ".git/hooks", "/tmp"])
@pytest.mark.parametrize("path", ["way/x", "way/deep/x"])
def test_no_directory_is_entered_through_a_link(home, goal, path):
    (home / "way").symlink_to(goal)
    for write in (Workspace(home, confined=True).write, Workspace(home, confined=True).replace):
        with pytest.raises(OSError, match=r"[Ss]ymbolic|[Ll]oop|Not a directory"):
            write(path, b"x")
    assert not list((home.parent / "elsewhere").iterdir())
    assert not list((home / ".git/hooks").iterdir())


def test_a_second_name_of_another_file_is_not_written_to(home):
    (home / ".git/config").write_text("theirs")
    (home / "out").hardlink_to(home / ".git/config")
    with pytest.raises(OSError, match="Not a plain file"):
        Workspace(home, confined=True).write("out", b"x")
    assert (home / ".git/config").read_text() == "theirs"


def test_a_pipe_is_not_waited_for(home):
    os.mkfifo(home / "out")
    with pytest.raises(OSError, match=r"[Nn]o such device|Not a plain file"):
        Workspace(home, confined=True).write("out", b"x")


@pytest.mark.parametrize("name", ["broadcast-results.json", "results.json"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_report_that_cannot_be_written_is_reported_and_the_rest_of_it_is_not_lost(
    swift, source, name, kind, monkeypatch
):
    monkeypatch.setattr("broadcast.report.outputs.MAX_OUTPUTS", 100)
    if kind == "link":
        (source / name).symlink_to("../elsewhere.json")
    else:
        os.mkfifo(source / name)
    given = {} if name.startswith("broadcast") else {"results_file": name}
    ran = swift.run(**given)
    assert (ran.code, "the report can't be written" in ran.log) == (2, True)
    assert "pull request" in ran.summary
    assert ran.outputs["created"] == "1"
    assert not (source.parent / "elsewhere.json").exists()


@pytest.mark.parametrize("kind", ["pipe", "link", "device", "directory", "a directory that is a link"])
def test_a_cache_that_is_none_is_a_warning(swift, source, kind):
    (source.parent / "elsewhere").mkdir()
    cache = source / "cache"
    if kind == "a directory that is a link":
        cache.symlink_to("../elsewhere")
    else:
        cache.mkdir()
        if kind == "pipe":
            os.mkfifo(cache / FILE)
        elif kind == "directory":
            (cache / FILE).mkdir()
        else:
            (cache / FILE).symlink_to("../../elsewhere/x" if kind == "link" else "/dev/zero")
    ran = swift.run(cache_dir="cache")
    assert ran.outcomes == {"acme/api": "created"}
    assert "the cache cache" in ran.log
    assert not list((source.parent / "elsewhere").iterdir())


def test_a_terminals_user_may_write_anywhere(home):
    for write in (Workspace(home).write, Workspace(home).replace):
        write("../elsewhere/x", b"x")
        write(home.parent / "elsewhere/y", b"y")
    assert {found.name for found in (home.parent / "elsewhere").iterdir()} == {"x", "y"}


def test_a_cache_learns_where_it_is_confined(home):
    known = ObjectCache(Path("cache"), workspace=Workspace(home, confined=True))
    known.learn({"4b825dc642cb6eb9a060e54bf8d69288fbee4904": {}})
    known.save()
    assert not known.warnings
    assert (home / "cache" / FILE).is_file()


@pytest.mark.parametrize(
    "spelled", ["./.github/broadcast.yml", ".github//broadcast.yml", ".github/../.github/./broadcast.yml"]
)
def test_the_config_by_another_spelling_is_the_config(swift, spelled):
    api = swift.hub.repository("acme/api", files={"a": b"a"})
    swift.write({".github/x": "x"}, "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [.github]\n")
    assert swift.run(config=spelled).outcomes == {"acme/api": "created"}
    assert set(api.files("broadcast/kit")) == {"a", ".github/x"}
    assert swift.run().outcomes == {"acme/api": "open"}
