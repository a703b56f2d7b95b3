"""Whatever a config of go-broadcast says of a tree, the migrated one sends the same, or is refused with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.errors import ConfigError, UsageError
from broadcast.migrate import of_files
from tests.unit.migrate.test_others import SOURCE
from tests.world import git

FILES = (
    "a", "b", "kit/a", "kit/b/c.md", "kit/b/d.out", "kit/tmp/x", "kit/b/tmp/y", "kit/.env.x", "kit/.h/z", "own/a",
    "own/b/c.md", "own/b/e", "own/x.tmp", "own/deep/a/q", "more/n.md", ".github/workflows/ci.yml", ".github/x/y.yml",
)  # fmt: skip
PATTERNS = st.sampled_from(
    [
        "*.out",
        "a",
        "b/",
        "/a",
        "/b/c.md",
        "b/*",
        "**/a",
        "**/tmp/**",
        "!a",
        "!b/c.md",
        "*",
        "*.md",
        "x?y",
        "deep/**",
        ".h/",
    ]
)
WANTED = st.sampled_from(["*.md", "b/**", "b", "deep/", "**/a", "a"])
DIRECTORIES = st.fixed_dictionaries(
    {
        "src": st.sampled_from(["kit", "own", "more", ".github", "gone", ".", "a"]),
        "dest": st.sampled_from(["d", "e", "d/b", "kit", "."]),
    },
    optional={
        "exclude": st.lists(PATTERNS, max_size=3),
        "include_only": st.lists(WANTED, min_size=1, max_size=2),
        "include_hidden": st.booleans(),
        "transform": st.just({"repo_name": True}),
    },
)
GONE = st.fixed_dictionaries({"src": st.just("dummy"), "dest": st.sampled_from(["d", "e"]), "delete": st.just(True)})
SINGLE = st.fixed_dictionaries(
    {"src": st.sampled_from(["a", "b", "kit/a", "gone"]), "dest": st.sampled_from(["x", "d/a", "e/a", "y"])},
    optional={"delete": st.just(True)},
)


def distinct(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries with a `dest` of their own, as go-broadcast asks of a target."""
    return list({one["dest"]: one for one in entries}.values())


FOLDERS = st.lists(DIRECTORIES | DIRECTORIES | GONE, max_size=3).map(distinct)
SINGLES = st.lists(SINGLE, min_size=1, max_size=2).map(distinct)
TARGETS = st.fixed_dictionaries(
    {"files": SINGLES, "directories": FOLDERS},
    optional={
        "file_list_refs": st.just(["one"]),
        "directory_list_refs": st.sampled_from([["one"], ["one", "two"], ["two", "one"]]),
        "transform": st.just({"variables": {"A": "b"}}),
    },
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("source")
    for path in FILES:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"{path}\n")
    git(root, "init", "-q")
    git(root, "add", "--all", "--force")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x")
    return root


@settings(max_examples=60, deadline=None)
@given(targets=st.lists(TARGETS, min_size=1, max_size=2), lists=st.tuples(SINGLES, FOLDERS, FOLDERS))
def test_both_configs_send_the_same(checkout: Path, targets: list[dict[str, Any]], lists: tuple[Any, ...]) -> None:
    files, one, two = lists
    named = [{"repo": f"acme/r{at}", **target} for at, target in enumerate(targets)]
    config = {
        "version": 1,
        "file_lists": [{"id": "one", "name": "One", "files": files}],
        "directory_lists": [{"id": name, "name": name, "directories": of} for name, of in (("one", one), ("two", two))],
        "groups": [{"name": "G", "id": "g", "source": {"repo": SOURCE}, "targets": named}],
    }
    (checkout / "sync.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    refused, comparison = "", None
    try:
        _, comparison = of_files(checkout, SOURCE, "sync.yaml")
    except ConfigError as error:
        refused = "; ".join([error.message, *(one.message for one in error.problems)])
    except UsageError as error:
        refused = error.message
    if comparison:
        assert comparison.is_same, comparison.lines()
    else:
        assert "is both a file and a directory" in refused or "nothing of sync.yaml can be migrated" in refused
