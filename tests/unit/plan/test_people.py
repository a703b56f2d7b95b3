"""What people at a target decided: opted out, declined, kept, undone; on states made by hand."""

from __future__ import annotations

import pytest

from broadcast.config.parse import parse
from broadcast.git.ignore import Excludes
from broadcast.git.objects import REGULAR, Entry, build_tree
from broadcast.observe.change import Change
from broadcast.observe.drift import Drift
from broadcast.observe.state import Branch, Located, Pull, State
from broadcast.ownership import Marker
from broadcast.plan import people, required
from broadcast.plan.people import MAX_CHARACTERS, MAX_LINES, OptOut
from broadcast.plan.reason import Closing, Reason
from broadcast.snapshot.snapshot import Snapshot, Territory, Wanted, digest
from broadcast.snapshot.time_limit import TimeLimitExceeded

OLD, NEW = "0" * 40, "1" * 40
SEED = parse("version: 1\ntargets: [acme/api]\nfiles: [{src: a, mode: seed}]\n", "c.yml", "acme/t").sources[0]
BASE = Branch("main", Located("c" * 40, "t" * 40, {}))


def change(path: str, before: str = "", after: str = NEW, **more) -> Change:
    wanted = Wanted(REGULAR, after, path, **more) if after else None
    return Change(path, Entry(REGULAR, before) if before else None, wanted)


def snapshot(*paths: str, removals: tuple[str, ...] = (), territories: tuple[Territory, ...] = (), **more) -> Snapshot:
    files = {path: Wanted(REGULAR, NEW, path, **more) for path in paths}
    return Snapshot(files, build_tree({}), (), territories, frozenset(removals), (), 0)


def pull(number: int, *changes: Change, state: str = "CLOSED", plan: str = "", pairs: bool = True, **more) -> Pull:
    """A pull request that proposed `changes`; `plan` is their digest where its marker has no room for pairs."""
    known = frozenset(one.pair for one in changes) if pairs else frozenset()
    marker = Marker("x", "acme/templates", "c.yml", "", "t", known, plan or digest(known))
    values = {"closed_at": "2026-09-14T10:00:00Z", "closed_by": "octocat", "marker": marker, "base": "main"} | more
    head = {"id": "PR", "number": number, "url": "", "state": state, "title": "t", "body": "", "head_oid": ""}
    moments = {"conflicting": False, "queued": False, "created_at": "", "updated_at": ""}
    return Pull(**head | moments | values)


def state(*pulls: Pull, **more) -> State:
    values = {"base": BASE, "ours": None, "pulls": pulls} | more
    return State("R_1", "acme/api", archived=False, disabled=False, permission=None, labels={}, **values)


def withheld(seen: State, *changes: Change, wanted: Snapshot | None = None, repropose: bool = False, **more) -> dict:
    """Why changes are withheld, by path."""
    opt_out = OptOut(seen, wanted or snapshot())
    must = required.pairs(changes, opt_out.snapshot)
    found = people.withheld(seen, Drift(list(changes)), opt_out, repropose=repropose, must=must, **more)
    return {one.path: found[one.pair] for one in changes if one.pair in found}


A, B = change("a"), change("b")


# Opted out


def opt_out(text: str | None, *paths: str, file: str = ".broadcastignore", **more) -> OptOut:
    return OptOut(state(opt_outs={file: text}), snapshot(*paths, **more))


def test_the_patterns_of_an_opt_out_file_withhold_paths_as_gitignore_would():
    found = opt_out("docs/\n!docs/a\n*.md\n", "docs/b", "x.md", "x.txt")
    assert [found.names(path) for path in ("docs/b", "x.md", "x.txt")] == [".broadcastignore", ".broadcastignore", ""]


def test_the_first_file_that_withholds_a_path_is_named():
    seen = state(opt_outs={".broadcastignore": "a\n", ".github/.broadcastignore": "a\nb\n"})
    found = OptOut(seen, snapshot("a", "b"))
    assert (found.names("a"), found.names("b")) == (".broadcastignore", ".github/.broadcastignore")


def test_a_required_file_can_not_be_withheld():
    assert opt_out("*\n", "a", required=True).names("a") == ""
    assert opt_out(None, "a", required=True).names("a") == ""


def test_a_deletion_in_a_required_directory_can_not_be_withheld():
    for needed in (False, True):
        mirror = Territory("kit", Excludes([]), frozenset(), required=needed)
        assert bool(opt_out("*\n", territories=(mirror,)).names("kit/x")) is not needed


def test_a_file_that_can_not_be_read_opts_out_of_everything():
    found = opt_out(None, "a")
    assert found.names("a") == ".broadcastignore"
    assert found.is_whole()
    assert found.notes == [Reason("opt_out_unreadable", name=".broadcastignore")]


