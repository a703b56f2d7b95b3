"""The pull request of a run, as the runner's event has it (pure; docs: webhook events and payloads)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

_COMMIT = re.compile(r"[0-9a-f]{40}")


class PullEvent(Struct, frozen=True):
    """A pull request on the source; unknown values are empty."""

    number: int  # 0: not known; the event of a fork's finished workflow doesn't have it
    head: str  # commit
    branch: str
    repository: str  # owner/name of the branch; empty where that is gone
    base: str  # commit
    finished: bool = False  # whether the run follows a workflow that ran for it

    def is_from_fork(self, source: str) -> bool:
        """Whether the branch lies in another repository, or in one that is gone."""
        return self.repository.lower() != source.lower()


def of_event(text: str) -> PullEvent | None:
    """The pull request in an event's JSON; None if it has none."""
    try:
        payload = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return None
    found = _mapping(payload, "pull_request")
    if found:
        return _of_pull(found)
    run = _mapping(payload, "workflow_run")
    return _of_run(run) if run.get("event") == "pull_request" else None


def _of_pull(found: Mapping[str, Any]) -> PullEvent | None:
    head, number = _mapping(found, "head"), found.get("number")
    commit, base = _commit(head.get("sha")), _commit(_mapping(found, "base").get("sha"))
    if not commit or not isinstance(number, int) or number < 1:
        return None
    return PullEvent(number, commit, str(head.get("ref") or ""), _name(_mapping(head, "repo")), base)


def _of_run(run: Mapping[str, Any]) -> PullEvent | None:
    commit, branch = _commit(run.get("head_sha")), str(run.get("head_branch") or "")
    name = _name(_mapping(run, "head_repository"))
    return PullEvent(0, commit, branch, name, "", finished=True) if commit else None


def _mapping(holder: Any, name: str) -> Mapping[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def _name(repository: Mapping[str, Any]) -> str:
    return str(repository.get("full_name") or "")


def _commit(value: Any) -> str:
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else ""
