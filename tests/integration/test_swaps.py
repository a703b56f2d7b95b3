"""A file where a directory is, or the reverse: swapped where nothing of the target's own goes, else left out and told."""

from __future__ import annotations

import shutil

import pytest

from broadcast.observe.traversal import FEW
from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, later, leaves_alone, outcome
from tests.world import SOURCE

STRATEGIES = pytest.mark.parametrize("strategy", ["auto", "rest"])
WAYS = pytest.mark.parametrize("answer", ["if deleted", "always", "never"])
SHAPES = {  # what the target holds → what the source has in its place
    "file": ({"kit/a": b"old\n"}, {"kit/a/b": "b\n", "kit/a/c/d": "d\n"}),
    "directory": ({"kit/a/b": b"b\n", "kit/a/c/d": b"d\n"}, {"kit/a": "new\n"}),
    "top": ({"kit": b"old\n"}, {"kit/a": "new\n", "kit/b": "b\n"}),
}


def config(mode: str) -> str:
    return f"version: 1\ntargets: [acme/api]\ndirectories: [{{src: kit, mode: {mode}}}]\n"


def swapped(held: dict[str, bytes], wanted: dict[str, str]) -> dict[str, str]:
    return dict.fromkeys(held, "D") | dict.fromkeys(wanted, "A")


def published(swift, history: dict[str, str], wanted: dict[str, str], mode: str) -> None:
    """A source on GitHub that held these files once."""
    swift.write(history, config(mode))
    source = swift.hub.repository(SOURCE, files={path: text.encode() for path, text in history.items()})
    swift.write(dict.fromkeys(history))
    shutil.rmtree(swift.source / "kit", ignore_errors=True)
    swift.write(wanted)
    source.commit(dict.fromkeys(history))
    source.commit({path: text.encode() for path, text in wanted.items()})


@WAYS
@STRATEGIES
@pytest.mark.parametrize("shape", SHAPES)
def test_a_mirror_swaps_them(swift, shape, strategy, answer):
    swift.hub.unknowns.commit_over_directory = answer
    held, wanted = SHAPES[shape]
    swift.write(wanted, config("mirror"))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | held)
    assert outcome(later(swift, write_strategy=strategy)) == "created"
    assert changed(api, OURS) == swapped(held, wanted)
    leaves_alone(swift, "open")
    api.merge_pull(1, delete_branch=True)
    leaves_alone(swift, "in_sync")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_copy_swaps_what_is_our_own_version(swift, shape):
    held, wanted = SHAPES[shape]
    published(swift, {path: text.decode() for path, text in held.items()}, wanted, "copy")
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | held)
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == swapped(held, wanted)
    leaves_alone(swift, "open")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_copy_leaves_what_is_the_targets_own_and_is_not_in_step(swift, shape):
    held, wanted = SHAPES[shape]
    published(swift, {path: text.decode() for path, text in held.items()}, wanted, "copy")
    theirs = {path: b"theirs\n" if path == max(held) else text for path, text in held.items()}
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | theirs)
    ran = leaves_alone(swift, "incomplete")
    assert ran.code == 1
    assert "the target has a " in ran.target("acme/api")["reason"]
    assert {error["path"] for error in ran.target("acme/api")["file_errors"]} == set(wanted)


@pytest.mark.parametrize(("theirs", "mode", "told"), [
    ("kit/README.md", "copy", True), ("kit/\u00fc.md", "copy", True), ("KIT/x.md", "copy", False),
    ("kit/other.md", "copy", False), ("kit/README.md", "mirror", False), ("kit/README.md", "prune", True),
])  # fmt: skip
@pytest.mark.parametrize("more", [0, FEW], ids=["asked for by path", "listed"])
def test_a_name_of_the_targets_that_some_take_for_ours_is_a_warning(swift, theirs, mode, told, more):
    wanted = {"kit/readme.md": "ours\n", "kit/u\u0308.md": "ours\n"}
    wanted |= {f"kit/{number}.md": "x\n" for number in range(more)}
    published(swift, {"kit/x": "x\n"}, wanted, mode)
    swift.hub.repository("acme/api", files={theirs: b"theirs\n"})
    ran = later(swift)
    assert outcome(ran) == "created"
    assert (f"{theirs}, which the target has, and kit/" in ran.log) == told


@pytest.mark.parametrize(("src", "theirs", "words"), [
    ("readme.md", "README.md", "README.md, which the target has, and readme.md"),
    ("kit/a/u\u0308.md", "kit/a/\u00fc.md", "kit/a/\u00fc.md, which the target has, and kit/a/u\u0308.md"),
    ("kit/a/b.md", "Kit/a/c.md", "Kit, which the target has, and kit are"),
    ("kit/a/b.md", "kit/A/c.md", "kit/A, which the target has, and kit/a are"),
])  # fmt: skip
def test_a_single_file_beside_its_twin_is_warned_about_without_another_call(swift, src, theirs, words):
    swift.write({src: "ours\n"}, f"version: 1\ntargets: [acme/api]\nfiles: ['{src}']\n")
    swift.hub.repository("acme/api", files={theirs: b"theirs\n"})
    ran = later(swift)
    assert outcome(ran) == "created"
    assert words in ran.log
    assert swift.hub.calls() == {"graphql query": 2, "graphql mutation": 1}


def test_names_are_not_asked_for_where_nothing_is_added(swift):
    swift.write({"readme.md": "ours\n"}, "version: 1\ntargets: [acme/api]\nfiles: [readme.md]\n")
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n", "readme.md": b"theirs\n"})
    assert outcome(later(swift)) == "created"
    assert not any("names:" in (request.document or "") for request in swift.hub.requests)


@pytest.mark.parametrize("trouble", ["resources", "time"])
def test_a_directory_too_large_for_its_names_costs_the_warning_and_nothing_else(swift, trouble):
    if trouble == "resources":
        swift.hub.limits.work = 200
    else:
        swift.hub.fail(lambda request: "names:" in (request.document or ""), times=99, status=504)
    swift.write({"readme.md": "ours\n"}, "version: 1\ntargets: [acme/api]\nfiles: [readme.md]\n")
    more = {f"{number}.md": b"theirs\n" for number in range(200)}
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | more)
    ran = later(swift)
    assert outcome(ran) == "created"
    assert "which the target has, and" not in ran.log
    assert swift.hub.calls() == {"graphql query": 3 if trouble == "resources" else 4, "graphql mutation": 1}


def test_what_a_target_keeps_out_keeps_the_whole_swap_out(swift):
    swift.write({"kit/a/b": "b\n", "kit/z": "z\n"}, config("mirror"))
    api = swift.hub.repository("acme/api", files={"kit/a": b"theirs\n", ".broadcastignore": b"/kit/a\n"})
    later(swift)
    assert changed(api, OURS) == {"kit/z": "A"}
