"""Every kind of reason has words, and words never lose a fact; targets with equal reasons are one group."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.config.rollout import Advance
from broadcast.errors import Failure
from broadcast.plan import reason as reasons
from broadcast.plan.reason import Closing, Kind, Reason, Refused, reason_of, said
from broadcast.plan.waves import WaveState
from broadcast.report.reasons import WORDS, kind_of, notes, phrase, remedy, shared, words

KINDS: tuple[Kind, ...] = get_args(Kind)
DECLARED = dict(
    re.findall(r'^    "(\w+)",(?:  # (.*))?$', Path(reasons.__file__).read_text(encoding="utf-8"), re.MULTILINE)
)
FACTS = {
    "pull": 41, "name": "the-name", "other": "the-other", "repository": "acme/the-repository", "commit": "0123456789",
    "count": 1234, "limit": 5678, "closings": (Closing(42, "octocat", "2026-09-14"), Closing(43, "", "")),
    "why": Reason("opted_out", name="the-file"), "text": "the-text", "remedy": "the-remedy",
    "wave": WaveState("the-wave", "open", Advance(), targets=3, needed=3, missing=("acme/first",), passed=2),
}  # fmt: skip
SHOWN = {**FACTS, "pull": "#41", "count": "1234", "closings": "#42 (octocat, 2026-09-14), #43",
         "why": "opted out by the-file",
         "wave": "the wave the-wave comes first: 1 of 3 still to be merged (acme/first)"}  # fmt: skip


def full(kind: Kind) -> Reason:
    return Reason(kind, **FACTS)


def fields(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name}


def test_every_kind_has_words_and_no_words_are_left_over():
    assert set(WORDS) == set(KINDS) == set(DECLARED)


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_of_a_kind_hold_its_facts_and_no_others(kind):
    used = fields(WORDS[kind].reason) | fields(WORDS[kind].remedy)
    assert used <= set(FACTS)
    text = f"{words(full(kind))} {remedy(full(kind))}"
    for name in used:
        assert str(SHOWN[name]) in text.replace(",", "") or str(SHOWN[name]) in text
    assert not re.search(r"[{}]", text)
    assert words(replace(full(kind), **{name: getattr(Reason(kind), name) for name in set(FACTS) - used})) == words(
        full(kind)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_targets_whose_reasons_differ_in_their_own_things_alone_are_one_group(kind):
    one = full(kind)
    other = replace(
        one, pull=7, repository="acme/b", commit="f" * 10, closings=(Closing(8, "hubot", ""), Closing(9, "", ""))
    )
    both = [phrase(one, "acme/a"), phrase(other, "acme/b")]
    assert kind_of(both[0]) == kind_of(both[1])
    common = shared(both)
    for own in ("#41", "#42", "#7", "acme/the-repository", "0123456789"):
        assert own not in common
    assert shared(both[:1]) == words(one)


def test_what_the_shared_words_leave_open_is_noted_beside_each_target():
    found = [
        phrase(Reason("all_declined", closings=(Closing(number, by, "2026-09-14"),)), "acme/a")
        for number, by in ((8, "octocat"), (9, "hubot"))
    ]
    assert shared(found) == "people closed its pull request"
    assert notes(found) == ["octocat, 2026-09-14", "hubot, 2026-09-14"]
    assert notes(found[:1]) == [""]


@given(st.text(), st.text())
def test_what_an_error_says_stays_as_it_is(text, more):
    assert (words(said(text, more)), remedy(said(text, more))) == (text, more)
    assert reason_of(Failure(text, more)) == said(text, more)


def test_a_refusal_keeps_its_reason_and_no_reason_has_no_words():
    assert reason_of(Refused(Reason("archived"))) == Reason("archived")
    assert (words(None), remedy(None), phrase(None)) == ("", "", ())
    assert shared([(), ()]) == ""


@pytest.mark.parametrize(
    ("texts", "common"),
    [
        (("acme/a is gone", "acme/b is gone"), "the repository is gone"),
        (("#1 of acme/a", "#2 of acme/b"), "its pull request of the repository"),
        (("moved to 0123456789", "moved to abcdef0123"), "moved to …"),
        (("acme/abc is no acme/a.b", "acme/abc is no acme/a.b"), "acme/abc is no acme/a.b"),
    ],
)
def test_errors_of_others_are_grouped_by_their_words_without_what_names_the_target(texts, common):
    found = [phrase(said(text), target) for text, target in zip(texts, ("acme/a", "acme/b@next"), strict=True)]
    assert kind_of(found[0]) == kind_of(found[1])
    assert shared(found) == common
