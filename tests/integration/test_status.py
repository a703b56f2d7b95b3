"""`command: status`: where each target stands, by the history of the source and by its pull requests."""

from __future__ import annotations

import re

import pytest

from tests.integration.test_freezes import SPAN, at
from tests.integration.test_people import KIT, config, later, writes
from tests.integration.test_rollback import merge
from tests.integration.test_summary_pictures import rows
from tests.integration.test_waves import CANARIES, Fleet
from tests.markdown import page_of
from tests.world import TOKEN, git

DAY = 86_400
HYPHEN = "\u2011"  # one at which no line breaks
SHALLOW = "the checkout is shallow"


@pytest.fixture
def commit(swift, monkeypatch):
    """Commit to the source, after so many days by the hub's clock; returns the commit."""

    def made(files, text: str | None = None, *, days: float = 0) -> str:
        swift.hub.clock.advance(days * DAY)
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"@{int(swift.hub.clock())} +0000")
        return swift.write(files, text)

    return made


def target(swift, name: str = "acme/api", **settings):
    return swift.hub.repository(name, files={"README.md": b"theirs\n"}, **settings)


@pytest.fixture
def api(swift, commit):
    """A target whose pull request is open."""
    commit(KIT, config())
    made = target(swift)
    later(swift)
    return made


def status(swift, **inputs: str):
    """What a run says of acme/api; it writes nothing and succeeds."""
    ran = later(swift, command="status", **inputs)
    assert (ran.code, writes(swift)) == (0, []), ran.log
    page_of(ran.summary)
    return ran, ran.target("acme/api")["standing"]


def cells(ran, name: str = "acme/api") -> list[str]:
    (line,) = [line for line in rows(ran.summary, "Where the fleet stands") if f"`{name}`" in line]
    return [cell.strip() for cell in line.strip("|").split("|")]


# The version


def test_a_target_is_behind_by_commits_and_days_and_its_last_merge_is_named(swift, commit, api):
    held = git(swift.source, "rev-parse", "HEAD").strip()
    merge(api)
    for number in range(3):
        head = commit({"kit/a.md": f"{number}\n"}, days=0.7)
    ran, found = status(swift)
    assert (found["version"], found["behind_commits"], found["behind_days"]) == (held, 3, 2)
    assert found["behind"] == "3 commits, 2 days"
    assert {"number": 1, "url": f"{swift.hub.url}/acme/api/pull/1", "by": "alice"}.items() <= found[
        "last_merge"
    ].items()
    assert found["open_pull_request"] is None
    day = found["last_merge"]["at"][:10]
    home = "https://github.com/acme/templates"
    assert cells(ran) == [
        "`acme/api`", "🟠\xa0behind",
        f"[`{held[:10]}`]({home}/commit/{held[:10]})<br>[3\xa0commits,\xa02\xa0days]({home}/compare/{held[:10]}...{head[:10]})",
        f"[#1]({swift.hub.url}/acme/api/pull/1)\xa0{day.replace('-', HYPHEN)}<br>alice",
    ]  # fmt: skip
    assert re.search(rf"acme/api +behind +{held[:10]}  3 commits, 2 days +{day}, alice$", ran.log, re.MULTILINE)


@pytest.mark.parametrize("how", ["gone", "withheld"])
def test_where_who_merged_is_hidden_only_the_day_is_said(swift, api, how):
    merge(api)
    alice = swift.hub.user("alice")
    alice.deleted, alice.withheld = how == "gone", "Resource not accessible" if how == "withheld" else None
    ran, found = status(swift)
    assert (ran.outcomes, found["last_merge"]["by"]) == ({"acme/api": "in_sync"}, "")
    assert cells(ran)[3].endswith(found["last_merge"]["at"][:10].replace("-", HYPHEN))


def test_a_target_in_step_holds_what_is_compared_whatever_was_merged_last(swift, commit, api):
    merge(api)
    head = commit({"elsewhere.md": "x\n"}, days=5)
    ran, found = status(swift)
    assert (ran.outcomes, found["version"], found["behind_commits"]) == ({"acme/api": "in_sync"}, head, 0)
    assert found["last_merge"]["by"] == "alice"


def test_a_target_in_step_whose_pull_request_is_still_open_holds_what_is_compared(swift, api):
    api.commit({path: text.encode() for path, text in KIT.items()})
    ran, found = status(swift)
    assert (ran.outcomes, found["behind"]) == ({"acme/api": "closed"}, "0 commits")
    assert found["open_pull_request"]["number"] == 1


def test_a_target_that_merged_nothing_says_so(swift, api):
    ran, found = status(swift)
    assert (found["version"], found["behind_commits"], found["behind"], found["last_merge"]) == ("", None, "", None)
    assert "never merged" in cells(ran)


