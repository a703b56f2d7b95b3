"""What keeps a run from going further than meant: limits, empty sources, reviewed plans, budgets, time."""

from __future__ import annotations

import re
import sys

import pytest

from tests.hub.faults.subject import subject
from tests.integration.test_people import later, writes
from tests.scenarios import counted
from tests.world import Ran, git


def config(names, more: str = "") -> str:
    return f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [LICENSE]\n{more}"


def fleet(swift, count: int, more: str = "") -> list[str]:
    """So many repositories that lack one file."""
    names = [f"acme/t{n}" for n in range(count)]
    swift.write({"LICENSE": "MIT\n"}, config(names, more))
    for name in names:
        swift.hub.repository(name, files={"README.md": b"theirs\n"})
    return names


def mirrored(swift, *held: int, more: str = "") -> list[str]:
    """Targets of a mirror, each with so many files of its own that would go."""
    names = [f"acme/t{n}" for n in range(len(held))]
    mirror = f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [{{src: kit, mode: mirror}}]\n"
    swift.write({"kit/a.md": "a\n"}, mirror + more)
    for name, count in zip(names, held, strict=True):
        swift.hub.repository(name, files={"kit/a.md": b"a\n"} | {f"kit/own{n}": b"own" for n in range(count)})
    return names


def proposed(swift) -> list[str]:
    """The targets with an open pull request."""
    repositories = swift.hub.repositories.values()
    return [one.full_name for one in repositories if any(pull.state == "OPEN" for pull in one.pulls)]


def served(swift) -> list[str]:
    """The targets that the last run wrote to, in its order."""
    return list(dict.fromkeys(subject(swift.hub, request).repository for request in writes(swift)))


def of(ran: Ran, name: str) -> list[str]:
    """The targets that came to this outcome."""
    return [target for target, outcome in ran.outcomes.items() if outcome == name]


# How much may be reached, and deleted


def test_more_targets_than_the_limit_are_refused_before_anything_is_asked(swift):
    fleet(swift, 3, "limits: {max_targets: 2}\n")
    ran = later(swift)
    assert (ran.code, swift.hub.requests) == (2, [])
    assert "the config reaches 3 targets, more than limits.max_targets allows (2)" in ran.log
    swift.write({}, config([f"acme/t{n}" for n in range(3)], "limits: {max_targets: 3}\n"))
    assert counted(later(swift)) == {"created": 3}


@pytest.mark.parametrize(("limit", "outcome"), [(2, "failed"), (3, "created")])
def test_a_target_over_max_deletions_fails_alone(swift, limit, outcome):
    mirrored(swift, 3, 1, more=f"limits: {{max_deletions: {limit}}}\n")
    ran = later(swift)
    assert ran.outcomes == {"acme/t0": outcome, "acme/t1": "created"}
    assert served(swift) == ["acme/t0", "acme/t1"][outcome == "failed" :]


@pytest.mark.parametrize("limit", [6, 5])
def test_over_max_total_deletions_nothing_is_written_anywhere(swift, limit):
    mirrored(swift, 2, 2, 2, more=f"limits: {{max_total_deletions: {limit}}}\nfiles: [{{src: kit/a.md, dest: NEW}}]\n")
    ran = later(swift)
    if limit == 6:
        assert (ran.code, counted(ran)) == (0, {"created": 3})
        return
    assert (ran.code, counted(ran), writes(swift)) == (1, {"failed": 3}, [])
    assert "the run would delete 6 files" in ran.target("acme/t0")["reason"]
    assert "limits.max_total_deletions" in ran.target("acme/t2")["remedy"]


def test_over_max_total_deletions_nothing_is_closed_either(swift):
    names = mirrored(swift, 1, 3, more="limits: {max_total_deletions: 3}\n")
    later(swift, only_targets=names[0])
    swift.hub.find(names[0]).commit({"kit/own0": None})  # nothing is left to change there
    swift.hub.find(names[1]).commit({"kit/own4": b"one more"})
    assert writes(swift)
    ran = later(swift)
    assert (ran.code, ran.target(names[1])["outcome"], writes(swift)) == (1, "failed", [])


# An empty source


EXCLUDED = "every file under kit is excluded"
NOTHING = {
    "a directory that isn't there": ({"x": "x"}, "{src: kit, mode: mirror}", "there is no directory kit"),
    "a directory without a tracked file": ({"x": "x"}, "{src: empty, mode: mirror}", "git doesn't track it"),
    "everything excluded": ({"kit/a": "a"}, "{src: kit, mode: mirror, exclude: ['*']}", EXCLUDED),
    "everything excluded by default": ({"kit/a.out": "a"}, "{src: kit, mode: mirror}", EXCLUDED),
}


