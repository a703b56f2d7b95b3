"""The source's changes are carried over people's own: `mode: merge`."""

from __future__ import annotations

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_modes import publish
from tests.integration.test_people import OURS, later, leaves_alone, outcome

LINES = [f"line {number}\n" for number in range(1, 13)]
OLD = "".join(LINES)
CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [{src: conf.txt, mode: merge%s}]\n"


def edited(text: str, **lines: str) -> str:
    """`text` with other words in some lines: `l3="x"`."""
    for name, words in lines.items():
        text = text.replace(f"line {name[1:]}\n", f"{words}\n")
    return text


def target(swift, held: str | bytes | None, text: str = OLD, more: str = "", path: str = "conf.txt"):
    swift.write({path: text}, CONFIG.replace("conf.txt", path) % more)
    content = held.encode() if isinstance(held, str) else held
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | ({path: content} if content else {}))


def merged(swift, more: str = ""):
    """A target that has merged the first version, and that the source has pushed."""
    api = target(swift, None, more=more)
    publish(swift)
    later(swift)
    api.merge_pull(1)
    return api


def content(api, ref: str | None = None, path: str = "conf.txt") -> str:
    return api.files(ref)[path][1].decode()


def test_the_sources_change_is_carried_over_peoples_own(swift):
    api = merged(swift)
    theirs = edited(OLD, l2="theirs")
    api.commit({"conf.txt": theirs.encode()})
    leaves_alone(swift, "in_sync")
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(theirs, l9="ours")
    leaves_alone(swift, "open")
    api.merge_pull(2)
    leaves_alone(swift, "in_sync")


def test_a_target_that_had_a_version_before_it_was_merged_by_us_is_carried_on_from_there(swift):
    swift.write({"conf.txt": OLD}, CONFIG % "")
    publish(swift)
    api = swift.hub.repository("acme/api", files={"conf.txt": OLD.encode()})
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(OLD, l2="theirs", l9="ours")


def test_a_change_of_the_same_lines_is_left_and_listed_with_both_versions(swift):
    api = merged(swift)
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    swift.write({"conf.txt": edited(OLD, l2="ours")})
    publish(swift)
    ran = leaves_alone(swift, "in_sync")
    assert "conflict" in ran.summary
    for words in ("theirs", "ours"):
        assert words in ran.summary
    assert "line 2" in ran.summary
    assert ran.code == 0


def test_a_conflict_is_listed_in_the_pull_request_of_other_files(swift):
    api = merged(swift)
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    swift.write(
        {"conf.txt": edited(OLD, l2="ours"), "LICENSE": "MIT\n"}, CONFIG.replace("files: [", "files: [LICENSE, ") % ""
    )
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"LICENSE": "A"}
    assert "Left out: `conf.txt` — conflict: both changed the same lines" in api.pulls[1].body


def test_on_conflict_ours_takes_the_sources_lines_there_and_peoples_elsewhere(swift):
    api = merged(swift, ", on_conflict: ours")
    api.commit({"conf.txt": edited(OLD, l2="theirs", l11="theirs").encode()})
    swift.write({"conf.txt": edited(OLD, l2="ours")})
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(OLD, l2="ours", l11="theirs")


def test_on_conflict_fail_makes_it_an_error_of_the_file(swift):
    api = merged(swift, ", on_conflict: fail")
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    swift.write({"conf.txt": edited(OLD, l2="ours")})
    publish(swift)
    ran = leaves_alone(swift, "incomplete")
    (error,) = ran.target("acme/api")["file_errors"]
    assert error["reason"] == "line 2: the source and the target both changed the same lines"
    assert ran.code == 1


def test_a_file_of_another_origin_is_left_and_that_is_said(swift):
    target(swift, "something else\n")
    publish(swift)
    ran = leaves_alone(swift, "in_sync")
    assert "no version of the source is known that it comes from" in ran.summary


def test_a_file_that_people_deleted_comes_back_when_the_source_changes(swift):
    api = merged(swift)
    api.commit({"conf.txt": None})
    leaves_alone(swift, "in_sync")
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(OLD, l9="ours")


