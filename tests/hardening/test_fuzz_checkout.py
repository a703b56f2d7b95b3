"""Any checkout that git can make: what is sent is what `git cat-file` has of HEAD, byte for byte, or an error of that file."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcast.errors import FileUnavailable
from broadcast.git.objects import GITLINK, blob_id
from broadcast.source.checkout import Checkout
from tests.world import git

EXAMPLES = min(int(os.environ.get("FUZZ_EXAMPLES", "12")), 500)  # each makes checkouts with git
SECRET = b"token of another step"
NAMES = [
    "a.txt",
    "b.bin",
    "kit/a.txt",
    "kit/b.bin",
    "kit/c.psd",
    "kit/deep/d.txt",
    "kit.x/e",
    "kit-y",
    "kit/.env",
    "z é",
]
CONTENTS = [
    b"",
    b"one\n",
    b"one\r\n",
    b"a\nb\r\n",
    b"$Id$\n",
    b"$Id: x $\n",
    b"\0\r\n",
    bytes(range(256)),
    b"one\n" * 500,
    SECRET,
]
ATTRIBUTES = [
    "", "* text=auto\n", "* text eol=crlf\n", "*.txt ident eol=crlf\n", "*.psd filter=big -text\n",
    "[attr]ours ident text eol=crlf\n*.txt ours\n*.psd filter=big\n", "* filter=big ident\n", "*.bin binary\n* text\n",
]  # fmt: skip
CONFIGS = [
    (),
    ("core.autocrlf=true",),
    ("core.autocrlf=input",),
    ("index.version=4",),
    ("index.skipHash=true",),
    ("core.fileMode=false",),
]
# As Git LFS does it: what is stored is short, what is checked out is another.
FILTER = ("filter.big.clean=sed -e s/^big-//", "filter.big.smudge=sed -e s/^/big-/", "filter.big.required=true")


def _edit(root: Path, name: str, content: bytes) -> None:
    path = root / name
    if path.parent.is_dir() and (path.is_file() or not path.exists()) and not path.is_symlink():
        path.write_bytes(content)


def _remove(root: Path, name: str, _: bytes) -> None:
    path = root / name
    if path.is_symlink() or path.is_file():
        path.unlink()


def _link(root: Path, name: str, content: bytes) -> None:
    _remove(root, name, content)
    if (root / name).parent.is_dir() and not (root / name).exists():
        (root / name).symlink_to("/etc/passwd")


def _directory(root: Path, name: str, content: bytes) -> None:
    _remove(root, name, content)
    (root / name).mkdir(parents=True, exist_ok=True)


def _replace_directory(root: Path, *_: object) -> None:
    """A directory that became a link to where secrets lie."""
    if (root / "kit").is_dir() and not (root / "kit").is_symlink():
        shutil.rmtree(root / "kit")
        (root.parent / "elsewhere").mkdir(exist_ok=True)
        for name in NAMES:
            if name.startswith("kit/") and name.count("/") == 1:
                (root.parent / "elsewhere" / name.partition("/")[2]).write_bytes(SECRET)
        (root / "kit").symlink_to("../elsewhere")


def _tries(*command: str) -> Callable[[Path, str, bytes], None]:
    """A command of git's with the file's name; it may refuse."""

    def run(root: Path, name: str, _: bytes) -> None:
        arguments = [name if one == "NAME" else one for one in command]
        subprocess.run(
            ["git", *(f for s in FILTER for f in ("-c", s)), *arguments], cwd=root, capture_output=True, check=False
        )

    return run


STEPS: list[Callable[[Path, str, bytes], None]] = [
    _edit, _edit, _edit, _remove, _link, _directory, _replace_directory,
    _tries("add", "-A"), _tries("add", "NAME"), _tries("add", "-N", "."), _tries("rm", "--cached", "-q", "NAME"),
    _tries("update-index", "--skip-worktree", "NAME"), _tries("update-index", "--assume-unchanged", "NAME"),
    _tries("update-index", "--refresh"), _tries("update-index", "--chmod=+x", "NAME"), _tries("gc", "-q"),
    _tries("sparse-checkout", "set", "--no-cone", "NAME"), _tries("sparse-checkout", "set", "kit"), _tries("pack-refs", "--all"),
    _tries("checkout", "-q", "--detach"), _tries("checkout", "-q", "-b", "other"), _tries("read-tree", "--empty"),
    _tries("repack", "-adfq"), _tries("mv", "NAME", "moved"), _tries("update-index", "--fsmonitor"),
    _tries("stash", "-q"), _tries("reset", "-q", "--soft", "HEAD~1"), _tries("merge", "-q", "side"),
]  # fmt: skip

FILES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(CONTENTS), min_size=1, max_size=8)
STORY = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(NAMES), st.sampled_from(CONTENTS)), max_size=8)
KINDS = st.sampled_from(["made", "cloned", "shallow", "shared", "worktree", "submodule"])


def commit(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    options = [option for setting in FILTER for option in ("-c", setting)]
    git(root, *options, "add", "-A")
    git(root, *options, "commit", "-q", "--allow-empty", "-m", "x")


def made(directory: Path, kind: str, attributes: str, config: tuple[str, ...], files: dict[str, bytes]) -> Path:
    """A checkout of two commits and a branch beside them, of one of the kinds that there are."""
    source, root = directory / "source", directory / "checkout"
    source.mkdir()
    git(source, "init", "-q", "-b", "main")
    commit(source, {"first": b"1", ".gitattributes": attributes.encode()})
    git(source, "branch", "side")
    commit(source, files)
    git(source, "checkout", "-q", "side")
    commit(source, dict.fromkeys(files, b"theirs\n"))
    git(source, "checkout", "-q", "main")
    options = [option for setting in (*FILTER, *config, "protocol.file.allow=always") for option in ("-c", setting)]
    if kind == "made":
        return source
    if kind == "worktree":
        git(source, *options, "worktree", "add", "-q", "--detach", str(root))
    elif kind == "submodule":
        root.mkdir()
        git(root, "init", "-q", "-b", "main")
        git(root, *options, "submodule", "add", "-q", str(source), "inner")
        commit(root, files)
        return root / "inner" if len(files) % 2 else root
    else:
        how = {"cloned": (), "shallow": ("--depth=1",), "shared": ("--shared",)}[kind]
        git(
            directory,
            *options,
            "clone",
            "-q",
            *how,
            source.as_uri() if how == ("--depth=1",) else str(source),
            str(root),
        )
    return root


@given(KINDS, st.sampled_from(ATTRIBUTES), st.sampled_from(CONFIGS), FILES, STORY, st.booleans())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_sent_is_what_git_has_of_head_or_an_error_of_that_file(kind, attributes, config, files, story, old):
    with tempfile.TemporaryDirectory() as directory:
        root = made(Path(directory), kind, attributes, config, files)
        for step, name, content in story:
            step(root, name, content)
        if old:  # the index vouches for nothing
            for path in root.rglob("*"):
                if ".git" not in path.parts:
                    os.utime(path, (1, 1), follow_symlinks=False)
        holds_what_head_holds(root)


def holds_what_head_holds(root: Path) -> None:
    lines = git(root, "ls-tree", "-r", "-z", "HEAD").split("\0")[:-1]
    expected = {line.split("\t")[1]: (int(line.split()[0], 8), line.split()[2]) for line in lines}
    modules = {path for path, (mode, _) in expected.items() if mode == GITLINK}
    checkout = Checkout.open(root)
    listing = checkout.list()
    found = {file.path: (file.mode, file.oid) for file in listing.files}
    refused = {error.path for error in listing.errors}
    assert set(listing.submodules) == modules
    assert found == {path: entry for path, entry in expected.items() if path not in refused | modules}
    for path, (_, oid) in found.items():
        try:
            content = checkout.read(path)
        except FileUnavailable:
            continue
        assert blob_id(content) == oid
        real = subprocess.run(["git", "cat-file", "blob", oid], cwd=root, capture_output=True, check=False)
        assert real.returncode or real.stdout == content
