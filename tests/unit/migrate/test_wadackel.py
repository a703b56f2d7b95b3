"""wadackel/files-sync-action's config in our language, and its micromatch patterns."""

from __future__ import annotations

import pytest

from broadcast.config.parse import parse
from broadcast.errors import ConfigError
from broadcast.migrate import Migration, SourceList, micromatch, migrate

SOURCE = "acme/templates"
LISTING = SourceList(
    ["LICENSE", "ci.yaml", "shared/a.txt", "shared/b.md", "shared/sub/c.md", "shared/.hidden", "other/x"]
)
HEAD = "version: 1\nid: acme/templates.f\nsupersedes: [files-sync/acme-templates-0]\n"


def migrated(text: str, listing: SourceList = LISTING) -> Migration:
    found = migrate(text, "f.yaml", SOURCE, listing)
    assert parse(found.text, "new", SOURCE).targets
    return found


def pattern(files: str = "[LICENSE]", more: str = "", repositories: str = "[user/a]") -> str:
    return f"patterns:\n  - files: {files}\n    repositories: {repositories}\n{more}"


def body(migration: Migration) -> str:
    return migration.text.partition("\n")[2].removeprefix(HEAD)


def told(migration: Migration, key: str) -> list[str]:
    return [str(note) for note in migration.notes if note.key == key]


def test_the_example_of_its_readme() -> None:
    text = """settings:
  pull_request:
    reviewers: ['@wadackel', 'team:core']
    labels: ['files-sync']
patterns:
  - files:
      - LICENSE
      - from: ci.yaml
        to: .github/workflows/ci.yaml
      - from: shared
        to: shared
        exclude: ['*.txt']
    delete_files:
      - a-file-to-delete.md
      - path: a/folder
        type: directory
    repositories: [owner/repo1, owner/repo2@feature/x]
"""
    assert (
        body(migrated(text))
        == """pr_labels: [files-sync]
pr_reviewers: [wadackel]
pr_team_reviewers: [core]
targets: [owner/repo1, owner/repo2@feature/x]
files:
  - LICENSE
  - {src: ci.yaml, dest: .github/workflows/ci.yaml}
directories:
  - {src: shared, exclude: [/*.txt], include_hidden: false}
remove: [a-file-to-delete.md, a/folder]
"""
    )


def test_patterns_for_one_target_make_one_pull_request() -> None:
    text = """settings: {commit: {prefix: build}, pull_request: {labels: [all]}}
patterns:
  - {files: [LICENSE], repositories: [user/a, user/b], pull_request: {title: One, labels: [x]}}
  - {files: [ci.yaml], repositories: [user/a], pull_request: {title: "Two <%= index %>", labels: [y]}}
"""
    found = migrated(text)
    assert (
        body(found).partition("templates-1]\n")[2]
        == """commit_message: "build: sync files with `{source}`"
pr_title: One
targets:
  - repo: user/a
    pr_labels: [all, x, y]
    files:
      - ci.yaml
  - {repo: user/b, pr_labels: [all, x]}
files:
  - LICENSE
"""
    )
    assert "supersedes: [files-sync/acme-templates-0, files-sync/acme-templates-1]" in found.text
    assert told(found, "user/a")[0].startswith("f.yaml:4: user/a: got one pull request for each pattern")
    assert told(found, "pr_title")[0].endswith("the first counts: One")


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ("{merge: {mode: auto}}", "pr_auto_merge: true\npr_merge_method: merge\n"),
        ("{merge: {mode: immediate, strategy: squash}}", "pr_auto_merge: true\npr_merge_method: squash\n"),
        ("{merge: {mode: disabled, strategy: squash}}", ""),
        ("{title: 'Files of <%- repository %> {x}'}", 'pr_title: "Files of {source} {{x}}"\n'),
        ("{body: 'Hello <%= repository %>'}", 'pr_body: "Hello {source}"\n'),
        ("{body: '<% for (const x of changes) { %>'}", ""),
    ],
)
def test_pull_requests_are_set_as_they_were(settings: str, lines: str) -> None:
    assert body(migrated(pattern(more=f"    pull_request: {settings}\n"))).partition("targets:")[0] == lines


