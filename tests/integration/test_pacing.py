"""Refusals cost their waits and little more; what only sounds like one costs nothing."""

from __future__ import annotations

import pytest

from tests.hub.errors import Refused
from tests.hub.faults.requests import TOO_QUICKLY, Answer
from tests.scenarios import LABEL, counted

MINUTE = 60
SPAMMED = {
    "in its message": {"message": f"Pull request {TOO_QUICKLY}"},
    "in an item": {
        "message": "Validation Failed",
        "errors": [{"resource": "PullRequest", "code": "custom", "message": TOO_QUICKLY}],
    },
    "in a list of texts": {"message": "Validation Failed", "errors": [TOO_QUICKLY]},
    "in a text": {"message": "Validation Failed", "errors": TOO_QUICKLY},
}
TRAPS = {
    "NOT_FOUND": "Could not resolve file for path 'docs/rate limits.md'.",
    "FORBIDDEN": "The path docs/rate limit is protected, for it was submitted too quickly",
    "STALE_DATA": "Expected branch to point to `x`; src/timeout.ts ran into the rate limit",
    "UNPROCESSABLE": "A path was requested for deletion which does not exist: `docs/rate limit`, 'src/timeout.ts'",
}


def fleet(world, count, more=""):
    names = [f"acme/t{n}" for n in range(count)]
    world.write({"CODE": "new\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [CODE]\n{more}")
    return [world.hub.repository(name, {"README.md": b"theirs\n"}, labels=[LABEL]) for name in names]


def opens(request):
    """Whether a request opens a pull request."""
    by_rest = request.method == "POST" and request.path.endswith("/pulls")
    return by_rest or "createPullRequest" in (request.document or "")


def nth(*numbers, of=opens):
    """A matcher for those requests alone, counted from 1."""
    seen = iter(range(1, 10_000))
    return lambda request: of(request) and next(seen) in numbers


def seconds(world):
    """From the first request of the last run to its last."""
    moments = [request.received_at for request in world.hub.requests]
    return moments[-1] - moments[0]


def one_each(repos):
    return [len(repo.pulls) for repo in repos] == [1] * len(repos)


@pytest.mark.parametrize("more", ["", f"pr_labels: [{LABEL}]\n"], ids=["plain", "labelled"])
def test_three_scattered_refusals_cost_a_hundred_targets_their_waits_and_three_minutes(swift, more):
    repos = fleet(swift, 100, more)
    swift.hub.limits.documented()
    assert counted(swift.run(dry_run="true")) == {"created": 100}
    ideal = swift.runs[-1].results["estimate"]["seconds"]
    swift.hub.fail(nth(15, 50, 85), times=3, retry_after=MINUTE)
    ran = swift.run()
    assert counted(ran) == {"created": 100}
    assert one_each(repos)
    assert len([one for one in swift.hub.requests if opens(one)]) == 103
    assert seconds(swift) <= ideal + 3 * MINUTE + 3 * MINUTE
    assert "slowed to one write every 2 s after a refusal" in ran.log


def test_four_refusals_leave_thirty_targets_done_within_their_waits_and_four_minutes(swift):
    repos = fleet(swift, 30)
    swift.hub.fail(nth(3, 9, 16, 24), times=4, retry_after=10)
    ran = swift.run()
    assert counted(ran) == {"created": 30}
    assert one_each(repos)
    assert seconds(swift) <= 40 + 40 + 4 * MINUTE
    assert "GitHub refused 4 times for its limits, and the run waited " in ran.summary


def test_while_a_pull_request_is_refused_no_other_is_begun(swift):
    repos = fleet(swift, 12)
    swift.hub.fail(nth(4), retry_after=MINUTE)
    assert counted(swift.run()) == {"created": 12}
    begun = [request.received_at for request in swift.hub.requests if opens(request)]
    assert begun[4] - begun[3] >= MINUTE
    assert begun[5] - begun[4] >= 2
    assert one_each(repos)


@pytest.mark.parametrize("body", SPAMMED.values(), ids=SPAMMED)
def test_a_pull_request_that_rest_finds_submitted_too_quickly_is_waited_for(swift, body):
    repos = fleet(swift, 2)
    swift.hub.fail(nth(1), status=422, body=body)
    ran = swift.run(write_strategy="rest")
    assert counted(ran) == {"created": 2}
    assert one_each(repos)
    assert "looking again" not in ran.log
    assert MINUTE <= seconds(swift) < 2 * MINUTE


def test_a_document_that_made_all_but_its_pull_request_too_quickly_is_finished_after_the_wait(swift):
    (repo,) = fleet(swift, 1)
    swift.hub.fail_field(lambda *about: about[3] == "createPullRequest", TOO_QUICKLY)
    assert counted(swift.run()) == {"created": 1}
    assert one_each([repo])
    assert MINUTE <= seconds(swift) < 2 * MINUTE


@pytest.mark.parametrize("message", [f"'{TOO_QUICKLY}' is no label", "Validation Failed: docs/rate limits.md"])
def test_another_validation_failure_by_rest_is_no_limit(swift, message):
    fleet(swift, 1)
    swift.hub.fail(nth(1), status=422, body=Refused(message).body())
    ran = swift.run(write_strategy="rest")
    assert "looking again" in ran.log
    assert seconds(swift) < MINUTE


@pytest.mark.parametrize(("kind", "message"), TRAPS.items(), ids=TRAPS)
@pytest.mark.parametrize("field", ["createCommitOnBranch", "createPullRequest"])
def test_a_path_in_an_error_is_no_limit_of_a_document_that_writes(swift, kind, message, field):
    fleet(swift, 1)
    swift.hub.fail_field(lambda *about: about[3] == field, message, kind)
    ran = swift.run()
    assert "slowed" not in ran.log
    assert seconds(swift) < MINUTE


@pytest.mark.parametrize("kind", ["NOT_FOUND", "FORBIDDEN"])
@pytest.mark.parametrize("path", ["docs/rate limits.md", "src/timeout.ts"])
def test_a_path_in_an_error_is_no_limit_of_a_query(swift, kind, path):
    fleet(swift, 3)
    message = f"Could not resolve file for path '{path}'."
    swift.hub.fail_field(lambda *about: about[3] == "repository", message, kind)
    ran = swift.run()
    assert counted(ran) == {"failed": 1, "created": 2}
    assert len([one for one in swift.hub.requests if one.kind == "graphql query"]) <= 3
    assert seconds(swift) < MINUTE


def test_files_of_such_names_are_sent_like_all_others(swift):
    files = {"docs/rate limits.md": "ours\n", "src/timeout.ts": "ours\n"}
    swift.write(files, "version: 1\ntargets: [acme/api]\nfiles: ['docs/rate limits.md', src/timeout.ts]\n")
    repo = swift.hub.repository("acme/api", {"README.md": b"theirs\n"})
    ran = swift.run()
    assert counted(ran) == {"created": 1}
    assert repo.files(repo.pulls[0].head).keys() >= files.keys()
    assert seconds(swift) < MINUTE


@pytest.mark.parametrize("wait", ["9999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_defers_what_is_left(swift, wait):
    fleet(swift, 3)
    swift.hub.fail(nth(2), retry_after=wait)
    ran = swift.run()
    assert counted(ran) == {"created": 1, "deferred": 2}
    assert seconds(swift) < MINUTE


@pytest.mark.parametrize("wait", [0, -5, "0.5", "yesterday"])
def test_a_wait_that_makes_no_sense_is_still_a_wait(swift, wait):
    repos = fleet(swift, 3)
    swift.hub.fail(nth(2), times=1, retry_after=wait)
    assert counted(swift.run()) == {"created": 3}
    assert one_each(repos)
    begun = [request.received_at for request in swift.hub.requests if opens(request)]
    assert begun[2] - begun[1] >= 1


def test_labels_that_were_refused_in_part_are_given_after_the_wait(swift):
    repos = fleet(swift, 3, f"pr_labels: [{LABEL}]\n")
    swift.hub.fail_field(lambda *about: about[1] == ["l1"], TOO_QUICKLY)
    assert counted(swift.run()) == {"created": 3}
    assert [repo.pulls[0].labels for repo in repos] == [[LABEL]] * 3
    assert seconds(swift) >= MINUTE


def test_status_429_is_a_limit_whatever_it_says(swift):
    repos = fleet(swift, 2)
    swift.hub.fail(nth(1), status=429, body=Answer(429, {"message": "no"}).body)
    assert counted(swift.run()) == {"created": 2}
    assert one_each(repos)
    assert seconds(swift) >= MINUTE
