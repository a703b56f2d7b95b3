"""Every mistake in a config is met once, at its place, with what to write instead."""

from __future__ import annotations

import re

import pytest
from msgspec import inspect

from broadcast.config.yaml_reader import did_you_mean
from broadcast.errors import MAX_LISTED
from tests.unit.config.test_parse import FILE, GOOD, every_struct, pointed_at, problems, the_problem

# Where each kind of mapping stands; %s is for one more key of it.
STANDS = {
    "WrittenConfig": "version: 1\ntargets: [acme/api]\nfiles: [a]\n%s",
    "WrittenGroup": "version: 1\ngroups:\n  - name: g\n    targets: [acme/api]\n    files: [a]\n    %s",
    "WrittenTarget": "version: 1\nfiles: [a]\ntargets:\n  - repo: acme/api\n    %s",
    "WrittenMapping": "version: 1\ntargets: [acme/api]\nfiles:\n  - src: a\n    %s",
    "WrittenDelimiters": "version: 1\ntargets: [acme/api]\nfiles:\n  - src: a\n    template: true\n    delimiters:\n      block: ['<%%', '%%>']\n      %s",
    "WrittenPosition": "version: 1\ntargets: [acme/api]\nfiles:\n  - src: a\n    mode: block\n    at:\n      after: x\n      %s",
    "WrittenIdentity": "version: 1\ntargets: [acme/api]\nfiles:\n  - src: a\n    mode: keys\n    lists:\n      by: x\n      %s",
    "WrittenRemoval": "version: 1\ntargets: [acme/api]\nfiles: [a]\nremove:\n  - path: x\n    %s",
    "WrittenFreeze": "version: 1\ntargets: [acme/api]\nfiles: [a]\nfreeze:\n  - from: 2026-12-20\n    to: 2026-12-24\n    %s",
    "WrittenTransform": "version: 1\ntargets: [acme/api]\nfiles: [a]\ntransform:\n    repo_name: true\n    %s",
    "WrittenDefaults": "version: 1\ngroups:\n  - name: g\n    targets: [acme/api]\n    files: [a]\n    global:\n      %s",
    "WrittenSource": "version: 1\ntargets: [acme/api]\nfiles: [a]\nsource:\n  branch: main\n  %s",
    "WrittenFileList": "version: 1\ntargets: [acme/api]\nfiles: [a]\nfile_lists:\n  - id: x\n    files: [a]\n    %s",
    "WrittenDirectoryList": "version: 1\ntargets: [acme/api]\nfiles: [a]\ndirectory_lists:\n  - id: x\n    directories: [a]\n    %s",
    "WrittenWave": "version: 1\ntargets: [acme/api]\nfiles: [a]\nrollout:\n  - name: w\n    %s",
    "WrittenMember": "version: 1\ntargets: [acme/api]\nfiles: [a]\nrollout:\n  - name: w\n    targets:\n      - repo: acme/api\n        %s",
    "WrittenAdvance": "version: 1\ntargets: [acme/api]\nfiles: [a]\nrollout: [{name: w}]\nadvance:\n  when: merged\n  %s",
    "WrittenLimits": "version: 1\ntargets: [acme/api]\nfiles: [a]\nlimits:\n  max_targets: 9\n  %s",
}  # fmt: skip


def keys(name: str) -> list[str]:
    kind = inspect.type_info(next(one for one in every_struct() if one.__name__ == name))
    return [field.encode_name for field in kind.fields if field.name != "place"]


def edits(word: str) -> set[str]:
    """Words with one letter missing, doubled, another one, or swapped; none of them is a key itself."""
    cuts = range(len(word))
    missing = {word[:at] + word[at + 1 :] for at in cuts}
    doubled = {word[: at + 1] + word[at:] for at in cuts}
    other = {word[:at] + "q" + word[at + 1 :] for at in cuts}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in cuts[:-1]}
    return {one for one in missing | doubled | other | swapped if one and one != word}


def test_every_kind_of_mapping_has_its_typos_tried():
    bases = {"WrittenSettings", "WrittenLevel"}  # what others are made of
    lenient = {"WrittenPerformance"}  # warns of other keys
    assert {one.__name__ for one in every_struct()} - bases - lenient == set(STANDS)


@pytest.mark.parametrize("name", STANDS)
def test_a_slip_in_any_key_is_met_with_the_key_that_was_meant_and_nothing_else(name):
    known = keys(name)
    for key in known:
        for typo in sorted(edits(key) - set(known)):
            problem = the_problem(STANDS[name] % f"{typo}: x\n")
            assert problem.message == f"unknown key {typo!r}"
            assert problem.remedy.startswith(f"did you mean {key!r}?"), (typo, problem.remedy)
            assert pointed_at(problem) == f"{typo}: x"


