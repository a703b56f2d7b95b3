"""Labels, people, milestones and auto-merge: several targets to a document, and what GitHub refuses is a warning."""

from __future__ import annotations

import re

import pytest

from tests.hub import Hub
from tests.hub.clock import Clock
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
    """The requests of the last run that decorated."""
    return [request for request in world.hub.requests if decorates(request)]


def warnings(ran) -> list[str]:
    """What the summary warns of."""
    text = ran.summary.partition("### Warnings\n")[2].partition("\n#")[0]
    return re.findall(r"^- (.*)$", text.replace("\\", ""), re.MULTILINE)


def test_three_targets_get_everything_in_one_document_and_one_query_for_people(world):
    repositories = fleet(world, count=3)
    ran = world.rehearse()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [decorated(api.pulls[0]) for api in repositories] == [WHOLE] * 3
    assert len(documents(world)) == 1
    assert sum("user(login:" in (request.document or "") for request in world.hub.requests) == 1
    assert world.hub.calls() == {"graphql query": 2 + 1, "graphql mutation": 3 + 1}


def test_documents_stay_small_and_every_target_is_in_one(world):
    repositories = fleet(world, count=12)
    assert world.rehearse().code == 0
    assert [decorated(api.pulls[0]) for api in repositories] == [WHOLE] * 12
    assert [len(request.variables) for request in documents(world)] == [12, 12, 12]


def test_nothing_to_give_costs_nothing(world):
    fleet(world, "", count=2)
    world.rehearse()
    assert not documents(world)


def test_what_is_there_already_is_not_given_again_nor_back_to_whom_people_took_it_from(world):
    (api,) = fleet(world)
    world.rehearse()
    api.set_labels(api.pulls[0], [], "alice")
    assert world.rehearse().outcomes == {"acme/t0": "open"}
    assert not documents(world)
    assert api.pulls[0].labels == []


def test_labels_and_people_that_somebody_gave_before_an_interrupted_run_is_finished_stay(world):
    (api,) = fleet(world, labels=["sync", "theirs"])
    world.hub.fail(decorates, status=502, times=3)
    world.rehearse()
    api.set_labels(api.pulls[0], ["theirs"], "alice")
    api.set_assignees(api.pulls[0], [world.hub.user("kim").login], "kim")
    world.rehearse()
    assert decorated(api.pulls[0]) == WHOLE | {"labels": ["theirs", "sync"], "assignees": ["kim", "sam"]}


# What a repository or a server hasn't got


@pytest.mark.parametrize(
    ("lack", "warning"),
    [
        ({"milestones": []}, "acme/t0: milestone: there is no open milestone '1.0'"),
        ({"milestones": ["1.0.1", "11.0"]}, "acme/t0: milestone: there is no open milestone '1.0'"),
        ({"allow_auto_merge": False}, "acme/t0: auto-merge: "),
        ({"required_checks": False}, "acme/t0: auto-merge: "),
        ({"squash_merge_allowed": False}, "acme/t0: auto-merge: "),
    ],
)
def test_what_a_repository_has_not_got_is_a_warning_and_the_rest_arrives(world, lack, warning):
    (api,) = fleet(world, **lack)
    ran = world.rehearse()
    assert (ran.code, ran.outcomes) == (0, {"acme/t0": "created"})
    assert [text[: len(warning)] for text in warnings(ran)] == [warning]
    missing = "milestone" if "milestones" in lack else "auto_merge"
    assert decorated(api.pulls[0]) == WHOLE | {missing: None}


def test_a_warning_stands_at_the_target_it_concerns(world):
    fine, api, also_fine = fleet(world, count=3)
    api.allow_auto_merge = False
    ran = world.rehearse()
    assert [text.partition(":")[0] for text in warnings(ran)] == ["acme/t1"]
    assert [decorated(one.pulls[0]) for one in (fine, also_fine)] == [WHOLE] * 2


def test_a_user_that_does_not_exist_is_a_warning_and_the_others_are_assigned(world):
    (api,) = fleet(world, "pr_assignees: [nobody-here, sam]\npr_labels: [sync]\n")
    ran = world.rehearse()
    assert ran.code == 0
    assert warnings(ran) == ["acme/t0: assignees: GitHub shows no user nobody-here"]
    assert (api.pulls[0].assignees, api.pulls[0].labels) == (["sam"], ["sync"])


def test_a_team_that_does_not_exist_is_a_warning(world):
    (api,) = fleet(world, EVERYTHING.replace("[platform]", "[nobody-here]"))
    ran = world.rehearse()
    assert ran.code == 0
    assert [text.startswith("acme/t0: reviewers: ") for text in warnings(ran)] == [True]
    assert "\nacme/t0: reviewers: " in ran.log
    assert decorated(api.pulls[0]) == WHOLE | {"reviewers": [], "teams": []}


