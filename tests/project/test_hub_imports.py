"""The hub stays independent of the product, which it judges."""

from __future__ import annotations

import ast

import pytest

from tests.world import ROOT

MODULES = sorted((ROOT / "tests/hub").rglob("*.py"))
OURS = ("broadcast", "tests", "tools", "entrypoint")


def imported(source: str) -> set[str]:
    """Every module that the source imports, wherever it does so; relative imports keep their dots."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names}
    return found


def foreign(source: str) -> list[str]:
    """The imports of this repository's modules outside tests/hub."""
    ours = (name for name in imported(source) if name.split(".")[0] in OURS)
    return sorted(name for name in ours if not f"{name}.".startswith("tests.hub."))


def test_the_hub_imports_nothing_of_this_repository_but_itself():
    assert len(MODULES) > 50
    assert {str(path): found for path in MODULES if (found := foreign(path.read_text()))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import broadcast",
        "from broadcast.git import packs",
        "from tests import world",
        "def f():\n    import entrypoint",
    ],
)
def test_an_import_from_outside_the_hub_is_found(line):
    assert foreign(line)
