"""`command: merge`: what is green, approved and ours is merged, once; of each of the others it says what it lacks."""

from __future__ import annotations

import pytest

from tests.hub.unknowns import ALTERNATIVES
from tests.integration.test_people import KIT, OURS, config, later, outcome, proposed, writes
from tests.world import TOKEN

MODIFIED = "Head branch was modified. Review and try the merge again."
FLEET = [f"acme/t{n}" for n in range(6)]


def merge(swift, **inputs: str):
    return later(swift, **{"command": "merge", "only_targets": "*"} | inputs)


def reason(ran) -> str:
    return ran.target("acme/api")["reason"]


def opened(swift, more: str = "", **settings):
    """A target whose pull request is open, and that pull request."""
    api = proposed(swift, more, **settings)
    return api, api.pulls[0]


def fleet(swift, count: int = len(FLEET)):
    """Targets with open pull requests."""
    names = [f"acme/t{n}" for n in range(count)]
    repositories = [swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in names]
    swift.write(KIT, config().replace("acme/api", ", ".join(names)))
    later(swift)
    return repositories


def is_write(request) -> bool:
    return request.writes


def states(repositories) -> list[str]:
    return [api.pulls[0].state for api in repositories]


def lacks(swift, expected: str, words: str, **inputs: str) -> None:
    """Nothing is written, and these words say why."""
    ran = merge(swift, **inputs)
    assert (outcome(ran), writes(swift)) == (expected, []), ran.log
    assert words in reason(ran)
    assert ran.code == 0


# what is merged


@pytest.mark.parametrize(
    ("strategy", "method"), [("auto", "MERGE"), ("auto", "SQUASH"), ("graphql", "REBASE"), ("rest", "SQUASH")]
)
def test_an_open_pull_request_is_merged_by_the_default_method_of_its_target(swift, strategy, method):
    api, pull = opened(swift, default_merge_method=method)
    ran = merge(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran), pull.state) == (0, "merged", "MERGED"), ran.log
    assert len(writes(swift)) == 1
    assert len(api.objects.commit(api.head()).parents) == (2 if method == "MERGE" else 1)
    assert (ran.outputs["merged"], ran.outputs["changed"]) == ("1", "true")
    assert outcome(later(swift)) == "in_sync"


def test_the_config_goes_before_the_default_method(swift):
    api, _ = opened(swift, "pr_merge_method: squash\n")
    assert outcome(merge(swift)) == "merged"
    assert len(api.objects.commit(api.head()).parents) == 1


def test_a_merge_names_the_head_that_was_looked_at(swift):
    api, pull = opened(swift)
    merge(swift)
    (sent,) = writes(swift)
    assert sent.variables["pull"]["expectedHeadOid"] == pull.head_oid
    assert api.pulls[0].state == "MERGED"


def test_only_the_named_targets_are_merged(swift):
    repositories = fleet(swift)
    ran = merge(swift, only_targets="acme/t1, acme/t3")
    assert states(repositories) == ["OPEN", "MERGED", "OPEN", "MERGED", "OPEN", "OPEN"]
    assert set(ran.outcomes) == {"acme/t1", "acme/t3"}


def test_without_names_nothing_is_asked(swift):
    _, pull = opened(swift)
    ran = merge(swift, only_targets="")
    assert (ran.code, pull.state, swift.hub.requests) == (2, "OPEN", [])
    assert "merge needs the names of the targets" in ran.log


def test_a_second_run_finds_everything_merged(swift):
    repositories = fleet(swift)
    merge(swift)
    ran = merge(swift)
    assert (set(ran.outcomes.values()), writes(swift)) == ({"in_sync"}, [])
    assert states(repositories) == ["MERGED"] * len(FLEET)


def test_a_run_after_one_that_ended_half_way_merges_the_rest(swift):
    repositories = fleet(swift)
    token = swift.hub.tokens[TOKEN]
    swift.hub.after(lambda request: is_write(request) and states(repositories).count("MERGED") == 3, expire)
    merge(swift)
    assert states(repositories).count("MERGED") == 3
    token.expired = False
    assert set(merge(swift).outcomes.values()) == {"in_sync", "merged"}
    assert (states(repositories), len(writes(swift))) == (["MERGED"] * len(FLEET), 3)


def expire(hub, request) -> None:
    hub.tokens[TOKEN].expired = True


def test_the_branch_is_left_to_the_setting_of_the_repository(swift):
    api, _ = opened(swift, delete_branch_on_merge=True)
    assert outcome(merge(swift)) == "merged"
    assert set(api.branches()) == {"main"}


# what a dry run shows, and what a frozen run writes