def test_a_template_is_carried_on_from_what_the_target_got(swift):
    text = OLD.replace("line 4", "[[ target.name ]]")
    api = target(swift, None, text, ", template: true")
    publish(swift)
    later(swift)
    api.merge_pull(1)
    rendered = OLD.replace("line 4", "api")
    assert content(api) == rendered
    api.commit({"conf.txt": edited(rendered, l2="theirs").encode()})
    swift.write({"conf.txt": edited(text, l9="ours")})
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(rendered, l2="theirs", l9="ours")


@pytest.mark.parametrize(("held", "expected"), [(b"\0old", "created"), (b"\0theirs", "in_sync")])
def test_a_binary_file_is_replaced_where_it_is_a_version_of_ours(swift, held, expected):
    swift.write({"conf.txt": b"\0old"}, CONFIG % "")
    publish(swift)
    api = swift.hub.repository("acme/api", files={"conf.txt": held})
    swift.write({"conf.txt": b"\0new"})
    publish(swift)
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, expected)
    if expected == "created":
        assert api.files(OURS)["conf.txt"][1] == b"\0new"


@pytest.mark.parametrize("method", ["merge", "rebase"])
def test_a_branch_that_is_brought_up_to_date_is_still_ours(swift, method):
    api = merged(swift)
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    later(swift)
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    leaves_alone(swift, "open")
    api.update_branch(2, method=method)
    leaves_alone(swift, "open")


def test_what_the_source_takes_back_is_taken_back_and_undoes_nothing_of_peoples(swift):
    api = merged(swift)
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    for number, text in enumerate((edited(OLD, l9="ours"), OLD, edited(OLD, l9="ours")), start=2):
        swift.write({"conf.txt": text})
        publish(swift)
        ran = later(swift)
        assert outcome(ran) == "created"
        assert "undoes" not in api.pulls[-1].body + ran.log
        api.merge_pull(number)
        leaves_alone(swift, "in_sync")
        assert content(api) == edited(text, l2="theirs")


def test_what_was_merged_into_another_branch_is_not_what_the_base_had(swift):
    api = merged(swift)
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    api.commit({"other": b"x"}, branch="other")
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    publish(swift)
    later(swift)
    api.edit_pull(api.pulls[1], "sam", base="other")
    api.merge_pull(2)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(OLD, l2="theirs", l9="ours")


def test_of_its_own_history_the_version_counts_that_the_target_had_last(swift):
    first, second = OLD, edited(OLD, l9="ours")
    for text in (first, second, first):
        swift.write({"conf.txt": text}, CONFIG % "")
        publish(swift)
    api = swift.hub.repository("acme/api", files={"conf.txt": first.encode()})
    api.commit({"conf.txt": second.encode()})
    api.commit({"conf.txt": edited(second, l2="theirs").encode()})
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(OLD, l2="theirs")


def test_a_target_that_keeps_its_changes_still_gets_the_sources(swift):
    api = merged(swift)
    swift.write({}, CONFIG % "" + "on_local_change: keep\n")
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    publish(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == edited(OLD, l2="theirs", l9="ours")


# Budgets


def fleet(swift, count: int, **edits: str) -> None:
    """Targets that have had the file, and have changed it since."""
    names = [f"acme/svc-{number:03}" for number in range(count)]
    swift.write({"conf.txt": OLD}, CONFIG.replace("acme/api", ", ".join(names)) % "")
    publish(swift)
    for number, name in enumerate(names):
        api = swift.hub.repository(name, files={"conf.txt": OLD.encode()})
        if edits:
            api.commit({"conf.txt": edited(OLD, **edits).replace("theirs", f"theirs {number}").encode()})


def calls(swift) -> list[int]:
    """What two runs take, the second one with a cache; all is in step."""
    found = []
    for _ in range(2):
        assert set(later(swift, cache_dir=".broadcast-cache").outcomes.values()) == {"in_sync"}
        found.append(swift.hub.calls()["graphql query"])
        assert swift.hub.calls().total() == found[-1]
    return found


def test_a_fleet_that_has_the_sources_very_file_takes_no_call_more(swift):
    fleet(swift, 100)
    assert calls(swift) == [2, 2]


def test_a_fleet_of_files_that_people_changed_takes_few_calls(swift):
    fleet(swift, 100, l2="theirs")
    assert calls(swift) == [7, 5]
