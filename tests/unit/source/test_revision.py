"""The source at another commit: what git itself says of it."""

from __future__ import annotations

import pytest

from broadcast.errors import UsageError
from broadcast.source.checkout import Checkout
from broadcast.source.revision import Revision
from tests.unit.git.test_object_store import ENDLESS, blob, loose
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
    git(root, "reset", "-q", "--soft", "HEAD")  # so there is an ORIG_HEAD
    (root / "kit" / "run.sh").write_text("dirty\n")
    (root / "kit" / "secret").write_text("untracked\n")
    return root


def at(root, ref):
    return Revision.of(Checkout.open(root), ".github/broadcast.yml", ref)


def listed(revision, **how):
    return {file.path: (file.mode, file.oid) for file in revision.list(**how).files}


def git_says(root, ref):
    lines = [line.split("\t") for line in git(root, "ls-tree", "-r", "-z", ref).split("\0")[:-1]]
    return {path: (int(fields.split()[0], 8), fields.split()[2]) for fields, path in lines}


@pytest.mark.parametrize(
    "ref",
    [
        "HEAD",
        "@",
        "HEAD^",
        "HEAD~",
        "HEAD~1",
        "HEAD^1",
        "HEAD^0~1^{commit}",
        "main",
        "main~1",
        "v1",
        "v1^{}",
        "v1^0",
        "release/1.x",
        "heads/main",
        "tags/v1",
        "refs/tags/v1",
        "ORIG_HEAD^",
    ],
)
def test_it_holds_what_git_says_the_commit_holds(source, ref):
    revision = at(source, ref)
    assert listed(revision) == git_says(source, ref)
    assert revision.commit == git(source, "rev-parse", f"{ref}^{{commit}}").strip()


def test_ids_may_be_whole_or_short(source):
    oid = git(source, "rev-parse", "HEAD^").strip()
    assert at(source, oid).commit == at(source, oid[:8]).commit == oid


def test_contents_come_from_the_commit_and_not_from_disk(source):
    revision = at(source, "HEAD^")
    assert revision.read("kit/run.sh") == b"old\n"
    assert revision.read("kit/link") == b"run.sh"
    assert revision.text("kit/added") is None


def test_only_what_git_tracks_at_neither_commit_counts_as_untracked(source):
    revision = at(source, "HEAD^")
    revision.add_untracked("kit")
    assert set(listed(revision, untracked=True)) - set(git_says(source, "HEAD^")) == {"kit/secret"}
    assert revision.read("kit/secret") == b"untracked\n"
    assert listed(revision) == git_says(source, "HEAD^")


def test_a_worktree_has_a_head_of_its_own(source, tmp_path):
    git(source, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "HEAD^")
    assert at(tmp_path / "tree", "HEAD").commit == git(source, "rev-parse", "HEAD^").strip()


@pytest.mark.parametrize(
    "ref",
    [
        "nope",
        "HEAD~9",
        "HEAD^2",
        "HEAD:kit",
        "HEAD@{1}",
        "0" * 40,
        "^",
        "~1",
        "a b",
        "HEAD^{tree}",
        "HEAD^x",
        "release",
        "refs/heads",
        "../main",
        "refs/../config",
        "config",
        ".git",
        "HEAD~999999999",
        "ab",
        "\udcff",
    ],
)
def test_what_names_no_commit_is_reported_with_the_remedy(source, ref):
    with pytest.raises(UsageError, match="is not in the checkout") as caught:
        at(source, ref)
    assert "fetch-depth" in caught.value.remedy


def test_a_shallow_clone_lacks_what_came_before(source, tmp_path):
    git(tmp_path, "clone", "-q", "--depth", "1", source.as_uri(), "shallow")
    assert at(tmp_path / "shallow", "HEAD").commit
    with pytest.raises(UsageError, match="not in the checkout"):
        at(tmp_path / "shallow", "HEAD^1")


def test_without_git_there_is_no_history(tmp_path):
    with pytest.raises(UsageError, match="no git history"):
        at(tmp_path, "HEAD")


def test_a_merges_second_parent_and_what_came_before_it(source):
    git(source, "stash", "-q")
    git(source, "checkout", "-q", "-b", "side", "HEAD^")
    (source / "side").write_text("side\n")
    git(source, "add", "side")
    git(source, "commit", "-qm", "side")
    git(source, "merge", "-q", "--no-edit", "main")
    for ref in ("HEAD^1", "HEAD^2", "HEAD^2~1", "side~1^1", "HEAD^2^"):
        assert at(source, ref).commit == git(source, "rev-parse", ref).strip()


def test_a_ref_counts_before_the_beginning_of_an_id(source):
    short = git(source, "rev-parse", "HEAD").strip()[:7]
    git(source, "branch", short, "HEAD^")
    assert at(source, short).commit == git(source, "rev-parse", "HEAD^").strip()


