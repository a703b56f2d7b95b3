"""Whatever a config says: it is read or refused at a place of its own, and never reaches where no mapping points."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from broadcast.config.model import Config
from broadcast.config.parse import parse
from broadcast.config.selectors import SelectedRepository
from broadcast.config.targets import Target, resolve
from broadcast.errors import ConfigError, Problem, UsageError
from broadcast.git import paths
from broadcast.snapshot.build import Builder
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source.checkout import Checkout
from tests.unit.config.random_configs import BAD_PATHS, FILE, GOOD_PATHS, RIGHT, SAID, SOURCE, TREE, document, mutant
from tests.unit.config.test_parse import every_struct
from tests.world import git

OWNED = [
    SelectedRepository("acme", name, f"R_{name}", False, False, "public", "Go", frozenset(["oss"]))
    for name in ("api", "web", "svc-a", "templates")
]
SEEDS = st.integers(0, 2**48)
MORE = 20 if "FUZZ_EXAMPLES" in os.environ else 1  # `make fuzz`


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Checkout:
    """A small one, with a file that runs and a symlink that leads out."""
    root = tmp_path_factory.mktemp("source")
    for path in TREE:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "kit/run.sh").write_text("#!/bin/sh\n")
    (root / "kit/run.sh").chmod(0o755)
    (root / "kit/out").symlink_to("../../../etc/passwd")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "kit")
    return Checkout.open(root)


# What holds


def read(text: str) -> Config | None:
    """The config; None where it is refused, with problems that are all told and inside of the file."""
    try:
        return parse(text, FILE, SOURCE)
    except ConfigError as error:
        problems = error.problems
    assert problems
    lines = text.removeprefix("\ufeff").splitlines() or [""]
    assert all(is_inside(problem, lines) and problem.message for problem in problems), problems
    assert len({(one.line, one.column, one.message) for one in problems}) == len(problems)
    return None


def is_inside(problem: Problem, lines: list[str]) -> bool:
    width = len(lines[problem.line - 1]) if problem.line <= len(lines) else 0
    return 1 <= problem.line <= len(lines) + 1 and 1 <= problem.column <= width + 1


def reached(config: Config, checkout: Checkout) -> Iterable[tuple[Target, Snapshot]]:
    """All targets with what they should hold; nothing where more is wrong than the config alone shows."""
    try:
        selectors = {spec.selector for spec in config.targets if spec.selector}
        found = {one: [repository for repository in OWNED if one.means(repository)] for one in selectors}
        builder = Builder(config, checkout, frozenset({FILE}))
        builder.check_sources()
        return [(one, builder.snapshot(one.mappings, one.removals)) for one in resolve(config, SOURCE, found)[0]]
    except ConfigError as error:
        refused = all(problem.message and problem.line for problem in error.problems)
    except UsageError as error:
        refused = "max_targets" in error.message
    assert refused
    return []


def is_harmless(path: str) -> bool:
    parts = path.split("/")
    return (
        bool(path)
        and not path.startswith("/")
        and not any(part in ("", ".", "..") or paths.is_git_directory(part) for part in parts)
        and not any(unicodedata.category(char) == "Cc" for char in path)
    )


def path_of(node: yaml.Node) -> yaml.Node | None:
    """The path of an entry of `remove` that isn't one text."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == "path"), None)


def removable(node: yaml.Node, depth: int = 0) -> Iterable[str]:
    """Every path that a config asks to remove, wherever that stands."""
    if isinstance(node, yaml.ScalarNode) or depth > 9:
        return
    if isinstance(node, yaml.MappingNode):
        said = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        listed = said["remove"].value if isinstance(said.get("remove"), yaml.SequenceNode) else []
        named = [said[key] for key in ("dest", "src") if key in said and "delete" in said]
        yield from (
            one.value
            for one in (*listed, *named, *filter(None, map(path_of, listed)))
            if isinstance(one, yaml.ScalarNode)
        )
    for below in (value for _, value in node.value) if isinstance(node, yaml.MappingNode) else node.value:
        yield from removable(below, depth + 1)


def keeps_within(text: str, checkout: Checkout) -> bool:
    """Whether it reached any target at all; none beyond what its mappings say."""
    config = read(text)
    snapshots = list(reached(config, checkout)) if config else []
    for target, snapshot in snapshots:
        dests = [mapping.dest for mapping in target.mappings]
        for path in (
            *snapshot.files,
            *snapshot.shared,
            *snapshot.removals,
            *(one.dest for one in snapshot.territories if one.dest != "."),
        ):
            assert is_harmless(path), path
        assert all(any(paths.is_below(path, dest) for dest in dests) for path in snapshot.files)
        taken_out = {one.path for one in target.removals if one.block}
        assert all(any(paths.is_below(path, dest) for dest in (*dests, *taken_out)) for path in snapshot.shared)
        territories = {mapping.dest for mapping in target.mappings if mapping.mode in ("mirror", "prune")}
        assert {territory.dest for territory in snapshot.territories} <= territories
        listed = {
            "/".join(part for part in path.split("/") if part not in ("", "."))
            for path in removable(yaml.compose(text.removeprefix("\ufeff"), yaml.CSafeLoader))
        }
        assert snapshot.removals <= listed
        assert target.full_name.lower() != SOURCE
        assert FILE not in {
            file.source for file in snapshot.files.values() if file.mapping and file.mapping.src != FILE
        }
    return bool(snapshots)


@settings(deadline=None, max_examples=500 * MORE)
@given(SEEDS)
def test_a_config_of_any_shape_is_refused_at_a_place_or_keeps_within_its_mappings(checkout, seed):
    keeps_within(document(seed), checkout)


@settings(deadline=None, max_examples=1_000 * MORE)
@given(SEEDS)
def test_a_config_that_somebody_mangled_is_refused_at_a_place_or_keeps_within_its_mappings(checkout, seed):
    keeps_within(mutant(seed), checkout)


@settings(deadline=None, max_examples=200 * MORE)
@given(st.text(max_size=60))
def test_any_text_is_refused_at_a_place(text):
    assert read(text) is None


PLACES = st.one_of(st.sampled_from(GOOD_PATHS), st.sampled_from(BAD_PATHS), st.text(max_size=8))


@settings(deadline=None, max_examples=200 * MORE)
@given(
    src=PLACES,
    dest=PLACES,
    mode=st.sampled_from(["copy", "mirror", "prune", "seed", "block", "keys", "merge"]),
    flat=st.booleans(),
)
def test_a_mapping_of_any_paths_keeps_within_its_destination(checkout, src, dest, mode, flat):
    mapping = {"src": src, "dest": dest, "mode": mode, "preserve_structure": not flat}
    keeps_within(yaml.safe_dump({"version": 1, "targets": ["acme/api"], "files": [mapping]}), checkout)


@pytest.mark.parametrize("text", RIGHT)
def test_the_configs_that_are_mangled_are_right(checkout, text):
    assert keeps_within(text, checkout)


def test_enough_of_what_is_drawn_is_right_and_enough_is_wrong(checkout):
    for draw in (document, mutant):
        kept = sum(keeps_within(draw(seed), checkout) for seed in range(200))
        assert 10 < kept < 185, draw.__name__


def test_the_keys_that_have_values_of_their_own_are_keys():
    assert set(SAID) <= {field.name for one in every_struct() for field in inspect.type_info(one).fields}
