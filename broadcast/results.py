"""The shape of a run's results, for those who read them by machine; docs/results.schema.json is made from it (pure)."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypedDict

import msgspec
from msgspec import Meta

from broadcast.comparison import Kind
from broadcast.outcome import Name

Moment = Annotated[str, Meta(description="ISO 8601; empty where there is none.")]


class FileCounts(TypedDict):
    """How many files a pull request adds, changes and deletes."""

    added: int
    changed: int
    deleted: int


class LeftOut(TypedDict):
    """A file that couldn't be sent."""

    path: str
    reason: str
    remedy: str


class Result(TypedDict):
    """One target."""

    target: Annotated[str, Meta(description="owner/name, or owner/name@branch where the config names the base.")]
    base: str
    outcome: Name
    reason: str
    remedy: str
    pull_request: Annotated[str, Meta(description="URL; empty where there is none.")]
    opened_at: Moment
    joined: Annotated[bool, Meta(description="Whether this is the first pull request from here.")]
    files: FileCounts
    file_errors: list[LeftOut]
    api_calls: Annotated[int, Meta(description="For this target alone.")]
    api_points: int
    api_calls_saved: int


class Phase(TypedDict):
    """One phase of the run."""

    duration_ms: int
    calls: int
    points: int
    sent: Annotated[int, Meta(description="Bytes.")]
    received: Annotated[int, Meta(description="Bytes.")]
    calls_saved: int


class Mistake(TypedDict):
    """One mistake in the config."""

    file: str
    line: int
    column: int
    message: str
    remedy: str
    excerpt: str


class Ended(TypedDict):
    """What ended the run before its targets."""

    message: str
    remedy: str
    problems: list[Mistake]


class Estimated(TypedDict):
    """What the writes would take."""

    calls: int
    seconds: float


class Affected(TypedDict):
    """A target that the change touches."""

    target: str
    effect: Kind
    before: Annotated[str, Meta(description="Its outcome without the change; empty where it joined.")]
    after: Name
    files: Annotated[FileCounts, Meta(description="Proposed because of the change.")]
    withdrawn: Annotated[list[str], Meta(description="Paths that are no longer proposed.")]


class Compared(TypedDict):
    """What a change of the source alone does (compare-to)."""

    ref: str
    commit: str
    words: Annotated[str, Meta(description="All of it in one line.")]
    targets: list[Affected]


class Results(TypedDict):
    """The whole run; `version` changes when the meaning of a field does."""

    version: int
    source: str
    commit: str
    targets: list[Result]
    phases: dict[str, Phase]
    totals: Annotated[dict[str, int], Meta(description="Targets by outcome, files, calls, points, bytes, times.")]
    failure: Ended | None
    stopped: Annotated[str, Meta(description="What stopped the run: SIGINT, SIGTERM or the deadline; else empty.")]
    plan_digest: str
    comparison: Compared | None
    estimate: Estimated | None


def schema_text() -> str:
    """The JSON Schema, as the committed file has it."""
    made: dict[str, Any] = msgspec.json.schema(Results)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **made}, indent=2) + "\n"
