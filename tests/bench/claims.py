"""The claims of the document that the project started from, each beside what was measured here (pure)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.bench.measure import mib, ms, table

Themes = dict[str, Any]


class Claim(NamedTuple):
    """In the document's own words; what we have to say to it, from the figures of a run; where they come from."""

    words: str
    answer: Callable[[Themes], str]
    theme: str


def _local(themes: Themes, files: int) -> str:
    row = next(row for row in themes["local"]["sizes"] if row["files"] == files)
    return f"{ms(row['clean'])} with a clean index, {ms(row['dirty'])} when every file is hashed"


def _exclusion(themes: Themes) -> str:
    few, many = (f"{row['fresh'] * 1e6:.2f} µs" for row in themes["exclusion"]["rows"])
    return (
        f"{few} for a path not seen before with 6 patterns, {many} with 20. What takes 107 ns is one look-up in a cache: "
        "a path has to be cut into its names and asked of every pattern first"
    )


def _memory(themes: Themes) -> str:
    one = next(one for one in themes["memory"]["snapshots"] if one["files"] == 1000)
    return f"{one['held'] / 1e6:.2f} MB held, {one['peak'] / 1e6:.2f} MB at the peak"


def _targets(themes: Themes) -> str:
    one, many = (one for one in themes["memory"]["snapshots"] if one["files"] == 10_000)
    return (
        f"no contents are kept, so there is nothing to cache: {one['targets']} target of 10,000 files holds "
        f"{mib(one['held'])}, {many['targets']} with the same content hold {mib(many['held'])}"
    )


def _streaming(themes: Themes) -> str:
    send = max(themes["memory"]["sends"], key=lambda one: one["total"])
    return (
        f"one file at a time by REST: {mib(send['peak'])} at the peak for {mib(send['total'])} in all, "
        f"{send['peak'] / send['largest']:.1f} x the largest file, which JSON and base64 need"
    )


def _calls(themes: Themes) -> str:
    row = themes["calls"]["rows"][0]
    total = row["reads"] + row["writes"]
    return f"{total} calls, pull request and label among them, where one per file are {149 + total - 1}"


def _workers(themes: Themes) -> str:
    small = themes["local"]["workers"][0]
    return f"no workers: {small['load']} are hashed in {ms(small['1'])} without, in {ms(small['10'])} with 10"


def _progress(themes: Themes) -> str:
    return f"{themes['local']['progress'] * 1e6:.2f} µs for a target; a line every few seconds"


def _run(themes: Themes) -> str:
    row = themes["fleet"]["in step"][0]
    return (
        f"not with a network: one answer of GitHub takes longer. {row['targets']} targets in step take "
        f"{ms(row['seconds'])} from start to end, with answers that take 100 ms"
    )


def _fleet(themes: Themes) -> str:
    rows = themes["fleet"]["in step"]
    return "; ".join(f"{row['targets']:,} targets in step: {ms(row['seconds'])}, calls: {row['calls']}" for row in rows)


CLAIMS = (
    Claim("1000 files: ~32 ms", lambda themes: _local(themes, 1000), "local"),
    Claim("500 files: ~16.6 ms", lambda themes: _local(themes, 500), "local"),
    Claim("Full .github (149): ~7 ms", lambda themes: _local(themes, 149), "local"),
    Claim("<50 files: ~3 ms", lambda themes: _local(themes, 50), "local"),
    Claim("Memory: ~1.2 MB per 1000 files, linear", _memory, "memory"),
    Claim("Exclusion engine: 107 ns/op with 0 allocations", _exclusion, "exclusion"),
    Claim("149 files: 2-3 API calls, 98 % reduction", _calls, "calls"),
    Claim("100+ repositories, no rate limiting issues", _fleet, "fleet"),
    Claim("Worker pools of 5 to 20, by the number of files", _workers, "local"),
    Claim("Batch processing: 23.8M+ ops/sec, 50 operations a batch", lambda _: (
        "documents of 25 to 100 targets, as many as GitHub answers quickly; how fast a list grows says nothing about that"
    ), "fleet"),
    Claim("Content cache: 13.5M+ ops/sec, 50 % of memory saved", _targets, "memory"),
    Claim("Content comparison: 5 ns, binary detection: 2 ns", lambda _: (
        "can't be true of contents: a processor reads a few bytes of memory in that time. Two ids are compared instead, "
        "and they come from the index"
    ), "local"),
    Claim("Streaming: files processed one at a time", _streaming, "memory"),
    Claim("Progress reporting without overhead", _progress, "local"),
    Claim("Full .github sync, API calls included: ~7 ms", _run, "fleet"),
)  # fmt: skip


def tell(themes: Themes) -> str:
    """The table."""
    rows = [(claim.words, claim.answer(themes), f"`python -m tests.bench {claim.theme}`") for claim in CLAIMS]
    return table(("the claim", "measured here", "command"), rows)
