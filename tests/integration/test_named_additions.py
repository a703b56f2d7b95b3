"""What an entry with a repository's name says besides the selectors that find it; names that are out of date."""

from __future__ import annotations

import html

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.integration.test_people import later
from tests.world import World

GROUP = """
groups:
  - name: services
    files: [{{src: a.txt, template: true}}]
    vars: {{SERVICE: none, TIER: low}}
    pr_labels: [sync]
    targets: [{selector}{more}]
"""


@pytest.fixture
def swift(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        for name in ("acme/svc-a", "acme/svc-b", "acme/other"):
            hub.repository(name, files={"README.md": b"x\n"}, labels=["sync", "mine"])
        world = World(tmp_path, hub)
        world.write({"a.txt": "[[ SERVICE ]] [[ TIER ]]\n"}, "version: 1\ntargets: []\n")
        yield world


def text(swift, name: str) -> bytes:
    repository = swift.hub.find(name)
    return repository.files(repository.pulls[0].head)["a.txt"][1]


@pytest.mark.parametrize(
    "config",
    [
        "version: 1\ntargets: [{repo: acme/svc-a, vars: {SERVICE: api}, pr_labels: [mine]}]"
        + GROUP.format(selector="acme/svc-*", more=""),
        "version: 1" + GROUP.format(selector="acme/svc-*", more=", {repo: acme/svc-a, vars: {SERVICE: api}, pr_labels: [mine]}"),
        "version: 1"
        + GROUP.format(selector="acme/svc-*", more="")
        + "  - {name: more, priority: 9, targets: [{repo: ACME/svc-a, vars: {SERVICE: api}, pr_labels: [mine]}]}\n",
        "version: 1\ntargets: [{repo: acme/svc-a, vars: {SERVICE: api}, pr_labels: [mine]}]"
        + GROUP.format(selector="acme/svc-a, acme/svc-b", more=""),
    ],
    ids=["at the top", "in its group", "in another group", "to a named target"],
)  # fmt: skip
def test_a_named_entry_adds_to_what_reaches_the_repository_at_any_level(swift, config):
    swift.write({}, config)
    ran = later(swift)
    assert ran.outcomes == {"acme/svc-a": "created", "acme/svc-b": "created"}
    assert (text(swift, "acme/svc-a"), text(swift, "acme/svc-b")) == (b"api low\n", b"none low\n")
    assert swift.hub.find("acme/svc-a").pulls[0].labels == ["mine", "sync"]
    assert "differ in" not in ran.log


def test_an_entry_that_sends_nothing_and_that_no_selector_finds_is_a_warning_with_its_line(swift):
    targets = "version: 1\ntargets: [{repo: acme/svc-gone, vars: {SERVICE: api}}]"
    swift.write({}, targets + GROUP.format(selector="acme/svc-*", more=""))
    ran = later(swift)
    assert (ran.code, set(ran.outcomes)) == (0, {"acme/svc-a", "acme/svc-b"})
    words = ".github/broadcast.yml:2: nothing is sent to acme/svc-gone: no selector finds it"
    assert words in html.unescape(ran.summary)


def test_an_entry_that_sends_nothing_and_that_nothing_can_find_is_a_mistake(swift):
    targets = "version: 1\ntargets: [{repo: acme/other, vars: {SERVICE: api}}]"
    swift.write({}, targets + GROUP.format(selector="acme/svc-*", more=""))
    ran = later(swift)
    assert ran.code == 2
    assert "nothing is sent to acme/other" in ran.log


def test_a_repository_that_is_found_no_more_is_dropped_though_an_entry_names_it(swift):
    targets = "version: 1\ntargets: [{repo: acme/svc-a, vars: {SERVICE: api}}]"
    selector = "{owner: acme, name: svc-*, topic: oss}"
    for name in ("acme/svc-a", "acme/svc-b"):
        swift.hub.find(name).topics = ["oss"]
    swift.write({}, targets + GROUP.format(selector=selector, more=""))
    later(swift)
    swift.hub.find("acme/svc-a").topics = []
    assert later(swift).outcomes == {"acme/svc-b": "open", "acme/svc-a": "closed"}


def test_a_renamed_target_is_a_warning_with_the_line_to_correct(swift):
    swift.hub.rename("acme/svc-a", "acme/svc-new")
    swift.write({"LICENSE": "x\n"}, "version: 1\nfiles: [LICENSE]\ntargets:\n  - acme/svc-b\n  - acme/svc-a\n")
    ran = later(swift)
    assert ran.outcomes == {"acme/svc-b": "created", "acme/svc-a": "created"}
    words = ".github/broadcast.yml:5: acme/svc-a has another name now: write acme/svc-new there"
    assert words in html.unescape(ran.summary)
    assert words in html.unescape(ran.log)


def test_a_transferred_target_fails_with_the_line_to_correct(swift):
    swift.hub.rename("acme/svc-a", "other/svc-a")
    swift.write({"LICENSE": "x\n"}, "version: 1\nfiles: [LICENSE]\ntargets: [acme/svc-a]\n")
    ran = later(swift)
    assert ran.outcomes == {"acme/svc-a": "failed"}
    words = ".github/broadcast.yml:3: acme/svc-a belongs to another owner now: write other/svc-a there"
    assert words in html.unescape(ran.summary)
