"""What a user gains, at the top of docs/benchmarks.md: calls, time and memory of the main jobs (pure)."""

from __future__ import annotations

from typing import Any

from tests.bench.calls import NEIGHBOURS
from tests.bench.measure import mib, ms, table


def tell(themes: dict[str, Any]) -> str:
    """The table: a question, the answer for Broadcast, the command that prints it."""
    rows = [
        (question, answer, f"`python -m tests.bench {theme}`")
        for question, answer, theme in (
            ("How many API calls does a nightly run take?", _nightly(themes), "calls"),
            ("And one changed file?", _changed(themes), "calls"),
            ("How long does a run take when nothing changed?", _time(themes), "fleet"),
            ("How long when every target gets a pull request?", _writes(themes), "fleet"),
            ("How much memory?", _memory(themes), "memory"),
            ("How large is the image?", _image(themes), "start"),
        )
        if answer
    ]
    return table(("question", "answer", "command"), rows)


def _row(themes: dict[str, Any], begins: str) -> dict[str, Any]:
    return next(row for row in themes["calls"]["rows"] if row["scenario"].startswith(begins))


def _nightly(themes: dict[str, Any]) -> str:
    row = _row(themes, "100 targets x 149 files in step")
    others = "; ".join(f"{one.name.partition('/')[2]}: {one.in_step}" for one in NEIGHBOURS)
    return f"{row['reads']} reads and {row['writes']} writes for 100 targets in step. Other tools, for each target: {others}"


def _changed(themes: dict[str, Any]) -> str:
    row = _row(themes, "100 targets, the same file changed")
    return f"{row['reads']} reads and {row['writes']} writes for 100 pull requests with a label"


def _time(themes: dict[str, Any]) -> str:
    rows = themes["fleet"]["in step"]
    return "; ".join(f"{row['targets']:,} targets: {ms(row['seconds'])}" for row in rows)


def _writes(themes: dict[str, Any]) -> str:
    row = themes["fleet"]["writes"][0]
    return f"100 targets: {ms(row['seconds'])}, plus {row['slept'] / 60:.1f} min for GitHub's limit of writes"


def _memory(themes: dict[str, Any]) -> str:
    many = max(themes["memory"]["snapshots"], key=lambda one: (one["files"], one["targets"]))
    return f"{mib(many['peak'])} at the peak for {many['files']:,} files in {many['targets']} targets"


def _image(themes: dict[str, Any]) -> str:
    image = themes["start"].get("image")
    return f"{mib(image['all'])}, {mib(image['the base image'])} of it the base image" if image else ""
