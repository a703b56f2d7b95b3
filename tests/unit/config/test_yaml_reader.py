"""YAML's own traps: each is told at its place, none is fallen into, and no text makes the reader fail."""

from __future__ import annotations

import pytest

from broadcast.config import yaml_reader
from tests.unit.config.test_parse import GOOD, pointed_at, problems, read, targets, the_problem

HEAD = "version: 1\ntargets: [acme/api]\n"


# Plain values that YAML takes for something else

NO_TEXT = {
    "no": "true or false", "yes": "true or false", "On": "true or false", "off": "true or false", "true": "true or false",
    "1.10": "a number", "1.0e+3": "a number", ".inf": "a number", "010": "a whole number", "0x1F": "a whole number",
    "1_000": "a whole number", "12:30:45": "a whole number", "190:20:30.15": "a number", "-5": "a whole number",
    "2020-01-01": "a date", "2020-01-01T10:00:00Z": "a date",
}  # fmt: skip


@pytest.mark.parametrize("value", NO_TEXT)
def test_where_text_is_wanted_a_value_that_yaml_reads_otherwise_must_be_quoted(value):
    for text in (
        f"{GOOD}pr_title: {value}\n",
        f"{GOOD}pr_labels: [{value}]\n",
        f"version: 1\nfiles: [a]\ntargets: [{value}]\n",
    ):
        problem = the_problem(text)
        assert problem.remedy == f"YAML reads {value} as {NO_TEXT[value]}; put it in quotes"
        assert pointed_at(problem).startswith(value)
    assert targets(f"{GOOD}pr_title: '{value}'\n")["acme/api"].settings.pr_title == value


@pytest.mark.parametrize("value", ["010", "0b11", "0x1F", "1_000", "1:30", "+5", "9" * 5_000, "!!int abc", "!!int ''"])
def test_a_number_is_written_as_people_count(value):
    problem = the_problem(f"{GOOD}limits: {{max_targets: {value}}}\n")
    assert problem.remedy == "write a plain decimal number"
    assert len(problem.message) < 200


@pytest.mark.parametrize("value", ["'5'", "5.0", "true", "x", "[5]", "!!float 5"])
def test_what_is_no_number_is_no_number(value):
    assert "must be a whole number, not " in the_problem(f"{GOOD}limits: {{max_targets: {value}}}\n").message


@pytest.mark.parametrize(
    ("value", "remedy"), [("'true'", "write it without quotes"), ("1", ""), ("!!bool x", ""), ("[]", "")]
)
def test_what_is_neither_true_nor_false(value, remedy):
    problem = the_problem(f"{GOOD}pr_draft: {value}\n")
    assert problem.message.startswith("'pr_draft' must be true or false, not ")
    assert problem.remedy == remedy


@pytest.mark.parametrize("value", ["yes", "on", "True", "TRUE"])
def test_what_yaml_takes_for_true_is_true(value):
    assert targets(f"{GOOD}pr_draft: {value}\n")["acme/api"].settings.pr_draft is True


@pytest.mark.parametrize(
    ("text", "words", "caret"),
    [
        (GOOD + "pr_title:\n", "'pr_title' must be text, not empty", ""),
        (GOOD + "pr_title: ~\n", "'pr_title' must be text, not empty", "~"),
        (GOOD + "pr_labels:\n", "'pr_labels' must be a list, not empty", ""),
        (GOOD + "pr_labels: sync\n", "'pr_labels' must be a list, not 'sync'", "sync"),
        (GOOD + "pr_labels: {a: b}\n", "'pr_labels' must be a list, not a mapping", "{a"),
        (GOOD + "limits: [5]\n", "'limits' must be a mapping, not a list", "[5"),
        (GOOD + "vars: [5]\n", "'vars' must be a mapping, not a list", "[5"),
        (GOOD + "vars: {A: [x, ~]}\n", "'A' must be text, not empty", "~"),
        (GOOD + "vars: {A: {B: [!x y]}}\n", "'B' must be text, not the YAML tag !x", "!x"),
        (GOOD + "transform: {variables: {A: [x]}}\n", "'A' must be text, not a list", "[x"),
        (GOOD + "vars: {A: ~}\n", "'A' must be text, not empty", "~"),
        (GOOD + "vars: {A: !x y}\n", "'A' must be text, not the YAML tag !x", "!x"),
        (HEAD + "files: [[a]]\n", "'files' must be text or a mapping, not a list", "[a"),
        ("[a]\n", "the config must be a mapping, not a list", "[a"),
        ("hello\n", "the config must be a mapping, not 'hello'", "hello"),
        ("~\n", "the config must be a mapping, not empty", "~"),
        (GOOD.replace("1", "'1'"), "'version' must be 1, not '1'", "'1'"),
        (GOOD.replace("1", "1.0"), "'version' must be 1, not '1.0'", "1.0"),
        (GOOD.replace("1", "2"), "'version' can't be 2", "2"),
        (GOOD + "pr_labels: " + "x" * 90 + "\n", "'pr_labels' must be a list, not '" + "x" * 79 + "…'", "x"),
    ],
)
def test_a_value_of_another_kind_is_reported_with_what_stands_there(text, words, caret):
    problem = the_problem(text)
    assert problem.message == words
    assert pointed_at(problem).startswith(caret)


