"""The outputs of the step, cut to what a job can pass on (pure).

Docs: contexts, "needs context", and workflow syntax, `jobs.<job_id>.outputs`: outputs are Unicode strings, and can be
1 MB at most a job, "approximated based on UTF-16 encoding". A step that is above it passes by itself, but not its job.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from broadcast.github.usage import Usage
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import WRITTEN
from broadcast.report.comparison import in_short
from broadcast.report.costs import counts, duration_ms
from broadcast.report.waves import holding

MAX_OUTPUTS = 900_000  # bytes as UTF-16, names included: other steps of the job have outputs, too
LARGE_RESULTS = "broadcast-results.json"  # in the workspace, where later steps find it
_LISTS = ("failed-targets", "incomplete-targets", "pull-request-urls")
_COMMA = 2 * len(", ")  # bytes


class Fitted(NamedTuple):
    """Outputs that a job can pass on."""

    outputs: Mapping[str, str]
    warnings: tuple[str, ...] = ()  # of lists that were cut


def outputs_of(run: Run, usage: Usage, results: str, code: int) -> dict[str, str]:
    """Every output that action.yml declares, uncut."""
    urls = [one.pull_request for one in run.outcomes if one.pull_request]
    failed = [one.target for one in run.outcomes if one.name == "failed"]
    incomplete = [one.target for one in run.outcomes if one.is_incomplete]
    return {
        "pull-request-urls": json.dumps(urls),
        "results": results,
        "changed": str(_has_written(run)).lower(),
        "failed-targets": json.dumps(failed),
        "incomplete-targets": json.dumps(incomplete),
        **{name.replace("_", "-"): str(count) for name, count in counts(run).items()},
        "api-calls": str(len(usage.calls)),
        "duration-ms": str(duration_ms(run)),
        "exit-code": str(code),
        "plan-digest": run.plan_digest,
        "comparison": in_short(run.comparison) if run.comparison else "",
        "held-by": wave.name if (wave := holding(run.waves)) else "",
        "matrix": json.dumps({"shard": run.matrix}),
    }


def _has_written(run: Run) -> bool:
    """Whether anything was written."""
    is_harvested = run.harvest is not None and bool(run.harvest.written)
    return is_harvested or (run.inputs.writes and any(one.name in WRITTEN for one in run.outcomes))


def fitted(outputs: Mapping[str, str], file: str) -> Fitted:
    """All outputs if they fit; else `results` is the name of `file`, and lists that are still too long are cut.

    Each list gets an equal share of the room; a longer list also gets what a shorter one leaves.
    """
    if size(outputs) <= MAX_OUTPUTS:
        return Fitted(outputs)
    kept = {**outputs, "results": file}
    lists = sorted(_LISTS, key=lambda name: len(kept[name]))
    room, warnings = MAX_OUTPUTS - size({**kept, **dict.fromkeys(lists, "")}), []
    for at, name in enumerate(lists):
        everything = json.loads(kept[name])
        held = _within(everything, room // (len(lists) - at))
        kept[name] = json.dumps(held)
        room -= _bytes(kept[name])
        if len(held) < len(everything):
            many = f"the first {len(held):,} of {len(everything):,}"
            warnings.append(f"the output {name} holds {many}: a job passes no more on; {file} has them all")
    return Fitted(kept, tuple(warnings))


def size(outputs: Mapping[str, str]) -> int:
    """Bytes of names and values as UTF-16."""
    return sum(_bytes(name) + _bytes(text) for name, text in outputs.items())


def _bytes(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass"))


def _within(items: list[str], room: int) -> list[str]:
    """The first items, as many as a JSON list of `room` bytes holds."""
    room -= _bytes("[]") - _COMMA  # there is one comma less than there are items
    for at, item in enumerate(items):
        room -= _bytes(json.dumps(item)) + _COMMA
        if room < 0:
            return items[:at]
    return items
