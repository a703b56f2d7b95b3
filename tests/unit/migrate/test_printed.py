"""What `migrate` prints: a config below comments, whatever the old config and its workflow say."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast.config.parse import parse
from broadcast.migrate import Migration, Note, SourceList, migrate, printed, report, yamltext

SOURCE = "acme/templates"
LISTING = SourceList(["LICENSE", "src/a.md"])
BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
STRANGE = ["#", "# x", "\t", "\0", "\x1b[31m", "\x7f", "\ufeff", "\u202e", "\ud800", "- a: b", "---", "...", "x" * 5000, "${{ a }}", "::error::", "%", "é", "👩\u200d🔧"]  # fmt: skip
texts = st.lists(st.text(max_size=8) | st.sampled_from([*BREAKS, *STRANGE]), max_size=6).map("".join)
legible = texts.filter(lambda text: not any(0xD800 <= ord(char) <= 0xDFFF for char in text))  # YAML has no others
INPUTS = ["PR_LABELS", "ASSIGNEES", "REVIEWERS", "PR_BODY", "COMMIT_PREFIX", "COMMIT_BODY", "BRANCH_PREFIX", "FORK", "GH_PAT", "CONFIG_PATH", "COLOUR"]  # fmt: skip


def step(inputs: dict[str, str]) -> str:
    uses = {"uses": "BetaHuhn/repo-file-sync-action@v1", "with": inputs}
    return yaml.safe_dump({"on": "push", "jobs": {"sync": {"steps": [uses]}}}, allow_unicode=False)


def check(migration: Migration) -> None:
    text = printed(migration, None)
    head = text[: text.index("version: 1\n")]
    assert all(line.startswith("#") for line in head.splitlines())
    assert yaml.safe_load(text) == yaml.safe_load(migration.text)
    assert parse(text, "new", SOURCE).targets


@settings(deadline=None)
@given(
    inputs=st.dictionaries(
        st.sampled_from(INPUTS), legible | legible.map(lambda text: f"${{{{ {text} }}}}"), max_size=4
    )
)
def test_no_input_breaks_out_of_the_comments(inputs: dict[str, str]) -> None:
    check(migrate("user/a: [LICENSE]\n", "s.yml", SOURCE, LISTING, workflow=step(inputs), workflow_file="w.yml"))


@settings(deadline=None)
@given(text=legible, other=legible)
def test_no_text_of_a_config_breaks_out_of_the_comments(text: str, other: str) -> None:
    entry = {"source": "src/", "exclude": text, "colour" + other: 1, "template": {"a": text, "b" + other: other}}
    old = yaml.safe_dump({"user/a": ["LICENSE", entry], f"user/{text}": ["LICENSE"]}, allow_unicode=False)
    check(migrate(old, "s.yml", SOURCE, LISTING))


@settings(deadline=None)
@given(text=legible, other=legible)
@example(text="?", other="")
def test_no_text_of_the_other_config_does(text: str, other: str) -> None:
    pull = {"title": text, "body": other, "labels": [text or "x"]}
    pattern = {"files": ["LICENSE"], "repositories": ["user/a", f"user/{other}"], "delete_files": [text or "y"]}
    old = {"patterns": [{**pattern, "pull_request": pull, "commit": {"prefix": other}, "template": {other: text}}]}
    check(migrate(yaml.safe_dump(old, allow_unicode=False), "f.yaml", SOURCE, LISTING))


@given(text=texts)
def test_each_line_of_a_comment_begins_with_its_sign(text: str) -> None:
    lines = yamltext.commented(text)
    assert all(line.startswith("#") for line in lines)
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert yaml.safe_load("\n".join([*lines, "a: 1"])) == {"a": 1}
    assert (
        text.isascii() is False or not text.isprintable() or "\n".join(lines) == (f"# {text}".rstrip() if text else "")
    )


@pytest.mark.parametrize("value", ["${{ inputs.a\n}}", "${{\n  github.actor\n}}, x"])
def test_an_expression_on_several_lines_is_named_on_one(value: str) -> None:
    found = migrate(
        "user/a: [LICENSE]\n", "s.yml", SOURCE, LISTING, workflow=step({"ASSIGNEES": value}), workflow_file="w.yml"
    )
    (line,) = [one for one in printed(found, None).splitlines() if "only GitHub knows" in one]
    assert line.startswith("#   w.yml:")


class TestNotes:
    NOTES = tuple(Note("s.yml", line, "replace", "did this", "do that") for line in (3, 5, 5, 9))

    def test_of_one_kind_are_one_with_all_their_lines(self) -> None:
        lines = report(Migration("tool", "s.yml", "", self.NOTES), None)
        assert lines[2:] == ["  s.yml:3 (and 2 more: lines 5, 9): replace: did this → do that"]

    def test_that_differ_stay_apart(self) -> None:
        others = tuple(note._replace(did=f"did {note.line}") for note in self.NOTES[:2])
        assert len(report(Migration("tool", "s.yml", "", others), None)) == 4

    def test_of_very_many_lines_end(self) -> None:
        many = tuple(Note("s.yml", line, "a", "b", "c") for line in range(1, 500))
        (_, _, line) = report(Migration("tool", "s.yml", "", many), None)
        assert line.startswith("  s.yml:1 (and 498 more: lines 2, 3, ")
        assert len(line) < 100