@pytest.mark.parametrize("case", NOTHING)
def test_a_source_without_files_is_an_error_and_never_deletes(swift, case):
    files, mapping, words = NOTHING[case]
    (swift.source / "empty").mkdir()
    swift.write(files, f"version: 1\ntargets: [acme/api]\ndirectories: [{mapping}]\n")
    swift.hub.repository("acme/api", files={"kit/own": b"own", "empty/own": b"own"})
    ran = later(swift)
    assert (ran.code, swift.hub.requests) == (2, [])
    assert words in ran.log


def test_a_source_with_nothing_but_a_submodule_deletes_nothing(swift):
    swift.write({"x": "x"}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, mode: mirror}]\n")
    head = git(swift.source, "rev-parse", "HEAD").strip()
    git(swift.source, "update-index", "--add", "--cacheinfo", f"160000,{head},kit/mod")
    git(swift.source, "commit", "-q", "-m", "a submodule")
    swift.hub.repository("acme/api", files={"kit/own": b"own", "README.md": b"theirs\n"})
    later(swift)
    assert (proposed(swift), writes(swift)) == ([], [])


# The source itself


@pytest.mark.parametrize("name", ["ACME/Templates", "acme/templates@main"])
def test_the_branch_of_the_source_that_runs_is_no_target_however_it_is_spelled(swift, name):
    swift.write({"LICENSE": "MIT\n"}, config([name]))
    ran = later(swift)
    assert (ran.code, swift.hub.requests) == (2, [])
    assert ".github/broadcast.yml:2:" in ran.log
    assert "the source" in ran.log
    assert "send to another branch of it" in ran.log


def test_the_source_is_no_target_by_a_name_that_it_once_had(swift):
    swift.write({"LICENSE": "MIT\n"}, config(["acme/old-templates"]))
    swift.hub.repository("acme/old-templates", files={"README.md": b"ours\n"})
    swift.hub.rename("acme/old-templates", "acme/templates")
    ran = later(swift)
    assert (ran.code, proposed(swift)) == (1, [])
    assert "source itself" in ran.target("acme/old-templates")["reason"]


# A plan that was reviewed


def test_the_plan_that_was_reviewed_is_applied(swift):
    fleet(swift, 2)
    reviewed = later(swift, command="plan")
    assert (writes(swift), counted(reviewed)) == ([], {"created": 2})
    assert f"Plan `{reviewed.outputs['plan-digest']}`" in reviewed.summary
    ran = later(swift, expect_plan=reviewed.outputs["plan-digest"])
    assert (ran.code, counted(ran)) == (0, {"created": 2})


def test_another_plan_than_was_reviewed_writes_nothing_and_names_both(swift):
    fleet(swift, 2)
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    swift.write({"LICENSE": "MIT!\n"})
    ran = later(swift, expect_plan=reviewed)
    assert (ran.code, writes(swift), proposed(swift)) == (1, [], [])
    now = ran.outputs["plan-digest"]
    assert now != reviewed
    assert f"the plan is {now} now, not {reviewed} as expected; nothing was written" in ran.log
    assert now in ran.summary
    assert reviewed in ran.summary


SWITCHED = {
    "auto-merge": "pr_auto_merge: true\n",
    "a label": "pr_labels: [automerge]\n",
    "a reviewer": "pr_reviewers: [alice]\n",
    "a title": "pr_title: Something else\n",
    "a commit message": "commit_message: 'fixes #1'\n",
    "a draft": "pr_draft: true\n",
    "a branch": "branch_prefix: other\n",
    "an older tool": "supersedes: [repo-sync/]\n",
}


@pytest.mark.parametrize("case", SWITCHED)
def test_nothing_can_be_switched_on_after_the_review(swift, case):
    fleet(swift, 1)
    api = swift.hub.find("acme/t0")
    api.commit({"LICENSE": b"old\n"}, branch="repo-sync/x")
    api.open_pull("repo-sync/x")
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    swift.write({}, config(["acme/t0"], SWITCHED[case]))
    ran = later(swift, expect_plan=reviewed)
    assert (ran.code, writes(swift)) == (1, [])
    assert ran.outputs["plan-digest"] != reviewed


def test_what_an_open_pull_request_is_to_get_was_reviewed_too(swift):
    fleet(swift, 1)
    later(swift)
    api = swift.hub.find("acme/t0")
    api.allow_auto_merge = True
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    swift.write({}, config(["acme/t0"], "pr_auto_merge: true\n"))
    ran = later(swift, expect_plan=reviewed)
    assert (ran.code, writes(swift), api.pulls[0].auto_merge) == (1, [], None)


