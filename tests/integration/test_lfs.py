"""Pointers of Git LFS go where the target will have the filter, with a warning; elsewhere they are errors of their files."""

from __future__ import annotations

import pytest

from broadcast.observe import trees
from tests.hub import Symlink
from tests.integration.test_people import later

OURS = "broadcast/kit"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
LFS = "*.psd filter=lfs diff=lfs merge=lfs -text\n"
CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [{{src: kit, dest: {dest}{more}}}]\n"


def sync(swift, held: dict[str, str], sent: dict[str, str], dest: str = "kit", more: str = ""):
    files = {path: text.encode() for path, text in {"README.md": "theirs\n", **held}.items()}
    api = swift.hub.repository("acme/api", files=files)
    swift.write({f"kit/{path}": text for path, text in sent.items()}, CONFIG.format(dest=dest, more=more))
    return swift.run(), api


FILTERED = {
    "the target has it": ({".gitattributes": LFS}, {}, "kit"),
    "the target has it in the directory": ({"kit/.gitattributes": LFS}, {}, "kit"),
    "we send it": ({}, {".gitattributes": LFS}, "kit"),
    "we send it to the root": ({".gitattributes": "*.psd -filter\n"}, {".gitattributes": LFS}, "."),
    "a macro": ({".gitattributes": "[attr]large filter=lfs\n*.psd large\n"}, {}, "kit"),
}
BARE = {
    "nothing": ({}, {}, "kit"),
    "another file's": ({".gitattributes": "*.png filter=lfs\n"}, {}, "kit"),
    "taken back": ({".gitattributes": LFS, "kit/.gitattributes": "*.psd -filter\n"}, {}, "kit"),
    "we take it back": ({"kit/.gitattributes": LFS}, {".gitattributes": "*.psd -filter\n"}, "kit"),
    "another filter": ({".gitattributes": "*.psd filter=crypt\n"}, {}, "kit"),
}


@pytest.mark.parametrize("case", FILTERED)
def test_a_pointer_goes_where_the_target_will_have_the_filter_and_its_object_is_said_to_be_missing(swift, case):
    held, sent, dest = FILTERED[case]
    ran, api = sync(swift, held, {"a.psd": POINTER, "b.txt": "b\n", **sent}, dest)
    path = "a.psd" if dest == "." else "kit/a.psd"
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"}), ran.log
    assert api.files(OURS)[path][1] == POINTER.encode()
    assert f"{path} is a pointer of Git LFS, and its object isn't sent" in ran.log


@pytest.mark.parametrize("case", BARE)
def test_elsewhere_it_is_an_error_of_its_file_and_the_others_go_on(swift, case):
    held, sent, dest = BARE[case]
    ran, api = sync(swift, held, {"a.psd": POINTER, "b.txt": "b\n", **sent}, dest)
    (error,) = ran.target("acme/api")["file_errors"]
    assert (error["path"], ran.code) == ("kit/a.psd", 1)
    assert "has no filter=lfs" in error["reason"]
    assert "git lfs push" in ran.log
    assert "kit/b.txt" in api.files(OURS)
    assert "kit/a.psd" not in api.files(OURS)
    swift.hub.requests.clear()
    assert later(swift).outcomes == {"acme/api": "open"}  # and is no reason to make the branch again


UNREADABLE = {"no text": b"\0" + LFS.encode(), "too large": LFS.encode() * 8_000, "larger still": LFS.encode() * 30_000}


@pytest.mark.parametrize("beyond", ["cut", "null"])
@pytest.mark.parametrize("where", [".gitattributes", "kit/.gitattributes"])
@pytest.mark.parametrize("why", UNREADABLE)
def test_where_the_targets_attributes_can_not_be_read_that_is_what_is_said(swift, why, where, beyond):
    swift.hub.unknowns.text_beyond = beyond
    swift.hub.repository("acme/api", files={where: UNREADABLE[why]})
    swift.write({"kit/a.psd": POINTER, "kit/b.txt": "b\n"}, CONFIG.format(dest="kit", more=""))
    ran = swift.run()
    (error,) = ran.target("acme/api")["file_errors"]
    assert (error["path"], ran.code, ran.outcomes) == ("kit/a.psd", 1, {"acme/api": "created"})
    assert f"isn't known: its {where} " in error["reason"]
    assert "has no filter=lfs" not in ran.log


def test_attributes_that_say_nothing_of_the_pointer_need_not_be_read(swift):
    swift.hub.repository("acme/api", files={".gitattributes": LFS.encode(), "other/.gitattributes": b"\0"})
    swift.write({"kit/a.psd": POINTER}, CONFIG.format(dest="kit", more=""))
    assert swift.run().code == 0


@pytest.mark.parametrize("answer", [None, {}, {"commit": None}, {"commit": {"file0": {"object": {"text": None}}}}])
def test_what_was_not_answered_counts_as_unread(answer):
    assert trees.read_texts(answer or {}, [".gitattributes"]) == {".gitattributes": None}


@pytest.mark.parametrize("entry", [None, {"object": None}, {"object": {}}])  # absent, a submodule, a directory
def test_where_there_is_no_file_there_are_no_attributes(entry):
    assert trees.read_texts({"commit": {"file0": entry}}, [".gitattributes"]) == {".gitattributes": b""}


def test_attributes_that_a_mirror_deletes_count_no_more(swift):
    ran, _ = sync(swift, {"kit/.gitattributes": LFS}, {"a.psd": POINTER}, more=", mode: mirror")
    assert [error["path"] for error in ran.target("acme/api")["file_errors"]] == ["kit/a.psd"]


def test_a_plan_says_it_too(swift):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a.psd": POINTER}, CONFIG.format(dest="kit", more=""))
    ran = swift.run(command="plan")
    assert "has no filter=lfs" in ran.log


def test_a_pointer_that_the_target_has_is_no_matter(swift):
    ran, _ = sync(swift, {"kit/a.psd": POINTER}, {"a.psd": POINTER})
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "in_sync"})


@pytest.mark.parametrize(
    "text", [POINTER.replace("sha256", "md5"), POINTER + "x" * 1024, "version 1\n", POINTER.replace("v1", "v9")]
)
def test_a_text_that_only_looks_like_one_is_a_text(swift, text):
    ran, api = sync(swift, {}, {"a.psd": text})
    assert (ran.code, api.files(OURS)["kit/a.psd"][1]) == (0, text.encode())


@pytest.mark.parametrize(("held", "is_sent"), [("*.md text\n", True), (Symlink("elsewhere"), False)])
def test_attributes_that_are_a_block_in_the_targets_own_file_count_where_that_can_hold_it(swift, held, is_sent):
    text = CONFIG.format(dest="kit", more="") + "files: [{src: attributes, dest: .gitattributes, mode: block}]\n"
    swift.write({"kit/a.psd": POINTER, "kit/b.txt": "b\n", "attributes": LFS}, text)
    own = held.encode() if isinstance(held, str) else held
    api = swift.hub.repository("acme/api", files={"README.md": b"x\n", ".gitattributes": own})
    later(swift)
    assert ("kit/a.psd" in api.files(OURS)) == is_sent
