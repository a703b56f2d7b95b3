"""Directories in directories without end: an error of that path, in source and target."""

from __future__ import annotations

import os
from hashlib import sha1

import pytest

from broadcast.git import paths
from broadcast.git.nofollow import Folders
from broadcast.git.objects import REGULAR, TREE, Entry, build_tree
from broadcast.observe.drift import compare
from broadcast.snapshot.snapshot import Snapshot
from tests.world import git

CONFIG = "version: 1\nid: kit\ntargets: [acme/api, acme/web]\ndirectories: [{{src: kit, mode: {mode}}}]\n"
LEVELS = (120, 900, 1_500)


def deep(levels: int) -> str:
    return "/".join(["d"] * levels + ["x"])


def track(repo, path: str) -> None:
    """Have git track a file at `path`, without one on disk."""
    blob = git(repo, "hash-object", "-w", "--stdin", data=b"deep\n").strip()
    git(repo, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    git(repo, "commit", "-q", "-m", "deep")


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_a_deep_path_of_the_source_is_an_error_of_that_path(swift, levels, mode):
    api, web = (swift.hub.repository(name, files={"a": b"a"}) for name in ("acme/api", "acme/web"))
    swift.write({"kit/a": "a"}, CONFIG.format(mode=mode))
    track(swift.source, f"kit/{deep(levels)}")
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created", "acme/web": "created"}
    assert [error["path"] for error in ran.target("acme/api")["file_errors"]] == [f"kit/{deep(levels)}"]
    assert "kit/a" in api.files("broadcast/kit")
    assert "kit/a" in web.files("broadcast/kit")


def test_a_deep_directory_of_a_target_ends_that_target_alone(swift):
    swift.hub.repository("acme/api", files={f"kit/{deep(120)}": b"deep\n"})
    swift.hub.repository("acme/web", files={"kit/more": b"x"})
    swift.write({"kit/a": "a"}, CONFIG.format(mode="mirror"))
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "failed", "acme/web": "created"}
    assert "mirror or remove a smaller directory" in ran.log


@pytest.mark.parametrize("levels", LEVELS)
def test_a_deep_listing_of_a_target_is_an_error_of_that_path(levels):
    listings = {"0": {"x": Entry(REGULAR, "f")}}
    for level in range(levels):
        listings[str(level + 1)] = {"d": Entry(TREE, str(level))}
    snapshot = Snapshot({}, build_tree({}), (), (), frozenset({"kit"}), (), 0)
    drift = compare(snapshot, {"kit": Entry(TREE, str(levels))}, listings)
    assert [error.reason.partition(" one")[0] for error in drift.errors] == ["holds more than 100 directories"]
    assert drift.changes == []


def test_as_many_directories_as_anybody_has_arrive(swift):
    api = swift.hub.repository("acme/api", files={"a": b"a"})
    swift.hub.repository("acme/web", files={"a": b"a"})
    path = f"kit/{deep(paths.MAX_DEPTH - 2)}"
    swift.write({path: "deep\n"}, CONFIG.format(mode="copy"))
    assert swift.run().outcomes == {"acme/api": "created", "acme/web": "created"}
    assert path in api.files("broadcast/kit")


@pytest.mark.parametrize("levels", LEVELS)
def test_a_deep_destination_is_refused_at_its_line(swift, levels):
    swift.write({"a": "a"}, f"version: 1\ntargets: [acme/api]\nfiles: [{{src: a, dest: {deep(levels)}}}]\n")
    ran = swift.run()
    assert ran.code == 2
    with pytest.raises(ValueError, match="more than 100 names"):
        paths.normalise(deep(levels))


ODD = ("../secret", "kit/../../secret", "kit/./a", "kit//a", "..", "a/..")


@pytest.mark.parametrize("path", ODD)
def test_nothing_is_opened_by_a_path_that_leads_out(tmp_path, path):
    (tmp_path / "root/kit").mkdir(parents=True)
    (tmp_path / "root/kit/a").write_text("a")
    (tmp_path / "secret").write_text("hidden")
    for look in ("status", "read", "read_id"):
        more = () if look == "status" else (REGULAR,)
        with Folders(os.fsencode(tmp_path / "root")) as opened, pytest.raises(OSError, match="below the root"):
            getattr(opened, look)(path.encode(), *more)


@pytest.mark.parametrize("flat", ["true", "false"])
def test_an_index_that_says_dot_dot_never_leaves_the_root(swift, flat):
    api = swift.hub.repository("acme/api", files={"a": b"a"})
    (swift.source.parent / "secret").write_text("hidden")
    config = (
        CONFIG.format(mode="copy")
        .replace("acme/web", "acme/api@main")
        .replace("mode: copy", f"preserve_structure: {flat}")
    )
    swift.write({"kit/a": "a", "kit/bb/bb/secret": "x"}, config)
    rewrite(swift.source, b"kit/bb/bb/secret", b"kit/../../secret")
    ran = swift.run()
    assert "hidden" not in str(ran.results)
    for branch in api.branches():
        assert all(content != b"hidden" for _, content in api.files(branch).values())


def rewrite(repo, old: bytes, new: bytes) -> None:
    """Put another path of the same length into the index."""
    index = repo / ".git/index"
    content = index.read_bytes()[:-20].replace(old, new)
    index.write_bytes(content + sha1(content).digest())