def test_a_dry_run_shows_what_would_be_merged(swift):
    _, pull = opened(swift)
    ran = merge(swift, dry_run="true")
    assert (ran.code, outcome(ran), pull.state, writes(swift)) == (0, "merged", "OPEN", [])
    assert "would have its pull request merged" in ran.summary


@pytest.mark.parametrize("how", ["input", "config"])
def test_a_frozen_run_merges_nothing(swift, how):
    span = "freeze: [{from: 2000-01-01, to: 2100-01-01}]\n"
    _, pull = opened(swift)
    if how == "config":
        swift.write({}, config(span))
    ran = merge(swift, **({"freeze": "true"} if how == "input" else {}))
    assert (ran.code, pull.state, writes(swift)) == (0, "OPEN", [])
    assert "Nothing was written" in ran.summary


def test_only_the_plan_that_was_reviewed_is_merged(swift):
    api, pull = opened(swift)
    digest = merge(swift, dry_run="true").outputs["plan-digest"]
    api.default_merge_method = "SQUASH"
    assert merge(swift, expect_plan=digest).code == 1
    assert (pull.state, writes(swift)) == ("OPEN", [])
    api.default_merge_method = None
    assert outcome(merge(swift, expect_plan=digest)) == "merged"


# what each of the others lacks


def failing(api, pull):
    api.report(pull.head_oid, "ci/test", "FAILURE")
    api.report(pull.head_oid, "ci/lint", "SUCCESS")


def running(api, pull):
    api.report(pull.head_oid, "ci/slow", "PENDING", is_run=False)


def unapproved(api, pull):
    api.required_approvals = 1


def rejected(api, pull):
    api.required_approvals, pull.changes_requested = 1, True


def required_failing(api, pull):
    api.required_contexts = {"ci/test"}
    failing(api, pull)
    api.report(pull.head_oid, "optional", "FAILURE")


def required_missing(api, pull):
    api.required_contexts = {"never reported"}


def both(api, pull):
    api.required_contexts = {"ci/slow"}
    running(api, pull)
    unapproved(api, pull)


def many(api, pull):
    for at in range(5):
        api.report(pull.head_oid, f"check {at}", "FAILURE")


def draft(api, pull):
    pull.draft = True


def behind(api, pull):
    api.up_to_date = True
    api.commit({"more": b"work\n"})


def disallowed(api, pull):
    api.default_merge_method, api.merge_methods = "SQUASH", ["MERGE"]


def conflicting(api, pull):
    api.commit({"kit/a.md": b"theirs\n"})


def paused(api, pull):
    pull.labels = [api.add_label("broadcast:pause").name]


def queued(api, pull):
    pull.in_merge_queue = True


LACKS = [
    (failing, "open", "1 check failed (ci/test)"),
    (running, "open", "1 check still to pass (ci/slow)"),
    (unapproved, "open", "an approving review is missing"),
    (rejected, "open", "a review asks for changes"),
    (required_failing, "open", "1 check failed (ci/test)"),
    (required_missing, "open", "the rules of its base ask for more"),
    (both, "open", "an approving review is missing, 1 check still to pass (ci/slow)"),
    (many, "open", "5 checks failed (check 0, check 1, check 2 and 2 more)"),
    (draft, "open", "it is a draft"),
    (behind, "open", "its branch is behind its base"),
    (disallowed, "open", "the repository doesn't allow the merge method squash"),
    (conflicting, "open", "conflicts with its base"),
    (paused, "paused", "people paused #1"),
    (queued, "open", "#1 is in the merge queue"),
]


@pytest.mark.parametrize(("lack", "expected", "words"), LACKS, ids=lambda one: getattr(one, "__name__", None))
def test_what_one_lacks_is_said_and_an_administrators_token_does_not_bypass_it(swift, lack, expected, words):
    api, pull = opened(swift)
    swift.hub.tokens[TOKEN].permission = "admin"
    lack(api, pull)
    lacks(swift, expected, words)
    assert pull.state == "OPEN"


def test_what_it_lacked_is_there_later(swift):
    api, pull = opened(swift)
    both(api, pull)
    assert outcome(merge(swift)) == "open"
    api.report(pull.head_oid, "ci/slow", "SUCCESS", is_run=False)
    pull.approvals = 1
    assert outcome(merge(swift)) == "merged"


def test_the_others_of_a_fleet_are_merged_all_the_same(swift):
    repositories = fleet(swift)
    draft(repositories[0], repositories[0].pulls[0])
    failing(repositories[2], repositories[2].pulls[0])
    ran = merge(swift)
    assert list(ran.outcomes.values()).count("merged") == 4
    assert (ran.outputs["merged"], ran.outputs["open"]) == ("4", "2")