@pytest.mark.parametrize(
    ("more", "key", "did"),
    [
        ("    pull_request: {merge: {mode: admin}}", "merge.mode: admin", "merged past what the target requires"),
        ("    pull_request: {merge: {mode: immediate}}", "merge.mode: immediate", "merged at once"),
        ("    pull_request: {merge: {delete_branch: true}}", "merge.delete_branch", "deleted the branch"),
        ("    pull_request: {merge: {commit: {prefix: x}}}", "merge.commit", "worded the merge commit"),
        ("    pull_request: {disabled: true}", "pull_request.disabled", "was read and never looked at"),
        ("    pull_request: {force: false}", "pull_request.force", "added commits to an open pull request"),
        ("    pull_request: {body: '<% x %>'}", "body", "is made by EJS"),
        ("    commit: {subject: '<% x %>'}", "commit", "is made by EJS"),
        ("    branch: {prefix: x}", "branch", "named its branches"),
        ("    branch: {format: '<%- now %>'}", "branch.format", "names its branches by more"),
        ("    colour: red", "colour", "is no key of that tool, which ignored it"),
        ("    <<: {a: b}", "<<", "is no key of that tool, which ignored it"),
    ],
)
def test_every_setting_without_an_equal_is_reported_with_its_line(more: str, key: str, did: str) -> None:
    (note,) = told(migrated(pattern(more=more)), key)
    assert note.startswith(f"f.yaml:4: {key}: {did}")


@pytest.mark.parametrize(
    ("branch", "supersedes"),
    [
        ("{prefix: ci/files}", "[ci/files/acme-templates-0]"),
        ("{format: 'sync-<%= repository %>'}", "[sync-acme-templates]"),
        ("{format: ' '}", ""),
    ],
)
def test_open_pull_requests_are_closed_by_the_branches_they_had(branch: str, supersedes: str) -> None:
    text = migrated(pattern(more=f"    branch: {branch}\n")).text
    assert f"supersedes: {supersedes}" in text if supersedes else "supersedes" not in text


def test_templates_that_are_not_there_to_read_are_reported_and_get_their_values() -> None:
    found = migrated(pattern(more="    template: {name: x, 'a b': 1}\n"))
    assert body(found).startswith(
        "vars: {name: x, a_b: 1}\ntargets: [user/a]\nfiles:\n  - src: LICENSE\n    template: true\n"
    )
    assert "with EJS" in told(found, "template")[0]
    assert "write it for a b in the files" in told(found, "a b")[0]


def test_what_is_deleted_is_not_sent_as_well() -> None:
    more = "    delete_files: [LICENSE, shared/a.txt]\n"
    found = migrated(pattern("[LICENSE, shared]", more))
    assert body(found) == (
        "targets: [user/a]\ndirectories:\n  - {src: shared, exclude: [/a.txt], include_hidden: false}\n"
        "remove: [LICENSE, shared/a.txt]\n"
    )
    assert "deleted LICENSE, which was sent as well" in told(found, "delete_files")[0]


def test_a_pattern_that_only_deletes_is_migrated() -> None:
    assert body(migrated(pattern("[]", "    delete_files: [x]\n"))) == "targets: [user/a]\nremove: [x]\n"


@pytest.mark.parametrize(
    ("exclude", "ours", "did"),
    [
        ("'*.txt'", "[/*.txt]", ""),
        ("'**/*.md'", '["*.md"]', ""),
        ("sub/**", "[/sub/**]", ""),
        ("'{a,b}.txt'", "[/a.txt, /b.txt]", ""),
        ("'*'", '[/*, "!/*/"]', ""),
        ("sub", "", "'sub' excluded nothing: it matched files only"),
        ("sub/", "", "'sub/' excluded nothing"),
        ("'@(a|b).*'", "[/a.txt, /b.md]", "'@(a|b).*' is a pattern that no .gitignore has an equal for"),
        ("'[z-a]'", "", "'[z-a]' is no pattern"),
    ],
)
def test_excludes_become_patterns_of_a_gitignore(exclude: str, ours: str, did: str) -> None:
    found = migrated(pattern(f"[{{from: shared, to: x, exclude: [{exclude}]}}]"))
    assert (f"exclude: {ours}, " in found.text) if ours else ("exclude:" not in found.text)
    assert [did in note for note in told(found, "exclude")] == ([True] if did else [])