@pytest.mark.parametrize("how", [(), ("gc", "-q"), ("-c", "pack.indexVersion=1", "repack", "-adq")])
def test_the_beginning_of_an_id_is_what_git_takes_it_for(source, how):
    """One that several commits share names none of them; files that share it don't count."""
    tree, stamp = git(source, "rev-parse", "HEAD^{tree}").strip(), "committer Sam <sam@example.com> 1700000000 +0000"
    commits = (f'commit refs/heads/topic-{n}\n{stamp}\ndata 3\n{n:03}\nM 040000 {tree} ""\n\n' for n in range(300))
    git(source, "-c", "fastimport.unpackLimit=1000", "fast-import", "--quiet", data="".join(commits).encode())
    if how:
        git(source, *how)
    lines = git(source, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").splitlines()
    ids = dict(line.split() for line in lines)
    shared = {oid[:4] for oid, kind in ids.items() if kind == "commit"}
    git(source, "update-ref", "-d", "refs/heads/topic-0")
    for digits in sorted(shared)[::9]:
        meant = [oid for oid, kind in ids.items() if kind in ("commit", "tag") and oid.startswith(digits)]
        if len(meant) == 1:
            assert at(source, digits).commit == meant[0]
        else:
            with pytest.raises(UsageError, match="not in the checkout"):
                at(source, digits)


def test_a_directory_of_a_checkout_has_its_history(source):
    revision = at(source / "kit", "HEAD^")
    assert set(listed(revision)) == {"link", "run.sh"}
    assert revision.read("run.sh") == b"old\n"


# A store that lies


def forged(root, kind, ref="HEAD^"):
    """The object of that commit, and what stands in its place."""
    return git(root, "rev-parse", {"commit": ref, "tree": f"{ref}^{{tree}}", "folder": f"{ref}:kit"}[kind]).strip()


def lies(root):
    """In the place of a commit or tree: another one that is sound, and what can't be any."""
    head = git(root, "cat-file", "commit", "HEAD").encode()
    tree = b"40000 kit\0" + bytes.fromhex(git(root, "rev-parse", "HEAD:kit").strip())
    return {
        "another commit": blob(head, kind=b"commit"),
        "another tree": blob(tree, kind=b"tree"),
        "another kind": blob(b"no"),
        "no end": ENDLESS,
        "half": blob(head, kind=b"commit")[:40],
        "nothing": b"",
    }


LIES = ("another commit", "another tree", "another kind", "no end", "half", "nothing")


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("kind", ["commit", "tree"])
def test_a_commit_that_is_not_what_it_is_called_is_no_commit_to_compare_with(source, kind, lie):
    loose(source, forged(source, kind), lies(source)[lie])
    with pytest.raises(UsageError, match=r"to compare with can't be (read|used)") as caught:
        at(source, "HEAD^")
    assert "again" in caught.value.remedy


@pytest.mark.parametrize("lie", LIES)
def test_a_directory_that_is_not_what_it_is_called_is_an_error_of_its_files(source, lie):
    loose(source, forged(source, "folder"), lies(source)[lie])
    listing = at(source, "HEAD^").list()
    assert [file.path for file in listing.files] == ["kit.md"]
    assert "can't be listed" in listing.errors[0].reason


def test_a_file_that_is_not_what_it_is_called_gives_no_text(source):
    loose(source, git(source, "rev-parse", "HEAD^:kit/run.sh").strip(), blob(b"forged\n"))
    revision = at(source, "HEAD^")
    with pytest.raises(UsageError, match="no usable blob"):
        revision.text("kit/run.sh")


def test_a_tag_of_itself_comes_to_an_end(source):
    loose(source, "1" * 40, blob(b"object " + b"1" * 40 + b"\ntype tag\n\n", kind=b"tag"))
    with pytest.raises(UsageError, match="can't be read"):
        at(source, "1" * 40)


@pytest.mark.parametrize(
    "said", [b"ref: refs/heads/x\n", b"ref: ../../x\n", b"nothing", b"\xff", b"ref: refs/heads/../../config"]
)
def test_a_ref_that_names_itself_or_nothing_is_reported(source, said):
    (source / ".git/refs/heads/x").write_bytes(said)
    with pytest.raises(UsageError, match="to compare with can't be read"):
        at(source, "x")


def test_an_index_of_a_pack_that_is_not_sorted_comes_to_an_end(source):
    git(source, "gc", "-q")
    [index] = (source / ".git/objects/pack").glob("*.idx")
    raw = bytearray(index.read_bytes())
    raw[8:1032] = (1 << 31).to_bytes(4, "big") * 256
    index.chmod(0o644)
    index.write_bytes(raw)
    with pytest.raises(UsageError, match="not in the checkout"):
        at(source, "abcd")
