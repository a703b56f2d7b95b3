"""Configs of go-broadcast in the forms before its groups, and items of groups that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcast.config.parse import parse
from broadcast.errors import ConfigError, UsageError
from broadcast.migrate import SourceList, migrate
from tests.unit.migrate.test_gobroadcast import groups, notes, of_checkout
from tests.unit.migrate.test_others import SOURCE

ROOT = """version: 1
source: {repo: acme/templates, branch: main, id: main}
global: {pr_labels: [all]}
defaults: {branch_prefix: up, pr_labels: [sync]}
targets:
  # the api
  - repo: acme/api
    files: [{src: a, dest: b}]
    directories: [{src: kit, dest: kit, exclude: [x]}]
"""
MAPPINGS = """version: 1
global: {pr_labels: [all]}
defaults: {branch_prefix: up, pr_assignees: [ann]}
conflict_resolution: {strategy: priority, priority: [ci]}
mappings:
  # the first
  - source: {repo: acme/templates, branch: main, id: ci}
    targets: [{repo: acme/api, files: [{src: a, dest: b}]}]
  - source: {repo: acme/other}
    targets: [{repo: acme/api, files: [{src: a, dest: c}]}]
  - source: {repo: acme/templates}
    defaults: {pr_assignees: [bob]}
    targets: [{repo: acme/web, files: [{src: c, dest: c}]}]
"""


def test_the_form_with_one_source_comes_out_as_a_group(tmp_path: Path) -> None:
    found, both = of_checkout(tmp_path, ROOT, "a", "kit/d/x", "kit/y", "kit/z.tmp")
    assert (both.is_same, both.counts) == (True, {"acme/api": (2, 2)})
    assert groups(found).startswith(
        """groups:
  - name: default
    source: {branch: main}
    global: {pr_labels: [all]}
    defaults: {branch_prefix: up, pr_labels: [sync]}
    targets:
      # the api
      - repo: acme/api
"""
    )
    assert "supersedes: [up-]" in found.text


def test_each_mapping_comes_out_as_a_group_with_what_the_root_says(tmp_path: Path) -> None:
    found, both = of_checkout(tmp_path, MAPPINGS, "a", "c")
    assert (both.is_same, both.counts) == (True, {"acme/api": (1, 1), "acme/web": (1, 1)})
    assert (
        groups(found)
        == """groups:
  # the first
  - name: ci
    source: {branch: main}
    global: {pr_labels: [all]}
    defaults: {branch_prefix: up, pr_assignees: [ann]}
    targets:
      - repo: acme/api
        files:
          - {src: a, dest: b}
  - name: templates
    global: {pr_labels: [all]}
    defaults: {branch_prefix: up, pr_assignees: [bob]}
    targets:
      - repo: acme/web
        files:
          - c
"""
    )


@pytest.mark.parametrize(
    "start", ["sync.yaml:4: conflict_resolution: ", "sync.yaml:9: source: sent from acme/other, too"]
)
def test_what_lies_between_the_sources_of_mappings_is_noted(start: str) -> None:
    found = migrate(MAPPINGS, "sync.yaml", SOURCE, SourceList(["a", "c"]))
    assert any(one.startswith(start) for one in notes(found)), notes(found)


def test_two_mappings_with_one_id_have_names_of_their_own() -> None:
    text = MAPPINGS.replace("{repo: acme/templates}", "{repo: acme/templates, id: ci}")
    found = migrate(text, "sync.yaml", SOURCE)
    assert [one.group.name for one in parse(found.text, "new", SOURCE).targets] == ["ci", "ci-3"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (ROOT.replace("targets:", "colour: red\ntargets:"), (5, 1), "unknown key 'colour'"),
        ("version: 1\nmappings: []\n", (1, 1), "there are no targets"),
        ("version: 1\nmappings: [x]\n", (2, 12), "'groups' must be a mapping, not 'x'"),
        ("version: 1\nmappings: 3\n", (1, 1), "unknown key 'mappings'"),
        ("version: 1\nsource: {repo: a/b}\ndefaults: {}\ntargets: []\n", (2, 1), "the group 'default' has no targets"),
        (MAPPINGS.replace("src: c, dest: c", "srk: c, dest: c"), (13, 41), "unknown key 'srk'"),
    ],
)
def test_mistakes_in_older_forms_have_their_place(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(text, "sync.yaml", SOURCE)
    assert ((one := caught.value.problems[0]).line, one.column) == place, caught.value.problems
    assert any(message in one.message for one in caught.value.problems)


@pytest.mark.parametrize("text", [ROOT, MAPPINGS])
def test_only_migrate_reads_older_forms(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "sync.yaml", SOURCE)
    (problem,) = caught.value.problems
    assert problem.message == "this is a config of an older go-broadcast, without `groups:`"
    assert problem.remedy == "`broadcast migrate --config sync.yaml` converts it"


GROUPS = """version: 1
groups:
  - name: All
    source: {repo: acme/templates}
    targets:
      - {repo: acme/api, files: [{src: a, dest: a}]}
"""


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("repo: acme/web\n    files: [{src: a, dest: a}]", "has no `name` and no `source`"),
        ("name: More\n    targets: [{repo: acme/web, files: [{src: a, dest: a}]}]", "has no `source`"),
        ("acme/web", "is no mapping"),
    ],
)
def test_an_item_that_is_no_group_is_named_by_its_line(item: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(f"{GROUPS}  - {item}\n", "sync.yaml", SOURCE)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.message) == (7, 5, f"this item of `groups` {said}")
    assert problem.remedy.startswith("indent it like what it belongs to")


@pytest.mark.parametrize(
    "text",
    [
        GROUPS.replace("    source: {repo: acme/templates}\n", ""),
        GROUPS.replace("groups:", "limits: {}\ngroups:"),
        GROUPS.replace("groups:", "limits: {}\ngroups:") + "  - {name: More, targets: [acme/web]}\n",
        ROOT.replace("global: {pr_labels: [all]}\ndefaults: {branch_prefix: up, pr_labels: [sync]}\n", "").replace(
            "{src: a, dest: b}", "a"
        ),
    ],
)
def test_configs_of_ours_are_named_as_such(text: str) -> None:
    with pytest.raises(UsageError, match="is a config of Broadcast already"):
        migrate(text, "sync.yaml", SOURCE)
