from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from broadcast.errors import FileUnavailable
from broadcast.git import nofollow
from broadcast.git.attributes import Attributes
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK, blob_id
from broadcast.source import worktree
from broadcast.source.checkout import Checkout, CheckoutError, SourceListing

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always")


@pytest.fixture(autouse=True)
def _only_our_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(where: Path, *command: str, stdin: bytes = b"", check: bool = True) -> str:
    done = subprocess.run(["git", *IDENTITY, *command], cwd=where, input=stdin, check=check, capture_output=True)
    return done.stdout.decode()


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def commit(root: Path, files: dict[str, bytes] | None = None) -> None:
    write(root, files or {})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x", "--allow-empty")
    settle(root)


def settle(root: Path) -> None:
    """Make the index younger than every file in it, so that nothing is racy."""
    later = time.time_ns() + 10_000_000_000
    os.utime(root / ".git/index", ns=(later, later))


def git_says(root: Path) -> dict[str, tuple[int, str]]:
    lines = [line.split("\t") for line in git(root, "ls-files", "-s", "-z").split("\0")[:-1]]
    return {path: (int(fields.split()[0], 8), fields.split()[1]) for fields, path in lines}


def ids(listing: SourceListing) -> dict[str, tuple[int, str]]:
    return {file.path: (file.mode, file.oid) for file in listing.files}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "link").symlink_to("docs/a.md")
    write(
        root,
        {
            "run.sh": b"#!/bin/sh\n",
            ".dot/file": b".",
            "docs/a.md": b"a\r\nb\r\n",
            "docs/b.bin": bytes(range(256)),
        },
    )
    (root / "run.sh").chmod(0o755)
    commit(root, {"empty": b"", "docs/sub/é x": b"unicode\n", "docs-x": b"sorts before docs/"})
    return root


@pytest.fixture
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read = nofollow.Folders.read

    def refuse(_: nofollow.Folders, path: bytes, __: int) -> str:
        pytest.fail(f"{path!r} was read")

    def read_of_git(self: nofollow.Folders, path: bytes, mode: int, *most: int) -> bytes:
        return read(self, path, mode, *most) if b"/.git/" in path else refuse(self, path, mode).encode()

    monkeypatch.setattr(nofollow.Folders, "read_id", refuse)
    monkeypatch.setattr(nofollow.Folders, "read", read_of_git)


@pytest.mark.usefixtures("nothing_is_read")
def test_a_clean_checkout_is_listed_from_the_index_without_reading_a_file(root: Path) -> None:
    checkout = Checkout.open(root)
    listing = checkout.list(".")
    assert ids(listing) == git_says(root)
    assert listing[1:] == ((), (), (), 0)
    modes = {file.path: file.mode for file in listing.files}
    assert (modes["run.sh"], modes["link"], modes["empty"]) == (EXECUTABLE, SYMLINK, REGULAR)


def test_every_listed_file_reads_as_its_id(root: Path) -> None:
    checkout = Checkout.open(root)
    for file in checkout.list().files:
        content = checkout.read(file.path)
        assert blob_id(content) == file.oid
    assert checkout.read("link") == b"docs/a.md"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("docs", ["docs/a.md", "docs/b.bin", "docs/sub/é x"]),
        ("docs/", ["docs/a.md", "docs/b.bin", "docs/sub/é x"]),
        ("docs/sub", ["docs/sub/é x"]),
        ("docs-x", ["docs-x"]),
        ("doc", []),
        ("./.dot", [".dot/file"]),
    ],
)
def test_a_listing_is_what_lies_under_a_path(root: Path, prefix: str, expected: list[str]) -> None:
    assert [file.path for file in Checkout.open(root).list(prefix).files] == expected


def test_paths_are_looked_up_in_what_git_tracks(root: Path) -> None:
    write(root, {"docs/secret.env": b"token"})
    checkout = Checkout.open(root)
    said = {path: checkout.exists(path) for path in ("docs", "docs/", "docs/a.md", ".", "docs/secret.env", "no")}
    assert said == {
        "docs": "directory", "docs/": "directory", "docs/a.md": "file", ".": "directory",
        "docs/secret.env": None, "no": None,
    }  # fmt: skip
    assert [checkout.untracked(path) for path in ("docs/secret.env", "no", "docs/a.md")] == [
        True,
        False,
        False,
    ]
    assert "docs/secret.env" not in ids(checkout.list())
    with pytest.raises(FileUnavailable, match="not tracked"):
        checkout.read("docs/secret.env")


