"""Comments of an old config in the new one: at the items that they stood at, and none is lost."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.migrate import SourceList, migrate
from broadcast.migrate.comments import Comment, scan

SOURCE = "acme/templates"
LISTING = SourceList(["LICENSE", "README.md", "ci.yml", "src/a.md"])

BETAHUHN = """\
# For everyone
# by acme

# the API
user/a: # team a
  # the license
  - LICENSE # keep it
  - source: README.md # readme
    # goes to docs
    dest: docs/README.md
  # - source: nope
  #   dest: x
# all others
group: # one group
  - repos: | # names
      user/b
      user/c
    files: # these
      - ci.yml
      - nowhere.txt # gone
# the end
"""
CARRIED = """\
# Migrated from .github/sync.yml of BetaHuhn/repo-file-sync-action.
# For everyone
# by acme
# .github/sync.yml:20: gone
# .github/sync.yml:21: the end
version: 1
id: acme/templates.sync
supersedes: [repo-sync/templates/]
pr_labels: [sync]
targets:
  # the API
  # team a
  - repo: user/a
    files:
      # the license
      - LICENSE # keep it
      # goes to docs
      - {src: README.md, dest: docs/README.md} # readme
      # - source: nope
      #   dest: x
groups:
  - name: "user/b, user/c"
    targets:
      # all others
      # one group
      # names
      - user/b
      - user/c
    files:
      # these
      - ci.yml
"""
WADACKEL = """\
# yaml-language-server: $schema=old.json
# for all repositories
settings: # all
  commit: {prefix: build} # build
patterns:
  # one
  - files:
      - LICENSE # two
      - from: src # three
        to: x
    delete_files: [a, b] # four
    repositories:
      # five
      - user/a # six
"""


def test_each_stands_at_its_item_and_those_without_one_at_the_top() -> None:
    assert migrate(BETAHUHN, ".github/sync.yml", SOURCE, LISTING).text == CARRIED


def test_those_of_the_other_tool_do_too() -> None:
    text = migrate(WADACKEL, "f.yaml", SOURCE, LISTING).text
    for part in (
        "targets:\n  # five\n  - user/a # six\n",
        "# for all repositories\n# f.yaml:3: all\n# f.yaml:4: build\nversion: 1\n",
        "files:\n  # one\n  - LICENSE # two\n",
        "  - {src: src, dest: x} # three\n",
        "remove:\n  - a\n  - b # four\n",
    ):
        assert part in text
    assert "yaml-language-server" not in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1 # x\n", [Comment(1, 6, " x", True)]),
        ("#x\na: '#y' #z", [Comment(1, 1, "x", False), Comment(2, 9, "z", True)]),
        ("a: |  # one\n  # two\n  three\n # four\n", [Comment(1, 7, " one", True), Comment(4, 2, " four", False)]),
        ("a#b: c#d\n", []),
        ("[a, # x\n b]\n", [Comment(1, 5, " x", True)]),
        ("\ufeff# x\r\na: 1\r\n", [Comment(1, 1, " x", False)]),
        ("a: 1\n#\n", [Comment(2, 1, "", False)]),
        ("%YAML 1.2 # v\n---\na: 1\n", [Comment(1, 11, " v", True)]),
        ("{a\t: 1, # x\n# y\nb: 2}\n", [Comment(1, 9, " x", True), Comment(2, 1, " y", False)]),
        ("a: &x 1 # y\nb: *x # z\n", [Comment(1, 9, " y", True), Comment(2, 7, " z", True)]),
    ],
)
def test_comments_are_reported_from_texts(text: str, found: list[Comment]) -> None:
    assert scan(text) == found


words = st.text(alphabet="ab #:-{}[]'\"\t", max_size=8).map(str.rstrip)


@settings(deadline=None)
@given(notes=st.lists(words, min_size=21, max_size=21), above=st.lists(st.booleans(), min_size=21, max_size=21))
def test_no_comment_is_lost_and_none_changes_the_config(notes: list[str], above: list[bool]) -> None:
    plain = "\n".join(line.split("#")[0].rstrip() for line in BETAHUHN.splitlines())
    lines = []
    for number, (line, note, is_above) in enumerate(zip(plain.split("\n"), notes, above, strict=True)):
        mark = f"#<{number}>{note}"
        inside = line.strip() in ("user/b", "user/c")  # these are lines of a text
        indent = " " * (len(line) - len(line.lstrip()))
        lines += [line] if inside else [indent + mark, line] if is_above or not line.strip() else [f"{line} {mark}"]
    old = "\n".join(lines)
    new = migrate(old, "s.yml", SOURCE, LISTING).text
    assert yaml.safe_load(new) == yaml.safe_load(migrate(plain, "s.yml", SOURCE, LISTING).text)
    kept = [one.text for one in scan(new)]
    for comment in scan(old):
        assert any(one.endswith(comment.text) for one in kept), comment
