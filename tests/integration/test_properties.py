"""Custom properties of an owner's repositories, read from the hub."""

from __future__ import annotations

import pytest

from broadcast.errors import Failure
from broadcast.github.auth import Token
from broadcast.github.client import Access, GitHub, Scope
from broadcast.github.usage import Usage
from broadcast.github.validation import Malformed
from broadcast.observe.properties import Hidden, properties_of
from tests.hub import Hub
from tests.hub.faults.clock import Clock

SCOPE = Scope("targets")


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as running:
        running.token("secret")
        yield running


def found(hub: Hub, owner: str = "acme", value: str = "secret"):
    token = Token(value, hub.clock())
    github = GitHub(Access(hub.url), token, Usage(), clock=hub.clock, sleep=hub.sleep)
    return properties_of(github, owner, SCOPE)


def test_values_are_texts_whatever_the_kind_of_the_property(hub):
    hub.repository("acme/Api", properties={"tier": "gold", "langs": ["go", "c"], "Critical": "true", "ring": None})
    hub.repository("acme/web")
    assert found(hub, "ACME") == {
        "api": {"tier": "gold", "langs": ("go", "c"), "Critical": "true", "ring": ()},
        "web": {},
    }


@pytest.mark.parametrize(("repositories", "calls"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_a_hundred_repositories_are_a_call(hub, repositories, calls):
    hub.user("acme", "Organization")
    for number in range(repositories):
        hub.repository(f"acme/r{number}", properties={"ring": str(number % 3)})
    values = found(hub)
    assert len(values) == repositories
    assert [request.kind for request in hub.requests] == ["rest read"] * calls


def test_a_users_repositories_have_none(hub):
    hub.user("sam")
    hub.repository("sam/own")
    assert found(hub, "sam") == {}


@pytest.mark.parametrize("answer", ["403", "404"])
@pytest.mark.parametrize("token", [{"kind": "app", "permissions": {}}, {"kind": "fine-grained", "permissions": {}}])
def test_a_token_that_may_not_see_them_is_shown_which_permission_it_lacks(hub, answer, token):
    hub.repository("acme/api", properties={"tier": "gold"})
    hub.unknowns.properties_hidden = answer
    hub.token("narrow", **token)
    with pytest.raises(Hidden) as refused:
        found(hub, value="narrow")
    assert refused.value.message.startswith("the custom properties of acme can't be read: GitHub answered ")
    assert "organization permission Custom properties: read" in refused.value.remedy


def test_where_github_shows_them_all_the_same_they_count(hub):
    hub.repository("acme/api", properties={"tier": "gold"}, private=False)
    hub.unknowns.properties_hidden = "shown"
    hub.token("narrow", kind="fine-grained", permissions={})
    assert found(hub, value="narrow") == {"api": {"tier": "gold"}}


def test_an_owner_that_is_not_there_is_a_failure(hub):
    with pytest.raises(Failure, match="404"):
        found(hub, "nobody")


@pytest.mark.parametrize("value", [5, {"a": "b"}, [None], [["a"]]])
def test_a_value_that_is_no_text_is_an_answer_that_can_not_be_parsed(hub, value):
    hub.repository("acme/api", properties={"tier": value})
    with pytest.raises(Malformed, match="a property's value is"):
        found(hub)
