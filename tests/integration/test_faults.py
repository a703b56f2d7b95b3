"""One thing goes wrong at one place: what the run says of it, and what the target then holds."""

from __future__ import annotations

import gc
import time

import pytest

from broadcast.apply import texts
from broadcast.github import client
from broadcast.github.token_retry import WAITS
from tests.hub import Clock, Hub
from tests.hub.faults.requests import WENT_WRONG
from tests.scenarios import LABEL, counted
from tests.storms import BRANCH, Fleet, Target, closed_by_people
from tests.world import TOKEN, World

NAME = "acme/api"
UNRESOLVED = "Could not resolve to a node with the global id of 'PR_x'."
NO_HEAD = f"Head sha can't be blank, Base sha can't be blank, No commits between main and {BRANCH}"
OUTCOMES = {"new": "created", "stale": "updated", "done": "closed"}
DOCUMENTS = (
    ("new", "Create"), ("stale", "CommitOnNewBranch"), ("stale", "MoveAndDescribe"), ("done", "Close"), ("done", "Move"),
)  # fmt: skip
CALLS = (
    ("new", "POST", "/git/trees"), ("new", "POST", "/git/refs"), ("new", "POST", "/pulls"),
    ("stale", "PATCH", "/git/refs"), ("stale", "PATCH", "/pulls/1"),
    ("done", "PATCH", "/pulls/1"), ("done", "POST", "/comments"), ("done", "DELETE", "/git/refs"),
)  # fmt: skip
WAYS = {
    "nothing": {"status": 0},
    "half-of-it-and-a-reset": {"cut": True},
    "half-of-its-json": {"malformed": True},
    "a-page": {"malformed": "html"},
    "a-server-error": {"status": 502},
}
before_and_after = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
each_way = pytest.mark.parametrize("how", WAYS.values(), ids=WAYS)


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock(), sleep=time.sleep) as running:
        yield running


@pytest.fixture
def fleet(hub, tmp_path):
    """Makes one, of targets in these states."""

    def build(*states, world=World):
        names = [NAME, *(f"acme/{n}" for n in range(1, len(states)))]
        return Fleet.build(world(tmp_path, hub), [Target(*each) for each in zip(names, states, strict=True)])

    return build


def document(name):
    """Whether a request is the mutation of that name."""
    return lambda request: f"mutation {name}(" in (request.document or "")


def call(verb, part):
    """Whether a request is that one of REST."""
    return lambda request: request.method == verb and part in request.path


def query(request):
    return request.kind == "graphql query"


def field(name):
    """Whether a field is the one at the top of a mutation with that alias or that name."""
    return lambda _request, path, _parent, called, _arguments: len(path) == 1 and name in (path[0], called)


def run(fleet, fault, **inputs):
    """A run that meets the fault."""
    ran = fleet.run(**inputs)
    assert fault.times == 0, "nothing met the fault"
    return ran


def check_all_is_well(fleet, ran, **inputs):
    """The outcome is as if nothing had happened; nothing is doubled, lost or left to do."""
    assert ran.outcomes == {one.name: OUTCOMES[one.state] for one in fleet.targets}, ran.log
    assert ran.code == 0
    assert not fleet.problems(ran) + fleet.settle(**inputs)
    assert not fleet.harm()


# Answers go wrong


@pytest.mark.parametrize(("state", "name"), DOCUMENTS)
@before_and_after
@each_way
def test_a_document_is_answered_by(fleet, hub, state, name, after, how):
    target = fleet(state)
    check_all_is_well(target, run(target, hub.fail(document(name), **how, after_effect=after)))


@pytest.mark.parametrize(("state", "verb", "part"), CALLS)
@before_and_after
def test_no_answer_comes_by_rest_to(fleet, hub, state, verb, part, after):
    target, rest = fleet(state), {"write_strategy": "rest"}
    hub.lacking = {"updateRefs"}  # branches are moved by REST where a server hasn't got that
    check_all_is_well(target, run(target, hub.fail(call(verb, part), status=0, after_effect=after), **rest), **rest)


@each_way
def test_a_read_is_answered_twice_by(fleet, hub, how):
    target = fleet("new")
    check_all_is_well(target, run(target, hub.fail(query, times=2, **how)))


@before_and_after
@pytest.mark.parametrize("match", [query, document("Create")], ids=["read", "write"])
def test_an_answer_takes_too_long(fleet, hub, monkeypatch, match, after):
    monkeypatch.setattr(client, "TIMEOUT", 1)
    target = fleet("new")
    check_all_is_well(target, run(target, hub.fail(match, delay=1.5, after_effect=after)))
    gc.collect()  # a connection that was left open would be told of here


