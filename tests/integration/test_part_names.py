"""A pull request, the log and the summary say what of a shared file changes."""

from __future__ import annotations

import json

import pytest

from tests.integration.test_people import later, outcome

SOURCE = {
    "python": "*.pyc\n",
    "scripts.json": '{"scripts": {"lint": "eslint .", "te.st": "vitest"}, "on": [{"name": "a", "x": 1}]}\n',
    "many.json": json.dumps({f"key{number}": number for number in range(10)}),
    "Makefile": "all:\n",
}
HELD = {
    ".gitignore": b"dist/\n",
    "package.json": b'{"scripts": {"start": "x", "lint": "mine"}, "on": [{"name": "b"}, {"name": "a"}]}\n',
    "many.json": b"{}\n",
    ".npmrc": b"# broadcast:begin registry\nx\n# broadcast:end registry\n",
}
CONFIG = """\
version: 1
targets: [acme/api, acme/web]
files:
  - {src: python, dest: .gitignore, mode: block}
  - {src: scripts.json, dest: package.json, mode: keys, lists: {by: name}}
  - {src: many.json, mode: keys}
  - {src: Makefile, mode: merge}
remove: [{path: .npmrc, block: registry}]
"""


@pytest.fixture
def ran(swift):
    swift.write(SOURCE, CONFIG)
    for name in ("acme/api", "acme/web"):
        swift.hub.repository(name, files={"README.md": b"theirs\n"} | HELD)
    result = later(swift)
    assert outcome(result) == "created"
    return result


MANY = [f"key{number}" for number in range(8)]
WORDS = {
    ".gitignore": ("block {}", ["python"]),
    "package.json": ("keys {}, {}, {}", ["scripts.lint", 'scripts."te.st"', "on[1].x"]),
    "many.json": ("keys {}, {}, {}, {}, {}, {}, {}, {} and 2 more", MANY),
    ".npmrc": ("without block {}", ["registry"]),
}


@pytest.mark.parametrize("path", WORDS)
def test_parts_that_change_are_named_in_the_log(ran, path):
    words, names = WORDS[path]
    assert f"changed  {path} ({words.format(*names)})\n" in ran.log


@pytest.mark.parametrize("path", WORDS)
def test_parts_that_change_are_named_in_the_pull_request_and_the_summary(swift, ran, path):
    words, names = WORDS[path]
    shown = f"`{path}` {words.format(*(f'`{name}`' for name in names))}"
    assert f"| {shown} | changed |" in swift.hub.find("acme/web").pulls[0].body
    assert f"{shown} (" in ran.summary or f"{shown}<br>" in ran.summary or f"{shown} |" in ran.summary


def test_a_summary_of_targets_with_other_changes_names_the_file_alone(swift):
    swift.write(SOURCE, CONFIG)
    for name, held in (("acme/api", b'{"key1": 1}'), ("acme/web", b"{}")):
        swift.hub.repository(name, files={"many.json": held})
    summary = later(swift).summary
    assert "`many.json`" in summary
    assert "key2" not in summary


def test_a_file_that_is_sent_whole_has_no_parts(swift):
    swift.write({"a.txt": "a\n"}, "version: 1\ntargets: [acme/api]\nfiles: [a.txt]\n")
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    ran = later(swift)
    assert "added    a.txt\n" in ran.log
    assert "| `a.txt` | added |" in swift.hub.find("acme/api").pulls[0].body
