"""Name the tools that run scripts in clones, whose configs have no equal, and say what to do instead (pure)."""

from __future__ import annotations

import re

import yaml

_MULTI = {
    "repo", "org", "group", "user", "project", "topic", "repo-search", "code-search", "repo-include", "repo-exclude",
    "branch", "base-branch", "commit-message", "pr-title", "pr-body", "reviewers", "team-reviewers", "assignees",
    "labels", "draft", "dry-run", "fork", "concurrent", "conflict-strategy", "skip-pr", "skip-repo", "skip-forks",
    "git-type", "clone-dir", "log-level", "platform", "token", "username", "author-name", "author-email",
    "max-reviewers", "fetch-depth", "api-push",
}  # fmt: skip
_CALL = re.compile(r"\b(multi-gitter\s+(?:run|print|merge|close|status)|git-xargs)\b")
REMEDY = (
    "a script has no equal. Run it in this repository's CI, commit what it writes, and let Broadcast send that as "
    "`files` (with `template: true` where a line differs from target to target); repositories become `targets`: "
    "owner/*, topics and names. Keep that tool for scripts that compute a change from what the target holds"
)


def of_config(root: yaml.MappingNode) -> str:
    """The tool whose settings these are; empty if they are none of theirs."""
    keys = {str(key.value) for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    return "multi-gitter" if len(keys & _MULTI) > 1 and keys <= _MULTI else ""


def of_text(text: str) -> str:
    """The tool that a workflow or script calls; empty if it calls none of them."""
    found = _CALL.search(text)
    return found[1].split()[0] if found else ""