def test_a_modified_file_is_sent_as_it_is_on_disk_where_that_is_asked_for(root: Path) -> None:
    write(root, {"docs/a.md": b"new\r\n"})
    checkout = Checkout.open(root, dirty=True)
    assert ids(checkout.list())["docs/a.md"] == (
        REGULAR,
        git(root, "hash-object", "--no-filters", "docs/a.md").strip(),
    )
    assert checkout.read("docs/a.md") == b"new\r\n"
    assert checkout.list().warnings == ()


def test_a_change_of_the_same_size_in_the_instant_of_the_index_is_seen(root: Path) -> None:
    stamp = (root / ".git/index").stat().st_mtime_ns
    write(root, {"docs/a.md": b"one"})
    os.utime(root / "docs/a.md", ns=(stamp, stamp))
    git(root, "add", "docs/a.md")
    os.utime(root / ".git/index", ns=(stamp, stamp))
    write(root, {"docs/a.md": b"two"})
    os.utime(root / "docs/a.md", ns=(stamp, stamp))
    assert ids(Checkout.open(root, dirty=True).list())["docs/a.md"][1] == blob_id(b"two")


def test_a_smudged_entry_is_not_taken_for_an_empty_file(root: Path) -> None:
    """git marks a racy entry by size 0 when it writes the index again."""
    stamp = 1_700_000_000_000_000_000
    write(root, {"docs/a.md": b"one"})
    os.utime(root / "docs/a.md", ns=(stamp, stamp))
    git(root, "add", "docs/a.md")
    write(root, {"docs/a.md": b""})
    os.utime(root / "docs/a.md", ns=(stamp, stamp))
    data = bytearray((root / ".git/index").read_bytes())
    at = data.index(b"docs/a.md") - 26  # size, 20 bytes of id, flags, name
    data[at : at + 4] = bytes(4)
    data[-20:] = bytes(20)
    (root / ".git/index").write_bytes(data)
    assert ids(Checkout.open(root, dirty=True).list())["docs/a.md"][1] == blob_id(b"")


@pytest.mark.usefixtures("nothing_is_read")
def test_only_seconds_are_compared_when_the_index_has_no_more(root: Path) -> None:
    stamp = 1_700_000_000_000_000_000
    os.utime(root / "docs-x", ns=(stamp, stamp))
    git(root, "update-index", "--refresh")
    os.utime(root / "docs-x", ns=(stamp + 5, stamp + 5))
    checkout = Checkout.open(root)
    assert ids(checkout.list("docs-x")) == {"docs-x": git_says(root)["docs-x"]}


def test_files_are_hashed_once_and_only_under_the_prefix_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("docs/a.md", "docs/sub/é x", "empty"):
        os.utime(root / name, ns=(1, 1))
    read_id, seen = nofollow.Folders.read_id, []
    monkeypatch.setattr(
        nofollow.Folders, "read_id", lambda self, path, mode: seen.append(path) or read_id(self, path, mode)
    )
    checkout = Checkout.open(root)
    checkout.list("docs/sub")
    checkout.list("docs")
    checkout.list("docs")
    assert seen == ["docs/sub/é x".encode(), b"docs/a.md"]


@pytest.mark.usefixtures("nothing_is_read")
def test_what_is_not_wanted_is_not_looked_at(root: Path) -> None:
    for name in ("docs/a.md", "docs/sub/é x"):
        os.utime(root / name, ns=(1, 1))
    listing = Checkout.open(root).list("docs", wanted=lambda path: path == "docs/b.bin")
    assert ([file.path for file in listing.files], listing.unwanted) == (["docs/b.bin"], 2)


