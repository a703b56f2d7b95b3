"""`make docs`: write the config's schema, the tables of its keys and the list of modules into the docs.

And the inputs, outputs and variables of action.yml into native/action.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from broadcast.config import json_schema
from broadcast.report import results
from tests.docs import wings

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = re.compile(r"(<!-- made by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL)
TITLES = {
    "Level": "At the top, in a group, in a target", "Config": "At the top", "Group": "In a group", "Target": "In a target",
    "Mapping": "In `files` and `directories`", "Delimiters": "In `delimiters`", "Transform": "In `transform`", "Source": "In `source`",
    "Limits": "In `limits`", "FileList": "In `file_lists`", "DirectoryList": "In `directory_lists`",
}  # fmt: skip


def reference() -> str:
    """A table of keys for every section of the config."""
    made = json_schema.schema()
    structs = {"Config": made["properties"]} | {name: one.get("properties", {}) for name, one in made["$defs"].items()}
    shared = {
        key: one for key, one in structs["Target"].items() if key in structs["Config"] and key in structs["Group"]
    }
    tables = {"Level": shared} | {
        name: {key: one for key, one in keys.items() if not (name in ("Config", "Group", "Target") and key in shared)}
        for name, keys in structs.items()
        if name in TITLES
    }
    return "\n".join(f"### {title}\n\n{_table(tables[name])}" for name, title in TITLES.items())


def _table(keys: dict) -> str:
    rows = [f"| `{key}` | {one['description']} | {_default(one)} |" for key, one in keys.items()]
    return "\n".join(["| key | what it says | default |", "|---|---|---|", *rows, ""])


def _default(one: dict) -> str:
    return f"`{str(one['default']).lower()}`" if "default" in one else ""


def documented() -> str:
    """The up-to-date text of docs/config.md."""
    text = (DOCS / "config.md").read_text(encoding="utf-8")
    return MADE.sub(lambda match: f"{match[1]}\n{reference()}\n{match[2]}", text)


def architecture() -> str:
    """The up-to-date text of docs/architecture.md."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    return _filled(text, {"picture": f"\n{wings.picture()}", "modules": f"\n{wings.modules()}"})


def readme() -> str:
    """The up-to-date text of README.md, with the outputs that action.yml declares."""
    outputs = yaml.safe_load((DOCS.parent / "action.yml").read_text(encoding="utf-8"))["outputs"]
    rows = [f"| `{name}` | {' '.join(str(one['description']).split())} |" for name, one in outputs.items()]
    table = "\n".join(["", "| output | what it says |", "|---|---|", *rows, ""])
    return _filled((DOCS.parent / "README.md").read_text(encoding="utf-8"), {"outputs": table})


def native() -> str:
    """The up-to-date text of native/action.yml, which has the inputs and outputs of action.yml."""
    text = (DOCS.parent / "action.yml").read_text(encoding="utf-8")
    inputs, outputs = re.findall(r"^(?:inputs|outputs):\n(?:(?: .*)?\n)*?(?=\n?^\w)", text, re.MULTILINE)
    returned = re.sub(
        r"^  ([\w-]+):\n(    .*\n)+",
        lambda match: f"{match[0]}    value: ${{{{ steps.broadcast.outputs.{match[1]} }}}}\n",
        outputs,
        flags=re.MULTILINE,
    )
    made = {"inputs": inputs, "outputs": returned, "variables": _variables(yaml.safe_load(text)["inputs"])}
    found = (DOCS.parent / "native/action.yml").read_text(encoding="utf-8")
    for name, part in made.items():
        place = re.compile(rf"(^ *# {name} made by `make docs`\n).*?(^ *# end$)", re.MULTILINE | re.DOTALL)
        found = place.sub(lambda match, part=part: f"{match[1]}{part}{match[2]}", found)
    return found


def _variables(inputs: Iterable[str]) -> str:
    """Each input by its own name; with hyphens, by one with underscores too."""
    names = {spelled.upper(): name for name in inputs for spelled in (name, name.replace("-", "_"))}
    return "".join(f"        INPUT_{spelled}: ${{{{ inputs.{name} }}}}\n" for spelled, name in names.items())


def _filled(text: str, parts: dict[str, str]) -> str:
    for name, made in parts.items():
        place = re.compile(rf"(<!-- {name} made by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL)
        text = place.sub(lambda match, made=made: f"{match[1]}{made}\n{match[2]}", text)
    return text


if __name__ == "__main__":
    (DOCS / "config.md").write_text(documented(), encoding="utf-8")
    (DOCS.parent / "README.md").write_text(readme(), encoding="utf-8")
    (DOCS.parent / "native/action.yml").write_text(native(), encoding="utf-8")
    (DOCS / "architecture.md").write_text(architecture(), encoding="utf-8")
    (DOCS / "schema.json").write_text(json_schema.text(), encoding="utf-8")
    (DOCS / "results.schema.json").write_text(results.schema_text(), encoding="utf-8")