def test_the_repositorys_own_way_to_merge_was_reviewed_too(swift):
    fleet(swift, 1, "pr_auto_merge: true\n")
    api = swift.hub.find("acme/t0")
    api.allow_auto_merge = True
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    api.default_merge_method = "REBASE"
    ran = later(swift, expect_plan=reviewed)
    assert (ran.code, writes(swift), api.pulls) == (1, [], [])
    assert of(later(swift, expect_plan=ran.outputs["plan-digest"]), "created") == ["acme/t0"]


def test_another_way_to_merge_between_two_tries_is_not_applied_unseen(swift):
    fleet(swift, 1, "pr_auto_merge: true\n")
    api = swift.hub.find("acme/t0")
    api.allow_auto_merge = True
    reviewed = later(swift, command="plan").outputs["plan-digest"]

    def change(_hub, _request):
        api.default_merge_method = "REBASE"

    swift.hub.before(lambda request: request.writes, change)
    swift.hub.fail(lambda request: request.writes, status=502)
    ran = later(swift, expect_plan=reviewed)
    assert of(ran, "failed") == ["acme/t0"]
    assert "has changed since its plan was reviewed" in ran.log
    assert api.pulls == []


@pytest.mark.parametrize("part", [16, 63])
def test_a_part_of_a_digest_is_refused_before_anything_is_asked(swift, part):
    fleet(swift, 1)
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    assert len(reviewed) == 64
    ran = later(swift, expect_plan=reviewed[:part])
    assert (ran.code, swift.hub.requests) == (2, [])
    assert "give the whole plan-digest that `command: plan` prints: 64 digits" in ran.log


def test_each_state_of_a_pull_request_can_be_reviewed_and_applied(swift):
    """Open, changed, described again, closed: each time the plan of one run is that of the next."""
    swift.write(
        {"LICENSE": "1\n", "kit/a": "1\n"}, "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\ndirectories: [kit]\n"
    )
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    said = []
    for files in ({}, {"LICENSE": "2\n"}, {"kit/a": "2\n", "kit/b": "2\n"}):
        swift.write(files)
        said.append(reviewed_and_applied(swift))
    api.pulls[0].body += "\nLooks good."
    swift.write({"kit/a": "3\n"})
    said.append(reviewed_and_applied(swift))
    api.merge_pull(1)
    swift.write({"kit/a": "4\n"})
    said.append(reviewed_and_applied(swift))
    api.commit({"kit/a": b"4\n"})
    said.append(reviewed_and_applied(swift))
    assert said == ["created", "updated", "updated", "updated", "created", "closed"]


def reviewed_and_applied(swift) -> str:
    """What became of acme/api after a review."""
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    ran = later(swift, expect_plan=reviewed)
    assert ran.code == 0, ran.log
    return ran.outcomes["acme/api"]


def test_a_plan_that_was_reviewed_with_another_token_is_applied_as_far_as_this_one_may(swift):
    names = fleet(swift, 2)
    swift.write(
        {".github/workflows/ci.yml": "on: push\n"},
        config(names, "groups:\n  - name: ci\n    targets: [acme/t1]\n    files: [.github/workflows/ci.yml]\n"),
    )
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    swift.hub.token("ghp_less", scopes=["repo"])
    ran = later(swift, expect_plan=reviewed, token="ghp_less")
    assert ran.outcomes == {"acme/t0": "created", "acme/t1": "failed"}
    assert "workflow" in ran.target("acme/t1")["remedy"]


