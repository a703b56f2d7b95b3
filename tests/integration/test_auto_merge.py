"""Auto-merge comes last, in batches; while GitHub may not know yet, and where a later run still misses it, it is tried again."""

from __future__ import annotations

import pytest

from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_metadata import decorates, fleet, warnings, world
from tests.integration.test_people import later

__all__ = ["world"]

SETTINGS = "pr_auto_merge: true\npr_merge_method: squash\n"
UNSTABLE, CLEAN = (f"Pull request Pull request is in {status} status" for status in ("unstable", "clean"))
NOT_ALLOWED = "Pull request Auto merge is not allowed for this repository"
LATER = "a later run tries again"


def arms(request, path, *_) -> bool:
    return path[0][0] == "m"


def armed(world) -> list[int]:
    """How many pull requests each document of the last run was for."""
    return [len(one.variables) for one in world.hub.requests if decorates(one)]


def unready(world, reason: str, seconds: float) -> None:
    """For so long GitHub doesn't know yet what a pull request has to wait for."""
    until = world.hub.clock() + seconds
    world.hub.fail_field(lambda *call: arms(*call) and world.hub.clock() < until, reason, times=999)


def methods(repositories) -> list[str | None]:
    return [api.pulls[0].auto_merge for api in repositories]


def test_all_that_merge_themselves_are_set_in_batches_after_everything_else(world):
    repositories = fleet(world, SETTINGS + "pr_labels: [sync]\n", count=12)
    assert warnings(world.run()) == []
    assert methods(repositories) == ["SQUASH"] * 12
    assert armed(world) == [10, 2, 10, 2]  # labels, then auto-merge
    documents = [one for one in world.hub.requests if one.writes]
    assert all(set(one.variables) == {f"m{n}" for n in range(len(one.variables))} for one in documents[-2:])


@pytest.mark.parametrize("reason", [UNSTABLE, CLEAN])
@pytest.mark.parametrize("seconds", [1, 20, 55])
def test_what_github_does_not_know_yet_is_tried_again_for_up_to_a_minute(world, reason, seconds):
    repositories = fleet(world, SETTINGS, count=3)
    unready(world, reason, seconds)
    assert warnings(world.run()) == []
    assert methods(repositories) == ["SQUASH"] * 3
    assert 2 <= len(armed(world)) <= 6


@pytest.mark.parametrize("seconds", [5, 50])
def test_new_pull_requests_that_are_unstable_for_a_while_are_set_all_the_same(world, seconds):
    world.hub.unstable_for = seconds
    repositories = fleet(world, SETTINGS, count=2)
    assert warnings(world.run()) == []
    assert methods(repositories) == ["SQUASH"] * 2


@pytest.mark.parametrize("answer", ALTERNATIVES["auto_merge_clean"])
def test_where_nothing_has_to_be_waited_for_it_ends_well_whatever_github_answers(world, answer):
    world.hub.unknowns.auto_merge_clean = answer
    (api,) = fleet(world, SETTINGS + "pr_labels: [sync]\n", required_checks=False)
    ran = world.run()
    assert (ran.code, ran.outcomes) == (0, {"acme/t0": "created"})
    is_refused = answer not in ("armed", "merged")
    assert [text.endswith(LATER) for text in warnings(ran)] == [True] * is_refused
    assert (api.pulls[0].auto_merge, api.pulls[0].labels) == (None if is_refused else "SQUASH", ["sync"])
    assert later(world).outcomes == {"acme/t0": "in_sync" if answer == "merged" else "open"}
    assert armed(world) == [1] * is_refused


def test_a_run_waits_one_minute_for_all_of_its_targets_and_then_says_what_is_missing(world):
    repositories = fleet(world, SETTINGS, count=12, required_checks=False)
    started = world.hub.clock()
    (text,) = warnings(world.run())
    assert f"auto-merge: {CLEAN}; nothing has to be waited for: " in text
    assert LATER in text
    assert text.count("acme/t") == 12
    assert world.hub.clock() - started < 90
    assert len(armed(world)) <= 2 * 6
    assert methods(repositories) == [None] * 12


def test_the_deadline_ends_the_wait(world):
    fleet(world, SETTINGS, required_checks=False)
    started = world.hub.clock()
    world.hub.after(lambda one: "mutation Create" in (one.document or ""), lambda *_: world.hub.clock.advance(45))
    ran = world.run(deadline="1m")
    assert ran.outcomes == {"acme/t0": "created"}
    (text,) = warnings(ran)
    assert text.startswith(f"acme/t0: auto-merge: {CLEAN}; ")
    assert world.hub.clock() - started <= 60
    assert armed(world) == [1, 1, 1, 1]  # after 45, 47, 51 and 59 seconds


def test_a_later_run_sets_what_is_missing_and_waits_for_nothing(world):
    (api,) = fleet(world, SETTINGS, required_checks=False)
    world.run()
    assert warnings(later(world))
    assert armed(world) == [1]
    api.required_checks = True
    ran = later(world)
    assert (ran.outcomes, warnings(ran)) == ({"acme/t0": "open"}, [])
    assert methods([api]) == ["SQUASH"]
    later(world)
    assert not [one for one in world.hub.requests if one.writes]