def test_a_declined_pull_request_is_no_merge(swift, api):
    api.close_pull(1)
    ran, found = status(swift)
    assert (ran.outcomes, found["version"]) == ({"acme/api": "declined"}, "")


def test_a_rollback_that_was_merged_brought_the_commit_it_went_back_to(swift, commit, api):
    good = git(swift.source, "rev-parse", "HEAD").strip()
    merge(api)
    commit({"kit/a.md": "bad\n"}, days=1)
    later(swift)
    merge(api)
    later(swift, command="rollback", to=good)
    merge(api)
    _, found = status(swift)
    assert (found["version"], found["behind"], found["last_merge"]["number"]) == (good, "1 commit, 1 day", 3)


def test_a_shallow_checkout_says_the_version_and_how_to_know_the_distance(swift, commit, api):
    held = git(swift.source, "rev-parse", "HEAD").strip()
    merge(api)
    commit({"kit/a.md": "new\n"})
    full = swift.source
    git(swift.directory, "clone", "-q", "--depth", "1", full.as_uri(), "shallow")
    swift.source = swift.directory / "shallow"
    ran, found = status(swift)
    assert (found["version"], found["behind_commits"], found["behind"]) == (held, None, "distance unknown")
    assert ran.log.count(SHALLOW) == ran.summary.count(SHALLOW) == 1
    assert "fetch-depth: 0" in ran.log


def test_a_shallow_checkout_warns_only_where_it_matters(swift, api):
    merge(api)
    git(swift.directory, "clone", "-q", "--depth", "1", swift.source.as_uri(), "shallow")
    swift.source = swift.directory / "shallow"
    ran, found = status(swift)
    assert (found["behind"], SHALLOW in ran.log) == ("0 commits", False)


def test_a_commit_that_the_source_has_lost_is_not_in_this_history(swift, commit, api):
    held = git(swift.source, "rev-parse", "HEAD").strip()
    merge(api)
    git(swift.source, "update-ref", "-d", "HEAD")
    commit({"kit/a.md": "new\n"})
    ran, found = status(swift)
    assert (found["version"], found["behind_commits"], found["behind"]) == (held, None, "not in this history")
    assert f"`{held[:10]}`<br>not\xa0in\xa0this\xa0history" in cells(ran)
    assert SHALLOW not in ran.log


# The open pull request


def opened(swift, **inputs: str):
    ran, found = status(swift, **inputs)
    return ran, found["open_pull_request"]


@pytest.mark.parametrize(
    ("reports", "checks", "words"),
    [
        ({}, "none", "none"),
        ({"ci": "SUCCESS"}, "passed", "passed"),
        ({"ci": "SUCCESS", "lint": "PENDING"}, "running", "1 check still to pass (lint)"),
        ({"ci": "FAILURE", "lint": "PENDING"}, "failed", "1 check failed (ci), 1 check still to pass (lint)"),
        (dict.fromkeys("abcde", "FAILURE"), "failed", "5 checks failed (a, b, c and 2 more)"),
    ],
)
def test_the_checks_of_an_open_pull_request_are_said(swift, api, reports, checks, words):
    for name, state in reports.items():
        api.report(api.pulls[0].head_oid, name, state)
    ran, pull = opened(swift)
    assert (pull["checks"], set(pull["failed_checks"])) == (
        checks,
        {n for n, one in reports.items() if one == "FAILURE"},
    )
    assert words in cells(ran)
    assert words in ran.log


@pytest.mark.parametrize("is_run", [True, False])
def test_without_the_right_to_read_checks_only_their_names_are_missing(swift, api, is_run):
    api.report(api.pulls[0].head_oid, "ci", "FAILURE", is_run=is_run)
    api.private = True
    swift.hub.tokens[TOKEN].permissions = {"contents": "read", "metadata": "read", "pull_requests": "read"}
    ran, pull = opened(swift)
    assert (pull["checks"], pull["failed_checks"]) == ("failed", [])
    assert "failed; this token can't read which" in cells(ran)


@pytest.mark.parametrize(
    ("settings", "review", "words"),
    [
        ({}, "not_required", "none required"),
        ({"required_approvals": 1}, "missing", "missing"),
        ({"required_approvals": 1, "approvals": 1}, "approved", "approved"),
        ({"required_approvals": 1, "changes_requested": True}, "changes_requested", "changes requested"),
    ],
)
def test_the_reviews_of_an_open_pull_request_are_said(swift, api, settings, review, words):
    for name, value in settings.items():
        setattr(api if name == "required_approvals" else api.pulls[0], name, value)
    ran, pull = opened(swift)
    assert pull["review"] == review
    assert words in cells(ran)


