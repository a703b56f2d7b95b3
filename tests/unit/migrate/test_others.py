"""go-broadcast's sync.yaml; YAML as it is written; and text that no one meant for a config."""

from __future__ import annotations

import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.config.parse import parse
from broadcast.errors import ConfigError, Problem, UsageError
from broadcast.migrate import SourceList, migrate, yamltext

SOURCE = "acme/templates"
GO_BROADCAST = """# Ours since 2024
version: 1  # the only one
groups:
  - name: Core
    id: core
    source: {repo: acme/templates, branch: main, blob_size_limit: 10m}
    defaults: {branch_prefix: chore/files}
    targets:
      - repo: acme/api
        directories:
          - {src: .github, dest: .github, exclude: ["**/x", "*.tmp"], include_only: ["*.yml"]}
          - {src: docs, dest: docs, exclude: ["*.bak"]}
        transform: {repo_name: true, variables: {SERVICE: api}}
  - name: More
    id: more
    source: {repo: acme/templates}
    global: {pr_labels: [x]}
    targets:
      - {repo: acme/api, branch: main, files: [{src: a, dest: a}]}
      - {repo: Acme/API, files: [{src: b, dest: b}]}
"""


texts = st.text(max_size=40) | st.sampled_from(
    ["yes", "1.0", "null", "~", "- x", "a: b", "#", "!x", "*x", "a\nb\n", " a", "é ü"]
)
values = st.recursive(
    texts | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def legible(text: str) -> bool:
    return not any(0xD800 <= ord(char) <= 0xDFFF for char in text)


@settings(deadline=None)
@given(config=st.dictionaries(texts.filter(legible), values.filter(lambda value: legible(str(value))), max_size=4))
def test_what_is_written_is_what_is_read(config: dict[str, object]) -> None:
    assert (yaml.safe_load(yamltext.write(config, "a\nb")) or {}) == config


def test_the_written_form_is_the_short_one() -> None:
    config = {
        "files": ["LICENSE", {"src": "a b", "dest": "c: d", "exclude": ["*.x"]}],
        "pr_body": "One\n\nTwo",
        "x": [],
    }
    assert (
        yamltext.write(config, "Hello")
        == """# Hello
files:
  - LICENSE
  - {src: a b, dest: "c: d", exclude: ["*.x"]}
pr_body: |-
  One

  Two
x: []
"""
    )


def test_what_does_not_fit_on_a_line_goes_below_it() -> None:
    many = [f"acme/repository-number-{at}" for at in range(5)]
    written = yamltext.write({"targets": many, "files": [{"src": "a", "exclude": many}]}, "x")
    assert "targets:\n  - acme/repository-number-0\n" in written
    assert "files:\n  - src: a\n    exclude:\n      - acme/repository-number-0\n" in written
    assert max(map(len, written.splitlines())) <= yamltext.WIDTH


SEEDS = (
    GO_BROADCAST,
    """user/a@dev:
  - LICENSE
  - {source: src/, dest: 'x/', exclude: "a", replace: false, template: {a: 1}}
""",
    """user/a:
  - LICENSE
  - source: src/
    exclude: |
      a.md
      lib/
    deleteOrphaned: true
group:
  - repos: |
      user/b
      https://x.y/user/c
    files: &f [README.md]
  - {repos: [a/b], files: *f}
""",
    """settings: {commit: {format: '<%- prefix %>'}, pull_request: {labels: [x], merge: {mode: auto}}}
patterns:
  - files: [LICENSE, {from: src, to: 'x', exclude: ['*.md', '!(a)', '{a,b}']}]
    delete_files: [x, {path: y, type: file}]
    repositories: [user/a, user/b@c]
    template: {a: {b: 1}}
""",
    """on: push
jobs:
  a:
    strategy: {matrix: {x: [1, {y: 2}], include: [{x: 3}]}}
    steps:
      - uses: adrianjost/files-sync-action@v2
        with:
          TARGET_REPOS: |
            user/a
            user/b:dev
          FILE_PATTERNS: |
            ^LICENSE$
            ^src/.*\\.md$
            [ab]+
          SRC_ROOT: /src
      - uses: kbrashears5/github-action-file-sync@v2
        with: {REPOSITORIES: 'a/b@c d/e', FILES: 'LICENSE src=x', PULL_REQUEST: true}
      - uses: AndreasAugustin/actions-template-sync@v2
        with: {source_repo_path: x/y, upstream_branch: main, pr_title: 'a {b} ${TEMPLATE_GIT_HASH}', hooks: 'x'}
""",
    """name: x # named
paths:
  - {src_path: src/**/*.md, dest_path: d, sync_mode: replace, exclude_dirs: [a]}
  - {src_path: LICENSE, sync_mode: scaffold}
path_groups: {more: [{src_path: README.md}]}
destinations:
  - {name: a, repo_url: "https://github.com/user/a", dest_path_relative: ../a, include_groups: [more],
     skip_file_patterns: ["d/*"]}
pr_defaults: {title: "x {name}", labels: [y]}
auto_merge: {method: squash}
""",
)
WORKFLOW = (
    "on: push\njobs:\n  a:\n    steps:\n      - uses: BetaHuhn/repo-file-sync-action@v1\n"
    "        with: {PR_LABELS: false, BRANCH_PREFIX: a/b, PR_BODY: 'x {y}', REVIEWERS: 'a,b'}\n"
)
LISTING = SourceList(["LICENSE", "README.md", "src/a.md", "src/lib/b.md", "src/.x"], {"src/a.md": "src"})
PIECES = ["{", "}", "[", "]", ":", "\n", "  ", "- ", "'", '"', "&a ", "*a", "*", "!", "<<: ", "null", "~", "1", "../", "/",
          "@", "|", "#", "\t", "\0", "\ud7ff", "\U0001f504", "<%", "%>", "${{", ".git/", "no", "? ", "%", "{{", "\\", "--- "]  # fmt: skip


def mutated(text: str, seed: int) -> str:
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 6)):
        start = dice.randint(0, len(text))
        end = min(len(text), start + dice.choice([0, 0, 1, 5, 20]))
        text = text[:start] + dice.choice([*PIECES, text[start : start + 30]]) + text[end:]
    return text


@settings(max_examples=600, deadline=None)
@given(seed=st.integers(0, 2**32), which=st.sampled_from(SEEDS), workflow=st.booleans(), listing=st.booleans())
def test_a_mutilated_config_is_an_error_with_a_place_or_a_config_of_ours(
    seed: int, which: str, workflow: bool, listing: bool
) -> None:
    script = mutated(WORKFLOW, seed) if workflow else None
    try:
        found = migrate(
            mutated(which, seed),
            "old.yml",
            SOURCE,
            LISTING if listing else None,
            workflow=script,
            workflow_file="w.yml",
        )
    except UsageError as error:
        told = list(getattr(error, "problems", ())) or [error]
    else:
        told = [parse(found.text, "new", SOURCE)]
    assert all(getattr(one, "message", one) for one in told)
    assert all(one.line and one.file in ("old.yml", "w.yml") for one in told if isinstance(one, Problem))


@pytest.mark.parametrize(
    "text",
    [
        "patterns: []\n",
        "patterns: [{files: [a], repositories: []}]\n",
        "group: []\n",
        "a/b: []\n",
        "{name: x, paths: [], destinations: []}\n",
    ],
)
def test_a_config_that_names_nothing_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(text, "old.yml", SOURCE, LISTING)
    assert [(one.file, one.line) for one in caught.value.problems] == [("old.yml", 1)]