# Characters that mean something

QUOTE = {
    "- !keep.tmp": "'!keep.tmp'", "- !**/x": "'!**/x'", "- !a b": "'!a b'", "- *.out": "starts with *", "- *out": "starts with *",
    "- **/x": "starts with *", "- @x": "starts with @", "- `x`": "starts with `", "- %x": "starts with %",
}  # fmt: skip


@pytest.mark.parametrize("item", QUOTE)
def test_a_pattern_that_has_to_be_quoted_is_met_with_how(item):
    for text in (
        f"{HEAD}directories:\n  - src: a\n    exclude:\n      {item}\n",
        f"{GOOD}ignored_authors: [{item[2:]}]\n",
    ):
        problem = the_problem(text)
        assert "quote" in problem.remedy
        assert QUOTE[item] in problem.remedy or "start" in problem.remedy
    quoted = item[2:].replace("`", "x")
    assert read(f"{HEAD}directories:\n  - src: a\n    exclude: ['{quoted}']\n").sources[0].exclude[-1] == quoted


@pytest.mark.parametrize(
    ("text", "line", "caret", "remedy"),
    [
        ("version: 1\ntargets:\n\t- acme/api\n", 3, "\t- acme", "spaces for indentation"),
        (GOOD + "pr_title: chore: sync\n", 4, ": sync", "quote texts that hold `: `"),
        ("version: 1\ntargets: [acme/api\nfiles: [a]\n", 3, ": [a]", "brackets"),
        (GOOD + "pr_title: 'x\n", 5, "", "quotes"),
        (GOOD + "--- \n" + GOOD, 4, "---", "a config is one document"),
        (GOOD + "---\n---\n", 4, "---", "a config is one document"),
        (GOOD + "pr_title: !e!foo bar\n", 4, "!e!foo", "quote it"),
        ("*a\n", 1, "*a", "quote a text"),
        (GOOD + " pr_title: x\n", 4, "", "indentation"),
    ],
)
def test_what_is_no_yaml_is_reported_with_its_line_and_column(text, line, caret, remedy):
    problem = the_problem(text)
    assert problem.message.startswith("this isn't valid YAML: ")
    assert problem.line == line
    assert not caret or pointed_at(problem).startswith(caret)
    assert remedy in problem.remedy


@pytest.mark.parametrize("odd", ["\0", "\x07", "\x1b", "\x7f", "\x80", "\ufffe", "\uffff"])
def test_characters_that_no_yaml_may_hold_are_pointed_at(odd):
    problem = the_problem(f"# ä€😀 ä€😀 ä€😀 ä€😀\n\n{GOOD}pr_title: ä{odd}b\n")
    assert (problem.line, problem.column) == (6, 12)
    assert problem.remedy == "remove this character"


@pytest.mark.parametrize("escape", ["\\0", "\\x07", "\\x1b", "\\x7f"])
@pytest.mark.parametrize(
    "key", ["pr_title: %s", "pr_labels: [ok, %s]", "remove: [%s]", "branch_prefix: %s", "vars: {'A': %s}"]
)
def test_control_characters_that_are_escaped_come_through_nowhere_but_in_vars(key, escape):
    text = GOOD + key.replace("%s", f'"a{escape}b"') + "\n"
    if "vars" in key:
        assert read(text).vars
        return
    problem = the_problem(text)
    assert "control characters" in problem.message
    assert pointed_at(problem).startswith('"a')


def test_lines_and_tabs_are_no_control_characters():
    settings = targets(GOOD + 'pr_body: "a\\n\\tb\\n"\ncommit_message: |\n  a\n\n  b\n')["acme/api"].settings
    assert (settings.pr_body, settings.commit_message) == ("a\n\tb\n", "a\n\nb\n")


# Keys


def test_a_key_that_is_here_twice_is_reported_with_both_lines():
    for text in (GOOD + "files: [b]\n", GOOD + '"files": [b]\n'):
        problem = the_problem(text)
        assert (problem.line, problem.message, problem.remedy) == (
            4,
            "the key 'files' is used twice",
            "line 3 has it too; keep one",
        )
    assert the_problem(GOOD + "vars: {A: 1, B: 2, A: 3}\n").column == 20


