"""Rulesets: what they refuse, and in which form GraphQL says so."""

from __future__ import annotations

from tests.live.documents import (
    COMMIT,
    CREATE_REF,
    UPDATE_REF,
    UPDATE_REFS,
    ZERO,
    at,
    commit,
    commit_input,
    new_branch,
    open_pull,
    ruleset,
    topic,
    words_of,
)
from tests.live.marks import statement
from tests.live.test_writing import and_then, tip

OPAQUE = "Something went wrong"
STATUS = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  pullRequest(number: $number) { mergeStateStatus } } }"""


def form(errors):
    return "opaque" if all(not error.get("type") and OPAQUE in error["message"] for error in errors) else "typed"


@statement("update-refs-ruled", question="update_refs_ruled")
def test_how_update_refs_refuses_what_a_ruleset_forbids(api, repository, found):
    topic(api, repository, "kept/topic")
    for kind in ("non_fast_forward", "deletion"):
        ruleset(api, repository, kind, "kept/**")
    ruleset(api, repository, "creation", "closed/**")
    refused = {
        "a forced push": {"name": "refs/heads/kept/topic", "afterOid": repository.head, "force": True},
        "a deletion": {"name": "refs/heads/kept/topic", "afterOid": ZERO},
        "a creation": {"name": "refs/heads/closed/new", "afterOid": repository.head},
    }
    details = {}
    for what, update in refused.items():
        answer, ran = and_then(api, repository, update)
        behind = "the next field " + ("runs" if ran else "does not run")
        details[what] = f"{form(answer['errors'])}, {behind}: {words_of(answer['errors'])}"
    found(details["a forced push"].partition(",")[0], "; ".join(f"{what} is {how}" for what, how in details.items()))


@statement("ruleset-type", question="ruleset_type")
def test_which_type_a_rulesets_refusal_has(api, repository, found):
    ref = new_branch(api, repository, "kept/topic")
    commit(api, repository, {"new": b"1"}, "kept/topic")
    ruleset(api, repository, "non_fast_forward", "kept/**")
    (error,) = api.errors(UPDATE_REF, id=ref, oid=repository.head, force=True)
    found(error.get("type") or "none", error["message"])


@statement("direct-commit-ruled")
def test_how_a_direct_commit_is_refused_where_pull_requests_are_required(api, repository, found):
    new_branch(api, repository, "reviewed/topic")
    ruleset(api, repository, "pull_request", "reviewed/**")
    given = commit_input(repository, repository.head, {"new": b"1"}, "reviewed/topic")
    (error,) = api.errors(COMMIT, commit=given)
    head = topic(api, repository, "aside")
    path = f"{repository.path}/git/refs/heads%2Freviewed%2Ftopic"
    status, answer, _ = api.rest("PATCH", path, {"sha": head, "force": False}, keep=("message",))
    assert status in {403, 409, 422}
    assert tip(api, repository, "reviewed/topic") == repository.head
    found(error.get("type") or "none", f"{error['message']}; REST: {status} {answer['message']}")


@statement("ruled-creation", question="creation_ruled")
def test_in_which_words_a_new_ref_is_refused(api, repository, found):
    ruleset(api, repository, "creation", "closed/**")
    (error,) = api.errors(CREATE_REF, id=repository.id, ref="refs/heads/closed/new", oid=repository.head)
    words = error["message"]
    bare = words == "Ref cannot be created."
    found("bare" if bare else "rule" if "creations being restricted" in words else words, words_of([error]))


@statement("fast-forward-under-rules")
def test_a_branch_that_may_not_be_forced_can_be_moved_forward(api, repository):
    new_branch(api, repository, "kept/topic")
    ruleset(api, repository, "non_fast_forward", "kept/**")
    head = topic(api, repository, "aside")
    api.data(UPDATE_REFS, id=repository.id, updates=[{"name": "refs/heads/kept/topic", "afterOid": head}])
    assert tip(api, repository, "kept/topic") == head


@statement("queue-status", question="queue_status")
def test_the_status_where_only_the_merge_queue_is_left(api, place, repository, found):
    body = {
        "name": "queue", "target": "branch", "enforcement": "active", "rules": [{"type": "merge_queue"}],
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
    }  # fmt: skip
    if api.rest("POST", f"{repository.path}/rulesets", body, keep=("id",)).status != 201:
        place.skip("a merge queue can't be required here")
    pull = open_pull(api, repository)

    def status():
        answer = api.data(STATUS, **at(repository, number=pull["number"]))
        return answer["repository"]["pullRequest"]["mergeStateStatus"]

    api.until(lambda: status() != "UNKNOWN")
    found(status())
