"""A run as OpenMetrics text, for a Pushgateway or a textfile collector (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcast.github.usage import KINDS, Usage
from broadcast.pipeline.run import Run
from broadcast.report.costs import costs, counts

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

TARGET_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)
CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)


def text(run: Run, usage: Usage, code: int, now: float) -> str:
    """The metrics of a run that ends with exit code `code` at `now`, in seconds since the epoch."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry()
    _outcome(registry, run, code, now)
    _targets(registry, run)
    _files(registry, run)
    _calls(registry, run, usage)
    return str(generate_latest(registry).decode())  # type: ignore[no-untyped-call]  # its annotations end there


def _outcome(registry: CollectorRegistry, run: Run, code: int, now: float) -> None:
    from prometheus_client import Gauge, Info

    labels = {"source": run.context.source, "commit": run.context.commit, "command": run.inputs.command}
    Info("broadcast_run", "What ran.", registry=registry).info(labels)
    Gauge("broadcast_exit_code", "0 success, 1 failed, 2 config or usage, 3 drift.", registry=registry).set(code)
    Gauge("broadcast_ended_timestamp_seconds", "When the run ended.", registry=registry).set(now)
    phases = Gauge("broadcast_phase_seconds", "Seconds of each phase.", ["phase"], registry=registry)
    for phase, seconds in run.phases.items():
        phases.labels(phase).set(seconds)


def _targets(registry: CollectorRegistry, run: Run) -> None:
    from prometheus_client import Gauge, Histogram

    targets = Gauge("broadcast_targets", "Targets by outcome.", ["outcome"], registry=registry)
    for name, count in counts(run).items():
        targets.labels(name).set(count)
    seconds = Histogram(
        "broadcast_target_seconds", "Seconds of work on one target.", buckets=TARGET_SECONDS, registry=registry
    )
    for one in run.outcomes:
        seconds.observe(one.seconds)


def _files(registry: CollectorRegistry, run: Run) -> None:
    from prometheus_client import Gauge

    files = Gauge("broadcast_files", "Files over all targets, by kind.", ["kind"], registry=registry)
    kinds = {kind: sum(one.count(kind) for one in run.outcomes) for kind in ("added", "changed", "deleted")}
    left_out = sum(len(one.file_errors) for one in run.outcomes)
    for kind, count in {"wanted": run.files, "excluded": run.excluded, **kinds, "left_out": left_out}.items():
        files.labels(kind).set(count)


def _calls(registry: CollectorRegistry, run: Run, usage: Usage) -> None:
    from prometheus_client import Counter, Gauge, Histogram

    total, cost = usage.total(), costs(run, usage)
    calls = Counter("broadcast_api_calls", "Requests to GitHub.", ["kind"], registry=registry)
    for kind in KINDS:
        calls.labels(kind).inc(cost.by_kind[kind])
    seconds = Histogram(
        "broadcast_api_call_seconds", "Seconds until GitHub's response.", buckets=CALL_SECONDS, registry=registry
    )
    for call in usage.calls:
        seconds.observe(call.seconds)
    counted = {
        "broadcast_api_points": ("Points of GitHub's primary rate limit.", total.points),
        "broadcast_api_sent_bytes": ("Bytes of request bodies.", total.sent),
        "broadcast_api_received_bytes": ("Bytes of response bodies.", total.received),
        "broadcast_api_calls_saved": ("Calls saved against one call per file.", cost.saved),
        "broadcast_cache_hits": ("Directory listings found in the cache.", run.listings.hits),
        "broadcast_waited_seconds": ("Seconds of waiting for GitHub's limits.", usage.waited),
    }
    for name, (words, value) in counted.items():
        Counter(name, words, registry=registry).inc(value)
    left = Gauge(
        "broadcast_rate_limit_remaining",
        "Remaining requests, by GitHub's last response.",
        ["resource"],
        registry=registry,
    )
    for resource, rate in usage.rates.items():
        left.labels(resource).set(rate.remaining)
