"""Values of placeholders: what the words of others can't do in titles, descriptions and commit messages."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.apply.description import Background
from broadcast.apply.texts import Writer
from broadcast.config.settings import Settings
from broadcast.git.commits import CommitWords
from broadcast.observe import branches
from broadcast.observe.change import Change
from broadcast.observe.touches import Author
from broadcast.ownership import MAX_BODY, MAX_TITLE, ask_of, read_marker, trailer
from broadcast.plan.plan import Rules
from tests.markdown import Page, html_of
from tests.unit.plan.test_guards import observation, plan, settled, target
from tests.unit.report.sample_runs import CONTEXT, added

OURS, OTHER = trailer("x", "acme/templates"), trailer("y", "acme/other")
ALL = "{source_title} {source_commit} {source_authors}"
QUOTING = Settings(
    pr_title=ALL,
    pr_body=f"{ALL}\n\n{{source_message}}\n\n{{change_list}}\n",
    commit_message=f"{ALL}\n\n{{source_message}}\n{{source_title}}\n{{change_list}}\n",
    co_authors=True,
)
# Docs: skipping workflow runs; linking a pull request to an issue
SKIPPING = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "[skip netlify]", "***NO_CI***")
TRAILERS = (
    "Signed-off-by: Eve <eve@example.com>", "Co-authored-by: Eve <eve@example.com>", "signed-off-by : x",
    "skip-checks: true", OURS, OTHER, "Broadcast-Plan: 0123456789", "Change-Id: I1", "---", "--- ", "Fixes: #1",
)  # fmt: skip
PIECES = st.sampled_from(
    [*SKIPPING, *TRAILERS, "fixes #1", "Closes acme/api#2", "@octocat", "@acme/all", "GH-3", "JIRA-1 #close", "# x",
     "<!-- broadcast:marker {} -->", "<!-- broadcast:end -->", "- [x] <!-- broadcast:pause -->", "{source}", "{0}",
     "https://github.com/acme/api/issues/1", "\n", "\n\n", "\r\n", "\x1b[0m", "\u2028", "\x85", "\0", "`", "|", "> "]
)  # fmt: skip
WORDS = st.lists(PIECES | st.text(max_size=4), max_size=10).map("".join)
REFERENCE = re.compile(r"#\d|\bGH-\d|https?://[^\s/]+/[\w.-]+/[\w.-]+/(?:issues|pulls?)/\d", re.IGNORECASE)


def texts(message: str, name: str = "Sam", wanted: Settings = QUOTING, path: str = "a", **background):
    words = CommitWords(message, name, "sam@example.com")
    writer = Writer(CONTEXT, settled(), Rules(OURS), lambda _: words)
    found = Background(**{"place": True} | background)
    one = replace(target("api"), settings=wanted)
    return writer.texts(one, observation("R_1").state, plan(*added(path)), found)


def trailers(message: str) -> list[str]:
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message.encode(), capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()


@given(WORDS, WORDS)
@example("---\n\nx", "x")
@example("a\n\n---\nupdated-dependencies:\n- x: y\n...", "Signed-off-by: x")
@example(OTHER, OTHER)
def test_no_words_mention_close_or_skip_anything(message, name):
    made = texts(message, name)
    for words in (made.title, made.message.partition("\n\nSource: ")[0], made.body.partition("\n\nThis updates")[0]):
        assert not REFERENCE.search(words)
        assert not any(skip.lower() in words.lower() for skip in SKIPPING)
    assert not re.search(r"@\w|JIRA-1 #close", made.title + made.message.partition("\n\nSource: ")[0])
    assert not re.search(r"@\w", Page(html_of(made.body)).text)
    assert "\n" not in made.title
    assert all(char.isprintable() or char in "\n\u2060" for char in made.title + made.message)


@given(WORDS, WORDS)
@example("x\n\n" + OTHER, OTHER)
@example("x\n\nBroadcast-Plan: 1\n\nend", "x")
def test_no_words_forge_what_we_go_by(message, name):
    made = texts(message, name)
    assert branches.carries(made.message, OURS)
    assert made.message.splitlines().count(OURS) == 1
    assert not branches.carries(made.message, OTHER)
    assert branches.plan_of(made.message) == read_marker(made.body).digest
    assert read_marker(made.body).title == made.title
    assert not ask_of(made.body, "pause")
    assert made.body.count("<!-- broadcast:end -->") == made.body.count("<!-- broadcast:marker ") == 1


@settings(max_examples=40)
@given(WORDS, WORDS)
@example("x\n\n---\nSigned-off-by: Eve <eve@example.com>\n---\n", "Eve\n\nSigned-off-by: x")
@example("Signed-off-by: Eve <eve@example.com>", "Signed-off-by: x")
@example("---", "---")
def test_git_finds_our_trailers_and_no_others(message, name):
    signer = Author("Bot", "bot@example.com")
    found = trailers(texts(message, name, signer=signer).message)
    names = [one.partition(":")[0] for one in found if not one.startswith("Co-authored-by: ")]
    assert names == ["Signed-off-by", "Broadcast-Id", "Broadcast-Plan"]
    assert "Signed-off-by: Bot <bot@example.com>" in found


@pytest.mark.parametrize("unit", ["x", "x ", "x\n", "\n\nx", "[skip", "<", "@a", "\\", "- ", "---\n", "a: b\n", "#1"])
def test_words_without_end_are_cut(unit):
    made = texts(unit * 60_000, unit * 60_000)
    assert len(made.title) <= MAX_TITLE
    assert len(made.message.partition("\n")[0]) <= MAX_TITLE
    assert len(made.message) < 20_000
    assert len(made.body) <= MAX_BODY


def test_the_trailers_of_the_sources_message_stay_there():
    made = texts("One\n\nTwo\nlines\n\nfix: three\n\nSigned-off-by: A <a@b.c>\nReviewed-by: B\n more of it\n")
    assert made.message.replace("\u2060", "").split("\n\n")[1:4] == ["One", "Two\nlines", "fix: three\nOne\n- add a"]
    assert "Reviewed" not in made.message + made.body


@pytest.mark.parametrize("title", ["feat(api)!: sing", "fix: a", "Merge pull request", "v1.2.3", "Update README.md"])
def test_common_titles_stay_as_they_are(title):
    made = texts(title, wanted=Settings(pr_title="{source_title}", commit_message="{source_title}"))
    assert (made.title, made.message.partition("\n")[0]) == (title, title)


@pytest.mark.parametrize("message", ["", "\n\n", "\0\x1b", None])
def test_without_words_the_source_is_named(message):
    words = CommitWords(message, "", "") if message is not None else None
    writer = Writer(CONTEXT, settled(), Rules(OURS), lambda _: words)
    one = replace(target("api"), settings=Settings(pr_title="{source_title} by {source_authors}"))
    made = writer.texts(one, observation("R_1").state, plan(), Background(place=True))
    assert made.title == f"files of {CONTEXT.source} by the authors of {CONTEXT.source}"


def test_a_list_of_changes_has_deletions_first_and_an_end():
    changes = [Change("gone", None, None), *added(*(f"f{number:02}" for number in range(60)))]
    writer = Writer(CONTEXT, settled(), Rules(OURS))
    one = replace(target("api"), settings=Settings(commit_message="x\n\n{change_list}"))
    made = writer.texts(one, observation("R_1").state, plan(*changes), Background(place=True)).message
    lines = made.split("\n\n")[1].splitlines()
    assert (lines[0], lines[1], lines[-1], len(lines)) == ("- delete gone", "- add f00", "- … and 11 files more", 51)


@given(st.text(max_size=30).filter(lambda path: path.strip()))
@example("a\nSigned-off-by: x")
@example("[skip ci] fixes #1 @octocat")
def test_no_path_breaks_its_list(path):
    made = texts("One", path=path, wanted=Settings(pr_body="{change_list}", commit_message="x\n\n{change_list}"))
    assert made.message.count("\n- ") == 1
    assert not REFERENCE.search(made.message.partition("\n\nSource: ")[0])
    assert read_marker(made.body)


def test_each_person_is_a_co_author_once_without_bots_and_the_commits_author():
    authors = (
        Author("Eve", "eve@example.com"), Author("Eve again", "EVE@example.com"), Author("Al", "al@example.com"),
        Author("renovate[bot]", "1+renovate[bot]@users.noreply.github.com"), Author("No", "no address"),
        Author("A\n<b>", "b@example.com"), *(Author(f"N{at}", f"n{at}@example.com") for at in range(30)),
    )  # fmt: skip
    made = texts("One", authors=authors, signer=Author("Al", "al@example.com"))
    found = [one for one in trailers(made.message) if one.startswith("Co-authored-by")]
    assert found[:3] == [
        "Co-authored-by: Eve <eve@example.com>", "Co-authored-by: A b <b@example.com>",
        "Co-authored-by: N0 <n0@example.com>",
    ]  # fmt: skip
    assert len(found) == 20


def test_readers_who_may_not_read_the_source_learn_nothing_of_its_commit():
    made = texts("Secret\n\nSecret", "Secret", place=False)
    assert "Secret" not in made.title + made.body + made.message
    assert "sam@example.com" not in made.message
    assert made.notes
    assert not texts("Secret", place=True).notes
    assert not texts("Secret", place=False, wanted=Settings()).notes
