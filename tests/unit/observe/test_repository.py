"""How GitHub's answer about one target is read: what is there, what is hidden, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from broadcast.config.settings import Settings
from broadcast.git.objects import REGULAR, SYMLINK, TREE, Entry
from broadcast.github.validation import Malformed, reading
from broadcast.observe.repository import Details, read_located, read_repository, select_paths, select_repository
from broadcast.observe.state import State
from tests.unit.plan.test_guards import target

TARGET = target("api")
COMMIT = {"oid": "c" * 40, "tree": {"oid": "d" * 40}, "at0": {"mode": REGULAR, "type": "blob", "oid": "1" * 40}}
BASE = {"name": "main", "target": COMMIT}
ANSWER = {
    "id": "R_1", "nameWithOwner": "acme/api", "isArchived": False, "isDisabled": False, "viewerPermission": "WRITE",
    "visibility": "PRIVATE", "base": BASE, "ours": None, "scratch": None,
}  # fmt: skip


def read(one=TARGET, *, probes=(), supersedes=(), **more: Any) -> State:
    return read_repository({**ANSWER, **more}, one, ["a"], probes, supersedes)


def test_the_least_that_github_answers_is_enough():
    state = read()
    assert (state.full_name, state.base.name, state.ours, state.scratch) == ("acme/api", "main", None, None)
    assert state.base.head.entries == {"a": Entry(REGULAR, "1" * 40)}


def test_what_a_server_does_not_know_counts_as_allowed_and_unknown():
    state = read(isDisabled=None, viewerPermission=None, visibility=None)
    assert (state.disabled, state.permission, state.visibility, state.merge_method) == (False, None, "", "MERGE")
    assert state.allows_auto_merge


@pytest.mark.parametrize("base", [None, {"name": "main", "target": None}])
def test_without_a_commit_there_is_no_base(base):
    assert read(base=base).base is None


def test_a_named_base_has_the_name_of_the_config_and_says_nothing_of_the_default_branch():
    state = read(replace(TARGET, base="next"), base={**BASE, "name": "next"})
    assert (state.base.name, state.default_branch) == ("next", "")
    assert read().default_branch == "main"


def test_an_answer_without_what_must_be_there_is_malformed():
    with pytest.raises(Malformed), reading():
        read_repository({key: value for key, value in ANSWER.items() if key != "base"}, TARGET, ["a"], (), ())


@pytest.mark.parametrize(("found", "entry"), [
    (None, None),
    ({"mode": 16384, "type": "tree", "oid": "1" * 40}, Entry(TREE, "1" * 40)),
    ({"mode": 40000, "type": "tree", "oid": "1" * 40}, Entry(TREE, "1" * 40)),
    ({"mode": SYMLINK, "type": "blob", "oid": "1" * 40}, Entry(SYMLINK, "1" * 40)),
])  # fmt: skip
def test_an_entry_is_read_by_its_type_before_its_mode(found, entry):
    assert read_located({**COMMIT, "at0": found}, ["a"]).entries == {"a": entry}


def test_the_root_is_the_tree_of_the_commit():
    assert read_located(COMMIT, [".", "b"]).entries == {".": Entry(TREE, "d" * 40), "b": None}


def test_labels_and_milestone_are_known_where_they_exist():
    labelled = replace(TARGET, settings=Settings(pr_labels=("sync", "gone"), pr_milestone="V1"))
    state = read(
        labelled, label0={"id": "LA_1"}, label1=None, milestones={"nodes": [{"id": "MI", "number": 3, "title": "v1"}]}
    )
    assert state.labels == {"sync": "LA_1"}
    assert (state.milestone.number, state.hides_milestones) == (3, False)
    assert read(label0=None, milestones=None).hides_milestones


@pytest.mark.parametrize(("compared", "contained"), [
    ({"behindBy": 0}, True), ({"behindBy": 2}, False), (None, False), ({"behindBy": None}, False),
])  # fmt: skip
def test_a_scratch_branch_is_contained_only_where_github_says_so(compared, contained):
    ref = {"target": {"oid": "5" * 40, "message": None}, "compare": compared}
    found = read(scratch=ref).scratch
    assert (found.name, found.message, found.contained) == (TARGET.scratch, "", contained)


def test_pull_requests_of_an_older_tool_are_those_of_its_branches_to_this_base():
    def node(number: int, branch: str, base: str = "main", *, fork: bool = False) -> dict[str, Any]:
        return {
            "id": f"PR_{number}", "number": number, "headRefName": branch, "baseRefName": base,
            "isCrossRepository": fork,
        }  # fmt: skip

    nodes = [
        node(1, "old/x"), node(2, "old/x", "next"), node(3, "old/x", fork=True), node(4, "theirs"), None,
        node(5, TARGET.branch),
    ]  # fmt: skip
    assert [one.number for one in read(others={"nodes": nodes}, supersedes=["old/", TARGET.branch]).superseded] == [1]


def test_probes_are_present_where_anything_stands():
    base = {**BASE, "target": {**COMMIT, "probe0": {"type": "blob"}, "probe1": None}}
    assert read(base=base, probes=["x", "y"]).present == {"x"}


def blob(text: str | None, size: int = 10) -> dict[str, Any]:
    return {"mode": REGULAR, "object": {"oid": "7" * 40, "text": text, "byteSize": size}}


@pytest.mark.parametrize(("entry", "text", "is_read_by_rest"), [
    (None, "absent", False),
    ({"mode": TREE, "object": None}, "absent", False),
    (blob("a\n"), "a\n", False),
    (blob("\ufeffa\n"), "a\n", False),
    (blob(""), "absent", False),
    (blob("\N{REPLACEMENT CHARACTER}"), None, True),
    (blob(None), None, True),
    (blob(None, 2 * 1024 * 1024), None, False),
    ({**blob("../.broadcastignore"), "mode": SYMLINK}, "absent", False),
    ({**blob("elsewhere"), "mode": SYMLINK}, None, False),
])  # fmt: skip
def test_an_opt_out_file_is_read_or_known_to_be_unread(entry, text, is_read_by_rest):
    state = read(base={**BASE, "target": {**COMMIT, "optOut0": entry}})
    assert state.opt_outs.get(".broadcastignore", "absent") == text
    assert bool(state.opaque) == is_read_by_rest


def test_only_what_is_needed_is_selected():
    where = {"base": None, "branches": ("b", "s"), "roots": ["a"]}
    bare = select_repository("acme", "api", **where, details=Details((), "", False, False)).fields
    assert not any(word in bare for word in ("label", "milestones", "others", "autoMergeAllowed", "probe", "Topics"))
    full = select_repository("acme", "api", **where, details=Details(("x",), "v1", True, True, ("p",), True)).fields
    assert all(word in full for word in ("label0", "milestones", "others", "autoMergeAllowed", "probe0", "Topics"))


def test_two_commits_asked_for_the_same_paths_share_a_fragment():
    one = select_paths("acme", "api", {"base": ("1" * 40, ["a"]), "ours": ("2" * 40, ["a"])})
    assert len(one.fragments) == 1
