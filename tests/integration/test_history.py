"""What a pull request tells of the source's history: what concerns its reader, and what its reader may know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from broadcast.apply.commits import MAX_PATHS, PATHS_A_QUESTION, Interest, Logged, may_read, newer
from broadcast.apply.description import News
from broadcast.runner.context import from_environment
from tests.integration.test_description import commit, news
from tests.integration.test_modes import publish
from tests.integration.test_people import later
from tests.world import Ran

CONFIG = """\
version: 1
targets:
  - {repo: acme/api, directories: [{src: api, exclude: [secret/]}]}
  - {repo: acme/web, files: [web/a.md]}
  - {repo: acme/all, directories: [{src: ., dest: kit, exclude: [.github/]}]}
"""
FIRST = {"api/a.md": "1\n", "api/secret/x.md": "1\n", "web/a.md": "1\n", "customer/a.md": "1\n"}
NAMES = ("api", "web", "all")


def merged(swift, config: str = CONFIG, files=FIRST, **repository) -> None:
    """Targets that have merged the source's first state."""
    swift.write(files, config)
    for name in NAMES:
        if f"acme/{name}" in config:
            swift.hub.repository(f"acme/{name}", files={"README.md": b"theirs\n"}, **repository)
    publish(swift)
    later(swift)
    for name in NAMES:
        if api := swift.hub.find(f"acme/{name}"):
            api.merge_pull(1, delete_branch=True)


def go_on(swift) -> None:
    commit(swift, {"api/a.md": "2\n"}, "About api")
    commit(swift, {"web/a.md": "2\n"}, "About web")
    commit(swift, {"customer/a.md": "2\n"}, "Please customer X")
    commit(swift, {"api/secret/x.md": "2\n"}, "Keep this secret")
    publish(swift)


def play(swift, said: dict[str, object]) -> Ran:
    """A run whose event says this of the source."""
    made = swift.environment

    def environment(**inputs: str) -> dict[str, str]:
        variables = made(**inputs)
        event = {"repository": {"default_branch": "main", **said}}
        Path(variables["GITHUB_EVENT_PATH"]).write_text(json.dumps(event))
        return variables

    swift.environment = environment
    try:
        return swift.run()
    finally:
        swift.environment = made


def shown(body: str) -> str:
    """What people see of a description."""
    return re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)


def bodies(swift) -> dict[str, str]:
    """The descriptions of the latest pull requests."""
    return {name: found.pulls[-1].body for name in NAMES if (found := swift.hub.find(f"acme/{name}"))}


def test_a_pull_request_lists_only_commits_that_touch_what_it_brings(swift):
    merged(swift)
    go_on(swift)
    later(swift)
    assert {name: news(body) for name, body in bodies(swift).items()} == {
        "api": ["About api (Sam)"],
        "web": ["About web (Sam)"],
        "all": ["Keep this secret (Sam)", "Please customer X (Sam)", "About web (Sam)", "About api (Sam)"],
    }


def test_what_people_declined_or_opted_out_of_is_not_listed(swift):
    merged(swift)
    swift.hub.find("acme/all").commit({".broadcastignore": b"kit/customer\n"})
    go_on(swift)
    later(swift)
    assert not any("customer X" in headline for headline in news(bodies(swift)["all"]))


def test_of_a_mirror_the_commit_that_removed_a_file_is_listed(swift):
    config = "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, dest: x, mode: mirror}]\n"
    merged(swift, config, {"kit/a.md": "1\n", "kit/b.md": "1\n", "other.md": "1\n"})
    commit(swift, {"kit/b.md": None}, "Remove b")
    commit(swift, {"other.md": "2\n"}, "Something else")
    publish(swift)
    later(swift)
    assert news(bodies(swift)["api"]) == ["Remove b (Sam)"]


@pytest.mark.parametrize(("count", "listed"), [(PATHS_A_QUESTION + 5, True), (MAX_PATHS, True), (MAX_PATHS + 1, False)])
def test_where_more_files_have_changed_than_can_be_asked_about_no_commit_is_listed(swift, count, listed):
    config = "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n"
    merged(swift, config, {f"kit/{n}": "1\n" for n in range(count)})
    commit(swift, {f"kit/{n}": "2\n" for n in range(count)}, "All of them")
    commit(swift, {"README.md": "2\n"}, "Something else")
    publish(swift)
    later(swift)
    asked = [request for request in swift.hub.requests if "messageHeadline" in (request.document or "")]
    assert len(asked) == 1
    body = bodies(swift)["api"]
    assert news(body) == (["All of them (Sam)"] if listed else [])
    assert "Changes in the source" in body


