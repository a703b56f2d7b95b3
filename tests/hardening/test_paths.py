"""What may be written where, and what is read: no way out of the mapping, no way into git's own directory."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.git import paths
from broadcast.git.nofollow import read
from broadcast.git.objects import REGULAR, SYMLINK
from broadcast.source.checkout import Checkout
from tests.world import git

CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [kit]\n"
OURS = "broadcast/kit"
DOT_GIT = (
    ".git", ".GIT", ".gIt", "git~1", "GIT~1", "GIT~42", ".git ", ".git.", ".git . .", ".git::$INDEX_ALLOCATION", ".git:x",
    ".g\u200cit", "\u200d.git", ".git\ufeff", ".\u202agit", ".gi\u206ft", "GIT~1 .", ".GIT\u200c.",
)  # fmt: skip


@pytest.mark.parametrize("name", DOT_GIT)
@pytest.mark.parametrize("path", ["{}", "a/{}/hooks/x", "{}/config"])
def test_gits_own_directory_is_known_in_every_disguise(name, path):
    with pytest.raises(ValueError, match="git's own directory"):
        paths.normalise(path.format(name))


@pytest.mark.parametrize(
    "name", [".gitignore", ".github", "git", "digit~1x", ".gitx", "git~", "x.git", ".gitattributes"]
)
def test_what_only_begins_like_it_may_be_sent(name):
    assert paths.normalise(f"a/{name}") == f"a/{name}"


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/x", "..", "a/..", "a\\b", "a\0b", "a\nb", "a\x1bb", "n" * 256, "ü" * 128, "a/" * 2_049],
)
def test_a_path_that_no_checkout_could_hold_is_refused(path):
    with pytest.raises(ValueError, match=r"path|/"):
        paths.normalise(path)


@pytest.mark.parametrize(
    "name", [".gitmodules", ".GITMODULES", ".gitmodules .", "GITMOD~1", "gi7eba~1", ".git\u200cmodules"]
)
def test_gitmodules_is_no_symlink_in_any_disguise(name):
    assert paths.is_git_modules(name)


@pytest.fixture
def api(swift):
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})


def linked(swift, links: dict[str, str]) -> dict[str, str]:
    """What is reported of each of these links when the directory is sent."""
    (swift.source / "kit/deep").mkdir(parents=True)
    (swift.source / "kit/a").write_text("x")
    for name, goal in links.items():
        (swift.source / "kit" / name).symlink_to(goal)
    swift.write({}, CONFIG)
    return {error["path"]: error["reason"] for error in swift.run().target("acme/api")["file_errors"]}


def test_a_symlink_that_leads_out_is_no_content_and_no_link(swift, api):
    links = {
        "environ": "/proc/self/environ", "up": "../../x", "root": "/", "git": ".git/config", "far": "a/../../../etc/passwd",
        "behind": "here/../../x", "climb": "deep/../a",
    }  # fmt: skip
    told = linked(swift, {**links, "here": ".", "loop": "loop", "good": "a", "other": "loop"})
    assert set(told) == {f"kit/{name}" for name in links}
    assert api.files(OURS)["kit/good"] == (SYMLINK, b"a")
    assert api.files(OURS)["kit/loop"] == (SYMLINK, b"loop")


def test_a_directory_that_became_a_symlink_after_it_was_listed_is_not_read_through(tmp_path):
    for name in ("kit/a", "elsewhere/a"):
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(name)
    root = tmp_path / "source"
    git(root, "init", "-q")
    git(root, "add", "kit")
    git(root, "commit", "-qm", "x")
    checkout = Checkout.open(root)
    listed = checkout.list("kit").files
    (root / "kit").rename(root / "was")
    (root / "kit").symlink_to("elsewhere")
    assert [file.path for file in listed] == ["kit/a"]
    assert checkout.read("kit/a") == b"kit/a"  # what was listed, from the object store
    with pytest.raises(OSError, match=r"Not a directory|[Ss]ymlink"):
        read(os.fsencode(root / "kit/a"), REGULAR)
    with pytest.raises(OSError, match=r"Not a directory|[Ss]ymlink"):
        read(os.fsencode(root / "kit/a"), SYMLINK)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "directory"])
def test_what_is_no_plain_file_is_not_waited_for(swift, api, kind):
    swift.write({"kit/a": "x", "kit/b": "x"}, CONFIG)
    odd = swift.source / "kit/b"
    odd.unlink()
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "socket":
        here = socket.socket(socket.AF_UNIX)
        here.bind(os.path.relpath(odd))
        here.close()
    elif kind == "device":
        odd.symlink_to("/dev/zero")
    else:
        odd.mkdir()
    ran = swift.run()
    assert "on disk, kit/b differs from the commit" in ran.log
    assert api.files(OURS)["kit/b"] == (REGULAR, b"x")  # as it was committed


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="plain file"):
        read(os.fsencode(tmp_path / "pipe"), REGULAR)


def test_two_gigabytes_are_refused_by_their_size_and_never_read(swift, api, monkeypatch):
    swift.write({"kit/a": "x"}, CONFIG.replace("[kit]", "[{src: kit, untracked: true}]"))
    with (swift.source / "kit/big").open("wb") as file:
        file.truncate(2 * 1024**3)
    true = os.open
    opened = []
    os.utime(swift.source / "kit/a", (1, 1))  # so that it is read
    monkeypatch.setattr(os, "open", lambda path, *more, **how: opened.append(path) or true(path, *more, **how))
    ran = swift.run()
    assert "is 2048.0 MiB" in ran.target("acme/api")["file_errors"][0]["reason"]
    read_of = {os.fsencode(path).rpartition(b"/")[2] for path in opened if not isinstance(path, int)}
    assert b"a" in read_of
    assert b"big" not in read_of


def test_names_that_are_one_on_macos_and_windows_are_sent_with_a_warning(swift, api):
    swift.write(
        {"kit/Read": "1", "kit/read": "2", "kit/u\u0308": "1", "kit/\u00fc": "2", "kit/aux.txt": "x", "kit/what?": "x"},
        CONFIG,
    )
    ran = swift.run()
    assert ran.code == 0
    assert "kit/Read and kit/read are one file on macOS and Windows" in ran.log
    assert "kit/aux.txt and 1 more can't be checked out on Windows" in ran.log
    assert {"kit/Read", "kit/read", "kit/aux.txt"} <= set(api.files(OURS))


@pytest.mark.parametrize(
    "name", ["con", "NUL.txt", "a/aux", "com1", "lpt9.log", "x.", "y ", "a:b", "q?", "prn .x", "dir./x"]
)
def test_a_name_that_windows_cannot_hold_is_known(name):
    assert paths.not_on_windows(["fine", name]) == [name]


@pytest.mark.parametrize("name", ["console", "auxiliary.txt", "a.b", ".x", "com", "com10", "nul_", "x y"])
def test_a_name_that_windows_can_hold_is_fine(name):
    assert paths.not_on_windows([name]) == []


NAMES = st.lists(
    st.sampled_from([".", "..", "git", "GIT", "con", "Aux", "nul", "com1", "LPT9", "prn", "~1", " ", ":", "a", "9", "-", "é", "\u200c"]),
    min_size=1, max_size=4,
).map("".join)  # fmt: skip


@given(st.lists(NAMES, min_size=1, max_size=4).map("/".join))
@settings(max_examples=2_000)
def test_a_plain_path_is_fine_everywhere(path):
    if paths.is_plain(path):
        assert paths.normalise(path) == path
        assert paths.not_on_windows([path]) == []


@pytest.mark.parametrize(
    "path", ["a", ".github/workflows/ci.yml", "console/auxiliary.x", "a-b_c.d/.e/9", "x" * 255, ".gitignore"]
)
def test_what_most_paths_look_like_is_plain(path):
    assert paths.is_plain(path)


# What other steps leave in the workspace


@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_credentials_that_other_steps_left_are_not_sent(swift, api, mode):
    swift.write(
        {"kit/a": "x"},
        f"version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [{{src: ., dest: all, mode: {mode}}}]\n",
    )
    git(swift.source, "config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic c2VjcmV0")
    for name in (".netrc", "gha-creds-1.json", "kit/.npmrc", "left-behind"):
        (swift.source / name).write_text("secret")
    swift.run()
    assert set(api.files(OURS)) == {"README.md", "all/kit/a"}


def test_not_even_where_untracked_files_are_asked_for_unless_by_name(swift, api):
    config = "version: 1\nid: kit\ntargets: [acme/api]\nfiles: [{src: kit/.env, untracked: true}]\ndirectories: [{src: kit, untracked: true}]\n"
    swift.write({"kit/a": "x"}, config)
    for name in (".netrc", "gha-creds-1.json", ".env", "id_ed25519", "built", "key.pem"):
        (swift.source / "kit" / name).write_text("secret")
    (swift.source / "kit/.git").mkdir()
    (swift.source / "kit/.git/config").write_text("secret")
    ran = swift.run()
    assert set(api.files(OURS)) == {"README.md", "kit/a", "kit/built", "kit/.env"}
    assert "kit/.netrc may hold a secret" in ran.log


@pytest.mark.parametrize("config", [".git/config", "link.yml", ".GIT/config"])
def test_gits_own_config_is_no_config_of_ours(swift, config):
    swift.write({"a": "x"})
    git(swift.source, "config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic c2VjcmV0")
    (swift.source / "link.yml").symlink_to(".git/config")
    ran = swift.run(config=config)
    assert ran.code == 2
    assert "c2VjcmV0" not in ran.log + ran.summary
