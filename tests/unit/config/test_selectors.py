"""Selectors: what is wrong in them is reported at its place, and what they test of a repository."""

from __future__ import annotations

import pytest

from broadcast.config.selectors import SelectedRepository, Selector
from broadcast.config.spans import seconds_of
from tests.unit.config.test_parse import pointed_at, problems

HEAD = "version: 1\nfiles: [LICENSE]\ntargets:\n  - "
REPOSITORY = SelectedRepository("acme", "svc-a", "R_1", False, False, "public", "Go", frozenset(["oss"]))


@pytest.mark.parametrize(
    ("selector", "message", "at"),
    [
        ("{owner: acme, name: '/(/'}", "name: this is no regular expression: missing )", "'/(/'"),
        ("{owner: acme, name: '/[/'}", "name: this is no regular expression: unterminated character set", "'/[/'"),
        ("{owner: acme, name: '/*/'}", "name: this is no regular expression: nothing to repeat", "'/*/'"),
        (f"{{owner: acme, name: '/{'(' * 150}/'}}", "name: this is no regular expression: missing )", "'/(("),
        ("{owner: acme, name: /svc}", "name: the second slash is missing", "/svc"),
        ("{owner: acme, team: acme/platform}", "team: 'acme/platform' is no slug of a team", "acme/platform"),
        ("{owner: acme, pushed_within: soon}", "pushed_within: 'soon' is no span of time", "soon"),
        ("{owner: acme, has_file: '*.toml'}", "has_file: '*.toml' is no path of a file", "'*.toml'"),
        ("{owner: acme, lacks_file: [a, ../b]}", "lacks_file: '../b' is no path of a file", "../b"),
        ("{owner: acme, has_file: /a}", "has_file: '/a' is no path of a file", "/a"),
        ("{owner: acme, property: {tier: }}", "'tier' must be text, not empty", "}"),
        ("{owner: acme, property: {tier: []}}", "the property 'tier' has no value here", "tier"),
        ("{owner: acme, template: only}", "'template' must be true or false, not 'only'", "only"),
    ],
)
def test_what_is_wrong_in_a_selector_is_reported_at_its_place(selector, message, at):
    (problem,) = problems(HEAD + selector)
    assert problem.message.startswith(message)
    assert pointed_at(problem).startswith(at)
    assert problem.remedy or "must be" in message


@pytest.mark.parametrize(
    "key", ["name: a", "property: {a: b}", "team: a", "pushed_within: 9d", "template: true", "template: false"]
)
def test_a_named_repository_has_no_filters(key):
    (problem,) = problems(f"{HEAD}{{repo: acme/api, {key}}}")
    name = key.partition(":")[0]
    assert problem.message == f"`{name}` chooses among an owner's repositories, and acme/api is one"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90d", 7_776_000), ("2w", 1_209_600), ("36h", 129_600), ("1w1d1h", 694_800), ("1w 2d", 777_600), ("0d", 0)],
)
def test_a_span_is_weeks_days_and_hours(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "9", "1h1d", "-1d", "1.5d", "9m", "9" * 50 + "d", "1d,"])
def test_what_is_no_span_is_none(text):
    assert seconds_of(text) is None


@pytest.mark.parametrize("more", [{"properties": (("tier", ("gold",)),)}, {"teams": ("platform",)}])
def test_what_is_not_known_of_a_repository_counts_as_fitting(more):
    assert Selector(("acme",), "*", **more).means(REPOSITORY)


def test_a_selector_says_what_it_tests():
    selector = Selector(
        ("acme",), "*", topics=("oss",), called="/^svc/", properties=(("tier", ("gold", "silver")),),
        teams=("platform",), template=False, pushed_within=1.0, span="90d",
    )  # fmt: skip
    words = "acme/*, named /^svc/, topic oss, tier gold or silver, team platform, no templates, pushed within 90d"
    assert str(selector) == words
