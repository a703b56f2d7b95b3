"""Publishing to another branch of the source itself; never to the one that runs."""

from __future__ import annotations

import pytest

from tests.integration.test_people import later, writes
from tests.world import SOURCE

PAGES = {"kit/index.html": "one\n"}


def config(target: str, delivery: str) -> str:
    files = "directories: [{src: kit, dest: docs}]"
    return f"version: 1\ntargets: [{target!r}]\n{files}\ndelivery: {delivery}\n"


@pytest.fixture
def home(swift):
    """The source on the hub, with a branch of its own for what is published."""
    swift.write({"README.md": "ours\n"})
    swift.publish()
    home = swift.hub.find(SOURCE)
    home.commit({"old.html": b"old\n"}, branch="gh-pages")
    return home


def of(ran) -> tuple[int, list[str]]:
    return ran.code, list(ran.outcomes.values())


def test_another_branch_of_the_source_takes_a_push(swift, home):
    swift.write(PAGES, config(f"{SOURCE}@gh-pages", "push"))
    main = home.head("main")
    ran = later(swift)
    assert of(ran) == (0, ["pushed"]), ran.log
    assert home.files("gh-pages")["docs/index.html"][1] == b"one\n"
    assert (home.head("main"), home.pulls) == (main, [])
    assert of(later(swift)) == (0, ["in_sync"])
    assert not writes(swift)


def test_another_branch_of_the_source_takes_a_pull_request(swift, home):
    swift.write(PAGES, config(f"{SOURCE}@gh-pages", "pull_request"))
    ran = later(swift)
    assert of(ran) == (0, ["created"]), ran.log
    (pull,) = home.pulls
    assert (pull.base, pull.state) == ("gh-pages", "OPEN")
    assert of(later(swift)) == (0, ["open"])
    home.merge_pull(pull.number)
    assert of(later(swift)) == (0, ["in_sync"])


def test_what_is_published_twice_of_one_source_goes_to_two_branches(swift, home):
    home.commit({"old.html": b"old\n"}, branch="preview")
    text = config(f"{SOURCE}@gh-pages", "push").replace("targets: [", f"targets: [{SOURCE}@preview, ")
    swift.write(PAGES, text)
    assert of(later(swift)) == (0, ["pushed", "pushed"])


@pytest.mark.parametrize(
    "ref", [{"GITHUB_REF": "refs/tags/v1"}, {"GITHUB_REF": "refs/pull/1/merge", "GITHUB_EVENT_NAME": "pull_request"}]
)
def test_a_plan_of_a_tag_or_a_pull_request_stands_for_the_default_branch(swift, home, ref):
    swift.write(PAGES, config(f"{SOURCE}@gh-pages", "push"))
    assert of(later_with(swift, ref, command="plan")) == (0, ["pushed"])
    swift.write({}, config(f"{SOURCE}@main", "push"))
    assert later_with(swift, ref, command="plan").code == 2


def later_with(swift, environment, **inputs):
    swift.hub.clock.advance(60)
    return swift.run(environment, **inputs)


def test_the_default_branch_takes_what_another_branch_sends(swift, home):
    swift.write(PAGES, config(SOURCE, "push"))
    ran = later_with(swift, {"GITHUB_REF": "refs/heads/next"}, allow_ref="next")
    assert of(ran) == (0, ["pushed"]), ran.log
    assert home.files("main")["docs/index.html"][1] == b"one\n"


def test_selectors_never_find_the_source(swift, home):
    swift.write(
        PAGES, config("acme/*", "push").replace("targets: ['acme/*']", "targets: [{repo: acme/*, branch: gh-pages}]")
    )
    ran = later(swift)
    assert not writes(swift), ran.log
    assert ran.outcomes == {}


def test_a_branch_that_is_not_there_fails(swift, home):
    swift.write(PAGES, config(f"{SOURCE}@nowhere", "push"))
    assert of(later(swift)) == (1, ["failed"])


def test_where_the_running_branch_is_not_known_nothing_is_written(swift, home):
    swift.write(PAGES, config(f"{SOURCE}@gh-pages", "push"))
    event = swift.directory / "no-event.json"
    event.write_text("{}")
    unnamed = {"GITHUB_REF": "refs/tags/v1", "GITHUB_EVENT_PATH": str(event)}
    ran = later_with(swift, unnamed, allow_ref="tags/v1")
    assert of(ran) == (1, ["failed"]), ran.log
    assert not writes(swift)
    assert "it isn't known which one runs" in ran.log