def test_a_changed_symlink_and_mode(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("/etc/passwd")
    (root / "run.sh").chmod(0o644)
    checkout = Checkout.open(root, dirty=True)
    listed = ids(checkout.list())
    assert listed["link"] == (SYMLINK, blob_id(b"/etc/passwd"))
    assert listed["run.sh"][0] == EXECUTABLE  # modes come from the index
    assert checkout.read("link") == b"/etc/passwd"


def test_nothing_is_read_through_a_symlink(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside", {"a.md": b"token", "b.bin": b"token", "sub/é x": b"token"})
    (root / "docs").rename(root / "gone")
    (root / "docs").symlink_to(tmp_path / "outside")
    (root / "empty").unlink()
    (root / "empty").symlink_to(tmp_path / "outside/a.md")
    checkout = Checkout.open(root, dirty=True)
    listing = checkout.list()
    assert [error.path for error in listing.errors] == ["docs/a.md", "docs/b.bin", "docs/sub/é x", "empty"]
    with pytest.raises(FileUnavailable):
        checkout.read("docs/a.md")


def test_a_file_swapped_for_a_symlink_after_the_listing_is_not_followed(root: Path) -> None:
    checkout = Checkout.open(root)
    file = next(file for file in checkout.list().files if file.path == "docs-x")
    write(root, {"secret": b"token"})
    (root / "docs-x").unlink()
    (root / "docs-x").symlink_to("secret")
    assert blob_id(checkout.read("docs-x")) == file.oid  # from the object store


def test_files_that_cannot_be_sent_are_reported_and_the_others_go_on(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "empty").unlink()
    (root / "docs-x").unlink()
    (root / "docs-x").mkdir()
    bad = f"100644 {blob_id(b'')}\tbad-\xe9\0"
    git(root, "update-index", "-z", "--index-info", stdin=bad.encode("latin-1"))
    monkeypatch.setattr(worktree, "MAX_BYTES", 255)
    listing = Checkout.open(root, dirty=True).list()
    assert [(error.path, error.reason) for error in listing.errors] == [
        ("bad-\\xe9", "has a name that isn't UTF-8, which GitHub's API doesn't accept"),
        ("docs-x", "is tracked by git but of another type on disk"),
        ("docs/b.bin", "is 0.0 MiB; GitHub's API takes at most 0 MiB per file"),
        ("empty", "is tracked by git but missing on disk"),
    ]
    assert all(error.remedy for error in listing.errors)
    assert {file.path for file in listing.files} == {
        ".dot/file",
        "docs/a.md",
        "docs/sub/é x",
        "link",
        "run.sh",
    }


def test_a_large_file_is_hashed_in_pieces(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nofollow, "CHUNK", 3)
    os.utime(root / "docs/b.bin", ns=(1, 1))
    assert ids(Checkout.open(root).list("docs/b.bin")) == {"docs/b.bin": git_says(root)["docs/b.bin"]}


@pytest.mark.usefixtures("nothing_is_read")
def test_a_big_file_is_refused_before_it_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (root / "big").open("wb") as file:
        file.truncate(41 * 1024 * 1024)
    git(root, "add", "-N", "big")
    checkout = Checkout.open(root, dirty=True)
    monkeypatch.setattr(Attributes, "of", lambda *_: {})
    (error,) = checkout.list("big").errors
    assert error.reason == "is 41.0 MiB; GitHub's API takes at most 35 MiB per file"


def test_an_unreadable_file_is_a_file_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(root / "empty", ns=(1, 1))

    def refuse(_, path: bytes, mode: int) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    checkout = Checkout.open(root, dirty=True)
    monkeypatch.setattr(nofollow.Folders, "read_id", refuse)
    (error,) = checkout.list("empty").errors
    assert error.reason == "can't be read: Permission denied"


def test_a_conflict_is_one_file_error(root: Path) -> None:
    git(root, "checkout", "-qb", "other")
    commit(root, {"docs-x": b"theirs"})
    git(root, "checkout", "-q", "main")
    commit(root, {"docs-x": b"ours"})
    git(root, "merge", "other", check=False)
    listing = Checkout.open(root, dirty=True).list()
    assert [(e.path, e.reason) for e in listing.errors] == [("docs-x", "has an unresolved merge conflict")]


def test_submodules_are_reported_and_skipped(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    commit(other, {"inside": b"x"})
    git(root, "submodule", "add", "-q", str(other), "vendor/lib")
    commit(root)
    checkout = Checkout.open(root)
    assert checkout.list("vendor").submodules == ("vendor/lib",)
    assert checkout.list("vendor").files == ()
    assert checkout.exists("vendor/lib") is None
    submodule = Checkout.open(root / "vendor/lib")  # its .git is a file
    assert submodule.read("inside") == b"x"


def test_a_worktree_shares_the_objects_of_its_repository(root: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(root, "worktree", "add", "-q", str(tree), "-b", "side")
    checkout = Checkout.open(tree)
    assert ids(checkout.list()) == git_says(tree)
    (tree / "empty").unlink()
    (tree / "docs-x").write_bytes(b"changed")
    assert checkout.read("docs-x") == b"sorts before docs/"


def test_a_sparse_checkout_is_complete(root: Path) -> None:
    git(root, "sparse-checkout", "set", "--no-cone", "/docs-x")
    assert not (root / "docs").exists()
    checkout = Checkout.open(root)
    assert ids(checkout.list()) == git_says(root)
    assert checkout.read("docs/b.bin") == bytes(range(256))


@pytest.mark.parametrize("depth", [(), ("--depth=1",)])
def test_objects_are_found_in_packs_and_alternates(root: Path, tmp_path: Path, depth: tuple[str, ...]) -> None:
    git(root, "gc", "-q")
    copy = tmp_path / "copy"
    where = root.as_uri() if depth else str(root)
    git(tmp_path, "clone", "-q", *(depth or ("--shared",)), where, str(copy))
    checkout = Checkout.open(copy)
    checkout.list()
    (copy / "docs-x").write_bytes(b"changed after the listing")
    assert checkout.read("docs-x") == b"sorts before docs/"


def test_a_partial_clone_says_what_to_do(root: Path, tmp_path: Path) -> None:
    git(root, "config", "uploadpack.allowFilter", "true")
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--sparse", root.as_uri(), str(copy))
    checkout = Checkout.open(copy)
    assert "docs/a.md" in ids(checkout.list())
    with pytest.raises(FileUnavailable) as caught:
        checkout.read("docs/a.md")
    assert "filter" in caught.value.remedy


def test_line_endings_that_git_converts_are_no_difference(root: Path) -> None:
    commit(root, {".gitattributes": b"*.txt text eol=crlf\n", "a.txt": b"1\n2\n", "b.txt": b"1\n2\n"})
    for name in ("a.txt", "b.txt"):
        (root / name).unlink()
    git(root, "checkout", "--", "a.txt", "b.txt")
    assert (root / "a.txt").read_bytes() == b"1\r\n2\r\n"
    os.utime(root / "b.txt", ns=(1, 1))
    checkout = Checkout.open(root)
    listing = checkout.list()
    assert ids(listing) == git_says(root)
    assert listing.warnings == ()
    assert checkout.read("a.txt") == checkout.read("b.txt") == b"1\n2\n"


LFS = b"*.psd filter=lfs diff=lfs merge=lfs -text\n"
AUTO = b"* text=auto\n*.png binary\n"


@pytest.mark.parametrize(
    ("attributes", "name", "content", "kept"),
    [
        (LFS, "a.psd", b"the real thing", True),
        (LFS, "a.txt", b"changed", False),
        (AUTO, "a.txt", b"changed\r\n", True),
        (AUTO, "a.txt", b"changed\n", False),
        (AUTO, "a.png", b"\x89PNG\r\n\x1a\n", False),
        (AUTO, "a.jpg", b"\r\n\0", False),
        (b"*.txt -text\n", "a.txt", b"changed\r\n", False),
        (b"*.txt eol=crlf\n", "a.txt", b"changed\r\n", True),
        (b"*.txt text\n*.txt !text\n", "a.txt", b"changed\r\n", False),
        (b"*.txt ident\n", "a.txt", b"changed", True),
        (b"*.txt working-tree-encoding=UTF-16\n", "a.txt", b"changed", True),
    ],
)
def test_the_committed_version_goes_where_attributes_convert(
    root: Path, attributes: bytes, name: str, content: bytes, kept: bool
) -> None:
    commit(root, {f"docs/{name}": b"committed\n"})
    write(root, {"docs/.gitattributes": attributes, f"docs/{name}": content})
    git(root, "add", "docs/.gitattributes")
    checkout = Checkout.open(root, dirty=True)
    listing = checkout.list("docs")
    assert checkout.read(f"docs/{name}") == (b"committed\n" if kept else content)
    assert ids(listing)[f"docs/{name}"][1] == blob_id(b"committed\n" if kept else content)
    assert len(listing.warnings) == kept
    assert checkout.list("docs/sub").warnings == ()


def test_attributes_of_the_repository_itself_go_last(root: Path) -> None:
    commit(root, {".gitattributes": b"* -text\n"})
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_bytes(b"*.md text\n")
    write(root, {"docs/a.md": b"x\r\n", "docs-x": b"x\r\n"})
    assert Checkout.open(root, dirty=True).list().warnings == (
        "docs/a.md may differ from the commit, but .gitattributes converts it: the committed version is sent",
    )


def test_a_file_that_a_filter_made_big_is_sent_small(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(root, {"a.psd": b"pointer", ".gitattributes": LFS})
    write(root, {"a.psd": b"x" * 1000})
    monkeypatch.setattr(worktree, "MAX_BYTES", 500)
    checkout = Checkout.open(root, dirty=True)
    (file,) = checkout.list("a.psd").files
    assert (file.oid, checkout.read("a.psd")) == (blob_id(b"pointer"), b"pointer")


def test_a_file_added_by_intent_is_sent_where_the_disk_is_asked_for(root: Path) -> None:
    write(root, {"new": b"new"})
    git(root, "add", "-N", "new")
    assert ids(Checkout.open(root, dirty=True).list())["new"] == (REGULAR, blob_id(b"new"))


@pytest.mark.parametrize("limit", [100, 1])
def test_a_file_added_by_intent_that_a_filter_converts_is_not_sent(
    root: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    write(root, {".gitattributes": LFS, "a.psd": b"real"})
    git(root, "add", "-N", "a.psd")
    monkeypatch.setattr(worktree, "MAX_BYTES", limit)
    listing = Checkout.open(root, dirty=True).list("a.psd")
    assert (listing.files, len(listing.errors)) == ((), 1)


def test_attributes_do_not_touch_symlinks(root: Path) -> None:
    commit(root, {".gitattributes": b"* filter=lfs\n"})
    (root / "link").unlink()
    (root / "link").symlink_to("elsewhere")
    listing = Checkout.open(root, dirty=True).list("link")
    assert (ids(listing)["link"][1], listing.warnings) == (blob_id(b"elsewhere"), ())


def test_the_owner_of_the_repository_does_not_matter(root: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    said = git_says(root)
    for path in [root, *root.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    assert ids(Checkout.open(root).list()) == said


def test_a_repository_without_a_commit_tracks_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a": b"a"})
    checkout = Checkout.open(tmp_path)
    assert checkout.list() == ((), (), (), (), 0)
    assert checkout.untracked("a")


def test_what_cannot_be_read_at_all_has_a_remedy(root: Path, tmp_path: Path) -> None:
    git(root, "update-index", "--split-index")
    for path, said in ((root, "split index"), (tmp_path / "nowhere", "nowhere")):
        with pytest.raises(CheckoutError, match=said) as caught:
            Checkout.open(path)
        assert caught.value.remedy


def test_a_sha256_repository_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    with pytest.raises(CheckoutError, match="SHA-256"):
        Checkout.open(tmp_path)


def test_without_git_the_directory_is_walked_as_git_would(tmp_path: Path) -> None:
    ignore = b"*.log\n!keep.log\n/build/\nnode_modules\n"
    files = {
        ".gitignore": ignore, "a.log": b"", "keep.log": b"k", "build/x": b"", "sub/build/x": b"x",
        "sub/.gitignore": b"*\n!*.md\n!.gitignore\n", "sub/a.md": b"a", "sub/deep/b.md": b"",
        "node_modules/x/y": b"", "docs/.gitignore": b"keep.log\n/only-here\n", "docs/keep.log": b"",
        "docs/only-here": b"", "docs/x/only-here": b"", "tool": b"#!", "é/ü": b"u",
    }  # fmt: skip
    write(tmp_path, files)
    (tmp_path / "tool").chmod(0o755)
    (tmp_path / "link").symlink_to("build")
    checkout = Checkout.open(tmp_path)
    listing = checkout.list()
    assert (checkout.read("link"), checkout.read("tool")) == (b"build", b"#!")
    git(tmp_path, "init", "-q")
    assert [file.path for file in listing.files] == sorted(
        git(tmp_path, "ls-files", "-o", "-z", "--exclude-standard").split("\0")[:-1]
    )
    git(tmp_path, "add", "-A")
    assert ids(listing) == git_says(tmp_path)
    assert listing.warnings == ()


def test_a_gitignore_line_that_is_not_understood_is_reported(tmp_path: Path) -> None:
    write(tmp_path, {"sub/.gitignore": b"[[:alpha:]]\n", "sub/a": b""})
    (warning,) = Checkout.open(tmp_path).list().warnings
    assert warning == "sub/.gitignore: '[[:alpha:]]' is not understood and was left out"


def test_a_walked_file_that_changes_is_not_sent_under_its_old_id(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"a"})
    checkout = Checkout.open(tmp_path)
    checkout.list()
    write(tmp_path, {"a": b"changed"})
    with pytest.raises(FileUnavailable, match="changed on disk"):
        checkout.read("a")


def test_a_gitignore_that_is_a_symlink_is_not_followed(tmp_path: Path) -> None:
    """As in git since 2.32: what it points to may lie anywhere."""
    write(tmp_path, {"source/a": b"", "rules": b"a\n"})
    (tmp_path / "source/.gitignore").symlink_to("../rules")
    assert list(ids(Checkout.open(tmp_path / "source").list())) == [".gitignore", "a"]
