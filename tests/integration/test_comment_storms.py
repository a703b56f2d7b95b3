"""The comment on the source's pull request under faults and kills: the next run leaves one, with the right text."""

from __future__ import annotations

import pytest

from tests.hub.hub import Hub
from tests.integration.test_comment import BOT, event, planned, proposed, source, writes
from tests.integration.test_kills import run_and_kill_at
from tests.world import SOURCE, TOKEN

__all__ = ["source"]  # a fixture
REQUESTS = 10  # of a run that makes the comment and the check run


def is_right(world, pull) -> None:
    """Run twice in fair weather: one comment says what there is, and the second run leaves it."""
    assert planned(world, pull).code == 0
    assert planned(world, pull).code == 0
    assert not [one for one in writes(world) if "comments" in one]
    (comment,) = pull.comments
    assert comment.author == "github-actions[bot]"
    assert "+new" in comment.body


@pytest.fixture
def pull(source):
    return proposed(source, {"kit/a.md": "new\n"})


@pytest.mark.parametrize("has_one", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_storm_doubles_the_comment_or_prints_a_token(source, pull, seed, has_one):
    hub: Hub = source.hub
    if has_one:
        planned(source, pull)
        pull = proposed(source, {"kit/a.md": "newer\n"})
    storm = hub.storm(seed, rate=0.4)
    ran = planned(source, pull)
    hub.calm()
    assert ran.code in (0, 1)
    assert TOKEN not in str(ran.outputs)
    assert storm.counts.total() > 0
    is_right(source, pull)


def test_a_run_that_nothing_stops_makes_so_many_requests(source, pull):
    planned(source, pull)
    assert len(source.hub.requests) == REQUESTS
    assert len(pull.comments) == len(source.hub.find(SOURCE).check_runs) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_the_run_after_one_that_was_killed_at_request(source, pull, number, when):
    given = {"command": "plan", "comment": "true", "comment_token": BOT}
    hub = source.hub
    run_and_kill_at(
        source,
        lambda kill, **how: hub.on_request(number, kill, **how),
        when == "after",
        environment=event(source, pull),
        **given,
    )
    assert len(pull.comments) <= 1
    is_right(source, pull)