SOURCES, TARGETS = ("public", "internal", "private"), ("public", "internal", "private")
OPEN = {"public": 2, "internal": 1, "private": 0}


def seen(swift, source: str, target: str, said: str = "") -> tuple[Ran, str]:
    """The description of a pull request between repositories of these kinds."""
    config = f"version: 1\n{said}targets: [acme/api]\nfiles: [a]\n"
    swift.hub.repository("acme/templates", visibility=source)
    merged(swift, config, {"a": "1\n"}, visibility=target)
    commit(swift, {"a": "2\n"}, "Please customer X")
    publish(swift)
    ran = later(swift)
    return ran, bodies(swift)["api"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", TARGETS)
def test_more_readers_than_the_source_has_are_shown_nothing_of_its_history(swift, source, target):
    body = seen(swift, source, target)[1]
    told = OPEN[target] <= OPEN[source]
    assert ("customer X" in body, "/compare/" in body) == (told, told)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("by_event", [True, False])
def test_more_readers_than_the_source_has_are_not_shown_where_in_it_a_change_comes_from(
    swift, source, target, by_event
):
    swift.hub.repository("acme/templates", visibility=source)
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, visibility=target)
    swift.write({"internal/a": "1\n"}, "version: 1\ntargets: [acme/api]\nfiles: [{src: internal/a, dest: a}]\n")
    said = {"visibility": source, "private": source != "public"} if by_event else {}
    ran = play(swift, said)
    api = swift.hub.find("acme/api")
    told, words = OPEN[target] <= OPEN[source], shown(api.pulls[0].body)
    traces = ("github.com/acme/templates", ran.results["commit"], "internal/a", "line 3")
    assert [trace in words for trace in traces] == [told] * 4
    assert ("/commit/" in api.git("log", "-1", "--format=%B", api.pulls[0].head_oid)) == told
    assert "acme/templates" in words
    asked = [one for one in swift.hub.requests if 'name: "templates") { visibility }' in (one.document or "")]
    assert len(asked) == (target != "private" and not by_event)
    commit(swift, {"internal/a": "2\n"}, "Two")
    assert later(swift).outcomes == {"acme/api": "updated"}  # the marker still knows it


def test_news_true_is_for_everybody(swift):
    swift.hub.repository("acme/templates", visibility="private")
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, visibility="public")
    swift.write({"a": "1\n"}, "version: 1\nnews: true\ntargets: [acme/api]\nfiles: [a]\n")
    ran = swift.run()
    assert ran.results["commit"] in shown(swift.hub.find("acme/api").pulls[0].body)


@pytest.mark.parametrize(
    ("said", "visibility"),
    [
        ({"visibility": "internal", "private": True}, "INTERNAL"), ({"private": True}, "PRIVATE"),
        ({"private": False}, "PUBLIC"), ({}, ""), ({"visibility": 7}, ""), ({"visibility": "secret", "private": True}, "PRIVATE"),
    ],
)  # fmt: skip
def test_an_event_says_who_may_read_the_source(said, visibility):
    assert from_environment({}, json.dumps({"repository": said})).visibility == visibility


@pytest.mark.parametrize(("said", "told"), [("true", True), ("false", False)])
@pytest.mark.parametrize("kinds", [("private", "public"), ("public", "private")])
def test_the_config_has_the_last_word(swift, said, told, kinds):
    ran, body = seen(swift, *kinds, f"news: {said}\n")
    assert ran.outcomes == {"acme/api": "created"}
    assert ("customer X" in body, "/compare/" in body) == (told, told)
    assert told or not any("messageHeadline" in (one.document or "") for one in swift.hub.requests)


@pytest.mark.parametrize(("target", "linked"), [("private", True), ("internal", False), ("public", False)])
def test_a_source_that_no_one_knows_counts_as_private(swift, target, linked):
    swift.hub.fail(lambda request: "messageHeadline" in (request.document or ""), status=500, times=99)
    body = seen(swift, "public", target)[1]
    assert ("customer X" in body, "/compare/" in body) == (False, linked)


@pytest.mark.parametrize("source", ["PUBLIC", "INTERNAL", "PRIVATE", "", "SECRET"])
@pytest.mark.parametrize("target", ["", "UNKNOWN", "PUBLIC"])
def test_a_target_that_no_one_knows_counts_as_public(source, target):
    assert may_read(Interest("", frozenset(), target, None), source) == (source == "PUBLIC")


def test_a_log_that_does_not_reach_back_says_nothing():
    log = [Logged(News("b" * 40, "b", "sam"), ("a" * 40,))]
    assert newer(log, "a" * 40) == ()
    assert newer([*log, Logged(News("a" * 40, "a", "sam"), ())], "a" * 40) == (log[0].news,)