def test_its_age_and_what_else_it_is_are_said(swift, api):
    api.pulls[0].draft = True
    api.pulls[0].in_merge_queue = True
    api.commit({"kit/a.md": b"another\n"})
    swift.hub.clock.advance(9 * DAY)
    ran, pull = opened(swift)
    assert (pull["draft"], pull["conflicting"], pull["queued"]) == (True, True, True)
    said = ("it is a draft", "it conflicts with its base", "it is in the merge queue")
    assert "<br>".join((f"[#1]({pull['url']})", "9\xa0days\xa0old", *said)) in cells(ran)
    assert ", ".join((pull["url"], "9 days old", *said)) in ran.log


def test_where_github_does_not_say_how_it_stands_the_rest_is_said(swift, api):
    swift.hub.fail_field(lambda request, path, kind, field, _: field == "pullRequest", "Something went wrong", times=99)
    ran, pull = opened(swift)
    assert (ran.outcomes, pull["checks"], pull["review"]) == ({"acme/api": "open"}, "unknown", "unknown")


def test_names_of_checks_that_look_like_markup_are_text(swift, api):
    api.report(api.pulls[0].head_oid, "</details> `a|b` <b>@acme</b>\n::error::x", "FAILURE")
    ran, _ = status(swift)
    assert page_of(ran.summary).counts["b"] == 0
    assert "\n::error" not in ran.log.replace("::error::\n", "")


# The fleet


def test_a_freeze_and_what_is_disabled_are_said(swift, commit):
    at(swift, "2026-12-24T00:00")
    commit(KIT, config(SPAN).replace("[acme/api]", "[acme/api, {repo: acme/off, enabled: false}]"))
    target(swift)
    ran, _ = status(swift)
    until = "until the end of 2027-01-04 (Europe/Berlin): holidays"
    assert (ran.results["frozen"], ran.results["disabled"]) == (until, ["acme/off"])
    assert f"**Frozen** {until}" in ran.summary
    assert "Disabled in the config: `acme/off`" in ran.summary
    assert f"frozen {until}" in ran.log
    assert re.search("^acme/off +disabled$", ran.log, re.MULTILINE)
    assert ran.results["totals"]["created"] == 1


def test_a_status_of_a_few_targets_says_nothing_of_disabled_ones(swift, commit):
    commit(KIT, config().replace("[acme/api]", "[acme/api, {repo: acme/off, enabled: false}]"))
    target(swift)
    assert status(swift, only_targets="acme/api")[0].results["disabled"] == []


def test_a_target_that_cannot_be_read_has_no_standing(swift, commit):
    commit(KIT, config())
    ran = later(swift, command="status")
    assert (ran.code, ran.outcomes, ran.target("acme/api")["standing"]) == (1, {"acme/api": "failed"}, None)


def test_other_commands_say_nothing_of_it(swift, api):
    ran = later(swift, command="check")
    assert ran.target("acme/api")["standing"] is None
    assert not [one for one in swift.hub.requests if "mergeStateStatus" in (one.document or "")]


def test_many_targets_are_folded(swift, commit):
    names = [f"acme/t{number}" for number in range(21)]
    commit(KIT, config().replace("acme/api", ", ".join(names)))
    for name in names:
        target(swift, name)
    ran = later(swift, command="status")
    assert "<summary>Each of the 21 repositories</summary>" in ran.summary
    assert page_of(ran.summary).text.count("never merged") == 21
    assert len({line.index("never merged") for line in ran.log.splitlines() if line.startswith("acme/t")}) == 1


# Waves


def test_each_target_says_its_wave(swift):
    fleet = Fleet(swift)
    fleet.expect("ccWW")
    fleet.merge("acme/canary-1")
    ran = fleet.expect("ioWW", command="status")
    waves = {one["target"]: one["standing"]["wave"] for one in ran.results["targets"]}
    assert list(waves.values()) == ["canaries", "canaries", "early", "everyone"]
    assert [cells(ran, name)[4] for name in ("acme/canary-1", "acme/web")] == ["canaries", "everyone"]
    assert re.search(r"^acme/early-1 +waiting +never merged +early ", ran.log, re.MULTILINE)


def test_a_wave_that_gets_an_older_commit_is_as_far_behind_as_that_is(swift):
    fleet = Fleet(swift, "{send: passed}")
    fleet.expect("ccWW")
    fleet.merge(*CANARIES)
    fleet.expect("iicW")
    fleet.merge("acme/early-1")
    newer = swift.write({"LICENSE": "two\n"})
    ran = fleet.run(command="status")
    found = {one["target"]: one["standing"] for one in ran.results["targets"]}
    assert {name: (one["version"], one["behind_commits"]) for name, one in found.items()} == {
        "acme/canary-1": (fleet.first, 1), "acme/canary-2": (fleet.first, 1), "acme/early-1": (fleet.first, 1),
        "acme/web": ("", None),
    }  # fmt: skip
    assert ran.results["commit"] == newer