def test_where_nothing_is_open_there_is_nothing_to_merge(swift):
    api, _ = opened(swift)
    api.close_pull(1)
    swift.write({"kit/a.md": "new\n"})
    lacks(swift, "skipped", "there is no open pull request of ours")


# whose it is, and what it holds


def test_an_outdated_one_is_not_merged(swift):
    opened(swift)
    swift.write({"kit/a.md": "new\n"})
    lacks(swift, "open", "doesn't hold what would be proposed today")


@pytest.mark.parametrize("more", ["", "ignored_authors: [sam]\n"])
@pytest.mark.parametrize("overwrite", ["false", "true"])
def test_one_with_commits_of_others_is_theirs(swift, more, overwrite):
    api, pull = opened(swift, more)
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS, author=("sam", "sam@example.com"))
    lacks(swift, "edited", "has commits of others", overwrite=overwrite)
    assert pull.state == "OPEN"


def test_one_with_commits_of_others_below_ours_brings_more(swift):
    """Where no branch may be moved back, a new commit of ours goes on top of theirs."""
    api, pull = opened(swift)
    ours = api.objects.commit(api.head(OURS))
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    tree = api.objects.commit(api.head(OURS)).tree
    api.set_branch(OURS, api.write_commit(tree, [api.head(OURS)], ours.message, ours.author))
    lacks(swift, "edited", "brings more than what is proposed")
    assert pull.state == "OPEN"


def test_a_commit_with_our_trailer_and_other_files_brings_more(swift):
    api, pull = opened(swift)
    ours = api.objects.commit(api.head(OURS))
    oid = api.commit({"evil.sh": b"x\n"}, branch="elsewhere", parents=[ours.oid])
    api.delete_branch("elsewhere")
    made = api.write_commit(api.objects.commit(oid).tree, ours.parents, ours.message, ours.author)
    api.set_branch(OURS, made)
    lacks(swift, "edited", "brings more than what is proposed")
    assert pull.state == "OPEN"


@pytest.mark.parametrize("method", ["merge", "rebase"])
def test_a_proven_update_is_ours_still(swift, method):
    api, pull = opened(swift)
    api.up_to_date = True
    api.commit({"more": b"work\n"})
    api.update_branch(1, method=method)
    ran = merge(swift)
    assert (outcome(ran), pull.state) == ("merged", "MERGED"), ran.log


def test_one_that_would_undo_the_work_of_people_is_not_merged(swift):
    api, _ = opened(swift)
    api.merge_pull(1)
    later(swift)
    api.commit({"kit/a.md": b"theirs\n"})
    later(swift)
    assert api.pulls[-1].state == "OPEN"
    lacks(swift, "open", "would undo what people changed in kit/a.md")


def test_a_pull_request_without_our_marker_is_not_ours(swift):
    api, pull = opened(swift)
    pull.body = "by hand"
    assert outcome(merge(swift)) not in ("merged", "enqueued")
    assert (api.pulls[0].state, writes(swift)) == ("OPEN", [])


# the merge queue


@pytest.mark.parametrize("status", ALTERNATIVES["queue_status"])
def test_where_a_queue_is_required_it_is_enqueued(swift, status):
    swift.hub.unknowns.queue_status = status
    api, pull = opened(swift)
    api.merge_queue = True
    ran = merge(swift)
    assert (ran.code, outcome(ran), pull.in_merge_queue, pull.state) == (0, "enqueued", True, "OPEN")
    lacks(swift, "open", "#1 is in the merge queue")


def test_what_lacks_a_review_is_not_enqueued(swift):
    api, pull = opened(swift)
    api.merge_queue = True
    unapproved(api, pull)
    lacks(swift, "open", "an approving review is missing")


def test_a_queue_that_wants_more_says_what(swift):
    swift.hub.unknowns.queue_status = "BLOCKED"
    api, pull = opened(swift)
    api.merge_queue, api.required_contexts = True, {"never reported"}
    ran = merge(swift)
    assert (ran.code, outcome(ran), pull.in_merge_queue) == (1, "failed", False)
    assert 'Required status check "never reported" is expected' in reason(ran)


# what GitHub doesn't know yet


def test_what_github_is_still_working_out_is_asked_once_more(swift):
    _, pull = opened(swift)
    swift.hub.unstable_for = swift.hub.clock() + 61 - pull.created_at
    assert outcome(merge(swift)) == "merged"


def test_and_is_left_to_a_later_run_after_that(swift):
    opened(swift)
    swift.hub.unstable_for = 3600
    lacks(swift, "open", "GitHub doesn't say yet whether it can be merged")


# calls