REQUIRED = {
    "version": "%s: 1\ntargets: [acme/api]\nfiles: [a]\n",
    "targets": "version: 1\n%s: [acme/api]\nfiles: [a]\n",
    "files": "version: 1\ntargets: [acme/api]\n%s: [a]\n",
    "name": "version: 1\ngroups: [{%s: g, targets: [acme/api], files: [a]}]\n",
    "groups": "version: 1\n%s: [{name: g, targets: [acme/api], files: [a]}]\n",
    "repo": "version: 1\ntargets: [{%s: acme/api}]\nfiles: [a]\n",
    "owner": "version: 1\ntargets: [{%s: acme}]\nfiles: [a]\n",
    "src": "version: 1\ntargets: [acme/api]\nfiles: [{%s: a}]\n",
    "id": "version: 1\ngroups: [{name: g, targets: [acme/api], file_list_refs: [x]}]\nfile_lists: [{%s: x, files: [a]}]\n",
}


@pytest.mark.parametrize("key", REQUIRED)
def test_a_slip_in_a_key_that_must_be_there_is_one_mistake_and_not_two(key):
    for typo in sorted(edits(key)):
        problem = the_problem(REQUIRED[key] % typo)
        assert problem.message == f"unknown key {typo!r}"
        assert problem.remedy.startswith(f"did you mean {key!r}?")


@pytest.mark.parametrize("key", REQUIRED)
def test_a_value_of_the_wrong_kind_in_a_key_that_must_be_there_is_one_mistake(key):
    text = re.sub(rf"\b{key}: (\[.*\]|[^,}}\n]*)", f"{key}: [[5]]", REQUIRED[key] % key, count=1)
    problem = the_problem(text)
    assert repr(key) in problem.message


@pytest.mark.parametrize(
    ("word", "meant"),
    [("Pr-Labels", "pr_labels"), ("labels", "pr_labels"), ("TARGETS", "targets"), ("dest", ""), ("", "")],
)
def test_dashes_and_capitals_are_no_reason_not_to_understand(word, meant):
    remedy = did_you_mean(word, keys("WrittenConfig"))
    assert remedy.startswith(f"did you mean {meant!r}?" if meant else "allowed: ")


def test_a_word_that_is_one_letter_away_goes_before_one_that_only_looks_alike():
    assert did_you_mean("ib", ["ibis", "id"]).startswith("did you mean 'id'?")


@pytest.mark.parametrize("name", STANDS)
def test_a_key_that_looks_like_none_gets_a_short_list_of_what_fits_there(name):
    known = keys(name)
    remedy = the_problem(STANDS[name] % "zzzqqqxxx: x\n").remedy
    listed, _, rest = remedy.removeprefix("allowed: ").partition(" and ")
    assert set(listed.split(", ")) <= set(known)
    assert len(listed.split(", ")) == min(len(known), MAX_LISTED)
    assert rest == (f"{len(known) - MAX_LISTED} more; see docs/config.md" if len(known) > MAX_LISTED else "")


def test_what_looks_most_alike_is_listed_first():
    words = [*(f"other_{number}" for number in range(30)), "pull_request_title"]
    assert did_you_mean("title_of_requests", words).startswith("allowed: pull_request_title, ")
    assert did_you_mean("x" * 1000, words).endswith(" and 21 more")