@pytest.mark.parametrize(
    ("text", "paths", "removals", "whole"),
    [
        ("*\n", ("a", "b"), (), True),
        ("a\n", ("a", "b"), (), False),
        ("a\n", ("a",), (), True),
        ("a\n", ("a",), ("b",), False),
        ("*\n", (), ("b",), True),
        ("*\n", (), (), False),
        ("", ("a",), (), False),
    ],
)
def test_a_target_opts_out_as_a_whole_where_nothing_that_is_wanted_may_be_sent(text, paths, removals, whole):
    assert opt_out(text, *paths, removals=removals).is_whole() is whole


def test_without_an_opt_out_file_nothing_is_withheld():
    found = OptOut(state(), snapshot("a"))
    assert (found.names("a"), found.is_whole(), found.notes) == ("", False, [])


def test_only_so_many_lines_count_and_the_rest_is_noted():
    found = opt_out("x\n" * MAX_LINES + "a\n", "a", "x")
    assert (found.names("a"), found.names("x")) == ("", ".broadcastignore")
    assert found.notes == [
        Reason("opt_out_too_many_lines", name=".broadcastignore", count=MAX_LINES + 2, limit=MAX_LINES)
    ]


def test_only_so_many_characters_count_and_the_rest_is_noted():
    found = opt_out("#" * MAX_CHARACTERS + "\na\n", "a")
    assert found.names("a") == ""
    assert found.notes == [Reason("opt_out_too_long", name=".broadcastignore", limit=MAX_CHARACTERS)]


def test_a_file_at_both_limits_counts_whole():
    assert opt_out("\n" * (MAX_LINES - 1) + "a", "a").notes == []
    assert opt_out("#" * (MAX_CHARACTERS - 2) + "\na", "a").names("a")


def test_a_pattern_that_can_not_be_understood_is_noted_and_the_others_count():
    found = opt_out("[b-\na\n", "a")
    assert found.names("a")
    assert found.notes == [Reason("opt_out_bad_pattern", name=".broadcastignore", other="[b-")]


def test_every_look_at_a_path_checks_the_time():
    def check() -> None:
        raise TimeLimitExceeded("late")

    with pytest.raises(TimeLimitExceeded):
        OptOut(state(), snapshot("a"), check).names("a")


# Declined


def test_a_change_that_people_closed_is_declined_and_another_one_is_not():
    assert withheld(state(pull(3, A)), A, B) == {
        "a": Reason("declined", closings=(Closing(3, "octocat", "2026-09-14"),))
    }
    assert withheld(state(pull(3, A)), change("a", after="2" * 40)) == {}


def test_a_deletion_can_be_declined():
    gone = change("a", before=OLD, after="")
    assert set(withheld(state(pull(3, gone)), gone)) == {"a"}


NOT_DECLINED = {
    "open": {"state": "OPEN"},
    "merged": {"state": "MERGED", "base": "next"},
    "closed by GitHub, because its base was deleted": {"base_deleted": True},
    "closed by GitHub, because it became empty": {"empty": True},
    "closed by an ignored author": {"closed_by": "Stale"},
    "closed by an ignored bot": {"closed_by": "stale[bot]"},
    "without a marker": {"marker": None},
}


@pytest.mark.parametrize("name", NOT_DECLINED)
def test_a_pull_request_declines_nothing_that_is(name):
    assert withheld(state(pull(3, A, **NOT_DECLINED[name])), A, ignored=frozenset({"stale"})) == {}


def test_what_we_closed_ourselves_is_not_declined():
    ours = pull(3, A)
    marker = Marker("x", "acme/templates", "c.yml", "", "t", ours.marker.pairs, ours.marker.digest, closed_by_us=True)
    assert withheld(state(ours._replace(marker=marker)), A) == {}


@pytest.mark.parametrize("ignored", ["stale", "stale[bot]"])
def test_only_the_ignored_authors_are_ignored(ignored):
    assert withheld(state(pull(3, A, closed_by="octocat")), A, ignored=frozenset({ignored}))
    assert withheld(state(pull(3, A, closed_by="")), A, ignored=frozenset({ignored}))


def test_with_repropose_nothing_is_declined():
    assert withheld(state(pull(3, A)), A, repropose=True) == {}


def test_the_newest_closing_of_a_change_is_named():
    found = withheld(state(pull(5, A, closed_by="hubot"), pull(3, A)), A)
    assert [one.pull for one in found["a"].closings] == [5]


def test_a_change_that_was_merged_later_is_no_longer_declined():
    assert withheld(state(pull(5, A, state="MERGED"), pull(3, A)), A) == {}
    assert set(withheld(state(pull(5, A), pull(3, A, state="MERGED")), A)) == {"a"}


def test_a_merge_into_another_base_takes_nothing_back_unless_that_base_is_gone():
    for gone in (False, True):
        elsewhere = pull(5, A, state="MERGED", base="next", base_gone=gone)
        assert bool(withheld(state(elsewhere, pull(3, A)), A)) is not gone