BRACKETS = SourceList(["LICENSE", "app/[id].js", "app/i.js", "app/x.js", "app/[id]/x.md", "app/[id]/y.js", "app/[...s]/x.md",
                       "app/(g)/x.md"])  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('"app/[id].js"', '- "app/[id].js"'),
        ('{from: app, to: x, exclude: ["[id].js"]}', r'exclude: ["/[id].js", "/\\[id\\].js"]'),
        ('{from: "app/[id]", to: x, exclude: ["*.md"]}', '{src: "app/[id]", dest: x, exclude: [/*.md]}'),
        ('{from: "app/[...s]", to: x, exclude: ["*.md"]}', '{src: "app/[...s]", dest: x}'),
        ('{from: "app/(g)", to: x, exclude: ["*.md"]}', "{src: app/(g), dest: x}"),
        ('{from: "app/(g)", to: x, exclude: ["x.md"]}', ""),
    ],
)
def test_names_with_brackets_match_themselves(entry: str, expected: str) -> None:
    text = migrated(pattern(f"[LICENSE, {entry}]"), BRACKETS).text
    assert (expected in text) if expected else ("(g)" not in text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("patterns: x\n", "f.yaml:1:11: patterns must be a list, not 'x'"),
        ("patterns: [{files: [a]}]\n", "f.yaml:1:12: the key 'repositories' is missing"),
        ("patterns: [{files: [{from: a}], repositories: []}]\n", "f.yaml:1:21: the key 'to' is missing"),
        ("patterns: [{files: [1], repositories: [a/b]}]\n", "f.yaml:1:21: an entry of files must be text, not '1'"),
        ("settings: {commit: x}\npatterns: []\n", "f.yaml:1:20: commit must be a mapping, not 'x'"),
        (pattern(more="    pull_request: {force: no}\n"), "f.yaml:4:27: force must be true or false, not 'no'"),
        (pattern(more="    pull_request: {merge: {mode: x}}\n"), "f.yaml:4:34: mode must be disabled or immediate"),
        (pattern(more="    delete_files: [{type: file}]\n"), "f.yaml:4:20: the key 'path' is missing"),
    ],
)
def test_wrong_shapes_are_reported_with_their_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(text, "f.yaml", SOURCE, LISTING)
    assert any(f"{one.place}: {one.message}".startswith(problem) for one in caught.value.problems)


