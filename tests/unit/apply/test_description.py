"""What a pull request says: what it is, from whom, why here, what it changes, whose work it undoes, how to say no."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.apply.description import MAX_NEWS, PROJECT, Cause, DescriptionFacts, News, description
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK, Entry
from broadcast.observe.change import Change
from broadcast.observe.state import Edit
from broadcast.ownership import MAX_BODY, MAX_PAIRS, read_marker
from broadcast.plan.reason import Closing, Reason, said
from broadcast.snapshot.snapshot import Wanted
from tests.markdown import page_of
from tests.unit.report.sample_runs import added, changed, deleted
from tests.unit.test_ownership import marker

HOME = "https://github.com/acme/templates"
COMMIT, BEFORE = "c" * 40, "b" * 40


def facts(**more) -> DescriptionFacts:
    changes = (*added("a"), *changed("b"), *deleted("d"))
    values = {
        "run_url": "",
        "config": "c.yml",
        "config_line": 3,
        "changes": changes,
        "left_out": {"e": Reason("declined", closings=(Closing(4, "", ""),))},
    }
    return DescriptionFacts("acme/templates", "acme/api", COMMIT, "https://github.com", **values | more)


def told(**more) -> str:
    return description(facts(**more), marker())


def test_it_says_what_it_is_from_whom_and_why_here():
    assert told().startswith(
        f"<!-- broadcast:begin -->\nThis updates 3 files from [acme/templates]({HOME}) at "
        f"[`cccccccccc`]({HOME}/commit/{COMMIT}); [`c.yml` line 3]({HOME}/blob/{COMMIT}/c.yml#L3) selects this repository by its name.\n"
    )


def test_it_names_every_line_of_the_config_that_has_a_part_in_it():
    causes = [Cause(5, "kit", ".github", "mirror"), Cause(6, "LICENSE", "LICENSE", "copy"), Cause(7, "", "old", "")]
    where = f"{HOME}/blob/{COMMIT}/c.yml"
    assert (
        f"- `kit` goes to `.github` ([line 5]({where}#L5), mode mirror)\n- `LICENSE` is sent ([line 6]({where}#L6))\n"
        f"- `old` is removed ([line 7]({where}#L7))\n"
    ) in told(causes=causes)
    assert "… and 3 mappings more" in told(causes=[Cause(n, "kit", "x", "copy") for n in range(13)])


def test_the_config_speaks_first():
    assert told(words="Ask #platform.\n").startswith(
        "<!-- broadcast:begin -->\nAsk #platform.\n\nThis updates 3 files from [acme/templates]"
    )


def test_deletions_come_first_then_changes_then_additions():
    rows = re.findall(r"^\| `(\w)` \| (\w+)", told(), re.MULTILINE)
    assert rows == [("d", "deleted"), ("b", "changed"), ("a", "added")]


def test_files_that_are_not_ordinary_are_reported_with_what_they_become():
    plain = Entry(REGULAR, "0" * 40)
    changes = [
        Change("run", None, Wanted(EXECUTABLE, "1" * 40, "run")), Change("link", plain, Wanted(SYMLINK, "1" * 40, "link"))
    ]  # fmt: skip
    text = told(changes=changes, undoes={"link": 3})
    assert "| `run` | added, executable |" in text
    assert "| `link` | changed, now a symlink; undoes what was changed here since #3 |" in text


def test_it_says_whose_work_it_would_undo_and_where_that_is():
    edits = {"a": Edit("octocat", "e" * 40), "b": Edit("<b>@all", "f" * 40)}
    text = told(undoes={"a": 0, "b": 3, "d": 0}, edits=edits)
    at = "https://github.com/acme/api/commit/"
    assert f"added; overwrites what octocat changed here ([`eeeeeeeeee`]({at}{'e' * 40}))" in text
    assert f"undoes what &#x3c;b&#x3e;@\u2060all changed here since #3 ([`ffffffffff`]({at}{'f' * 40}))" in text
    assert "| `d` | deleted; overwrites what was changed here |" in text


def test_it_lists_what_happened_in_the_source_since_the_sync_before():
    news = [News(f"{n:040x}", f"# headline {n}", "sam") for n in range(MAX_NEWS + 2)]
    text = told(since=BEFORE, news=news)
    assert (
        f"[Changes in the source]({HOME}/compare/{BEFORE}...{COMMIT}) since the last sync:\n\n- [`0000000000`]" in text
    )
    assert f"({HOME}/commit/{0:040x}) &#x23; headline 0 (sam)\n" in text
    assert "- … and 2 commits more\n" in text
    assert f"compare/{BEFORE}...{COMMIT}) since the last sync.\n" in told(since=BEFORE)
    assert "What has changed" not in told(since=COMMIT) + told()


def test_it_says_how_to_say_no_to_pause_and_to_begin_again():
    text = told(run_url=f"{HOME}/actions/runs/42")
    for words in (
        "close this pull request",
        ".broadcastignore",
        "-->",
        "Pause",
        "Rebuild",
        f"[this run]({HOME}/actions/runs/42)",
    ):
        assert words in text


def test_it_says_which_selector_chose_the_repository_where_the_source_may_be_known():
    assert "#L3) selects this repository by `acme/svc-*, topic go`.\n" in told(chosen_by="acme/svc-*, topic go")
    assert "svc" not in told(chosen_by="acme/svc-*, topic go", has_place=False)


def test_it_says_who_wrote_it_where_the_ignore_file_lies_and_what_a_rebuild_discards():
    text = told()
    assert f"Opened by [Broadcast]({PROJECT})" in text
    assert "`.broadcastignore` on the branch that this is to be merged into" in text
    assert "Rebuild: recreate the branch at the next run and discard all other commits on it" in text


def test_it_says_whether_closing_declines():
    assert "the same changes won't be proposed again, unless" in told()
    text = told(reproposes=True)
    assert "won't be proposed again" not in text
    assert "doesn't decline it" in text


def test_it_says_how_many_files_can_neither_be_declined_nor_excluded():
    text = told(required=2)
    assert (
        "acme/templates requires 2 files of these: neither closing this pull request nor a `.broadcastignore`" in text
    )
    assert "the same changes won't be proposed again" in text
    assert "requires" not in told()


def test_where_all_files_are_required_it_does_not_say_that_closing_declines_them():
    text = told(required=3, insists=[7, 4])
    assert "requires these files: neither closing this pull request (people closed #7, #4) nor" in text
    assert "To decline" not in text
    assert "requires this file: neither" in told(required=1, changes=[Change("a", None, None)])


def test_it_never_exceeds_the_limit_and_says_how_much_it_leaves_out():
    text = told(changes=added(*(f"directory/{n}/file" for n in range(9_000))), words="w" * 30_000)
    assert len(text) <= MAX_BODY
    assert re.search(r"… and [\d,]+ more", text)
    assert read_marker(text) == marker()


@pytest.mark.parametrize("pairs", [0, MAX_PAIRS, MAX_PAIRS + 1])
@pytest.mark.parametrize("long", ["x", "<>&|*" * 200, "\u202e" * 600])
def test_not_even_the_longest_of_everything_exceeds_it(pairs, long):
    paths = [f"{n}{long}" for n in range(300)]
    known = marker(pairs=frozenset(f"{n:032x}" for n in range(pairs)), title="-" * 256, config=long)
    text = description(
        facts(
            changes=changed(*paths), left_out=dict.fromkeys(paths, said(long)), since=BEFORE, words="w" * 30_000,
            news=[News("f" * 40, long, long)] * 99, causes=[Cause(1, long, f"x{long}", "copy")] * 99,
            undoes=dict.fromkeys(paths, 0), edits=dict.fromkeys(paths, Edit(long, "e" * 40)),
        ),
        known,
    )  # fmt: skip
    assert len(text) <= MAX_BODY
    assert read_marker(text) == (
        known if pairs <= MAX_PAIRS else marker(pairs=frozenset(), title="-" * 256, config=long)
    )


ODD = st.text(max_size=60) | st.sampled_from(
    ["<!-- broadcast:end -->", "-->", "a|b", "`x`", "[x](y)", "@acme/all", "\u202e", "| --- |\n"]
)


@given(path=ODD, why=ODD, who=ODD, headline=ODD)
def test_texts_of_others_are_no_markup(path, why, who, headline):
    path = path or "x"
    text = told(
        changes=changed(path), left_out={path: said(why)}, undoes={path: 0}, edits={path: Edit(who, "e" * 40)},
        since=BEFORE, news=[News("f" * 40, headline, who)], causes=[Cause(3, path, "x", "copy")],
    )  # fmt: skip
    assert read_marker(text) == marker()
    assert text.count("<!--") == 5
    page = page_of(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    assert page.counts["table"] == 1
    assert page.counts["script"] + page.counts["img"] + page.counts["b"] == 0
    assert all(one.startswith("https://github.com/acme/") or one == PROJECT for one in page.addresses)


@pytest.mark.parametrize("commit", ["", COMMIT])
def test_without_a_commit_links_go_to_the_default_branch(commit):
    text = description(
        DescriptionFacts("acme/templates", "acme/api", commit, "https://github.com", "", "c.yml", 3), marker()
    )
    assert f"/blob/{commit or 'HEAD'}/c.yml#L3" in text