AFTER, BEFORE = "2026-09-14T10:00:01Z", "2026-09-14T09:00:00Z"


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize(("created", "is_open_again"), [(AFTER, True), (BEFORE, False)])
def test_what_is_open_again_since_people_closed_it_is_no_longer_declined(pairs, created, is_open_again):
    """It was proposed once more because people asked for it, in a run that ignored what was declined."""
    plan = digest([A.pair])
    again = pull(4, A, state="OPEN", pairs=pairs, plan=plan, created_at=created, closed_at="")
    found = withheld(state(again, pull(3, A, pairs=pairs, plan=plan)), A)
    assert found == (
        {} if is_open_again else {"a": Reason("declined", closings=(Closing(3, "octocat", "2026-09-14"),))}
    )


def test_and_what_else_was_declined_then_stays_declined():
    again = pull(4, A, state="OPEN", created_at=AFTER, closed_at="")
    assert withheld(state(again, pull(3, A, B)), A, B).keys() == {"b"}


def test_what_is_declined_a_second_time_is_declined():
    assert withheld(state(pull(4, A), pull(3, A)), A)["a"].closings[0].pull == 4


def test_of_a_plan_too_large_for_its_marker_the_digest_declines_all_or_nothing():
    whole = digest([A.pair, B.pair])
    large = pull(3, plan=whole, pairs=False)
    assert set(withheld(state(large), A, B)) == {"a", "b"}
    assert withheld(state(large), A) == {}
    assert withheld(state(pull(5, plan=whole, pairs=False, state="MERGED"), large), A, B) == {}
    assert set(withheld(state(large, pull(2, plan=whole, pairs=False, state="MERGED")), A, B)) == {"a", "b"}


# Kept, seeded, and what goes together


def test_local_changes_are_kept_where_the_config_says_so():
    assert withheld(state(), A, B, kept=frozenset({"a"})) == {"a": Reason("local_change")}


@pytest.mark.parametrize(("had", "withheld_"), [({}, False), ({"a": False}, False), ({"a": True}, True)])
def test_a_seed_that_was_there_once_is_not_planted_again(had, withheld_):
    seed = change("a", mapping=SEED)
    assert seed.after.is_seed
    assert (withheld(state(had=had), seed) == {"a": Reason("seeded_before")}) is withheld_
    assert withheld(state(had={"a": True}), A) == {}


def test_an_opt_out_goes_before_every_other_reason():
    seen = state(pull(3, A), opt_outs={".broadcastignore": "a\n"})
    found = withheld(seen, A, wanted=snapshot("a"), kept=frozenset({"a"}))
    assert found == {"a": Reason("opted_out", name=".broadcastignore")}


def test_where_a_file_replaces_a_directory_all_of_it_is_withheld_or_nothing():
    file, inside, beside = change("lib"), change("lib/x", before=OLD, after=""), change("library")
    seen = state(opt_outs={".broadcastignore": "lib/x\n"})
    assert set(withheld(seen, file, inside, beside)) == {"lib", "lib/x"}
    assert withheld(state(), file, inside, beside) == {}
    assert set(withheld(state(opt_outs={".broadcastignore": "library\n"}), file, inside, beside)) == {"library"}


def test_where_a_directory_replaces_a_file_the_reason_for_the_file_holds_for_all():
    file, inside, more = change("lib", before=OLD, after=""), change("lib/x"), change("lib/y")
    found = withheld(state(pull(3, file)), file, inside, more)
    assert {path: one.kind for path, one in found.items()} == {
        "lib": "declined",
        "lib/x": "declined",
        "lib/y": "declined",
    }


# Undone, and lost


def test_what_people_changed_back_after_its_merge_is_undone_by_it_again():
    assert people.undone(state(pull(4, A, state="MERGED")), [A, B]) == {"a": 4}


def test_what_a_later_merge_of_ours_brought_is_no_work_of_peoples():
    forth, back = change("a", before=OLD, after=NEW), change("a", before=NEW, after=OLD)
    merged = (pull(6, forth, state="MERGED"), pull(4, back, state="MERGED"))
    assert people.undone(state(*merged), [back]) == {}
    assert people.undone(state(pull(6, back, state="MERGED"), pull(4, forth, state="MERGED")), [back]) == {"a": 6}


def test_what_another_base_lacks_was_never_changed_back():
    merged = pull(4, A, state="MERGED", base="next")
    assert people.undone(state(merged), [A]) == {}
    assert people.undone(state(merged._replace(base_gone=True)), [A]) == {"a": 4}
    assert people.undone(state(merged, base=None), [A]) == {}


def test_a_closed_or_unmarked_pull_request_undoes_nothing():
    assert people.undone(state(pull(4, A)), [A]) == {}
    assert people.undone(state(pull(4, A, state="MERGED", marker=None)), [A]) == {}
