"""The job summary of runs made by hand: as it was last looked at, whatever text stands in it, however large the fleet.

`REWRITE_GOLDEN=1 .venv/bin/python -m pytest tests/unit/report/test_summary.py` writes tests/unit/golden/*.md again; look at the
difference, and at the pictures that `python -m tests.pictures tests/unit/golden/*.md` makes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.errors import ConfigError, Failure, FileError, Problem
from broadcast.github.usage import QUERY, Call, Usage
from broadcast.markdown import head, row
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import NAMES, Outcome
from broadcast.plan.reason import Closing, Reason, said
from broadcast.report.headline import headline
from broadcast.report.reasons import remedy, words
from broadcast.report.summary import MAX_SUMMARY, summary
from broadcast.report.summary.sections import Section, fitted
from broadcast.runner.inputs import Inputs
from tests.markdown import Page, page_of
from tests.unit.report.sample_runs import (
    NOW,
    RUNS,
    added,
    changed,
    declined,
    deleted,
    made,
    outcome,
    twenty_targets,
    usage,
)

GOLDEN = Path(__file__).parent / "golden"


def of(name: str) -> str:
    return summary(*RUNS[name](), NOW)


@pytest.mark.parametrize("name", RUNS)
def test_it_is_as_it_was_last_looked_at(name):
    file, text = GOLDEN / f"{name}.md", of(name)
    if os.environ.get("REWRITE_GOLDEN") == "1":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_is_compared():
    assert {file.stem for file in GOLDEN.glob("*.md")} == set(RUNS)


@pytest.mark.parametrize("name", RUNS)
def test_it_is_well_formed(name):
    page_of(of(name))


# What a person finds


def test_five_hundred_targets_are_a_few_rows():
    (_, what_changed) = re.split("### What changed", of("many-targets"))
    table = what_changed.partition("### ")[0]
    assert [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")][2:] == [
        "🟢 pull request opened", "🔵 pull request updated", "✅ in step", "⚪ skipped: the repository is archived",
    ]  # fmt: skip
    assert table.count("acme/service-") == 499 + 412 + 0  # each once, and once more in the link to its pull request


def test_who_must_act_comes_first_and_failures_before_all():
    text = of("bad-night")
    titles = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert titles[:3] == ["Needs a person", "Files left out", "What changed"]
    signs = re.findall(r"^\| \S+\xa0(\w+) \|", text, re.MULTILINE)
    assert signs == ["failed", "failed", "edited", "old"]


@pytest.mark.parametrize(("days", "told"), [(13.9, ""), (14.0, "14 days"), (15.5, "15 days")])
def test_a_pull_request_is_old_after_fourteen_days(days, told):
    run = made([outcome("acme/api", "open", changed("a"), 3, opened_at="2026-09-01T00:00:00Z")])
    text = summary(run, Usage(), 1_788_220_800.0 + days * 86_400)
    assert ("Needs a person" in text) == bool(told)
    assert f"open for {told}" in text or not told


def test_targets_that_differ_in_their_names_numbers_and_commits_only_are_one_row():
    outcomes = [
        outcome(f"acme/{name}", "failed", reason=f"acme/{name} lost {n:040x} of #{n}", remedy="look")
        for n, name in enumerate(("a", "b", "c"))
    ]
    text = summary(made(outcomes), Usage(), NOW)
    assert (
        "| ❌\xa0failed | `acme/a`<br>`acme/b`<br>`acme/c` | the repository lost … of its pull request | look |" in text
    )
    alone = summary(made(outcomes[:1]), Usage(), NOW)
    assert f"| acme/a lost {0:040x} of #\u20600 | look |" in alone


def test_another_remedy_is_another_row():
    outcomes = [outcome(f"acme/{name}", "failed", reason="no", remedy=name) for name in ("a", "b")]
    assert summary(made(outcomes), Usage(), NOW).count("| ❌\xa0failed |") == 2


def test_two_warnings_of_one_target_are_both_reported():
    run = made([outcome("acme/api", "created", notes=(said("#1 is closed"), said("#2 is closed")))])
    text = summary(run, Usage(), NOW)
    assert "- acme/api: #\u20601 is closed\n- acme/api: #\u20602 is closed\n" in text


def test_what_people_declined_is_no_warning_beside():
    why = (Reason("declined", closings=(Closing(8, "octocat", "2026-09-14"),)), Reason("opted_out", name="x"))
    left_out = tuple(Reason("left_out", name=path, why=one) for path, one in zip("ab", why, strict=True))
    run = made([outcome("acme/api", "declined", reason=declined(8), notes=left_out)])
    text = summary(run, Usage(), NOW)
    assert "- acme/api: left out: b, opted out by x\n" in text
    assert "left out: a" not in text
    assert re.search(
        r"\| 🚫 declined: people closed .* \| `acme/api` \[#8\]\(https://github.com/acme/api/pull/8\)", text
    )


SENTENCES = {
    "sync": "2 of 3 repositories got a pull request; 1 was in step",
    "plan": "Plan: 2 of 3 repositories would get a pull request; 1 is in step",
    "check": "Check: 2 of 3 repositories are behind; 1 is in step",
    "status": "Status: 2 of 3 repositories are behind; 1 is in step",
}


@pytest.mark.parametrize("command", SENTENCES)
def test_the_headline_says_what_was_done_or_would_be(command):
    outcomes = [outcome("acme/a", "created"), outcome("acme/b", "created"), outcome("acme/c", "in_sync")]
    assert headline(made(outcomes, Inputs(command=command))) == SENTENCES[command]


MANY = [f"docs/{n:02}.md" for n in range(50)] + [f".github/workflows/{n:02}.yml" for n in range(74)] + ["LICENSE"]


def many_files() -> Run:
    """A target with as many files of every kind."""
    errors = tuple(FileError(path, f"there is a directory at {path}", "remove it") for path in MANY)
    left_out = tuple(Reason("left_out", name=path, why=Reason("local_change")) for path in MANY)
    lost = tuple(Reason("overwrites", name=path) for path in MANY)
    return made(
        [
            outcome("acme/a", "created", changed(*MANY), 7, notes=lost),
            outcome("acme/b", "created", deleted(*MANY), 8, notes=left_out, file_errors=errors),
        ]
    )


def test_many_files_are_a_few_folders_in_every_section():
    text = summary(many_files(), Usage(), NOW)
    assert len(text.splitlines()) < 70
    for title in ("Needs a person", "Files left out", "Deletions"):
        part = text.partition(f"### {title}\n")[2].partition("\n### ")[0]
        assert "<summary>50 files in `docs`</summary>" in part
        assert "<summary>74 files in `.github/workflows`</summary>" in part
        assert part.count("`LICENSE`") == 1
    assert "| there is a directory at … | remove it |" in text
    words = "left out: docs/ (50 files), .github/workflows/ (74 files), LICENSE, changed there (on_local_change: keep)"
    assert f"- acme/b: {words} <details><summary>which</summary>`docs/00.md`<br>" in text
    assert "<summary>~50 files in `docs`</summary>~\xa0`docs/00.md`<br>" in text


FURTHER = {
    ("updated", 1): "1 pull request updated",
    ("open", 1): "1 pull request open",
    ("open", 22): "22 pull requests open",
    ("merged", 2): "2 pull requests merged",
    ("enqueued", 3): "3 pull requests added to the merge queue",
    ("closed", 1_000): "1,000 pull requests closed",
    ("in_sync", 2): "2 were in step",
}


@pytest.mark.parametrize(("name", "count"), FURTHER)
def test_what_follows_in_the_headline_counts_pull_requests(name, count):
    outcomes = [outcome("acme/a", "created"), *(outcome(f"acme/b{n}", name) for n in range(count))]
    assert headline(made(outcomes)) == f"1 of {count + 1:,} repositories got a pull request; {FURTHER[name, count]}"


def test_the_headline_begins_with_targets_that_have_their_pull_requests():
    assert headline(made([outcome("acme/a", "open"), outcome("acme/b", "open")])) == (
        "All 2 repositories have their pull requests open"
    )
    assert headline(made([outcome("acme/a", "open")])) == "acme/a has its pull request open"


def cost_in_short(calls: int, **more) -> str:
    """The line of the summary about the cost of a run that 149 calls, one per file, would have done."""
    run, found = made([outcome("acme/a", "in_sync")]), Usage(**more)
    for _ in range(calls):
        found.add(Call(QUERY, "observe", "", 200, 0.4, 0, 0, 1), {})
    return re.findall("<summary>(.*?)</summary>", summary(run, found, NOW))[-1]


@pytest.mark.parametrize(("calls", "said"), [(2, True), (74, True), (75, False), (149, False), (160, False)])
def test_one_call_per_file_is_named_where_it_is_twice_as_much(calls, said):
    assert cost_in_short(calls) == f"{calls} API calls in 4.1 s{'; one call per file would have been 149' * said}"


@pytest.mark.parametrize(
    ("refusals", "waited", "said"),
    [
        (0, 12.0, ""),
        (0, 240.0, "; for GitHub's limits the run waited 4 min in all"),
        (1, 0.0, "; GitHub refused once for its limits"),
        (3, 240.0, "; GitHub refused 3 times for its limits, and the run waited 4 min in all"),
    ],
)
def test_waits_and_refusals_are_one_part_of_the_line_about_the_cost(refusals, waited, said):
    assert cost_in_short(149, refusals=refusals, waited=waited) == f"149 API calls in 4.1 s{said}"


def test_the_headline_of_a_dry_run_of_one_target_and_of_none():
    assert headline(made([outcome("acme/a", "created")], Inputs(dry_run=True))) == (
        "Dry run: acme/a would get a pull request"
    )
    assert headline(made([])) == "no targets"
    two_bases = [outcome("acme/a", "in_sync"), outcome("acme/a@next", "in_sync")]
    assert headline(made(two_bases)) == "All 2 targets were in step"


# Text that others wrote

HOSTILE = (
    "</details></summary></td></table><script>alert(1)</script>",
    "<details><summary>x",
    "<!-- ",
    "a|b\\|c\\\\|d",
    "`` ` ```",
    "\n\n# heading\n\n- item\n\n| a |\n|---|\n| b |\n\n```\n",
    "::set-output name=x::y",
    "![i](https://example.com/i.png) [l](https://example.com) https://example.com www.example.com <https://a.b>",
    "@acme/team @alice alice@example.com",
    "\u202etxt.exe\u2066\u200b\ufeff\x00\x1b[31m\r\x85\u2028",
    "*a* _b_ __c__ ~~d~~ $e$ &lt;f&gt; &#124; \\",
    "1. one",
    "2) two",
    "# one #",
    "- [x] done",
    "+ plus",
    "===",
    "    code",
    "\udcff",
    "",
)
TEXT = st.text(st.characters() | st.sampled_from("`|<>*_[]()!@\\&#\n\r -~$/:"), max_size=60) | st.sampled_from(HOSTILE)


def nested(text: str) -> str:
    """A harmless name in as many directories."""
    return re.sub("[^/]", "x", text)


def written(text: Callable[[str], str], path: Callable[[str], str] | None = None) -> list[tuple[Run, Usage]]:
    """Runs in which `text` wrote whatever others can write; it is told what would have stood there."""
    run, found = twenty_targets()
    run.outcomes = [_written(one, text, path or text) for one in run.outcomes]
    run.warnings = [text("a warning"), text("another")]
    run.inputs = Inputs(config=text("c.yml"), only_targets=(text("acme/*"),), only_groups=(text("a group"),))
    run.context = replace(run.context, source=text("acme/templates"))
    found.add(found.calls[0]._replace(phase=text("a phase")), {text("core"): found.rates["core"]})
    problem = Problem(text("c.yml"), 1, 2, text("a message"), text("a remedy"), text("an excerpt"))
    broken = made((), failure=ConfigError([problem._replace(line=line) for line in range(3)]))
    failed = made((), failure=Failure(text("a failure"), text("a remedy")))
    explained = made((), Inputs(command="plan", explain=text("a")), explanation=[text("a"), text("  b"), text("c")])
    return [(run, found), (broken, Usage()), (failed, Usage()), (explained, Usage())]


def _written(one: Outcome, text: Callable[[str], str], path: Callable[[str], str]) -> Outcome:
    changes = tuple(change._replace(path=f"{at}{path(change.path)}") for at, change in enumerate(one.changes))
    errors = tuple(FileError(text(error.path), text(error.reason), text(error.remedy)) for error in one.file_errors)
    strange = said(text(words(one.reason)), text(remedy(one.reason))) if one.reason else None
    notes = tuple(said(text(words(note))) for note in one.notes)
    target = f"{one.target}{text('')}"
    return replace(one, target=target, changes=changes, file_errors=errors, notes=notes, reason=strange)


def skeleton(page: Page) -> list[str]:
    """What the page is made of, but for how a text is set: as code, or with a link around a place."""
    return [tag for tag in page.tags if tag.strip("/") not in ("code", "a", "br")]


@given(TEXT.filter(lambda text: "nothing was written" not in text))  # which the page says once
@settings(deadline=None, derandomize=True)
@example("".join(HOSTILE))
def test_whatever_others_wrote_stays_text(text):
    for (run, found), (plain, _) in zip(
        written(lambda _: text), written(lambda _: "x", lambda _: nested(text)), strict=True
    ):
        page, meant = page_of(summary(run, found, NOW)), page_of(summary(plain, found, NOW))
        allowed = {tag.strip("/") for tag in meant.tags} | {"code", "a", "br"}
        assert {tag.strip("/") for tag in page.tags} <= allowed
        if "".join(filter(str.isprintable, text)).strip():  # else nothing is to be seen of it
            assert skeleton(page) == skeleton(meant)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_whatever_others_wrote_makes_no_tag_no_link_and_no_line(text):
    for (run, found), (plain, _) in zip(
        written(lambda was: f"{was}{text}"),
        written(lambda was: f"{was}x", lambda was: f"{was}{nested(text)}"),
        strict=True,
    ):
        page, meant = page_of(summary(run, found, NOW)), page_of(summary(plain, found, NOW))
        assert skeleton(page) == skeleton(meant)
        assert "javascript:" not in str(page.addresses)
        assert all(address.startswith("https://github.com/") for address in page.addresses)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_path_is_shown_as_it_is_but_for_what_cannot_be_seen(text):
    run = made([outcome("acme/api", "created", added(f"a{text}z"))])
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in f"a{text}z")
    assert shown.replace("@", "@\u2060") in page_of(summary(run, Usage(), NOW)).text.replace("@", "@\u2060").replace(
        "\u2060\u2060", "\u2060"
    )


def test_no_character_that_turns_the_writing_around_is_left():
    for run, found in written(lambda _: "a\u202eb\u2066c\u200fd"):
        assert not set(summary(run, found, NOW)) & set("\u202e\u2066\u200f")


# However large


def huge(count: int, words: str = "w") -> Run:
    """Targets that have nothing in common, each with a bit of everything and very much of it."""
    return made(
        [
            outcome(
                f"acme/{n:05}-{words}", NAMES[n % len(NAMES)], deleted(f"{n}/{words}") + added(*(f"{n}/{m}" for m in range(30))), n + 1,
                reason=f"{n} {words}", remedy=f"{n} {words}", opened_at="2026-01-01T00:00:00Z",
                file_errors=(FileError(f"{n}/{words}", f"{n} {words}", words),), notes=(said(f"{n} {words}"),),
            )
            for n in range(count)
        ],
        warnings=[f"{n} {words}" for n in range(count)],
    )  # fmt: skip


@pytest.mark.parametrize(("count", "words"), [(5_000, "w"), (2_000, "|" * 4_000), (12, "\u202e😀" * 30_000)])
def test_it_never_gets_too_long_and_is_whole_all_the_same(count, words):
    run = huge(count, words)
    text = summary(run, usage(run), NOW)
    assert len(text.encode()) <= MAX_SUMMARY
    page = page_of(text)
    for title in ("Needs a person", "Files left out", "What changed", "Deletions", "Warnings", "What it cost"):
        assert title in page.text
    for told in re.findall(r"… and ([\d,]+) more; the", page.text):
        assert int(told.replace(",", "")) <= 2 * count
    assert all(f"acme/{n:05}-" in text for n in range(12))


def test_a_thousand_problems_fit_too():
    problems = [Problem("c.yml", n, 1, "m" * 2_000, "r" * 2_000, "e" * 2_000) for n in range(1, 1_001)]
    text = summary(made((), failure=ConfigError(problems)), Usage(), NOW)
    assert len(text.encode()) <= MAX_SUMMARY
    assert page_of(text).counts["table"] >= 1
    assert "more; the log has them all." in text


@given(st.lists(st.text("ab😀", min_size=1, max_size=30), max_size=30), st.integers(200, 1_000))
def test_a_section_leaves_out_whole_rows_and_counts_them(items, room):
    section = Section(head("a"), lambda _: [row(item) for item in items], ("</details>",))
    text = fitted(section, room)
    assert len(text.encode()) <= room
    kept = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert kept == [row(item) for item in items][: len(kept)]
    more = re.search(r"^… and (\d+) more;", text, re.MULTILINE)
    assert len(kept) + int(more[1] if more else 0) == len(items)
    assert text.endswith("\n</details>\n")


def test_a_thousand_targets_fit_where_each_stands():
    run, _ = RUNS["status"]()
    (one,) = (one for one in run.outcomes if one.target == "acme/docs")
    run.outcomes[:] = [replace(one, target=f"acme/service-{n:04}-with-quite-a-long-name") for n in range(1000)]
    text = summary(run, Usage(), NOW)
    assert len(text.encode()) <= MAX_SUMMARY
    assert text.count("| `acme/service-") == 1000
    page_of(text)


def test_every_field_of_an_outcome_was_thought_of():
    assert set(Outcome.__struct_fields__) == {
        "target", "base", "name", "reason", "pull_request", "opened_at", "joined", "changes", "diffs", "file_errors",
        "notes", "files", "seconds", "traceback", "standing", "began", "commit", "merged", "pushed",
    }  # fmt: skip