@pytest.mark.parametrize("key", ["5", "on", "~", "null", "1.5", "2020-01-01", "''"])
def test_a_key_that_is_no_text_is_unknown(key):
    problem = the_problem(f"{GOOD}{key}: x\n")
    assert problem.message.startswith("unknown key ")
    assert pointed_at(problem).startswith(key)


def test_a_key_that_is_no_plain_value_is_reported_once_each():
    first, second = problems(GOOD + "? [a]\n: x\n? {b: c}\n: x\n")
    assert (first.line, first.message) == (4, "a key must be text, not a list")
    assert (second.line, second.message) == (6, "a key must be text, not a mapping")


@pytest.mark.parametrize("value", ["5", "[5]", "[{max_targets: 3}, x]", "~", "[[{}]]"])
def test_only_mappings_can_be_merged(value):
    problem = the_problem(f"{GOOD}limits: {{<<: {value}}}\n")
    assert problem.message.startswith("<< must name a mapping, not ")


def test_a_quoted_merge_key_is_a_key_like_any_other():
    assert the_problem(f"{GOOD}limits: {{'<<': {{max_targets: 3}}}}\n").message == "unknown key '<<'"


# Ends of lines, and starts of files


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_however_lines_end_and_files_begin_the_place_is_right(end, start):
    problem = the_problem(start + f"{GOOD}labls: [x]\n".replace("\n", end))
    assert (problem.line, problem.column, pointed_at(problem)) == (4, 1, "labls: [x]")
    assert targets(start + GOOD.replace("\n", end)).keys() == {"acme/api"}
    assert pointed_at(the_problem(start + "versoin: 1" + end + GOOD[11:])) == "versoin: 1"


def test_a_caret_stands_under_its_text_behind_tabs_and_wide_letters():
    problem = the_problem(f"{HEAD}files: [{{src:\tä€😀, dst:\tb}}]\n")
    line, caret = problem.excerpt.split("\n")
    assert line[len(caret) - 1 :].startswith("dst")
    assert [one for one in caret if one == "\t"] == [one for one in line[: len(caret) - 1] if one == "\t"]


def test_a_directive_and_a_document_of_its_own_are_allowed():
    assert targets(f"%YAML 1.1\n---\n{GOOD}...\n").keys() == {"acme/api"}


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_file_says_how_to_start(text):
    problem = problems(text)[0]
    assert problem.message in ("the file is empty", "the config must be a mapping, not empty")


# Documents without an end

DEEP = {"[": "]", "{a: ": "}", "- ": "", "? ": "", "{<<: ": "}", "[{a: ": "}]"}


@pytest.mark.parametrize("opening", DEEP)
@pytest.mark.parametrize("depth", [150, 10_000, 200_000])
def test_nesting_without_end_is_reported_and_does_no_harm(opening, depth):
    problem = the_problem(f"{GOOD}limits:\n  {opening * depth}x{DEEP[opening] * depth}\n")
    assert problem.message == "the YAML is nested too deeply"
    assert problem.line == 5


def test_nesting_that_no_one_would_write_by_hand_is_still_read():
    depth = yaml_reader.MAX_DEPTH - 5
    assert read(f"{GOOD}x-deep: {'[' * depth}{']' * depth}\n")


def test_a_chain_of_merges_without_end_is_reported():
    chain = "".join(f"x-{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 5_000))
    problem = the_problem(f"{GOOD}x-0: &a0 {{max_targets: 1}}\n{chain}limits: *a4999\n")
    assert problem.message == "the YAML is nested too deeply"


LAUGHS = {
    "lists": "version: 1\n"
    f"x-f: &f [{', '.join(f'f{n}' for n in range(400))}]\nx-t: &t {{repo: acme/a, files: *f}}\n"
    f"x-g: &g {{name: g, targets: [{', '.join(['*t'] * 400)}]}}\ngroups: [{', '.join(['*g'] * 400)}]\n",
    "merges": GOOD
    + "x-0: &a0 {max_targets: 1}\n"
    + "".join(f"x-{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 40))
    + "limits: *a39\n",
}


@pytest.mark.parametrize("name", LAUGHS)
def test_aliases_that_explode_are_reported_in_a_moment(name):
    assert the_problem(LAUGHS[name]).message == "this alias makes the document endless"


@pytest.mark.parametrize("text", ["targets: &a [*a]", "limits: &a {<<: *a}", "groups: &a [{name: g, targets: *a}]"])
def test_an_anchor_inside_itself_is_reported(text):
    assert "this alias makes the document endless" in [one.message for one in problems(f"version: 1\n{text}\n")]


def test_anchors_that_only_look_endless_are_read():
    kit = "".join(f"  - {{src: f{n}, dest: g{n}}}\n" for n in range(20))
    everyone = "".join(f"  - {{repo: acme/svc-{n}, files: *kit}}\n" for n in range(1_000))
    assert len(read(f"version: 1\nx-kit: &kit\n{kit}targets:\n{everyone}").targets) == 1_000
