"""What a live run may take, what it leaves behind, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.hub import Hub
from tests.live.api import Api, Log
from tests.live.budget import PULLS, SECONDS, Budget, Exceeded, is_write
from tests.live.place import API, APP, KEY, OWNER, TOKEN, USAGE, Place, from_environment
from tests.live.report import Finding, kind_of, listed
from tests.live.repositories import Repositories
from tests.world import ROOT

OPENING = "mutation { a: createPullRequest(input: $a) { clientMutationId } b: createPullRequest(input: $b) { x } }"


class Time:
    def __init__(self):
        self.now, self.slept = 1000.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Time()


@pytest.fixture
def budget(clock):
    return Budget(is_real=True, clock=clock, sleep=clock.sleep)


def test_a_run_opens_forty_pull_requests_at_most(budget):
    for _ in range(PULLS // 2):
        budget.before("POST", "/graphql", OPENING)
    assert (budget.pulls, budget.left) == (40, 0)
    with pytest.raises(Exceeded, match="40 pull requests at most"):
        budget.before("POST", "/repos/acme/api/pulls", "")
    with pytest.raises(Exceeded):
        budget.take(1)
    budget.before("GET", "/repos/acme/api/pulls", "")


def test_writes_are_a_second_apart_and_reads_do_not_wait(budget, clock):
    for method, path, document in (
        ("POST", "/repos/acme/api/labels", ""),
        ("POST", "/graphql", "\nmutation($id: ID!) { deleteRef(input: $id) { clientMutationId } }"),
        ("GET", "/repos/acme/api", ""),
        ("POST", "/graphql", "query { viewer { login } }"),
        ("POST", "/app/installations/1/access_tokens", ""),
        ("DELETE", "/repos/acme/api", ""),
    ):
        budget.before(method, path, document)
        clock.now += 0.25
    assert clock.slept == [0.0, 0.75, 0.0]


def test_after_ten_minutes_the_rest_is_skipped_and_there_is_time_to_remove_what_was_made(budget, clock):
    clock.now += SECONDS - 61
    budget.check_time()
    clock.now += 2
    with pytest.raises(pytest.skip.Exception, match="the 10 minutes of a run are over"):
        budget.check_time()


def test_the_hub_needs_no_waiting(clock):
    budget = Budget(is_real=False, clock=clock, sleep=clock.sleep)
    clock.now += 10_000
    budget.check_time()
    for _ in range(3):
        budget.before("POST", "/graphql", OPENING)
    assert clock.slept == []


def test_a_document_is_a_write_by_its_kind():
    assert is_write("POST", "/graphql", " mutation { x }")
    assert not is_write("POST", "/graphql", "query { x }")


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub") as running:
        running.token("ghp_secret", login="live-bot")
        running.user("acme", "Organization")
        yield running


@pytest.fixture
def repositories(hub):
    with requests.Session() as session:
        place = Place(hub.url, "acme", "ghp_secret")
        yield Repositories(Api(place, session, Budget(is_real=False), Log(), "ghp_secret"))


def names(hub):
    return sorted(each.full_name for each in hub.repositories.values())


def test_what_was_made_is_removed_though_something_else_removed_some_of_it(hub, repositories):
    made = [repositories.make() for _ in range(3)]
    hub.repository("acme/theirs", files={"a": b"a"})
    hub.remove(hub.find(made[1].full_name))
    assert all(each.private for each in hub.repositories.values())
    assert repositories.remove_all() == []
    assert names(hub) == ["acme/theirs"]


def test_what_cannot_be_removed_is_reported(hub, repositories):
    made = repositories.make()
    hub.find(made.full_name).locked = True
    assert repositories.remove_all() == [made.name]


def test_what_earlier_runs_left_is_swept_after_an_hour_and_nothing_else(hub, repositories):
    old = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    for name, created in (("broadcast-live-0a", old), ("broadcast-live-0b", None), ("theirs", old)):
        repository = hub.repository(f"acme/{name}", files={"a": b"a"})
        repository.created_at = created or repository.created_at
    assert repositories.sweep() == ["broadcast-live-0a"]
    assert names(hub) == ["acme/broadcast-live-0b", "acme/theirs"]


def test_credentials_that_can_make_no_repository_skip_the_test(hub, repositories):
    hub.token("reading", kind="app", permissions={"contents": "read"})
    repositories.api.token = "reading"
    repositories.api.place.hub = None
    with pytest.raises(pytest.skip.Exception, match="the credentials may not make repositories: Resource not"):
        repositories.make()


def test_the_environment_names_a_place_by_a_token_or_an_app():
    where = {API: "https://ghe.example.com/api/v3/", OWNER: "acme"}
    assert from_environment({}) is None
    assert from_environment(where) is None
    assert from_environment(where | {APP: "Iv1"}) is None
    assert from_environment({API: "https://api.github.com", TOKEN: "t"}) is None
    place = from_environment(where | {TOKEN: "t"})
    assert place is not None
    assert (place.api, place.graphql) == ("https://ghe.example.com/api/v3", "https://ghe.example.com/api/graphql")
    place = from_environment(where | {API: "https://api.github.com", APP: "Iv1", KEY: "a\\nb"})
    assert place is not None
    assert (place.graphql, place.key, place.is_real) == ("https://api.github.com/graphql", "a\nb", True)


def test_on_the_hub_nothing_is_skipped(hub):
    with pytest.raises(pytest.fail.Exception, match="nothing is skipped on the hub: needs an App"):
        Place(hub.url, "acme", hub=hub).skip("needs an App")


def test_without_the_environment_make_live_says_what_to_set():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCAST_LIVE_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.live"], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (2, USAGE.strip())


def test_a_report_has_one_line_for_each_statement_and_what_is_broken_first():
    findings = [
        Finding("held", "a", "A holds."),
        Finding("known", "b", "Whether B.", "yes\n\nindeed"),
        Finding("broken", "c", "C holds.", "assert 1 == 2"),
        Finding("open", "d", "D holds.", "needs an App"),
    ]
    assert listed(findings).splitlines() == [
        "## Didn't hold (1)", "", "- c: C holds. → assert 1 == 2", "",
        "## Now known (1)", "", "- b: Whether B. → yes indeed", "",
        "## Held (1)", "", "- a: A holds.", "",
        "## Not tried (1)", "", "- d: D holds. → needs an App",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("passed", "skipped", "is_known", "kind"),
    [(True, False, True, "known"), (True, False, False, "held"), (False, False, True, "broken"), (False, True, False, "open")],
)  # fmt: skip
def test_a_statement_is_listed_by_what_became_of_its_test(passed, skipped, is_known, kind):
    assert kind_of(passed=passed, skipped=skipped, is_known=is_known) == kind