def test_what_changes_at_a_target_while_it_is_written_to_is_not_applied_unseen(swift):
    swift.write({"kit/a": "new\n", "kit/b": "new\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    api = swift.hub.repository("acme/api", files={"kit/a": b"old\n", "kit/b": b"new\n"})
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    swift.hub.before(lambda request: request.writes, lambda hub, request: api.commit({"kit/b": b"theirs\n"}), times=1)
    swift.hub.fail(lambda request: request.writes, status=502, times=1)
    ran = later(swift, expect_plan=reviewed)
    assert ran.outcomes == {"acme/api": "failed"}
    assert "has changed since its plan was reviewed" in ran.target("acme/api")["reason"]
    assert (proposed(swift), list(api.branches())) == ([], ["main"])


def test_the_digest_of_a_plan_says_what_is_proposed_and_no_more(swift):
    fleet(swift, 2)

    def digest() -> str:
        return later(swift, command="plan").outputs["plan-digest"]

    first = digest()
    assert digest() == first
    swift.hub.find("acme/t0").commit({"src/main.py": b"print()\n"})
    assert digest() == first
    swift.write({"LICENSE": "MIT \n"})
    changed = digest()
    assert changed != first
    swift.hub.find("acme/t1").commit({"LICENSE": b"MIT \n"})
    assert digest() not in (first, changed)


# How many pull requests


@pytest.mark.parametrize(
    ("limits", "inputs"),
    [
        ("", {"max_pull_requests": "2"}),
        ("limits: {max_pull_requests: 2}\n", {}),
        ("limits: {max_pull_requests: 2}\n", {"max_pull_requests": "3"}),
        ("limits: {max_pull_requests: 3}\n", {"max_pull_requests": "2"}),
    ],
)
def test_no_more_pull_requests_than_allowed_and_the_next_run_goes_on_with_exactly_the_rest(swift, limits, inputs):
    names = fleet(swift, 5, limits)
    for done in (2, 4, 5):
        ran = later(swift, **inputs)
        assert ran.code == 0
        assert (proposed(swift), of(ran, "deferred")) == (names[:done], names[done:])
        assert served(swift) == of(ran, "created")
        assert {ran.target(name)["reason"] for name in names[done:]} <= {"max-pull-requests is reached"}
    assert later(swift, **inputs).outcomes == dict.fromkeys(names, "open")
    swift.write({"LICENSE": "new\n"})
    assert counted(later(swift, **inputs)) == {"updated": 5}


def test_no_more_open_pull_requests_than_allowed_and_what_is_merged_makes_room(swift):
    names = fleet(swift, 4, "limits: {max_open_pull_requests: 2, max_pull_requests: 3}\n")
    ran = later(swift)
    assert (of(ran, "created"), of(ran, "deferred")) == (names[:2], names[2:])
    ran = later(swift)
    assert (of(ran, "open"), of(ran, "deferred"), writes(swift)) == (names[:2], names[2:], [])
    assert ran.target(names[2])["reason"] == "limits.max_open_pull_requests is reached"
    swift.hub.find(names[0]).merge_pull(1)
    ran = later(swift)
    assert (of(ran, "in_sync"), of(ran, "created"), of(ran, "deferred")) == ([names[0]], [names[2]], [names[3]])


def test_a_target_that_always_fails_does_not_keep_the_others_from_their_turn(swift):
    fleet(swift, 2)
    swift.hub.find("acme/t0").no_creation = ["~ALL"]
    ran = later(swift, max_pull_requests="1")
    assert ran.outcomes == {"acme/t0": "failed", "acme/t1": "created"}


def test_those_who_never_got_a_pull_request_come_first_and_then_the_longest_untouched(swift):
    names = fleet(swift, 3)
    for name in ("acme/t1", "acme/t2", "acme/t0"):
        assert later(swift, only_targets=name).outcomes == {name: "created"}
    swift.hub.repository("acme/t3", files={"README.md": b"theirs\n"})
    swift.write({"LICENSE": "new\n"}, config([*names, "acme/t3"]))
    assert counted(later(swift)) == {"updated": 3, "created": 1}
    assert served(swift) == ["acme/t3", "acme/t1", "acme/t2", "acme/t0"]


# Time


def test_what_a_deadline_cuts_off_is_deferred_and_the_next_run_finishes_it(swift):
    names = fleet(swift, 100)
    swift.hub.limits.documented()
    ran = later(swift, deadline="1m")
    made = of(ran, "created")
    assert (ran.code, made, of(ran, "deferred")) == (0, names[: len(made)], names[len(made) :])
    assert 10 < len(made) < 100
    assert proposed(swift) == made
    ran = later(swift)
    assert (of(ran, "open"), of(ran, "created")) == (made, names[len(made) :])
    assert not swift.hub.rejected


@pytest.mark.parametrize(("count", "told"), [(3, "less than a minute"), (100, "2 min")])
def test_what_the_writes_will_take_is_reported_before_the_first_of_them(swift, count, told):
    fleet(swift, count)
    heard = []
    swift.hub.before(lambda request: request.writes, lambda hub, request: heard.append(sys.stdout.getvalue()))
    assert counted(later(swift)) == {"created": count}
    assert re.search(rf"^about {count} writes?, {told} within GitHub's limits$", heard[0], re.MULTILINE)
    assert "within GitHub's limits" not in later(swift).log


def test_a_filter_moves_no_target_to_another_shard(swift):
    names = ["acme/t0", "acme/t1", "acme/t2", "other/t3"]
    swift.write({"LICENSE": "MIT\n"}, config(names))
    for name in names:
        swift.hub.repository(name, files={"README.md": b"theirs\n"})
    for shard in ("1/2", "2/2"):
        whole = later(swift, command="plan", shard=shard).outcomes
        assert later(swift, command="plan", shard=shard, only_targets="acme/*").outcomes.keys() <= whole.keys()
