"""A sample of `make storm`: whatever the weather, one pull request a target, nothing lost, nothing doubled."""

from __future__ import annotations

import pytest

from tests.hub import Clock, Hub
from tests.hub.faults.storm import QUICK
from tests.storms import BOT, BRANCH, HARM, Fleet, Target, mixed, run_storm
from tests.world import World

TARGETS = 30


def check(result):
    """Nothing is wrong, and hardly anything was left to the next run."""
    assert not result.problems
    assert not any(result.counts[name] for name in HARM)
    assert result.outcomes.get("failed", 0) + result.outcomes.get("deferred", 0) <= TARGETS // 10


@pytest.mark.parametrize(("seed", "rate"), [(1, 0.15), (2, 0.15), (3, 0.4)])
def test_no_storm_doubles_or_loses_anything(tmp_path, seed, rate):
    result = run_storm(seed, TARGETS, tmp_path, rate)
    check(result)
    assert sum(result.faults.values()) > 5


def test_nor_does_one_where_all_is_written_by_rest(tmp_path):
    check(run_storm(4, TARGETS, tmp_path, write_strategy="rest"))


def test_the_real_entrypoint_on_the_real_clock_comes_through_a_breeze(tmp_path):
    with Hub(tmp_path / "hub") as hub:
        fleet = Fleet.build(World(tmp_path, hub), mixed(5))
        storm = hub.storm(3, rate=0.2, kinds=QUICK)
        assert not fleet.problems(fleet.run())
        assert len(storm.counts) > 1
        hub.calm()
        second = fleet.run()
        assert not fleet.problems(second) + fleet.unsettled()


# The checks would see what they look for


def second_pull(repo):
    repo.set_branch("release", repo.head())
    repo.open_pull(BRANCH, "release")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (second_pull, "2 pull requests are open"),
        (lambda repo: repo.commit({".github/CODEOWNERS": b"twice\n"}, BRANCH), "2 commits on our branch"),
        (lambda repo: repo.commit({"README.md": b"ours\n"}, BRANCH), "changes ['README.md']"),
        (lambda repo: repo.commit({".github/docs/0.md": None}, BRANCH), "the pull request lacks ['.github/docs/0.md']"),
        (lambda repo: repo.commit({"README.md": b"ours\n"}), "its default branch was written to"),
        (lambda repo: repo.set_branch("broadcast/other", repo.head()), "branches ['broadcast/other']"),
        (lambda repo: repo.delete_branch(BRANCH, by=BOT), "no pull request is open"),
        (lambda repo: repo.pulls[0].labels.clear(), "labelled [[]]"),
    ],
)
def test_the_check_sees(tmp_path, harm, words):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        fleet = Fleet.build(World(tmp_path, hub), [Target("acme/api", "open")])
        ran = fleet.run()
        assert not fleet.problems(ran) + fleet.unsettled()
        harm(fleet.repository(fleet.targets[0]))
        assert words in " ".join(fleet.problems(ran) + fleet.unsettled())