def test_labels_that_the_repository_lacks_are_made_by_rest(world):
    lacking, having = fleet(world, count=2, labels=[])
    having.add_label("sync")
    assert world.rehearse().code == 0
    assert [decorated(api.pulls[0]) for api in (lacking, having)] == [WHOLE] * 2
    assert lacking.label("sync")
    assert [one.path for one in world.hub.requests if one.kind == "rest write"] == ["/repos/acme/t0/issues/1/labels"]


def test_a_server_that_cannot_ask_for_reviews_in_graphql_is_asked_by_rest(world):
    world.hub.lacking.add("requestReviews")
    settings = "pr_labels: [sync]\npr_assignees: [sam]\npr_reviewers: [alice]\npr_team_reviewers: [acme/platform]\n"
    (api,) = fleet(world, settings)
    ran = world.rehearse()
    assert (ran.code, warnings(ran)) == (0, [])
    assert decorated(api.pulls[0]) == WHOLE | {"milestone": None, "auto_merge": None}


def test_a_server_that_cannot_ask_for_reviews_in_graphql_loses_nothing_silently(world):
    world.hub.lacking.add("requestReviews")
    (api,) = fleet(world)
    ran = world.rehearse()
    lost = [name for name, value in decorated(api.pulls[0]).items() if value != WHOLE[name]]
    assert len(warnings(ran)) >= len(lost)


# Trouble on the way


def test_an_answer_that_was_lost_makes_no_label_twice(world):
    (api,) = fleet(world)
    world.hub.fail(decorates, status=502, after_effect=True)
    ran = world.rehearse()
    assert (ran.code, warnings(ran)) == (0, [])
    assert decorated(api.pulls[0]) == WHOLE
    assert len(documents(world)) == 2


def test_a_document_that_never_arrives_is_a_warning_for_each_target(world):
    repositories = fleet(world, count=2)
    world.hub.fail(decorates, status=502, times=99)
    ran = world.rehearse()
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"})
    (text,) = warnings(ran)
    assert text.startswith("labels and reviewers may be missing")
    assert text.endswith(" — `acme/t0`, `acme/t1`")
    assert [api.pulls[0].labels for api in repositories] == [[], []]


def test_what_an_interrupted_run_left_undone_the_next_one_does(world):
    (api,) = fleet(world)
    world.hub.fail(decorates, status=502, times=3)
    world.rehearse()
    assert decorated(api.pulls[0])["labels"] == []
    assert world.rehearse().outcomes == {"acme/t0": "open"}
    assert decorated(api.pulls[0]) == WHOLE


def test_what_an_interrupted_run_left_undone_the_next_one_does_without_labels_too(world):
    (api,) = fleet(world, 'pr_milestone: "1.0"\n')
    world.hub.fail(decorates, status=502, times=3)
    world.rehearse()
    world.rehearse()
    assert api.pulls[0].milestone


def test_a_pull_request_too_fresh_to_be_found_is_tried_again_alone(world):
    first, second = fleet(world, count=2)
    world.hub.fail_field(
        lambda request, path, kind, field, _: path == ["p1"],
        lambda arguments: f"Could not resolve to a node with the global id of '{arguments['input']['pullRequestId']}'",
        type="NOT_FOUND",
    )  # fmt: skip
    ran = world.rehearse()
    assert (ran.code, warnings(ran)) == (0, [])
    assert [set(request.variables) for request in documents(world)] == [{"p0", "r0", "m0", "p1", "r1", "m1"}, {"p1"}]
    assert documents(world)[1].received_at - documents(world)[0].received_at >= 2
    assert [decorated(api.pulls[0]) for api in (first, second)] == [WHOLE] * 2


def test_a_pull_request_that_is_never_found_is_a_warning(world):
    fleet(world)
    world.hub.fail_field(
        lambda request, path, kind, field, _: path == ["p0"],
        "Could not resolve to a node with the global id of 'x'", type="NOT_FOUND", times=99,
    )  # fmt: skip
    ran = world.rehearse()
    assert ran.code == 0
    assert [text.partition(": Could not")[0] for text in warnings(ran)] == ["acme/t0: labels, assignees, milestone"]
    assert len(documents(world)) == 3


def test_nobody_who_was_asked_for_a_review_already_is_asked_off_again(world):
    (api,) = fleet(world)
    world.hub.before(decorates, lambda hub, _: api.set_reviewers(api.pulls[0], ["sam"], [], "alice"))
    world.rehearse()
    assert set(api.pulls[0].reviewers) == {"sam", "alice"}
