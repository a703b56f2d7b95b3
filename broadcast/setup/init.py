"""`broadcast init`: find out what a first config needs, and write it with its workflow; overwrite nothing."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from broadcast import migrate
from broadcast.config.model import DEFAULT_PATH
from broadcast.config.parse import parse
from broadcast.errors import ConfigError, UsageError
from broadcast.setup import texts
from broadcast.setup.texts import WORKFLOW_PATH, Plan
from broadcast.source.checkout import Checkout
from broadcast.source.workspace import Workspace

# What repositories of one owner usually have in common; README and CODEOWNERS are each repository's own.
USUAL = (
    "LICENSE", "LICENSE.md", "LICENSE.txt", "COPYING", "SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md",
    "SUPPORT.md", ".editorconfig", "renovate.json", ".github/SECURITY.md", ".github/CODE_OF_CONDUCT.md",
    ".github/CONTRIBUTING.md", ".github/SUPPORT.md", ".github/PULL_REQUEST_TEMPLATE.md",
    ".github/pull_request_template.md", ".github/dependabot.yml", ".github/ISSUE_TEMPLATE",
)  # fmt: skip
_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w.-]+", re.ASCII)
_TARGET = re.compile(r"[\w*?-][\w.*?-]*/[\w.*?-]+(?:@\S+)?", re.ASCII)  # or a pattern


def write(root: Path, source: str, targets: Sequence[str], sent: Sequence[str], version: str) -> list[str]:
    """Write the config and the workflow below `root`; returns the report, in lines.

    `sent` names what to send; without it, what of `USUAL` is committed. Raises UsageError.
    """
    _check_place(root, source)
    _check_targets(targets, source)
    plan = plan_of(root, source, targets, sent)
    made = {DEFAULT_PATH: texts.config(plan, version), WORKFLOW_PATH: texts.workflow(plan, version)}
    _check_config(made[DEFAULT_PATH], source)
    workspace = Workspace(root, confined=True)
    for path, text in made.items():
        try:
            workspace.replace(path, text.encode())
        except OSError as error:
            raise UsageError(f"{path} can't be written: {error.strerror}", "check the directory") from error
    return texts.report(plan, version)


def plan_of(root: Path, source: str, targets: Sequence[str], sent: Sequence[str]) -> Plan:
    """What the config will say, from what is committed. Raises UsageError."""
    checkout = Checkout.open(root)
    kinds = {path: checkout.exists(path) for path in map(_tidy, sent or USUAL)}
    _check_sent(sent, [path for path, kind in kinds.items() if kind is None])
    return Plan(
        source=source,
        branch=_branch(checkout),
        targets=targets,
        files=[path for path, kind in kinds.items() if kind == "file"],
        directories=[path for path, kind in kinds.items() if kind == "directory"],
    )


def _check_place(root: Path, source: str) -> None:
    if not os.path.lexists(root / ".git"):
        raise UsageError(f"{root} is no git repository", "go to the clone that has the files, or name it: --directory")
    if not _REPOSITORY.fullmatch(source):
        remedy = "give its name: --source OWNER/NAME"
        raise UsageError("the remote `origin` doesn't say which repository this is", remedy)
    for path in (DEFAULT_PATH, WORKFLOW_PATH):
        if os.path.lexists(root / path):
            remedy = "`broadcast validate` checks the config; to begin again, remove the file"
            raise UsageError(f"{path} exists already; nothing was written", remedy)
    for path, tool in migrate.found_at(root):
        remedy = f"convert it: broadcast migrate --config {path} > {DEFAULT_PATH}"
        raise UsageError(f"{path} is a config of {tool}; nothing was written", remedy)


def _check_targets(targets: Sequence[str], source: str) -> None:
    for target in targets:
        if not _TARGET.fullmatch(target):
            raise UsageError(f"{target!r} names no repository", "write it as OWNER/NAME or OWNER/NAME@BRANCH")
        if target.partition("@")[0].lower() == source.lower():
            raise UsageError(f"{target} is this repository, the source", "name repositories that get its files")


def _check_sent(sent: Sequence[str], missing: Sequence[str]) -> None:
    if sent and missing:
        remedy = "commit it, or correct the path: from the root of the repository"
        raise UsageError(f"{missing[0]} isn't committed", remedy)
    if len(missing) == len(USUAL):
        some = ", ".join((*USUAL[:1], ".editorconfig", ".github/dependabot.yml"))
        remedy = "name what to send: broadcast init --send PATH"
        raise UsageError(f"nothing is committed that repositories usually share, such as {some}", remedy)


def _check_config(text: str, source: str) -> None:
    """Raise UsageError for names of targets that a config can't have."""
    try:
        parse(text, DEFAULT_PATH, source)
    except ConfigError as error:
        first = error.problems[0]
        raise UsageError(f"{first.message}; nothing was written", first.remedy) from None


def _branch(checkout: Checkout) -> str:
    """The branch that runs follow: the remote's default branch, or else the current one."""
    repository = checkout.repositories[0]
    return repository.default_branch or repository.git.ref.removeprefix("refs/heads/") or "main"


def _tidy(path: str) -> str:
    return posixpath.normpath(path)
