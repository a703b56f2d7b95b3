"""What HEAD holds is what is sent, whatever lies in the index or on disk; and what differs is said."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from broadcast.errors import FileUnavailable
from broadcast.git.commits import commit_of
from broadcast.git.directory import GitDirectory
from broadcast.git.index import parse_index
from broadcast.git.nofollow import Folders
from broadcast.git.object_store import Objects
from broadcast.git.objects import EXECUTABLE, GITLINK, REGULAR, SYMLINK, blob_id
from broadcast.git.packs import Unsound
from broadcast.source.checkout import Checkout, CheckoutError
from broadcast.source.committed import directory_ids, tree_entries
from tests.world import git

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    files = {"a": b"a\n", "kit/b": b"b\n", "kit/deep/c": b"c\n", "kit/deep/d": b"d\n", "kit-x": b"x\n", "kit.y": b"y\n"}
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "kit/link").symlink_to("b")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    return root


def of_head(root: Path) -> dict[str, tuple[int, str]]:
    lines = [line.split("\t") for line in git(root, "ls-tree", "-r", "-z", "HEAD").split("\0")[:-1]]
    return {path: (int(fields.split()[0], 8), fields.split()[2]) for fields, path in lines}


def sent(checkout: Checkout, *, untracked: bool = False) -> dict[str, tuple[int, str]]:
    listing = checkout.list(untracked=untracked)
    for file in listing.files:
        assert blob_id(checkout.read(file.path, untracked=untracked)) == file.oid
    assert not listing.errors
    return {file.path: (file.mode, file.oid) for file in listing.files}


def edit(root: Path) -> None:
    (root / "kit/b").write_text("password\n")


def edit_behind(flag: str):
    def change(root: Path) -> None:
        git(root, "update-index", flag, "kit/b")
        edit(root)

    return change


def edit_unseen(root: Path) -> None:
    """Same size, same time: only the flag keeps git from looking, and nothing keeps us."""
    git(root, "update-index", "--assume-unchanged", "kit/b")
    (root / "kit/b").write_text("p\n")
    os.utime(root / "kit/b", (1, 1))


def stage(root: Path) -> None:
    edit(root)
    git(root, "add", "kit/b")


def swap(kind: str):
    def change(root: Path) -> None:
        (root / "kit/b").unlink()
        if kind == "link":
            (root / "kit/b").symlink_to("/etc/passwd")
        elif kind == "pipe":
            os.mkfifo(root / "kit/b")
        elif kind == "directory":
            (root / "kit/b").mkdir()
            (root / "kit/b/x").write_text("password")

    return change


def relink(root: Path) -> None:
    (root / "kit/link").unlink()
    (root / "kit/link").symlink_to("../../secret")


def conflict(root: Path) -> None:
    head = git(root, "rev-parse", "HEAD:kit/b").strip()
    lines = "".join(f"100644 {head} {stage}\tkit/b\n" for stage in (1, 2, 3))
    git(root, "update-index", "--index-info", data=f"0 {'0' * 40}\tkit/b\n{lines}".encode())


CHANGED = {
    "an edited file": (edit, "kit/b"),
    "one behind skip-worktree": (edit_behind("--skip-worktree"), "kit/b"),
    "one behind assume-unchanged": (edit_behind("--assume-unchanged"), "kit/b"),
    "one of the same size": (edit_unseen, "kit/b"),
    "a staged file": (stage, "kit/b"),
    "a symlink in its place": (swap("link"), "kit/b"),
    "a pipe in its place": (swap("pipe"), "kit/b"),
    "a directory in its place": (swap("directory"), "kit/b"),
    "nothing in its place": (swap(""), "kit/b"),
    "another goal of a symlink": (relink, "kit/link"),
    "a conflict": (conflict, ""),
    "a file that git is to forget": (lambda root: git(root, "rm", "-q", "--cached", "kit/deep/c"), ""),
    "a directory that git is to forget": (lambda root: git(root, "rm", "-qr", "kit"), "kit/b"),
    "an index that is gone": (lambda root: (root / ".git/index").unlink(), ""),
    "an index without its trees": (lambda root: git(root, "read-tree", "--empty"), ""),
    "a mode": (lambda root: git(root, "update-index", "--chmod=+x", "kit/b"), ""),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
@pytest.mark.parametrize("packed", [False, True])
def test_the_commit_is_sent_and_what_differs_is_said(root, what, packed):
    change, named = CHANGED[what]
    expected = of_head(root)
    if packed:
        git(root, "gc", "-q")
    change(root)
    checkout = Checkout.open(root)
    assert sent(checkout) == expected
    said = " ".join(checkout.differences())
    assert named in said
    assert bool(said) == bool(named)


ADDED = {
    "added by intent": ("-N",), "staged": (),
}  # fmt: skip


@pytest.mark.parametrize("how", ADDED)
@pytest.mark.parametrize("name", ["kit/key.pem", "new/key.pem", "zz"])
def test_what_is_added_but_not_committed_is_not_sent_and_that_is_said(root, how, name):
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("secret")
    git(root, "add", *ADDED[how], name)
    checkout = Checkout.open(root)
    assert sent(checkout) == of_head(root)
    assert checkout.differences() == (f"{name} is staged but not committed, and so not sent",)
    assert checkout.exists(name) is None
    assert checkout.untracked(name)
    assert not Checkout.open(root).list("kit/deep").errors


def test_only_a_few_of_many_are_named(root):
    for path in ("a", "kit/b", "kit/deep/c", "kit/deep/d", "kit-x", "kit.y"):
        (root / path).write_text("other")
    checkout = Checkout.open(root)
    checkout.list()
    assert checkout.differences() == (
        "on disk, a, kit-x, kit.y, kit/b, kit/deep/c and 1 more differ from the commit, which is sent",
    )


def test_only_what_is_sent_is_said_to_differ(root):
    edit(root)
    checkout = Checkout.open(root)
    checkout.list("kit/deep")
    checkout.list("kit", wanted=lambda path: path != "kit/b")
    assert checkout.differences() == ()


def test_a_clean_checkout_differs_in_nothing_whatever_its_times(root):
    for path in of_head(root):
        os.utime(root / path, (1, 1), follow_symlinks=False)
    checkout = Checkout.open(root)
    assert sent(checkout) == of_head(root)
    assert checkout.differences() == ()


def converted(tmp_path: Path, attributes: str, *config: str, content: bytes = b"$Id$\nline\n") -> Path:
    """A checkout that git made with these attributes, and whose index vouches for nothing."""
    source = tmp_path / "made"
    source.mkdir()
    git(source, "init", "-q", "-b", "main")
    (source / ".gitattributes").write_text(attributes)
    (source / "a.txt").write_bytes(content)
    git(source, "add", "-A")
    git(source, "commit", "-qm", "x")
    copy = tmp_path / "copy"
    git(tmp_path, *(one for setting in config for one in ("-c", setting)), "clone", "-q", str(source), str(copy))
    os.utime(copy / "a.txt", (1, 1))
    return copy


@pytest.mark.parametrize(
    ("attributes", "config"),
    [
        ("* text eol=crlf\n", ()),
        ("", ("core.autocrlf=true",)),
        ("*.txt ident\n", ()),
        ("*.txt ident eol=crlf\n", ()),
        ("*.txt working-tree-encoding=UTF-16\n", ()),
        ("[attr]ours text eol=crlf\n*.txt ours\n", ()),
    ],
)
def test_what_a_checkout_converted_is_the_blob_again(tmp_path, attributes, config):
    content = b"$Id$\nline\n".decode().encode("utf-16") if "encoding" in attributes else b"$Id$\nline\n"
    copy = converted(tmp_path, attributes, *config, content=content)
    assert (copy / "a.txt").read_bytes() != b"$Id$\nline\n"
    checkout = Checkout.open(copy)
    assert sent(checkout) == of_head(copy)
    assert checkout.read("a.txt") == b"$Id$\nline\n"
    assert checkout.differences() == ()


def pointer_of(content: bytes) -> str:
    from hashlib import sha256

    return LFS.format(sha256(content).hexdigest(), len(content))


def test_what_lfs_smudged_is_sent_as_its_pointer_and_differs_only_where_it_is_another(root):
    (root / "a.psd").write_text(pointer_of(b"the real thing"))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    for content, said in (
        (b"the real thing", ()),
        (b"a token", ("on disk, a.psd differs from the commit, which is sent",)),
    ):
        (root / "a.psd").write_bytes(content)
        checkout = Checkout.open(root)
        assert sent(checkout) == of_head(root)
        assert checkout.differences() == said


def test_what_neither_disk_nor_store_has_is_an_error_of_that_file_with_the_way_out(root):
    oid = git(root, "rev-parse", "HEAD:kit/b").strip()
    (root / ".git/objects" / oid[:2] / oid[2:]).unlink()
    checkout = Checkout.open(root)
    assert checkout.read("kit/b") == b"b\n"  # the disk has it
    edit(root)
    with pytest.raises(FileUnavailable, match="is not in the checkout") as caught:
        checkout.read("kit/b")
    assert "filter" in caught.value.remedy


@pytest.mark.parametrize("lie", [b"x", b""])
def test_a_blob_that_is_corrupt_is_an_error_of_that_file(root, lie):
    oid = git(root, "rev-parse", "HEAD:kit/b").strip()
    path = root / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(lie)
    edit(root)
    checkout = Checkout.open(root)
    with pytest.raises(FileUnavailable, match="no usable blob") as caught:
        checkout.read("kit/b")
    assert caught.value.remedy
    assert checkout.read("a") == b"a\n"


def lose(root: Path, name: str) -> None:
    oid = git(root, "rev-parse", name).strip()
    path = root / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"x")


def test_a_directory_whose_tree_is_corrupt_is_an_error_of_its_own_where_the_index_can_not_stand_in(root):
    lose(root, "HEAD:kit/deep")
    assert sent(Checkout.open(root)) == of_head_by_index(root)
    git(root, "update-index", "--force-remove", "kit/deep/c")
    checkout = Checkout.open(root)
    listing = checkout.list("kit")
    assert [(error.path, error.remedy) for error in listing.errors] == [("kit/deep", "check the repository out again")]
    assert {file.path for file in listing.files} == {"kit/b", "kit/link"}
    assert checkout.exists("kit/deep") == checkout.exists("kit/deep/c") == "directory"
    assert [error.path for error in checkout.list("kit/deep/c").errors] == ["kit/deep/c"]


def of_head_by_index(root: Path) -> dict[str, tuple[int, str]]:
    entries = parse_index((root / ".git/index").read_bytes())
    return {entry.path.decode(): (entry.mode, entry.oid) for entry in entries}


@pytest.mark.parametrize("name", ["HEAD", "HEAD^{tree}"])
def test_without_the_commit_the_run_ends_with_the_way_out(root, name):
    lose(root, name)
    if name != "HEAD":
        stage(root)
    with pytest.raises(CheckoutError, match="can't be read") as caught:
        Checkout.open(root)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "entries",
    [
        [(b"100644", b"..", b"1")], [(b"100644", b"a/b", b"1")], [(b"100644", b"", b"1")], [(b"40000", b".", b"1")],
        [(b"x", b"a", b"1")],
    ],
)  # fmt: skip
def test_a_tree_that_no_checkout_could_hold_is_unsound(entries):
    content = b"".join(b"%s %s\0%s" % (mode, name, oid * 20) for mode, name, oid in entries)
    with pytest.raises(Unsound):
        tree_entries(content)


def test_modes_of_old_commits_are_read_as_git_reads_them():
    content = b"".join(
        b"%o %s\0%s" % (mode, name, b"1" * 20)
        for mode, name in [(0o100664, b"a"), (0o100775, b"b"), (0o120000, b"c"), (0o160000, b"d")]
    )
    assert [mode for _, mode, _ in tree_entries(content)] == [REGULAR, EXECUTABLE, SYMLINK, GITLINK]
    with pytest.raises(Unsound):
        tree_entries(content[:-1])


def test_an_index_that_lies_about_its_trees_is_not_believed(root):
    """gitformat-index(5), TREE: the cached ids of another index, with a checksum that fits."""
    from hashlib import sha1

    clean = (root / ".git/index").read_bytes()
    stage(root)
    staged = (root / ".git/index").read_bytes()
    trees, none = clean[clean.index(b"TREE") : -20], staged[staged.index(b"TREE") : -20]
    body = staged[:-20].replace(none, trees)
    (root / ".git/index").write_bytes(body + sha1(body).digest())
    assert git(root, "write-tree").strip() == git(root, "rev-parse", "HEAD^{tree}").strip()  # git believes it
    assert sent(Checkout.open(root)) == of_head(root)


def test_the_trees_of_an_index_are_those_that_git_would_write(root):
    git(root, "update-index", "--index-version", "4")
    ids = directory_ids(parse_index((root / ".git/index").read_bytes()))
    trees = [line.split("\t") for line in git(root, "ls-tree", "-rtd", "HEAD").splitlines()]
    assert ids == {
        b"": git(root, "rev-parse", "HEAD^{tree}").strip(),
        **{path.encode() + b"/": fields.split()[2] for fields, path in trees},
    }


def test_nothing_is_read_outside_of_the_checkout_whatever_the_index_names(root):
    (root.parent / "secret").write_text("secret")
    with Folders(os.fsencode(root)) as opened, pytest.raises(OSError, match="Not a path below"):
        opened.read(b"../secret", REGULAR)


# HEAD, however it is written


def pack_refs(root: Path) -> None:
    git(root, "pack-refs", "--all")


def detach(root: Path) -> None:
    git(root, "checkout", "-q", "--detach")


def symlink(root: Path) -> None:
    (root / ".git/HEAD").unlink()
    (root / ".git/HEAD").symlink_to("refs/heads/main")


def chain(root: Path) -> None:
    git(root, "symbolic-ref", "refs/heads/other", "refs/heads/main")
    git(root, "symbolic-ref", "HEAD", "refs/heads/other")


@pytest.mark.parametrize(
    ("how", "ref"),
    [
        (lambda _: None, "refs/heads/main"),
        (pack_refs, "refs/heads/main"),
        (detach, ""),
        (symlink, "refs/heads/main"),
        (chain, "refs/heads/main"),
    ],
)
def test_head_is_found_however_it_is_written(root, how, ref):
    expected = git(root, "rev-parse", "HEAD").strip()
    how(root)
    found = GitDirectory.of(os.fsencode(root))
    assert (found.head, found.ref) == (expected, ref)


@pytest.mark.parametrize("said", ["ref: ../../secret", "ref: refs/../../secret", "nonsense", "ref: refs/heads/loop"])
def test_a_head_that_can_not_be_understood_ends_the_run_with_the_way_out(root, said):
    (root / ".git/refs/heads/loop").write_text("ref: refs/heads/loop\n")
    (root / ".git/HEAD").write_text(said)
    with pytest.raises(CheckoutError) as caught:
        Checkout.open(root)
    assert caught.value.remedy


def test_a_reftable_is_refused_with_the_way_out(root):
    git(root, "config", "extensions.refStorage", "reftable")
    with pytest.raises(CheckoutError, match="reftable") as caught:
        Checkout.open(root)
    assert "migrate" in caught.value.remedy


def test_a_linked_worktree_holds_its_own_head(root, tmp_path):
    stage(root)
    git(root, "commit", "-qm", "two")
    git(root, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "HEAD~1")
    expected = of_head(tmp_path / "tree")
    (tmp_path / "tree/kit/b").write_text("x")
    git(tmp_path / "tree", "add", "-A")
    assert sent(Checkout.open(tmp_path / "tree")) == expected != of_head(root)


def test_a_partial_clone_without_trees_is_read_as_long_as_its_index_is_the_commit(root, tmp_path):
    git(root, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=tree:0", root.as_uri(), "copy")
    assert sent(Checkout.open(tmp_path / "copy")) == of_head(root)


def test_the_commit_of_a_tag_is_the_one_that_it_is_of(root):
    git(root, "tag", "-am", "v1", "v1")
    found = Objects(os.fsencode(root / ".git"))
    assert commit_of(found, git(root, "rev-parse", "v1").strip()).oid == git(root, "rev-parse", "HEAD").strip()


# Where the disk is asked for


def test_a_mapping_that_takes_what_was_built_takes_it_as_it_lies_on_disk(root):
    edit(root)
    (root / "kit/built").write_text("built")
    checkout = Checkout.open(root)
    checkout.add_untracked("kit")
    found = sent(checkout, untracked=True)
    assert found["kit/b"] == (REGULAR, blob_id(b"password\n"))
    assert found["kit/built"] == (REGULAR, blob_id(b"built"))
    assert sent(checkout) == of_head(root)  # and no other mapping does


def test_attributes_that_are_not_on_disk_are_read_from_the_index(root):
    (root / ".gitattributes").write_text("*.txt text\n[attr]ours filter=x\n*.bin ours\n")
    (root / "kit/.gitattributes").write_text("*.bin -filter\n")
    for name in ("a.txt", "a.bin", "kit/a.bin"):
        (root / name).write_bytes(b"1\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    for name in (".gitattributes", "kit/.gitattributes"):
        git(root, "update-index", "--skip-worktree", name)
        (root / name).unlink()
    for name in ("a.txt", "a.bin", "kit/a.bin"):
        (root / name).write_bytes(b"2\r\n")
    listing = Checkout.open(root, dirty=True).list()
    found = {file.path: file.oid for file in listing.files}
    assert found["a.txt"] == found["a.bin"] == blob_id(b"1\n")  # converted, and only git can do that
    assert found["kit/a.bin"] == blob_id(b"2\r\n")


def test_line_endings_of_a_checkout_are_no_change_though_no_attribute_names_them(root):
    (root / "a").write_bytes(b"a\r\n")
    assert sent(Checkout.open(root, dirty=True)) == of_head(root)


def test_a_change_under_autocrlf_can_not_be_distinguished_from_its_line_endings(root):
    git(root, "config", "core.autocrlf", "true")
    (root / "a").write_bytes(b"changed\r\n")
    listing = Checkout.open(root, dirty=True).list("a")
    assert [file.oid for file in listing.files] == [blob_id(b"a\n")]
    assert len(listing.warnings) == 1


def test_the_real_git_agrees_that_a_macro_stands_for_its_attributes(tmp_path):
    copy = converted(tmp_path, "[attr]ours text eol=crlf\n*.txt ours\n")
    said = subprocess.run(["git", "check-attr", "eol", "a.txt"], cwd=copy, capture_output=True, text=True, check=True)
    assert said.stdout == "a.txt: eol: crlf\n"