@pytest.mark.parametrize("refused", ["comment", "pull"])
def test_the_comment_that_says_why_we_close_is_there_once_though_this_was_refused(fleet, hub, refused):
    target = fleet("done")
    run(target, hub.fail_field(field(refused), WENT_WRONG, type=None))
    assert len(target.repository(target.targets[0]).pulls[0].comments) == 1


# GitHub refuses


@before_and_after
@pytest.mark.parametrize("alias", ["ref", "commit", "pull"])
@pytest.mark.parametrize("words", [WENT_WRONG, "was submitted too quickly"])
def test_one_field_of_the_document_that_creates_is_refused(fleet, hub, alias, after, words):
    target = fleet("new")
    fault = hub.fail_field(field(alias), words, type=None, after_effect=after)
    check_all_is_well(target, run(target, fault))


def test_a_branch_made_a_moment_ago_has_no_head_yet(fleet, hub):
    target = fleet("new")
    check_all_is_well(target, run(target, hub.fail_field(field("createPullRequest"), NO_HEAD)))


def test_a_pull_request_made_a_moment_ago_is_not_found_when_it_is_labelled(fleet, hub):
    target = fleet("new")
    ran = run(target, hub.fail_field(field("l0"), UNRESOLVED, type="NOT_FOUND"))
    assert "Warnings" not in ran.summary
    check_all_is_well(target, ran)


def test_it_is_never_found_and_the_next_run_labels_it(fleet, hub):
    target = fleet("new")
    fault = hub.fail_field(field("l0"), UNRESOLVED, type="NOT_FOUND", times=99)
    ran = target.run()
    assert f"{NAME}: label sync: Could not resolve to a node" in ran.summary
    fault.times = 0
    check_all_is_well(target, ran)


def test_the_token_expires_in_the_middle_of_a_run(fleet, hub):
    targets = fleet(*["new"] * 20)
    hub.on_request(12, lambda *_: hub.expire(TOKEN))
    ran = targets.run()
    assert counted(ran) == {"created": 9, "failed": 11}  # the 12th request was let in, with the first three for reading
    assert ran.code == 1
    assert {one["remedy"] for one in ran.results["targets"]} == {"", "give a token that is valid and not expired"}
    assert len(hub.requests) == 12 + 1 + len(WAITS)
    assert not targets.problems(ran)


def test_a_target_that_refuses_everything_stops_no_other(fleet, hub):
    targets = fleet("new", "new", "stale", "done")
    refused = {"message": "Resource not accessible by personal access token"}
    hub.fail(lambda request: request.writes and "acme/1" in str(request.body), times=99, status=403, body=refused)
    ran = targets.run()
    assert ran.outcomes == {NAME: "created", "acme/1": "failed", "acme/2": "updated", "acme/3": "closed"}
    assert ran.code == 1
    assert ran.outputs["failed-targets"] == '["acme/1"]'
    assert not targets.problems(ran)


# People come between two calls


@pytest.mark.parametrize(("state", "name"), DOCUMENTS[:3])
def test_the_base_moves_outside_of_our_paths_before(fleet, hub, state, name):
    target = fleet(state)
    repo = target.repository(target.targets[0])
    hub.before(document(name), lambda *_: repo.commit({"storm/1.txt": b"moved on\n"}))
    check_all_is_well(target, target.run())


def test_the_base_gets_another_version_of_our_file_and_the_next_run_makes_the_branch_again(fleet, hub):
    target = fleet("new")
    repo = target.repository(target.targets[0])
    hub.before(document("Create"), lambda *_: repo.commit({".github/CODEOWNERS": b"* @acme/other\n"}))
    assert target.run().outcomes == {NAME: "created"}
    assert target.run().outcomes == {NAME: "updated"}
    assert target.run().outcomes == {NAME: "open"}
    assert not target.unsettled()


@before_and_after
@pytest.mark.parametrize("state", ["stale", "done"])
def test_no_answer_comes_to_the_move_in_the_way_of_rest(fleet, hub, state, after):
    target, rest = fleet(state), {"write_strategy": "rest"}
    fault = hub.fail(document("Move"), status=0, after_effect=after)
    check_all_is_well(target, run(target, fault, **rest), **rest)


