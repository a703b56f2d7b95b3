"""The source at another commit: what git itself says of it."""

from __future__ import annotations

import pytest

from broadcast.errors import UsageError
from broadcast.revision import Revision
from tests.world import git


@pytest.fixture
def source(tmp_path):
    """Two commits on main, a branch and a tag on the first, and something on disk that is in neither."""
    root = tmp_path / "source"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "kit").mkdir()
    (root / "kit" / "run.sh").write_text("old\n")
    (root / "kit" / "run.sh").chmod(0o755)
    (root / "kit" / "link").symlink_to("run.sh")
    (root / "kit.md").write_text("sorted between\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    git(root, "tag", "-am", "v1", "v1")
    git(root, "branch", "release/1.x")
    (root / "kit" / "run.sh").write_text("new\n")
    (root / "kit" / "added").write_text("new\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "two")
    (root / "kit" / "run.sh").write_text("dirty\n")
    (root / "kit" / "secret").write_text("untracked\n")
    return root


def listed(revision, **how):
    return {file.path: (file.mode, file.oid) for file in revision.list(**how).files}


def git_says(root, ref):
    lines = [line.split("\t") for line in git(root, "ls-tree", "-r", "-z", ref).split("\0")[:-1]]
    return {path: (int(fields.split()[0], 8), fields.split()[2]) for fields, path in lines}


@pytest.mark.parametrize(
    "ref", ["HEAD", "HEAD^", "HEAD~1", "HEAD^1", "main", "main~1", "v1", "release/1.x", "refs/tags/v1"]
)
def test_it_holds_what_git_says_the_commit_holds(source, ref):
    revision = Revision.at(source, ref)
    assert listed(revision) == git_says(source, ref)
    assert revision.commit == git(source, "rev-parse", f"{ref}^{{commit}}").strip()


def test_ids_may_be_whole_or_short(source):
    oid = git(source, "rev-parse", "HEAD^").strip()
    assert Revision.at(source, oid).commit == Revision.at(source, oid[:8]).commit == oid


def test_contents_come_from_the_commit_and_not_from_disk(source):
    revision = Revision.at(source, "HEAD^")
    assert revision.read("kit/run.sh") == b"old\n"
    assert revision.read("kit/link") == b"run.sh"
    assert revision.text("kit/added") is None


def test_only_what_git_tracks_at_neither_commit_counts_as_untracked(source):
    revision = Revision.at(source, "HEAD^")
    revision.add_untracked("kit")
    assert set(listed(revision, untracked=True)) - set(git_says(source, "HEAD^")) == {"kit/secret"}
    assert revision.read("kit/secret") == b"untracked\n"
    assert listed(revision) == git_says(source, "HEAD^")


def test_a_worktree_has_a_head_of_its_own(source, tmp_path):
    git(source, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "HEAD^")
    assert Revision.at(tmp_path / "tree", "HEAD").commit == git(source, "rev-parse", "HEAD^").strip()


@pytest.mark.parametrize(
    "ref", ["nope", "HEAD~9", "HEAD^2", "HEAD:kit", "HEAD@{1}", "0" * 40, "^", "~1", "a b", "HEAD^{tree}", "HEAD^x"]
)
def test_what_names_no_commit_is_told_with_the_remedy(source, ref):
    with pytest.raises(UsageError, match="is not in the checkout") as caught:
        Revision.at(source, ref)
    assert "fetch-depth" in caught.value.remedy


def test_a_shallow_clone_lacks_what_came_before(source, tmp_path):
    git(tmp_path, "clone", "-q", "--depth", "1", source.as_uri(), "shallow")
    assert Revision.at(tmp_path / "shallow", "HEAD").commit
    with pytest.raises(UsageError, match="not in the checkout"):
        Revision.at(tmp_path / "shallow", "HEAD^1")


def test_without_git_there_is_no_history(tmp_path):
    with pytest.raises(UsageError, match="no git history"):
        Revision.at(tmp_path, "HEAD")
