"""Several configs of one source: with ids of their own they don't meet; with the same one the second is refused."""

from __future__ import annotations

import pytest

from tests.hub import Repository
from tests.integration.test_people import later, writes

FIRST, SECOND = ".github/broadcast.yml", ".github/second.yml"


def text(file: str, more: str = "") -> str:
    return f"version: 1\n{more}targets: [acme/api]\nfiles: [{file}]\n"


def both(swift, first: str = "", second: str = "") -> Repository:
    """Two configs, of which the first has a pull request."""
    swift.write({"a": "a\n", "b": "b\n", SECOND: text("b", second)}, text("a", first))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    assert later(swift).outcomes == {"acme/api": "created"}
    return api


@pytest.mark.parametrize("command", ["sync", "cancel"])
@pytest.mark.parametrize("more", ["", "id: kit\n"])
def test_the_second_with_the_same_id_is_refused_and_asked_to_take_an_id(swift, more, command):
    api = both(swift, more, more)
    body, heads = api.pulls[0].body, api.branches()
    ran = later(swift, config=SECOND, command=command, only_targets="acme/api")
    told = ran.target("acme/api")
    assert (ran.outcomes, writes(swift)) == ({"acme/api": "failed"}, [])
    assert told["reason"] == f"#1 is the pull request of {FIRST}, a config of the source with the same id"
    assert told["remedy"] == "give one of the two configs an `id:` of its own"
    assert (api.pulls[0].body, api.branches()) == (body, heads)
    assert later(swift).outcomes == {"acme/api": "open"}


def test_with_an_id_of_its_own_it_has_its_own_pull_request(swift):
    api = both(swift, second="id: kit\n")
    assert later(swift, config=SECOND).outcomes == {"acme/api": "created"}
    for config in (FIRST, SECOND):
        assert later(swift, config=config).outcomes == {"acme/api": "open"}
        assert writes(swift) == []
    assert [pull.head for pull in api.pulls] == ["broadcast/acme/templates", "broadcast/kit"]


@pytest.mark.parametrize("left", [None, "no config\n", text("b", "id: other\n")])
def test_a_config_that_was_moved_keeps_its_pull_request(swift, left):
    api = both(swift)
    swift.write({FIRST: left, SECOND: text("a"), "a": "new\n"})
    assert later(swift, config=SECOND).outcomes == {"acme/api": "updated"}
    assert [pull.state for pull in api.pulls] == ["OPEN"]


def test_any_path_in_a_pull_requests_text_is_just_a_path(swift):
    api = both(swift)
    for path in ("../../etc/passwd", ".git/config", "a", "", "."):
        api.pulls[0].body = api.pulls[0].body.replace(FIRST, path, 1).replace(f'"{FIRST}"', f'"{path}"')
        assert later(swift, command="plan").outcomes == {"acme/api": "open"}
