"""`command: rollback`, by what the bad sync was: seeds, removals, blocks that came or went, swaps, selectors, modes."""

from __future__ import annotations

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, later, leaves_alone, outcome
from tests.integration.test_rollback import merge

HEAD = "version: 1\ntargets: [acme/api]\n"
KIT = f"{HEAD}directories: [kit]\n"
BLOCK = f"{HEAD}files:\n  - {{src: list, dest: .gitignore, mode: block, id: ours}}\n"
TWO = f"{BLOCK}  - {{src: other, dest: .gitignore, mode: block, id: more}}\n"

# kind → the good source and config, the bad ones, what the target has at first
KINDS = {
    "a seed that came": (
        {"kit/a": "a\n"}, KIT, {"start": "bad\n"}, f"{KIT}files: [{{src: start, mode: seed}}]\n", {}
    ),
    "a removal": (
        {"kit/a": "a\n"}, KIT, {}, f"{HEAD}remove: [kit/a]\nfiles: [kit/b]\n", {"kit/b": b"b\n"}
    ),
    "a header that came": (
        {"kit/a.py": "a\n"}, KIT, {}, HEAD + 'directories: [{src: kit, header: "from {source}"}]\n', {}
    ),
    "a file instead of a directory": (
        {"kit/a/b": "b\n"}, KIT, {"kit/a/b": None, "kit/a": "a\n"}, KIT, {}
    ),
    "a block that came": (
        {"list": "a\n", "other": "b\n"}, BLOCK, {}, TWO, {".gitignore": b"mine\n"}
    ),
    "a block that went": (
        {"list": "a\n", "other": "b\n"}, TWO, {},
        f"{BLOCK}remove: [{{path: .gitignore, block: more}}]\n", {".gitignore": b"mine\n"},
    ),
    "keys in a file that came": (
        {"kit/a": "a\n", "k.json": '{"a": 1}\n'}, KIT, {}, f"{KIT}files: [{{src: k.json, mode: keys}}]\n", {}
    ),
    "a merge in a file that came": (
        {"kit/a": "a\n", "m.txt": "1\n2\n"}, KIT, {}, f"{KIT}files: [{{src: m.txt, mode: merge}}]\n", {}
    ),
    "another place": (
        {"kit/a": "a\n"}, KIT, {}, f"{HEAD}directories: [{{src: kit, dest: lib}}]\n", {}
    ),
}  # fmt: skip


def good_then_bad(swift):
    """A target that has merged a good sync, then a bad one; and the good one's commit."""
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write({"kit/a": "good\n"}, KIT)
    later(swift)
    merge(api)
    swift.write({"kit/a": "bad\n"})
    later(swift)
    merge(api)
    return api, good


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_sync_goes_back_whatever_it_did(swift, kind):
    good, text, bad, bad_text, held = KINDS[kind]
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | held)
    swift.write({"kit/b": "b\n"})
    commit = swift.write(good, text)
    later(swift)
    merge(api)
    before = api.files()
    for path in (path for path, content in bad.items() if content is None):
        swift.write({path: None})
        (swift.source / path).parent.rmdir()
    swift.write({path: content for path, content in bad.items() if content is not None}, bad_text)
    assert outcome(later(swift)) == "created"
    merge(api)
    assert api.files() != before
    assert outcome(later(swift, command="rollback", to=commit)) == "created"
    merge(api)
    assert api.files() == before
    leaves_alone(swift, "in_sync", command="rollback", to=commit)
    assert outcome(later(swift)) in ("declined", "in_sync")
    assert api.files() == before
    assert not [one for one in api.pulls if one.state == "OPEN"]


def test_a_rollback_of_what_was_resumed_works_again(swift):
    api, good = good_then_bad(swift)
    for _ in range(2):
        assert outcome(later(swift, command="rollback", to=good)) == "created"
        merge(api)
        assert api.files()["kit/a"][1] == b"good\n"
        leaves_alone(swift, "declined")
        assert outcome(later(swift, resume="true")) == "created"
        merge(api)
        leaves_alone(swift, "in_sync")


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_whatever_way_pull_requests_are_merged(swift, method):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write({"kit/a": "good\n"}, KIT)
    later(swift)
    merge(api, method=method)
    before = api.files()
    swift.write({"kit/a": "bad\n"})
    later(swift)
    merge(api, method=method)
    later(swift, command="rollback", to=good)
    merge(api, method=method)
    assert api.files() == before
    leaves_alone(swift, "declined")


def test_targets_that_a_selector_finds_go_back_too_and_filters_hold(swift):
    apis = [swift.hub.repository(f"acme/{name}", files={"README.md": b"theirs\n"}) for name in ("api", "web")]
    good = swift.write({"kit/a": "good\n"}, "version: 1\ntargets: ['acme/*']\ndirectories: [kit]\n")
    for content in ("good\n", "bad\n"):
        swift.write({"kit/a": content})
        later(swift)
        for api in apis:
            merge(api)
    ran = later(swift, command="rollback", to=good, only_targets="acme/web")
    assert ran.outcomes == {"acme/web": "created"}
    assert changed(apis[1], OURS) == {"kit/a": "M"}


def test_local_changes_that_are_kept_stay(swift):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write({"kit/a": "good\n", "kit/b": "good\n"}, f"{KIT}on_local_change: keep\n")
    for content in ("good\n", "bad\n"):
        swift.write({"kit/a": content, "kit/b": content})
        later(swift)
        merge(api)
    api.commit({"kit/b": b"theirs\n"})
    assert outcome(later(swift, command="rollback", to=good)) == "created"
    assert changed(api, OURS) == {"kit/a": "M"}


def test_a_symlink_comes_back(swift):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    (swift.source / "kit").mkdir()
    (swift.source / "kit/link").symlink_to("a")
    good = swift.write({"kit/a": "good\n"}, KIT)
    later(swift)
    merge(api)
    before = api.files()
    (swift.source / "kit/link").unlink()
    swift.write({"kit/link": "a file now\n"})
    later(swift)
    merge(api)
    later(swift, command="rollback", to=good)
    merge(api)
    assert api.files() == before


def test_paused_pull_requests_and_commits_of_people_come_first(swift):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write({"kit/a": "good\n"}, KIT)
    later(swift)
    merge(api)
    swift.write({"kit/a": "bad\n"})
    later(swift)
    api.commit({"kit/a": b"fixed by hand\n"}, branch=OURS)
    leaves_alone(swift, "edited", command="rollback", to=good)


def test_a_rollback_that_people_closed_stays_closed_and_sync_goes_on(swift):
    api, good = good_then_bad(swift)
    later(swift, command="rollback", to=good)
    api.close_pull(3)
    leaves_alone(swift, "declined", command="rollback", to=good)
    leaves_alone(swift, "in_sync")
    swift.write({"kit/a": "better\n"})
    assert outcome(later(swift)) == "created"


def test_auto_merge_is_set_as_the_config_says(swift):
    settings = {"allow_auto_merge": True, "required_checks": True}
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, **settings)
    good = swift.write({"kit/a": "good\n"}, f"{KIT}pr_auto_merge: true\n")
    for content in ("good\n", "bad\n"):
        swift.write({"kit/a": content})
        later(swift)
        merge(api)
    later(swift, command="rollback", to=good)
    assert api.pulls[-1].auto_merge == "MERGE"
