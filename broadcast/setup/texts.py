"""Texts of a first config and workflow, and what to do next (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from broadcast.config.model import DEFAULT_PATH
from broadcast.migrate.yamltext import scalar

WORKFLOW_PATH = ".github/workflows/broadcast.yml"
TOPIC = "broadcast"  # repositories with it are targets where none is named
ACTION = "org/broadcast-action"


class Plan(NamedTuple):
    """What a first config says."""

    source: str  # owner/name
    branch: str  # that is pushed to
    targets: Sequence[str]  # owner/name, with @branch if wanted; none: those with the topic
    files: Sequence[str]
    directories: Sequence[str]

    @property
    def owner(self) -> str:
        """Who owns the source."""
        return self.source.partition("/")[0]


def config(plan: Plan, version: str) -> str:
    """The text of the config."""
    major = _major(version)
    return "\n".join(
        [
            f"# yaml-language-server: $schema=https://raw.githubusercontent.com/{ACTION}/{major}/docs/schema.json",
            f"# All keys: {_page('config.md', major)}; whole examples: {_page('recipes.md', major)}",
            "version: 1",
            *_targets(plan),
            *_list("files", plan.files, "{src: LICENSE, mode: seed} leaves a file that the target has"),
            *_list("directories", plan.directories, "nothing in a target is deleted"),
            "",
        ]
    )


def _targets(plan: Plan) -> list[str]:
    if plan.targets:
        return _list("targets", plan.targets)
    return [
        f"targets: # repositories of this owner with the topic {TOPIC}; or name them: [{plan.owner}/api]",
        f"  - {{owner: {scalar(plan.owner)}, topic: {TOPIC}}}",
    ]


def _list(key: str, items: Sequence[str], comment: str = "") -> list[str]:
    head = f"{key}: # {comment}" if comment else f"{key}:"
    return [head, *(f"  - {scalar(item)}" for item in items)] if items else []


def workflow(plan: Plan, version: str) -> str:
    """The text of the workflow."""
    return f"""\
name: Broadcast
on:
  push: {{branches: [{scalar(plan.branch)}]}}
  schedule: [{{cron: "17 4 * * *"}}]
  workflow_dispatch:
permissions:
  contents: read
concurrency: # one run at a time
  group: broadcast
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {{persist-credentials: false}}
      - uses: {ACTION}@{_major(version)}
        with:
          token: ${{{{ secrets.BROADCAST_TOKEN }}}}
"""


def report(plan: Plan, version: str) -> list[str]:
    """What was written, and the next three steps, in lines."""
    sent = ", ".join([*plan.files, *(f"{path}/" for path in plan.directories)])
    whom = ", ".join(plan.targets) or f"repositories of {plan.owner} with the topic {TOPIC}"
    choose = f"     name targets in the config, or: gh repo edit {plan.owner}/NAME --add-topic {TOPIC}"
    return [
        f"Wrote {DEFAULT_PATH}: sends {sent} to {whom}",
        f"Wrote {WORKFLOW_PATH}: syncs after each push to {plan.branch}, and daily",
        "",
        "Next steps:",
        "1. Read both files, and commit them:",
        *([] if plan.targets else [choose]),
        f"     git add {DEFAULT_PATH} {WORKFLOW_PATH}",
        '     git commit -m "Add Broadcast"',
        "2. See what would change; this writes nothing. It needs `gh auth login`, or a token in BROADCAST_TOKEN:",
        "     broadcast plan",
        "3. Save a token that can write to the targets as a secret, and push; then targets get pull requests:",
        "     gh secret set BROADCAST_TOKEN",
        "     git push",
        f"   Which token: {_page('tokens.md', _major(version))}",
    ]


def _page(name: str, major: str) -> str:
    return f"https://github.com/{ACTION}/blob/{major}/docs/{name}"


def _major(version: str) -> str:
    """The tag that moves with this major version."""
    return f"v{version.partition('.')[0]}"
