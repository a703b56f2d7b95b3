"""The place where a statement is tried, the API there, repositories, and what comes to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.hub import ALTERNATIVES, Hub
from tests.hub.conftest import keys
from tests.live import recording
from tests.live.api import Api, Log
from tests.live.budget import Budget
from tests.live.marks import named
from tests.live.place import Place
from tests.live.plugin import NAME, Live
from tests.live.repositories import Made, Repositories

CLIENT_ID = "Iv23liBroadcastLive"
TOKEN = "ghp_ofTheHubThatTheLiveTestsRunOn0123456"
GRANTED = dict.fromkeys(("administration", "contents", "issues", "pull_requests", "workflows"), "write") | {
    "members": "read"
}


def live_of(config: pytest.Config) -> Live | None:
    """What `make live` has given; None in `make test`."""
    found = next((each for name, each in config.pluginmanager.list_name_plugin() if name == NAME), None)
    return found if isinstance(found, Live) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: bool((mark := named(item)) and mark.kwargs["last"]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On the hub an open question is tried once for each of its answers."""
    mark = metafunc.definition.get_closest_marker("statement")
    if mark and "answer" in metafunc.fixturenames:
        question = mark.kwargs["question"]
        many = ALTERNATIVES[question] if question and live_of(metafunc.config) is None else (None,)
        metafunc.parametrize("answer", many, ids=str if len(many) > 1 else lambda _: "github")


@cache
def _keys() -> tuple[str, str]:
    return keys()


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The real GitHub, or a hub of its own for each test."""
    live = live_of(request.config)
    if live:
        live.budget.check_time()
        yield live.place
        return
    private, public = _keys()
    with Hub(tmp_path / "hub") as hub:
        yield hub_place(hub, private, public)
        assert not hub.unimplemented, hub.unimplemented


def hub_place(hub: Hub, private: str, public: str) -> Place:
    """All that the statements need, in a hub: a token, an App, a team, somebody else."""
    hub.token(TOKEN, login="live-bot")
    hub.install(hub.app(CLIENT_ID, public), "acme", permissions=GRANTED)
    hub.team("acme", "platform")
    hub.user("octocat")
    hub.strangers.add("octocat")
    hub.repository("octocat/Hello-World", files={"README": b"Hello World!\n"}, private=False)
    return Place(hub.url, "acme", TOKEN, CLIENT_ID, private, hub=hub)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def budget(request: pytest.FixtureRequest) -> Budget:
    live = live_of(request.config)
    return live.budget if live else Budget(is_real=False)


@pytest.fixture
def api(request: pytest.FixtureRequest, place: Place, budget: Budget, log: Log) -> Iterator[Api]:
    """The API, asked by the token or by one of the App's; what was exchanged is written, whether it held or not."""
    with requests.Session() as session:
        made = credential(Api(place, session, budget, log, place.token))
        yield made
    live, mark = live_of(request.config), named(request.node)
    if live and mark and log.exchanges:
        answer = dict(request.node.user_properties).get("answer")
        known = {mark.kwargs["question"]: answer} if mark.kwargs["question"] and answer else {}
        recording.write(live.folder, recording.recording(mark.args[0], log, place, kind(made), known))


def credential(api: Api) -> Api:
    """The same; where there is an App alone, its tokens take the place of the token, one for the whole run."""
    if not api.token:
        made = api.minted()
        made.settle()
        api.token = api.place.token = made.token
        api.log.exchanges.clear()
        api.log.tokens = api.log.installation = 0
    return api


@pytest.fixture(scope="session")
def _sweep_once() -> set[str]:
    return set()


@pytest.fixture
def repositories(api: Api, log: Log, _sweep_once: set[str]) -> Iterator[Repositories]:
    """Makes repositories; they go when the test ends, however it ends."""
    if api.place.is_real and not _sweep_once:
        _sweep_once.add(api.place.api)
        Repositories(api).sweep()
        log.exchanges.clear()
    made = Repositories(api)
    yield made
    kept = list(log.exchanges)
    left = made.remove_all()
    log.exchanges[:] = kept  # what is removed afterwards is no part of a statement
    assert not left, f"still there: {left}"


@pytest.fixture(scope="session")
def shelf() -> Iterator[dict[str, Any]]:
    """The repository that is read by many, and how it was made."""
    kept: dict[str, Any] = {}
    yield kept
    if kept:
        with requests.Session() as session:
            kept["repositories"].remove_all(session)


@pytest.fixture
def repository(request: pytest.FixtureRequest, repositories: Repositories, shelf: dict[str, Any], log: Log) -> Made:
    """One of the test's own; those that only read share one on a real GitHub, and have its making in their records."""
    mark = named(request.node)
    if not repositories.api.place.is_real or not mark or not mark.kwargs["reads"]:
        return repositories.make()
    if not shelf:
        own = Repositories(repositories.api)
        shelf |= {"repositories": own, "made": own.make(), "exchanges": list(log.exchanges)}
    else:
        log.exchanges[:0] = shelf["exchanges"]
    return replace(shelf["made"], topic=mark.args[0])


class Found:
    """Takes what came to be known; on the hub it must be what the hub was set to."""

    def __init__(self, node: pytest.Item, expected: Any) -> None:
        self.value: Any = None
        self._node, self._expected = node, expected

    def __call__(self, value: Any, details: str = "") -> None:
        """`value` is one of the answers to the question, or words of its own where there is another."""
        self.value = value
        self._node.user_properties += [("answer", value), ("known", f"{value}{details and f' ({details})'}")]
        assert self._expected in {None, value}, f"the hub was set to {self._expected!r}, and taken for {value!r}"


@pytest.fixture
def found(request: pytest.FixtureRequest, place: Place, answer: Any) -> Iterator[Found]:
    """What the test came to know, by the setting of the hub where it has one."""
    mark = named(request.node)
    assert mark
    question, expects = mark.kwargs["question"], mark.kwargs["expects"]
    if question:
        place.on_hub(lambda hub: setattr(hub.unknowns, question, answer))
    made = Found(request.node, (answer or expects or None) if not place.is_real else None)
    yield made
    if not place.is_real:
        assert made.value is not None, "the test came to know nothing"


def kind(api: Api) -> str:
    """Which kind of token it is, as the hub calls them."""
    return "app" if api.is_app else "classic" if api.is_classic else "fine-grained"