def test_the_rules_are_asked_for_all_at_once(swift):
    fleet(swift, 25)
    merge(swift, dry_run="true")
    asked = [one for one in swift.hub.requests if "mergeStateStatus" in (one.document or "")]
    assert len(asked) == 1
    later(swift)
    assert not any("mergeStateStatus" in (one.document or "") for one in swift.hub.requests)


def test_merges_are_paced_and_an_old_look_is_taken_again(swift, monkeypatch):
    monkeypatch.setattr("broadcast.apply.merging.LASTS", 5.0)
    repositories = fleet(swift, 20)
    start = swift.hub.clock()
    merge(swift)
    assert states(repositories) == ["MERGED"] * 20
    assert len(writes(swift)) == 20
    assert swift.hub.clock() - start >= 60 + 10  # the first ten go at once
    asked = [one for one in swift.hub.requests if "mergeStateStatus" in (one.document or "")]
    assert 2 <= len(asked) <= 7


# lost answers, refusals and rights


@pytest.mark.parametrize("strategy", ["auto", "rest"])
@pytest.mark.parametrize("queue", [False, True])
def test_a_merge_whose_answer_was_lost_counts_and_is_not_sent_twice(swift, strategy, queue):
    api, pull = opened(swift)
    api.merge_queue = queue
    swift.hub.fail(is_write, status=0, after_effect=True)
    ran = merge(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran)) == (0, "enqueued" if queue else "merged"), ran.log
    assert (pull.state, pull.in_merge_queue) == (("OPEN", True) if queue else ("MERGED", False))
    assert len(writes(swift)) == 1


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_a_merge_that_was_lost_on_its_way_is_sent_again(swift, strategy):
    _, pull = opened(swift)
    swift.hub.fail(is_write, status=0)
    assert (outcome(merge(swift, write_strategy=strategy)), pull.state) == ("merged", "MERGED")


@pytest.mark.parametrize("message", [MODIFIED, MODIFIED.replace("Head", "Base")])
def test_what_moved_meanwhile_is_looked_at_again(swift, message):
    _, pull = opened(swift)
    swift.hub.fail_field(lambda request, path, *_: path == ["pull"], message, times=1)
    assert (outcome(merge(swift)), pull.state) == ("merged", "MERGED")


def test_a_push_between_the_look_and_the_merge_keeps_it_open(swift):
    api, pull = opened(swift)
    swift.hub.before(is_write, lambda *_: api.commit({"fix.txt": b"by hand\n"}, branch=OURS))
    ran = merge(swift)
    assert (outcome(ran), pull.state) == ("edited", "OPEN")


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_what_the_rules_refuse_at_last_is_looked_at_again(swift, strategy):
    """A review that is dismissed between the look and the merge."""
    api, pull = opened(swift)
    swift.hub.before(is_write, lambda *_: unapproved(api, pull))
    ran = merge(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran), pull.state) == (0, "open", "OPEN"), ran.log
    assert "an approving review is missing" in reason(ran)


@pytest.mark.parametrize(("status", "message"), [(405, "Pull Request is not mergeable"), (403, "Forbidden")])
def test_what_github_refuses_for_good_fails_by_its_words(swift, status, message):
    _, pull = opened(swift)
    swift.hub.fail(is_write, status=status, body={"message": message}, times=99)
    ran = merge(swift, write_strategy="rest")
    assert (ran.code, outcome(ran), pull.state) == (1, "failed", "OPEN")
    assert message in reason(ran)


def test_a_token_that_may_not_write_merges_nothing(swift):
    _, pull = opened(swift)
    swift.hub.tokens[TOKEN].permission = "read"
    ran = merge(swift)
    assert (ran.code, outcome(ran), pull.state, writes(swift)) == (1, "failed", "OPEN", [])


@pytest.mark.parametrize("right", ["checks", "statuses"])
def test_without_the_right_to_read_checks_the_rules_hold_and_only_the_names_are_missing(swift, right):
    api, pull = opened(swift)
    needed = {"contents": "write", "pull_requests": "write", "checks": "read", "statuses": "read"}
    swift.hub.tokens[TOKEN].kind = "fine-grained"
    swift.hub.tokens[TOKEN].permissions = {"metadata": "read"} | {k: v for k, v in needed.items() if k != right}
    api.report(pull.head_oid, "ci", "FAILURE", is_run=right == "checks")
    lacks(swift, "open", "a check failed or still runs")
    api.report(pull.head_oid, "ci", "SUCCESS", is_run=right == "checks")
    assert outcome(merge(swift)) == "merged"


def test_an_older_server_without_the_status_merges_nothing(swift):
    _, pull = opened(swift)
    swift.hub.lacking.add("mergeStateStatus")
    lacks(swift, "open", "GitHub doesn't say yet whether it can be merged")
    assert pull.state == "OPEN"
