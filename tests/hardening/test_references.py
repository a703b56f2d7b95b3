"""Whatever others wrote and we repeat refers to nothing and closes nothing, where GitHub reads it as Markdown and where not.

A description is read as Markdown. Squashed into a commit message it is read as it is written, comments and code too.
"""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.apply.description import Background, Cause, News, description
from broadcast.apply.texts import Writer
from broadcast.config.settings import Settings
from broadcast.markdown import block, code, plain, quoted, text
from broadcast.observe.state import Edit
from broadcast.ownership import Marker, read_marker
from broadcast.plan.plan import Rules
from broadcast.plan.reason import Closing, Reason, said
from broadcast.report.summary import summary
from tests.markdown import Page, html_of
from tests.unit.apply.test_description import BEFORE, COMMIT, facts
from tests.unit.plan.test_guards import observation, plan, settled, target
from tests.unit.report.sample_runs import CONTEXT, NOW, added, changed
from tests.unit.report.test_summary import written
from tests.unit.test_ownership import marker

# Docs: linking a pull request to an issue; autolinked references and URLs
KEYWORDS = ("close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved")
FORMS = (
    "#1", "GH-1", "gh-26", "acme/api#1", "octocat#1", "https://github.com/acme/api/issues/1",
    "https://github.com/acme/api/pull/1", "https://github.com/acme/api/discussions/1#discussioncomment-2",
)  # fmt: skip
REFERENCE = re.compile(
    r"#\d+|\bGH-\d+|https?://[^\s/]+/[\w.-]+/[\w.-]+/(?:issues|pulls?|discussions)/\d+", re.IGNORECASE
)
OTHERS = ("@octocat", "@acme/all", "a5c3785ed8d6a35868bc169f07e40e889087fd2e", "octocat@a5c3785ed8d6a358", "a5c3785")
MENTION_OR_COMMIT = re.compile(r"@\w|\b[0-9a-f]{7,40}\b")
TICKETS = (
    "JIRA-1",
    "jira-123",
    "TICKET-123abc",
    "OPS-abc1",
    "TICKET123",
    "X2-7",
    "a_b-1",
    "zd:5",
    "PROJ=7",
    "T+1",
    "in OPS-9, too",
)
TICKET = re.compile(r"\b(?:(?:JIRA|OPS|TICKET|X2|a_b|zd|PROJ|T)[-:=+][a-z]*|TICKET)\d", re.IGNORECASE)
CLOSING = [f"{word}{between}{form}" for word, between, form in product(KEYWORDS, (" ", ": "), FORMS)]
CLOSING += [words.upper() for words in CLOSING] + [f"{words}, {words}" for words in FORMS]


def body(words: str, **more) -> str:
    return description(replace(facts(), **{"left_out": {}} | more), marker(title=words))


def texts(words: str, **more):
    """What is written where the base is called so."""
    wanted = Settings(**{"pr_title": "to {base}", "pr_body": "to {base}", "commit_message": "to {base}"} | more)
    seen = observation("R_1", words).state
    writer = Writer(CONTEXT, settled(), Rules("Broadcast-Id: x"))
    return writer.texts(replace(target("api"), settings=wanted), seen, plan(), Background(place=True))


MARKDOWN = {
    "a commit's headline": lambda words: body(words, since=BEFORE, news=[News("f" * 40, words, "sam")]),
    "its author": lambda words: body(words, since=BEFORE, news=[News("f" * 40, "headline", words)]),
    "who changed a file": lambda words: body(words, undoes={"a": 0}, edits={"a": Edit(words, "e" * 40)}),
    "where a symlink leads": lambda words: body(words, left_out={"e": said(f"the symlink leads out, to {words}")}),
    "why people declined": lambda words: body(words, left_out={"e": said(f"declined in {words}")}),
    "a file's name": lambda words: body(words, changes=changed(words), left_out={words: said("no")}),
    "a mapping": lambda words: body(words, causes=[Cause(3, words, f"x/{words}", "copy"), Cause(4, "", words, "")]),
    "the config's name": lambda words: body(words, config=words),
    "the source's name": lambda words: body(words, source=words),
    "the base in the config's own text": lambda words: texts(words).body,
}
PLAIN = {
    "the base in a title": lambda words: texts(words).title,
    "the base in a commit message": lambda words: texts(words).message,
}


def seen(markdown: str) -> str:
    """What GitHub looks through for references: the text outside of code and links."""
    return Page(re.sub(r"<(code|a)\b.*?</\1>", " ", html_of(markdown), flags=re.DOTALL)).text