def test_what_an_interrupted_run_left_unset_the_next_one_sets(world):
    (api,) = fleet(world, SETTINGS)
    world.hub.fail(decorates, status=502, times=3)
    (text,) = warnings(world.run())
    assert text.startswith("acme/t0: auto-merge: no proper answer to a write: ")
    assert text.endswith(LATER)
    later(world)
    assert methods([api]) == ["SQUASH"]


@pytest.mark.parametrize("source_changes", [False, True])
def test_auto_merge_that_somebody_took_away_is_not_set_again(world, source_changes):
    (api,) = fleet(world, SETTINGS)
    world.run()
    api.disable_auto_merge(api.pulls[0])
    if source_changes:
        world.write({"kit/a.md": "newer\n"})
    ran = later(world)
    assert (ran.outcomes, armed(world)) == ({"acme/t0": "updated" if source_changes else "open"}, [])
    assert methods([api]) == [None]


def test_auto_merge_that_the_token_may_not_see_is_not_set_in_every_run(world):
    fleet(world, SETTINGS)
    world.run()
    world.hub.fail_field(lambda request, path, kind, field, _: field == "autoMergeRequest", "no", "FORBIDDEN", times=99)
    later(world)
    assert armed(world) == []


def test_where_the_timeline_cannot_be_asked_for_it_is_set_at_first_and_never_again(world):
    world.hub.lacking.add("PullRequest.timelineItems")
    (api,) = fleet(world, SETTINGS)
    world.run()
    assert methods([api]) == ["SQUASH"]
    api.pulls[0].auto_merge = None
    later(world)
    assert armed(world) == []


def test_a_pull_request_that_undoes_what_people_did_never_merges_itself(world):
    (api,) = fleet(world, SETTINGS)
    world.run()
    api.merge_pull(1)
    api.commit({"kit/a.md": b"changed back\n"})
    ran = later(world)
    assert ran.outcomes == {"acme/t0": "created"}
    assert (armed(world), api.pulls[1].auto_merge) == ([], None)


# What a repository forbids


def test_a_repository_that_does_not_allow_it_costs_no_write_and_is_reported_in_each_run(world):
    fine, api = fleet(world, SETTINGS, count=2)
    api.allow_auto_merge = False
    text = "acme/t1: auto-merge: the repository doesn't allow it; tick Allow auto-merge in its settings"
    assert warnings(world.run()) == [text]
    assert (methods([fine, api]), armed(world)) == (["SQUASH", None], [1])
    assert warnings(later(world)) == [text]
    assert armed(world) == []


def test_a_refusal_for_good_is_not_tried_again_in_the_same_run(world):
    fleet(world, SETTINGS)
    world.hub.fail_field(arms, NOT_ALLOWED, times=99)
    (text,) = warnings(world.run())
    assert text.startswith(f"acme/t0: auto-merge: {NOT_ALLOWED}; the repository doesn't allow it")
    assert armed(world) == [1]


@pytest.mark.parametrize(
    "words", [CLEAN, f'["{CLEAN}"]', "Pull request Protected branch rules not configured for this branch"]
)
def test_older_words_for_nothing_to_wait_for_have_the_same_remedy(world, words):
    fleet(world, SETTINGS)
    world.hub.fail_field(arms, words, times=99)
    (text,) = warnings(world.run())
    assert text.endswith(f"let a rule of the branch require checks or reviews; {LATER}")


def test_a_method_that_the_repository_forbids_is_reported_with_the_setting(world):
    fleet(world, SETTINGS, squash_merge_allowed=False)
    (text,) = warnings(world.run())
    assert text.endswith("let pr_merge_method be one that the repository allows")


def test_a_head_that_moved_meanwhile_is_left_to_a_later_run_without_a_warning(world):
    (api,) = fleet(world, SETTINGS)
    moved = "Failed to add PR #1: expected head oid does not match the current head oid"
    world.hub.fail_field(arms, moved)
    ran = world.run()
    assert warnings(ran) == []
    assert f"acme/t0: auto-merge: {moved}" in ran.log
    later(world)
    assert methods([api]) == ["SQUASH"]


def test_an_older_pull_request_is_set_only_at_the_head_that_was_looked_at(world):
    (api,) = fleet(world, SETTINGS)
    world.hub.fail(decorates, status=502, times=3)
    world.run()
    later(world)
    (document,) = [one for one in world.hub.requests if decorates(one)]
    assert document.variables["m0"]["expectedHeadOid"] == api.pulls[0].head_oid


def test_one_that_github_refuses_keeps_no_other_from_being_set(world):
    repositories = fleet(world, SETTINGS, count=3)
    world.hub.fail_field(lambda request, path, *_: path == ["m1"], "no", times=99)
    (text,) = warnings(world.run())
    assert text == f"acme/t1: auto-merge: no; {LATER}"
    assert methods(repositories) == ["SQUASH", None, "SQUASH"]


def test_two_owners_with_tokens_of_their_own_are_set_side_by_side(world):
    names = ("acme/t0", "labs/web")
    world.write({"kit/a.md": "a\n"}, f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [kit]\n{SETTINGS}")
    values = {"files": {"README.md": b"theirs\n"}, "allow_auto_merge": True, "required_checks": True}
    repositories = [world.hub.repository(name, **values) for name in names]
    world.hub.token("ghp_labs")
    unready(world, UNSTABLE, 10)
    assert warnings(world.run(tokens="labs=ghp_labs")) == []
    assert methods(repositories) == ["SQUASH"] * 2
