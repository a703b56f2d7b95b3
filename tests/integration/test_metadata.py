"""Labels, people, milestones and auto-merge: several targets to a document, whatever trouble comes on the way."""

from __future__ import annotations

import re

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.world import World

FILES = {"kit/a.md": b"a\n", "kit/b.md": b"b\n"}
EVERYTHING = """\
pr_labels: [sync]
pr_assignees: [sam]
pr_milestone: "1.0"
pr_reviewers: [alice]
pr_team_reviewers: [platform]
pr_auto_merge: true
pr_merge_method: squash
"""


@pytest.fixture
def world(tmp_path):
    """A world in which waiting takes no time."""
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        hub.team("acme", "platform")
        for login in ("sam", "alice"):
            hub.user(login)
        yield World(tmp_path, hub)


def fleet(world, settings: str = EVERYTHING, count: int = 1, **more) -> list:
    """Targets that lack our files, and the config that sends them."""
    names = [f"acme/t{n}" for n in range(count)]
    world.write(FILES, f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [kit]\n{settings}")
    values = {"labels": ["sync"], "milestones": ["1.0"], "allow_auto_merge": True, "required_checks": True} | more
    return [world.hub.repository(name, files={"README.md": b"theirs\n"}, **values) for name in names]


def decorated(pull) -> dict:
    """Everything that a pull request got besides its content."""
    title = pull.milestone.title if pull.milestone else None
    return {
        "labels": pull.labels, "assignees": pull.assignees, "milestone": title, "reviewers": pull.reviewers,
        "teams": pull.team_reviewers, "auto_merge": pull.auto_merge,
    }  # fmt: skip


WHOLE = {
    "labels": ["sync"], "assignees": ["sam"], "milestone": "1.0", "reviewers": ["alice"], "teams": ["platform"],
    "auto_merge": "SQUASH",
}  # fmt: skip


def decorates(request) -> bool:
    return "mutation Decorate" in (request.document or "")


def documents(world) -> list:
    """The requests of the last run that gave labels or people."""
    return [request for request in world.hub.requests if decorates(request) and kinds(request) != "m"]


def kinds(request) -> str:
    """The letters of a document's mutations, in order."""
    return "".join(name[0] for name in request.variables).rstrip("m") or "m"


def warnings(ran) -> list[str]:
    """What the summary warns of."""
    text = ran.summary.partition("### Warnings\n")[2].partition("\n#")[0]
    return re.findall(r"^- (.*)$", text.replace("\\", ""), re.MULTILINE)


def test_three_targets_get_everything_in_one_document_and_one_query_for_people(world):
    repositories = fleet(world, count=3)
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [decorated(api.pulls[0]) for api in repositories] == [WHOLE] * 3
    assert len(documents(world)) == 1
    assert sum("user(login:" in (request.document or "") for request in world.hub.requests) == 1
    assert world.hub.calls() == {"graphql query": 2 + 1, "graphql mutation": 3 + 2}  # auto-merge comes last


def test_documents_stay_small_and_every_target_is_in_one(world):
    repositories = fleet(world, count=12)
    assert world.run().code == 0
    assert [decorated(api.pulls[0]) for api in repositories] == [WHOLE] * 12
    assert [kinds(request) for request in documents(world)] == ["lapr" * 3] * 4


def test_nothing_to_give_costs_nothing(world):
    fleet(world, "", count=2)
    world.run()
    assert not documents(world)


def test_what_is_there_already_is_not_given_again_nor_back_to_whom_people_took_it_from(world):
    (api,) = fleet(world)
    world.run()
    api.set_labels(api.pulls[0], [], "alice")
    assert world.run().outcomes == {"acme/t0": "open"}
    assert not documents(world)
    assert api.pulls[0].labels == []


def test_labels_and_people_that_somebody_gave_before_an_interrupted_run_is_finished_stay(world):
    (api,) = fleet(world, labels=["sync", "theirs"])
    world.hub.fail(decorates, status=502, times=3)
    world.run()
    api.set_labels(api.pulls[0], ["theirs"], "alice")
    api.set_assignees(api.pulls[0], [world.hub.user("kim").login], "kim")
    world.run()
    assert decorated(api.pulls[0]) == WHOLE | {"labels": ["theirs", "sync"], "assignees": ["kim", "sam"]}


# What a server hasn't got


def test_a_server_that_cannot_ask_for_reviews_in_graphql_is_asked_by_rest(world):
    world.hub.lacking.add("requestReviews")
    settings = "pr_labels: [sync]\npr_assignees: [sam]\npr_reviewers: [alice]\npr_team_reviewers: [acme/platform]\n"
    (api,) = fleet(world, settings)
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert decorated(api.pulls[0]) == WHOLE | {"milestone": None, "auto_merge": None}


@pytest.mark.parametrize("lack", ["addLabelsToLabelable", "addAssigneesToAssignable", "requestReviews"])
def test_whatever_graphql_lacks_is_done_by_rest(world, lack):
    world.hub.lacking.add(lack)
    repositories = fleet(world, count=12)
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [decorated(api.pulls[0]) for api in repositories] == [WHOLE] * 12
    assert len(documents(world)) == 1


def test_auto_merge_that_graphql_lacks_is_a_warning(world):
    world.hub.lacking.add("enablePullRequestAutoMerge")
    (api,) = fleet(world)
    ran = world.run()
    assert [text.partition(";")[0] for text in warnings(ran)] == [
        "acme/t0: auto-merge: this server's GraphQL can't set it, and REST can't either"
    ]
    assert decorated(api.pulls[0]) == WHOLE | {"auto_merge": None}


# Trouble on the way


def test_an_answer_that_was_lost_makes_no_label_twice(world):
    (api,) = fleet(world)
    world.hub.fail(decorates, status=502, after_effect=True)
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert decorated(api.pulls[0]) == WHOLE
    assert len(documents(world)) == 2
    assert [event.kind for event in api.pulls[0].events].count("LABELED_EVENT") == 1


def test_a_document_that_never_arrives_is_a_warning_for_each_target(world):
    repositories = fleet(world, count=2)
    world.hub.fail(decorates, status=502, times=99)
    ran = world.run()
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"})
    rest, auto_merge = warnings(ran)
    assert rest.startswith("labels and reviewers may be missing: no proper answer to a write: ")
    assert auto_merge.startswith("auto-merge: no proper answer to a write: ")
    assert all(text.endswith(" — `acme/t0`, `acme/t1`") for text in (rest, auto_merge))
    assert [api.pulls[0].labels for api in repositories] == [[], []]
    assert len([one for one in world.hub.requests if decorates(one)]) == 2 * 3


def test_what_an_interrupted_run_left_undone_the_next_one_does(world):
    (api,) = fleet(world)
    world.hub.fail(decorates, status=502, times=3)
    world.run()
    assert decorated(api.pulls[0])["labels"] == []
    assert world.run().outcomes == {"acme/t0": "open"}
    assert decorated(api.pulls[0]) == WHOLE


def test_what_an_interrupted_run_left_undone_the_next_one_does_without_labels_too(world):
    (api,) = fleet(world, 'pr_milestone: "1.0"\n')
    world.hub.fail(decorates, status=502, times=3)
    world.run()
    world.run()
    assert api.pulls[0].milestone


def test_what_was_only_throttled_is_sent_again(world):
    first, second = fleet(world, count=2)
    world.hub.fail_field(lambda request, path, *_: path == ["l4"], "was submitted too quickly", type="UNPROCESSABLE")
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [kinds(request) for request in documents(world)] == ["laprlapr", "l"]
    assert [decorated(api.pulls[0]) for api in (first, second)] == [WHOLE] * 2


# Pull requests that are too new to be found


def unresolved(arguments) -> str:
    """GitHub's words for the pull request itself."""
    given = arguments["input"]
    (id_,) = (given[name] for name in ("pullRequestId", "labelableId", "assignableId") if name in given)
    return f"Could not resolve to a node with the global id of '{id_}'."


def test_a_pull_request_too_fresh_to_be_found_is_tried_again_alone(world):
    first, second = fleet(world, count=2)
    world.hub.fail_field(lambda request, path, *_: path == ["p6"], unresolved, type="NOT_FOUND")
    ran = world.run()
    assert (ran.code, warnings(ran)) == (0, [])
    whole, again = documents(world)
    assert (kinds(whole), kinds(again)) == ("laprlapr", "p")
    assert again.received_at - whole.received_at >= 2
    assert [decorated(api.pulls[0]) for api in (first, second)] == [WHOLE] * 2


def test_a_pull_request_that_is_never_found_is_a_warning(world):
    (api,) = fleet(world, "pr_labels: [sync, more]\npr_assignees: [sam]\n", labels=["sync", "more"])
    world.hub.fail_field(lambda request, path, *_: path[0][0] == "l", unresolved, type="NOT_FOUND", times=99)
    ran = world.run()
    assert ran.code == 0
    assert [text.partition(": Could not")[0] for text in warnings(ran)] == ["acme/t0: label sync, more"]
    assert len(documents(world)) == 3
    assert api.pulls[0].assignees == ["sam"]


def test_a_pull_request_that_rest_cannot_find_yet_is_tried_again(world):
    (api,) = fleet(world, labels=[])
    body = {"message": "Could not resolve to a node with the global id of 'MDExOlB1bGxSZXF1ZXN0MQ=='"}
    world.hub.fail(lambda one: one.path.endswith("/labels"), status=422, body=body, times=2)
    ran = world.run()
    assert warnings(ran) == []
    assert decorated(api.pulls[0]) == WHOLE


# What others do at the same time


def test_no_one_who_was_asked_for_a_review_already_is_asked_off_again(world):
    (api,) = fleet(world)
    world.hub.before(decorates, lambda hub, _: api.set_reviewers(api.pulls[0], ["sam"], [], "alice"))
    world.run()
    assert set(api.pulls[0].reviewers) == {"sam", "alice"}


def test_labels_and_people_that_a_bot_gives_in_the_same_second_stay(world):
    (api,) = fleet(world, labels=["sync", "theirs"])

    def give(hub, _) -> None:
        api.set_labels(api.pulls[0], ["theirs"], "bot")
        api.set_assignees(api.pulls[0], [hub.user("kim").login], "bot")

    world.hub.before(decorates, give)
    world.run()
    assert decorated(api.pulls[0]) == WHOLE | {"labels": ["theirs", "sync"], "assignees": ["kim", "sam"]}
