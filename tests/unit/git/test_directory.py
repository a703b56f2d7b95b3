"""What a `.git` says of HEAD, refs and formats: in files, packed, through symbolic refs, in worktrees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broadcast.git.directory import GitDirectory
from broadcast.git.index import UnreadableIndex
from tests.world import git

ONE, TWO = "1" * 40, "2" * 40


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository as `git init` leaves it."""
    git(tmp_path, "init", "-q", "-b", "main", ".")
    return tmp_path


def opened(root: Path) -> GitDirectory:
    found = GitDirectory.of(os.fsencode(root))
    assert found is not None
    return found


def write(root: Path, name: str, text: str) -> None:
    (root / ".git" / name).parent.mkdir(parents=True, exist_ok=True)
    (root / ".git" / name).write_text(text)


def test_a_directory_without_git_is_no_checkout(tmp_path):
    assert GitDirectory.of(os.fsencode(tmp_path)) is None


def test_a_new_repository_has_a_branch_without_a_commit_and_no_entries(root):
    found = opened(root)
    assert (found.ref, found.head, found.entries, found.index_ns) == ("refs/heads/main", "", (), 0)
    assert b"[core]" in found.config
    assert found.own == found.common == os.fsencode(root / ".git")


def test_an_index_has_its_entries_and_the_time_of_its_writing(root):
    (root / "a").write_text("a\n")
    git(root, "add", "a")
    os.utime(root / ".git/index", ns=(5, 1_234_567_890_123_456_789))
    found = opened(root)
    assert [entry.path for entry in found.entries] == [b"a"]
    assert found.index_ns == 1_234_567_890_123_456_789


def test_a_branch_is_in_a_file_or_packed_and_the_file_counts(root):
    write(root, "packed-refs", f"# pack-refs with: peeled\n{ONE} refs/heads/main\n{TWO} refs/heads/mainline\n^{TWO}\n")
    assert opened(root).head == ONE
    assert opened(root).named(b"refs/heads/mainline") == (b"refs/heads/mainline", TWO)
    assert opened(root).named(b"refs/heads/absent") == (b"refs/heads/absent", "")
    write(root, "refs/heads/main", f"{TWO}\r\n")
    assert opened(root).head == TWO


def test_a_detached_head_stands_on_no_ref(root):
    write(root, "HEAD", f"{ONE}\n")
    assert (opened(root).ref, opened(root).head) == ("", ONE)


def test_a_directory_of_branches_is_no_branch(root):
    write(root, "refs/heads/main/deep", ONE)
    assert opened(root).head == ""
    assert opened(root).named(b"refs/heads/main/deep/er")[1] == ""


def test_a_head_that_is_a_symlink_stands_on_what_it_names(root):
    (root / ".git/HEAD").unlink()
    (root / ".git/HEAD").symlink_to("refs/heads/topic")
    write(root, "refs/heads/topic", f"{ONE}\n")
    assert (opened(root).ref, opened(root).head) == ("refs/heads/topic", ONE)


def chain(root: Path, count: int) -> None:
    """HEAD, and so many refs of which each names the next; the last has an id."""
    names = [f"refs/heads/r{number}" for number in range(count)]
    for name, goal in zip(["HEAD", *names], names, strict=False):
        write(root, name, f"ref: {goal}\n")
    write(root, names[-1], f"{ONE}\n")


def test_symbolic_refs_are_followed_as_far_as_git_follows_them(root):
    chain(root, 4)
    assert opened(root).head == ONE
    chain(root, 5)
    with pytest.raises(UnreadableIndex, match="HEAD can't be parsed"):
        _ = opened(root).head


@pytest.mark.parametrize(
    "text",
    ["nonsense", "ref: ../outside", "ref: refs/../../outside", "ref: refs/..", "ref: heads/main", f"{ONE}0", ONE[1:]],
)
def test_a_head_that_leads_out_or_says_nothing_is_refused(root, text):
    write(root, "HEAD", f"{text}\n")
    with pytest.raises(UnreadableIndex, match="HEAD can't be parsed"):
        _ = opened(root).head


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("[extensions]\n\tobjectFormat = sha256\n", "SHA-256"),
        ('[extensions]\nobjectformat="SHA256"\n', "SHA-256"),
        ("[extensions]\n  refStorage = reftable\n", "reftable"),
    ],
)
def test_a_format_that_is_not_read_is_refused_with_the_way_out(root, config, reason):
    write(root, "config", config)
    with pytest.raises(UnreadableIndex, match=reason) as refusal:
        opened(root)
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "config", ["[extensions]\nobjectFormat = sha1\n", "# objectformat = sha256\n", "[x]\nrefstorage = files\n"]
)
def test_other_formats_are_read(root, config):
    write(root, "config", config)
    assert opened(root).config == config.encode()


def test_a_worktree_has_its_own_head_and_shares_refs_and_objects(root):
    git(root, "commit", "-q", "--allow-empty", "-m", "one")
    git(root, "worktree", "add", "-q", "-b", "topic", "below/tree")
    found = opened(root / "below/tree")
    assert found.ref == "refs/heads/topic"
    assert found.head == git(root, "rev-parse", "topic").strip()
    assert found.common == os.fsencode(os.path.realpath(root / ".git"))
    assert found.own == os.fsencode(os.path.realpath(root / ".git/worktrees/tree"))


def test_a_relative_gitdir_counts_from_where_it_stands(root):
    (root / "sub").mkdir()
    (root / "sub/.git").write_text("gitdir: ../.git\n")
    assert opened(root / "sub").own == os.fsencode(os.path.realpath(root / ".git"))


def test_a_shallow_clone_says_so(root):
    assert not opened(root).is_shallow
    write(root, "shallow", f"{ONE}\n")
    assert opened(root).is_shallow
