"""Which documents are read as go-broadcast's config, and which as ours."""

from __future__ import annotations

import time

import pytest

from broadcast.config.gobroadcast import TOOL, is_its_config
from broadcast.config.yaml_reader import Reader
from tests.unit.config.test_parse import read, the_problem

ITS = """version: 1
groups:
  - name: All
    id: all
    source: {repo: acme/templates, branch: main}
    global: {pr_labels: [sync]}
    targets:
      - repo: acme/api
        files: [{src: a, dest: a}]
        directories: [{src: kit, dest: kit, exclude: [docs/x], transform: {repo_name: true}}]
"""


def test_a_config_with_its_keys_only_is_read_as_its_config():
    config = read(ITS)
    assert config.read_as == TOOL
    assert "**/docs/x" in config.targets[0].mappings[1].exclude


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("groups:", "limits: {}\ngroups:"),
        ("groups:", "supersedes: [x-]\ngroups:"),
        ("    source: {repo: acme/templates, branch: main}\n", ""),
        ("repo: acme/templates, ", ""),
        ("    targets:\n", "    pr_draft: true\n    targets:\n"),
        ("- repo: acme/api\n", "- repo: acme/api\n        vars: {A: b}\n"),
        ("{src: a, dest: a}", "{src: a, dest: a, mode: seed}"),
        ("[{src: a, dest: a}]", "[a]"),
        ("dest: kit, ", "dest: kit, default_excludes: true, "),
        ("repo_name: true", "repo_name: true, inherit: true"),
    ],
)
def test_one_key_of_ours_makes_it_ours(old, new):
    assert old in ITS
    config = read(ITS.replace(old, new, 1))
    assert config.read_as == ""
    assert "docs/x" in config.targets[0].mappings[1].exclude


def test_anchors_and_merges_do_not_hide_it():
    config = (
        ITS.replace("      - repo: acme/api\n", "      - &one\n        repo: acme/api\n")
        + "      - {<<: *one, repo: acme/web}\n"
    )
    assert read(config).read_as == TOOL


def test_keys_without_a_value_say_nothing():
    config = ITS.replace(
        "        directories:", "        transform:\n        directory_list_refs:  # none\n        directories:"
    )
    (spec,) = read(config.replace("global: {pr_labels: [sync]}", "global:")).targets
    assert [one.src for one in spec.mappings] == ["a", "kit"]


@pytest.mark.parametrize(
    ("id_", "legal"), [("Our sync (2025)", "Our-sync-2025"), ("a/b", "a/b"), ("🚀", "acme/templates")]
)
def test_any_text_can_be_its_id(id_, legal):
    assert read(ITS.replace("groups:", f'id: "{id_}"\ngroups:', 1)).id == legal


def test_a_list_that_is_not_there_is_named():
    said = ITS.replace("        files:", "        file_list_refs: [gone]\n        files:", 1)
    assert the_problem(said).message == "there is no list with the id 'gone'"


def test_aliases_that_multiply_are_looked_at_once():
    files = "files: &f [" + ", ".join("{src: a, dest: a}" for _ in range(50)) + "]"
    targets = f"targets: &t [{{repo: acme/a, {files}}}" + "".join(
        f", {{repo: acme/r{n}, files: *f}}" for n in range(50)
    )
    groups = ", targets: *t}\n".join(f"  - {{name: g{n}, id: g{n}, source: {{repo: acme/t}}" for n in range(1, 200))
    text = f"version: 1\ngroups:\n  - {{name: g0, id: g0, source: {{repo: acme/t}}, {targets}]}}\n{groups}, targets: *t}}\n"
    root = Reader(text, "sync.yaml").root
    started = time.perf_counter()
    assert is_its_config(root)
    assert time.perf_counter() - started < 1