@pytest.mark.parametrize("place", MARKDOWN)
def test_no_words_of_others_refer_to_anything_from_a_pull_request(place):
    for words in (*CLOSING, *OTHERS):
        made = MARKDOWN[place](words)
        assert not REFERENCE.search(made), words  # as it is written
        assert not REFERENCE.search(seen(made)), words
        assert not MENTION_OR_COMMIT.search(seen(made)), words
        assert read_marker(made), words


@pytest.mark.parametrize("place", MARKDOWN)
def test_no_words_of_others_look_like_a_ticket_to_a_repositorys_own_autolinks(place):
    for words in TICKETS:
        made = MARKDOWN[place](words)
        assert not TICKET.search(seen(made).replace(COMMIT, "")), words
        assert read_marker(made), words


def test_words_without_numbers_stay_whole():
    for words in ("up-to-date", "at 12:30 on 2026-11-27", "v1.2.3", "Merge pull request", "a/b"):
        assert quoted(words) == words


@pytest.mark.parametrize("place", PLAIN)
def test_no_name_of_a_target_refers_to_anything_from_a_title_or_a_commit(place):
    for words in (*CLOSING, *OTHERS):
        made = PLAIN[place](words).partition("\n")[0]
        assert not REFERENCE.search(made), words
        assert not MENTION_OR_COMMIT.search(made), words
        assert made.startswith("to ")


def test_a_name_with_a_line_break_adds_no_trailer_to_a_commit():
    message = texts("main\nCo-authored-by: a <a@b.c>\n\nBroadcast-Id: y").message
    assert re.findall(r"^[\w-]+: ", message, re.MULTILINE) == ["Source: ", "Broadcast-Id: ", "Broadcast-Plan: "]


@pytest.mark.parametrize("words", [*FORMS, "fixes #1", "@octocat"])
def test_labels_groups_milestones_and_reasons_refer_to_nothing_from_the_summary(words):
    """All of them stand in warnings and reasons."""
    for run, found in written(lambda _: words):
        shown = seen(summary(run, found, NOW))
        assert not REFERENCE.search(shown)
        assert not re.search(r"@\w", shown)


@pytest.mark.parametrize("words", ["fixes #1", "@octocat", "<img src=x>", "a5c3785ed8d6a35868bc169f07e40e889087fd2e"])
def test_what_it_says_can_be_read_as_it_was(words):
    assert Page(html_of(quoted(words))).text.strip().replace("\u2060", "") == words
    assert plain(words).replace("\u2060", "") == words
    assert Page(html_of(code(words))).text.strip() == words  # to be copied


@pytest.mark.parametrize("name", ["main", "release/2.x", "feature_one", "v1.2.3", "acme/api", "acme/.github", "149"])
def test_common_names_stay_untouched(name):
    assert text(name) == quoted(name) == plain(name) == name


PIECES = st.sampled_from(
    [*KEYWORDS, *FORMS, *OTHERS, " ", ": ", "\n", "`", "|", "<!-- ", " -->", "&#35;1", "&num;1", "\\#1"]
)
WORDS = st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join)


@given(WORDS)
@example("&#35;1")
@example("`#1")
@example("#\u200b1")
@example("#\x001")
@example("fixes #1 <!-- broadcast:end -->")
def test_no_words_at_all_refer_to_anything(words):
    for made in (quoted(words), block(words, quoted), text(words), code(words), plain(words)):
        assert not REFERENCE.search(made)
        assert "\n" not in made
        assert "<!--" not in made or made == plain(words)
    for made in (quoted(words), block(words, quoted)):
        page = Page(html_of(f"words {made}"))
        assert set(page.tags) <= {"p", "/p"}
        assert not REFERENCE.search(page.text)
        assert not MENTION_OR_COMMIT.search(page.text)


@given(WORDS, WORDS)
def test_a_marker_refers_to_nothing_whatever_it_holds(title, config):
    made = Marker("x", "acme/templates", config, "", title, frozenset(), "d").encode()
    assert not re.search(r"#\d|GH-\d|@", made, re.IGNORECASE)
    assert read_marker(made) == Marker("x", "acme/templates", config, "", title, frozenset(), "d")


def test_numbers_of_our_own_stay_links():
    made = body(
        "t",
        left_out={"e": Reason("declined", closings=(Closing(4, "alice", "2026-01-02"),))},
        changes=added("a"),
        undoes={"a": 3},
    )
    assert {match[0] for match in REFERENCE.finditer(seen(made))} == {"#3", "#4"}