def test_the_workflow_has_nothing_to_say() -> None:
    found = migrate(pattern(), "f.yaml", SOURCE, LISTING, workflow="on: push", workflow_file="w.yml")
    assert "it was not read" in str(found.notes[-1])


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("*.md", ["a.md", "-.md"], ["a/b.md", ".md", "a.txt"]),
        ("**/*.md", ["a.md", "a/b/c.md"], [".x/a.md", "a/.b.md"]),
        ("a/**", ["a", "a/b", "a/b/c"], ["ab", "a/.b"]),
        ("**", ["a", "a/b"], [".a", "a/.b"]),
        ("a/**/c", ["a/c", "a/b/c", "a/b/b/c"], ["ac", "a/.b/c"]),
        ("?.md", ["a.md"], [".md", "ab.md", "..md"]),
        ("{a,b/{c,d}}", ["a", "b/c", "b/d"], ["b", "c"]),
        ("x{1..3}", ["x1", "x3"], ["x4"]),
        ("x{3..1}{a..b}", ["x1a", "x3b"], ["x1c"]),
        ("{a}", ["{a}"], ["a"]),
        ("[ab].md", ["a.md"], ["c.md"]),
        ("[!a]", ["!", "a"], ["b"]),
        ("[^a]", ["b"], ["a", "/"]),
        ("@(a|b).md", ["a.md", "b.md"], ["c.md", "ab.md"]),
        ("!(a).md", ["b.md"], ["a.md"]),
        ("+(a)b", ["ab", "aab"], ["b"]),
        ("?(a)b", ["b", "ab"], ["aab"]),
        (r"\*.md", ["*.md"], ["a.md"]),
        ("!*.md", ["a.txt", "a/b.md"], ["a.md"]),
        ("a+b$(c", ["a+b$(c"], ["aab"]),
        (r"[\]a]", ["]", "a"], ["b", "\\]"]),
        ("*(ab|c)d", ["d", "abd", "cabcd"], ["bd", "abc"]),
        ("!(a|b*)", ["c", "ab"], ["a", "b", "bc", ".c"]),
        ("!(a)!(b)", ["c", "ab"], ["aa"]),
        ("app/[id].js", ["app/[id].js", "app/i.js"], ["app/id.js", "app/x.js"]),
        ("app/[id]/*.md", ["app/[id]/x.md", "app/d/x.md"], ["app/id/x.md"]),
        ("[...s].js", ["[...s].js", "s.js"], ["[...t].js"]),
        ("[...s]/*.md", ["s/x.md"], ["[...s]/x.md"]),
        ("[!a]?", ["[!a]b", "!b", "ab"], ["bb"]),
        ("[id][k]?", ["[id][k]z", "ikz", "[id]kz"], ["idkz"]),
        ("[a-z]*.js", ["bx.js"], ["[a-z]x.js"]),
        ("(x)/*.md", ["x/a.md"], ["(x)/a.md"]),
        ("(a|b).md", ["a.md", "b.md", "(a|b).md"], ["c.md"]),
        ("@([id]|q)", ["i", "[id]", "q"], ["id"]),
        ("!(a)", ["b", "!(a)"], ["a"]),
        ("!a", ["b", "!a"], ["a"]),
        ("[id", ["[id"], ["i"]),
        ("{a}/*.md", ["{a}/x.md"], ["a/x.md"]),
        ("@(a|b)/**/!(*.md)", ["a/x/y", "b/z"], ["a/x.md", "c/z", "a/.x"]),
    ],
)
def test_micromatch(glob: str, yes: list[str], no: list[str]) -> None:
    matches = micromatch.matcher(glob)
    assert [matches(path) for path in (*yes, *no)] == [True] * len(yes) + [False] * len(no)


def test_braces_that_would_fill_the_memory_are_left_as_they_are() -> None:
    assert len(micromatch.braces("{a,b}" * 30)) < 1000
    assert micromatch.braces("{1..100000}") == ["{1..100000}"]


@pytest.mark.parametrize(
    ("branch", "key", "did"),
    [
        ("{}", "supersedes", "is the whole name of a branch, and closes those that go on after it"),
        (
            "{format: '<%- prefix %>-<%- index %>', prefix: sync}",
            "branch",
            "names its branches sync-0, without the source",
        ),
        ("{format: 'x/<%- repository %>/'}", "", ""),
    ],
)
def test_branches_of_other_sources_that_would_be_closed_are_reported(branch: str, key: str, did: str) -> None:
    notes = migrated(pattern(more=f"    branch: {branch}\n")).notes
    found = [note for note in notes if "those" in note.did]
    assert [(note.key, note.did.startswith(did)) for note in found] == ([(key, True)] if key else [])


def test_a_setting_of_one_pattern_and_a_default_of_another_are_reported() -> None:
    one = "  - {files: [LICENSE], repositories: [user/a], commit: {prefix: build}}\n"
    other = "  - {files: [README.md], repositories: [user/a]}\n"
    for text in (one + other, other + one):
        (note,) = told(migrated(f"patterns:\n{text}"), "commit_message")
        assert "the others had the default → it counts for all: build: sync files" in note
