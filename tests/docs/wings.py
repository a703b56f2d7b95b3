"""The wings of broadcast/: the picture and the list of modules in docs/architecture.md, made from what the code says."""

from __future__ import annotations

import ast
import tomllib
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "broadcast"


def layers() -> list[list[str]]:
    """The wings from the top to the bottom, as the import contract has them; several on a line don't import each other."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return [line.split(" | ") for line in next(one for one in contracts if one["type"] == "layers")["layers"]]


def picture() -> str:
    """The contract as a Mermaid graph: an arrow from each line to the next one below."""
    lines = layers()
    nodes = [f'  {wing}["<b>{wing}</b><br>{_node(wing)}"]' for line in lines for wing in line]
    arrows = [f"  {above} --> {below}" for upper, lower in pairwise(lines) for above in upper for below in lower]
    return "\n".join(["```mermaid", "flowchart TD", *nodes, *arrows, "```", ""])


def modules() -> str:
    """Every module with the first line of its docstring, wing by wing."""
    return "\n".join(_section(wing) for line in layers() for wing in line)


def _section(wing: str) -> str:
    folder = PACKAGE / wing
    if not folder.is_dir():
        return f"**`{wing}.py`**: {summary(folder.with_suffix('.py'))}\n"
    rows = [
        f"| `{path.relative_to(PACKAGE)}` | {summary(path)} |"
        for path in sorted(folder.rglob("*.py"))
        if path.stat().st_size
    ]
    shown = [row for row in rows if f"`{wing}/__init__.py`" not in row]
    return "\n".join(
        [f"**`{wing}/`**: {_about(folder / '__init__.py')}", "", "| module | what it does |", "|---|---|", *shown, ""]
    )


def summary(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    return " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())


def _about(path: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())


def _node(wing: str) -> str:
    path = PACKAGE / wing / "__init__.py"
    line = summary(path if path.exists() else PACKAGE / f"{wing}.py")
    return line.partition(":")[0].rstrip(".").replace('"', "'")