@pytest.mark.parametrize("lacking", [set(), {"updateRefs"}])
@pytest.mark.parametrize("step", ["opening", "moving"])
def test_somebody_deletes_our_branch_before(fleet, hub, step, lacking):
    """Where that closed its pull request, it was declined: only what is new is proposed again."""
    hub.lacking = lacking
    target = fleet("new" if step == "opening" else "stale")
    repo = target.repository(target.targets[0])
    moves = call("PATCH", "/git/refs") if lacking else document("Move")
    hub.before(call("POST", "/pulls") if step == "opening" else moves, lambda *_: repo.delete_branch(BRANCH))
    ran = target.run(write_strategy="rest")
    assert ran.outcomes == {NAME: "created"}
    assert len(closed_by_people(repo)) == len(repo.pulls) - 1
    assert not target.problems(ran) + target.settle()


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_somebody_makes_a_branch_of_our_name_and_keeps_it(fleet, hub, strategy):
    target = fleet("new")
    repo = target.repository(target.targets[0])
    makes = document("Create") if strategy == "auto" else call("POST", "/git/refs")
    hub.before(makes, lambda *_: repo.commit({"mine": b"mine\n"}, BRANCH))
    assert target.run(write_strategy=strategy).outcomes == {NAME: "edited"}
    assert "mine" in repo.files(BRANCH)
    assert not [pull for pull in repo.pulls if pull.state == "OPEN"]
    assert not closed_by_people(repo)


def test_somebody_commits_to_our_branch_and_keeps_it(fleet, hub):
    target = fleet("stale")
    repo = target.repository(target.targets[0])
    hub.before(document("MoveAndDescribe"), lambda *_: repo.commit({"mine": b"mine\n"}, BRANCH))
    assert target.run().outcomes == {NAME: "edited"}
    assert "mine" in repo.files(BRANCH)
    assert set(repo.branches()) == {"main", BRANCH}


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_somebody_closes_the_pull_request_while_it_is_updated(fleet, hub, strategy):
    """What it showed is declined, what is new may be proposed; never is a closed one told as updated."""
    target = fleet("stale")
    repo = target.repository(target.targets[0])
    moves = document("MoveAndDescribe" if strategy == "auto" else "Move")
    hub.before(moves, lambda *_: repo.close_pull(1))
    assert target.run(write_strategy=strategy).outcomes[NAME] in {"declined", "created"}
    assert not target.settle()


def test_somebody_closes_the_pull_request_while_we_close_it(fleet, hub):
    target = fleet("done")
    repo = target.repository(target.targets[0])
    hub.before(document("Close"), lambda *_: repo.close_pull(1))
    assert target.run().outcomes == {NAME: "closed"}
    assert set(repo.branches()) == {"main"}
    repo.commit({".github/CODEOWNERS": b"* @acme/other\n"})
    assert target.run().outcomes == {NAME: "created"}


@pytest.mark.parametrize("at", ["/git/trees", "/git/commits", "/git/refs", "/pulls"])
def test_the_repository_is_renamed_before(fleet, hub, at):
    target = fleet("new")
    repo = target.repository(target.targets[0])
    hub.before(call("POST", at), lambda *_: hub.rename(NAME, "acme/renamed"))
    assert target.run(write_strategy="rest").outcomes == {NAME: "created"}
    assert [pull.labels for pull in repo.pulls] == [[LABEL]]
    assert set(repo.branches()) == {"main", BRANCH}
    assert target.run().outcomes == {NAME: "open"}


# Our own mistakes


class Told(World):
    """A world where a traceback is expected."""

    def ran(self, code, log, variables):
        ran = super().ran(code, log.replace("Traceback", "(traceback)"), variables)
        ran.log = log
        return ran


def test_an_unexpected_error_in_one_target_stops_no_other_and_is_reported_with_it(fleet, monkeypatch):
    targets, render = fleet("new", "new", "new", world=Told), texts.ownership.render

    def broken(template, values):
        return render(template, {} if values["target"] == "acme/1" else values)

    monkeypatch.setattr(texts.ownership, "render", broken)
    ran = targets.run()
    assert ran.outcomes == {NAME: "created", "acme/1": "failed", "acme/2": "created"}
    assert ran.code == 1
    assert ran.target("acme/1")["reason"].startswith("unexpected KeyError")
    (group,) = [text for text in ran.log.split("::group::") if "Traceback" in text]
    assert group.startswith("acme/1: failed")
    assert "Traceback" in group.partition("::endgroup::")[0]
    assert "Traceback" not in ran.summary
    assert not targets.problems(ran)