GROUPS = "version: 1\nfiles: [a]\ngroups:\n"
LISTS = "version: 1\ntargets: [{repo: acme/api, file_list_refs: [common]}]\n"
# text, what the caret stands under, the message, a word of the remedy
MISTAKES = {
    "a group id twice": (
        GROUPS + "  - {name: a, id: x, targets: [acme/a]}\n  - {name: b, id: x, targets: [acme/b]}\n",
        "x, targets", "the group id 'x' is used twice", "own id"),
    "an unknown dependency": (
        GROUPS + "  - {name: a, id: base-1, targets: [acme/a]}\n  - {name: b, depends_on: [base-2], targets: [acme/b]}\n",
        "base-2]", "there is no group with the id 'base-2'", "did you mean 'base-1'?"),
    "a dependency by name": (
        GROUPS + "  - {name: base, targets: [acme/a]}\n  - {name: b, depends_on: [base], targets: [acme/b]}\n",
        "base]", "there is no group with the id 'base'", "give that group an `id`"),
    "an empty dependency": (
        GROUPS + "  - {name: a, targets: [acme/a]}\n  - {name: b, depends_on: [''], targets: [acme/b]}\n",
        "''", "there is no group with the id ''", "id"),
    "a circle": (
        GROUPS + "  - {name: a, id: a, depends_on: [b], targets: [acme/a]}\n  - {name: b, id: b, depends_on: [a], targets: [acme/b]}\n",
        "", "depends_on goes in a circle: ", "remove one"),
    "a dependency on itself": (
        GROUPS + "  - {name: a, id: a, depends_on: [a], targets: [acme/a]}\n",
        "a], targets", "depends_on goes in a circle: a → a", "remove one"),
    "a group without targets": (GROUPS + "  - {name: a, targets: []}\n", "{name", "'a' has no targets", "add"),
    "a group of exclusions": (
        GROUPS + "  - {name: a, targets: ['!acme/a']}\n", "{name", "'a' has no targets", "add `targets"),
    "exclusions only": (
        "version: 1\ntargets: ['!acme/a']\nfiles: [a]\n", "version", "there are no targets", "add `targets"),
    "an unknown list": (
        LISTS + "file_lists: [{id: commons, files: [a]}]\n", "common]", "no list with the id 'common'", "'commons'?"),
    "no lists at all": (LISTS, "common]", "no list with the id 'common'", "define it under file_lists"),
    "a list twice": (
        LISTS + "file_lists:\n  - {id: common, files: [a]}\n  - {id: common, files: [b]}\n",
        "common", "file_lists: the id 'common' is used twice", "own id"),
    "another source": (GOOD + "source: {repo: acme/other}\n", "acme/other", "but this config stands in acme/templates", "keep a config in each"),
    "another source of a group": (
        GROUPS + "  - {name: a, targets: [acme/a], source: {repo: acme/other}}\n",
        "acme/other", "the source is acme/other", "run Broadcast there"),
    "nothing to send": ("version: 1\ntargets: [acme/api]\n", "acme/api]", "nothing is sent to acme/api", "add `files:`"),
    "a mapping without a source": (
        GOOD.replace("LICENSE", "{dest: X}"), "{dest", "'src' is missing", "or `delete: true`"),
    "a directory that would be deleted with its source": (
        GOOD + "directories: [{src: kit, dest: lib, delete: true}]\n",
        "{src", "delete: true would delete the directory", "`mode: mirror`"),
    "a directory that would be deleted where it is": (
        GOOD + "directories: [{src: kit, delete: true}]\n", "{src", "delete: true would delete", "or `remove:`"),
    "a removal of everything": (GOOD + "remove: [./]\n", "./", "names the whole repository", "name the files"),
    "a file to nowhere": (GOOD.replace("LICENSE", "{src: a, dest: ./}"), "{src", "dest names no file", "whole path"),
    "a pattern that means nothing": (
        GOOD + "directories: [{src: kit, exclude: ['ok', 'a[[:x:]']}]\n", "'a[[", "is not a valid pattern", ".gitignore"),
    "a pattern of include_only": (
        GOOD + "directories: [{src: kit, include_only: ['a[[:x:]']}]\n", "'a[[", "is not a valid pattern", ".gitignore"),
    "a bad unless_exists": (GOOD.replace("LICENSE", "{src: a, unless_exists: [../x]}"), "../x", "leaves the repository", "root"),
    "an id that names no branch": (GOOD + "id: 'a b'\n", "'a b'", "can't name a branch", "letters"),
    "a prefix of every branch": (GOOD + "supersedes: [/]\n", "/]", "begins every branch", "own prefix"),
    "a branch prefix": (GOOD + "branch_prefix: chore/\n", "chore/", "can't start a branch name", "letters"),
    "a bad branch": ("version: 1\nfiles: [a]\ntargets: [{repo: acme/api, branch: 'a b'}]\n", "'a b'", "can't be the name of a branch", ""),
    "a branch pattern": ("version: 1\nfiles: [a]\ntargets: [acme/api@v*]\n", "acme", "can't be the name of a branch", ""),
    "a name of the facts": (GOOD + "vars: {A: x, target: x}\n", "target", "the target's own facts", "letters"),
    "no name": (GOOD + "vars: {a-b: x}\n", "a-b", "can't be a name", "letters"),
    "a decorated variable": (GOOD + "transform: {variables: {'{{A}}': x}}\n", "'{{A}}'", "can't be the name of a variable", "bare name"),
    "a brace": (GOOD + "pr_title: 'a { b'\n", "'a {", "a single brace", "{{ or }}"),
    "a format": (GOOD + "pr_title: '{source:>99999}'\n", "'{s", "unknown placeholder {source:>99999}", "{source}"),
    "a conversion": (GOOD + "pr_body: '{source!r}'\n", "'{s", "unknown placeholder {source!r}", "{source}"),
    "a number for a placeholder": (GOOD + "commit_message: 'x {0}'\n", "'x", "unknown placeholder {0}", "{source}"),
    "a message in a title": (GOOD + "pr_title: 'x {source_message}'\n", "'x", "pr_title: {source_message} has several lines", "{source_title}"),
    "a list in a title": (GOOD + "pr_title: '{change_list}'\n", "'{c", "pr_title: {change_list} has several lines", "in pr_body"),
    "a list in a subject": (GOOD + "commit_message: \"x {change_list}\\n\\ny\"\n", '"x', "the first line of commit_message: {change_list}", "below the first line"),
    **{
        f"the author {author!r}": (GOOD + f"commit_author: {author}\n", author, "names no author", "Name <name@example.com>")
        for author in ("Al", "al@example.com", "<al@example.com>", '"Al\\nB <al@example.com>"', "Al <al@example.com> x", "Al <a b@c.d>",
                       "Al <al>", "A <l> <al@example.com>", "Al. <al@example.com>", "Al <al@example.com>>")
    },
    "repo and owner": ("version: 1\nfiles: [a]\ntargets: [{repo: api, owner: acme}]\n", "{repo", "both `repo` and `owner`", "keep one"),
    "a filter without an owner": ("version: 1\nfiles: [a]\ntargets: [{topic: oss}]\n", "{topic", "names no repository", "`owner"),
    "a filter on one repository": (
        "version: 1\nfiles: [a]\ntargets: [{repo: acme/api, topic: oss}]\n", "{repo", "`topic` chooses among", "`owner:`"),
    "a pattern for an owner": ("version: 1\nfiles: [a]\ntargets: ['ac*/api']\n", "'ac*", "'ac*' names no owner", "only names"),
    "a visibility": (
        "version: 1\nfiles: [a]\ntargets: [{owner: acme, visibility: [privat]}]\n",
        "privat", "'visibility' can't be 'privat'", "'private'?"),
    "a target that is excluded": (
        "version: 1\nfiles: [a]\ntargets: [acme/api, '!acme/api']\n", "acme/api, ", "is both named and excluded", "remove one"),
    "no branch after @": ("version: 1\nfiles: [a]\ntargets: [acme/api@]\n", "acme/api@", "ends in @", ""),
    "a bad owner": ("version: 1\nfiles: [a]\ntargets: [ac_me/api]\n", "ac_me", "names no repository", "owner/repo"),
    "a mode": (GOOD + "directories: [{src: a, mode: miror}]\n", "miror", "'mode' can't be 'miror'", "'mirror'?"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_once_with_its_place_and_its_remedy(name):
    text, caret, message, remedy = MISTAKES[name]
    problem = the_problem(text)
    assert message in problem.message
    assert remedy in problem.remedy
    assert pointed_at(problem).startswith(caret)
    assert problem.place.startswith(f"{FILE}:{problem.line}:")


def test_a_circle_is_reported_at_one_of_its_own_lines():
    circle = "".join(
        f"  - {{name: n{n}, id: g{n}, depends_on: [g{(n + 1) % 3}], targets: [acme/a{n}]}}\n" for n in range(3)
    )
    problem = the_problem(f"{GROUPS}  - {{name: out, id: out, depends_on: [g1], targets: [acme/x]}}\n{circle}")
    assert problem.line in (5, 6, 7)
    assert pointed_at(problem).startswith("g")
    first, *rest = problem.message.removeprefix("depends_on goes in a circle: ").split(" → ")
    assert (rest[-1], {first, *rest}) == (first, {"g0", "g1", "g2"})
    assert all(int(after[1]) == (int(before[1]) + 1) % 3 for before, after in zip([first, *rest], rest, strict=False))


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file():
    text = "targts: [acme/api]\nfiles: [../a, {dest: X}]\npr_draft: maybe\ngroups: [{id: x, targets: [acme], pr_title: '{x}'}]\n"
    found = [(problem.line, problem.message) for problem in problems(text)]
    assert [line for line, _ in found] == sorted(line for line, _ in found)
    words = [
        "version",
        "targts",
        "leaves the repository",
        "'src' is missing",
        "'pr_draft'",
        "'name' is missing",
        "'acme'",
        "{x}",
    ]
    assert all(any(word in message for _, message in found) for word in words), found
    assert len(found) == len(words)


def test_a_list_that_no_one_names_is_checked_as_well():
    assert "leaves the repository" in the_problem(f"{GOOD}file_lists: [{{id: x, files: [../a]}}]\n").message


def test_without_a_known_source_no_one_can_say_that_it_is_another():
    from broadcast.config.parse import parse

    assert parse(GOOD + "source: {repo: acme/other}\n", FILE, "").targets
