"""The comment on the source's pull request: how long it may get, what it hides, and strangers' texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.errors import UsageError
from broadcast.markdown import text as escaped
from broadcast.pipeline.audience import Audience
from broadcast.plan.comparison import compare
from broadcast.plan.outcome import FileDiff
from broadcast.report.comment import MAX_COMMENT, comment
from broadcast.report.comment.marker import MOST, accepted, key_of, parsed, quiet
from broadcast.runner.inputs import Inputs
from tests.markdown import page_of
from tests.unit.report.sample_runs import added, changed, deleted, made, outcome

HEAD = "a" * 40
KEY = key_of(Inputs().config)


def run_of(outcomes, *, public=lambda _: True, **more):
    """A plan in which all of this is the effect of the change."""
    run = made(outcomes, Inputs(command="plan"), **more)
    before = {one.target: outcome(one.target, "in_sync") for one in outcomes}
    after = {one.target: one for one in outcomes}
    run.comparison = compare("HEAD^1", "1" * 40, before, after, set(after))
    known = {target: "PUBLIC" if public(target) else "PRIVATE" for target in after}
    run.audience = Audience("PUBLIC", known)
    return run


@pytest.mark.parametrize("alike", [True, False], ids=["alike", "each its own way"])
def test_a_thousand_targets_fit_into_a_comment(alike):
    outcomes = []
    for number in range(1_000):
        names = [f"docs/{'same' if alike else number}/{'x' * 60}-{at}.md" for at in range(8)]
        changes = changed(*names[:4]) + added(*names[4:6]) + deleted(*names[6:])
        diffs = {name: FileDiff(200, 0, "@@ -0,0 +1,200 @@\n" + f"+{number}\n" * 200) for name in names[:4]}
        outcomes.append(outcome(f"acme/{'service' * 8}-{number}", "created", changes, diffs=diffs))
    made_ = comment(run_of(outcomes), HEAD)
    assert 10_000 < len(made_.text) <= MAX_COMMENT
    assert made_.text.count("<details>") == made_.text.count("</details>")
    page_of(made_.body)
    assert accepted(made_.text, KEY, HEAD).body == made_.body


@pytest.mark.parametrize("source", ["PUBLIC", "", "INTERNAL"])
@pytest.mark.parametrize("target", ["PRIVATE", "", "INTERNAL"])
def test_a_repository_is_named_where_all_readers_may_know_of_it(source, target):
    run = run_of([outcome("acme/vault", "created", deleted("key.md"), diffs={"key.md": FileDiff(0, 1, "@@\n-x\n")})])
    run.audience = Audience(source, {"acme/vault": target} if target else {})
    shows = (source, target) == ("INTERNAL", "INTERNAL")
    body = comment(run, HEAD).body
    assert ("vault" in body, "key.md" in body, "-x" in body) == (shows, shows, shows)
    assert ("**1** private repository" in body) is not shows


def test_a_diff_can_not_leave_its_fence():
    diff = FileDiff(1, 0, "@@ -0,0 +1 @@\n+```` </details> @alice\n+\x1b[0m\u202e\n")
    body = comment(run_of([outcome("acme/api", "created", added("a.md"), diffs={"a.md": diff})]), HEAD).body
    assert "\n`````diff\n" in body
    assert "\x1b" not in body
    assert "\u202e" not in body


def test_a_wide_and_long_diff_is_cut():
    diff = FileDiff(500, 0, "+" + "x" * 5_000 + "\n" + "+y\n" * 499)
    body = comment(run_of([outcome("acme/api", "created", added("a.md"), diffs={"a.md": diff})]), HEAD).body
    assert "x" * 300 not in body
    assert "… 440 lines more" in body


MENTIONS = ["@alice", "&#64;alice", "&#064alice", "&#x40;alice", "&commat;alice", "\\@alice", "@&#97;lice", "@<b>a</b>"]
REFERENCES = ["#12", "acme/api#1", "&#35;12", "&num;12", "GH-12", "https://github.com/acme/api/pull/12"]


@pytest.mark.parametrize("spelled", MENTIONS + REFERENCES)
def test_mentions_and_references_of_strangers_are_broken_up(spelled):
    assert "\u2060" in quiet(f"see {spelled} there")


@pytest.mark.parametrize("plain", ["@@ -1,2 +3,4 @@", "a @ b", "&#x40 b", "#hash", "&#124;", "GH-x", "50 #"])
def test_what_is_none_stays(plain):
    assert quiet(plain) == plain


@given(st.text(max_size=200))
def test_a_text_that_is_quiet_stays_as_it_is(words):
    assert quiet(quiet(words)) == quiet(words)


@given(st.text(max_size=200))
def test_our_own_escaped_text_is_quiet_already(words):
    assert quiet(escaped(words)) == escaped(words)


@given(st.text(max_size=100))
def test_any_other_text_is_none_of_ours(words):
    assert parsed(words) is None
    with pytest.raises(UsageError):
        accepted(words, KEY, HEAD)


def test_no_text_grows_too_long_by_what_breaks_it_up():
    note = f"<!-- broadcast-comment {KEY} {HEAD} effect -->\n"
    with pytest.raises(UsageError, match="characters"):
        accepted(note + "@a" * ((MOST - len(note)) // 2), KEY, HEAD)
