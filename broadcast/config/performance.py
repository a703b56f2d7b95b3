"""Validate `performance`: metrics, statistics, and a dashboard of one's own (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from broadcast.config.format import WrittenPerformance
from broadcast.config.mappings import place_of
from broadcast.config.yaml_reader import Reader, did_you_mean

METRICS_FILE = "broadcast.prom"  # where the input metrics-file names none

_URL = re.compile(r"https?://[\w.:/%#?=&+,~-]+", re.ASCII)


class Performance(Struct, frozen=True):
    """What a run reports of itself."""

    metrics: bool = False  # write them without being asked by an input
    threshold: int | None = None  # files from which on the summary has statistics; None: always
    dashboard: str = ""  # an address for the summary


def performance_of(reader: Reader, written: WrittenPerformance) -> Performance:
    """What the block says; reports an address that isn't one to the reader."""
    address = written.dashboard_url
    if address and not _URL.fullmatch(address):
        remedy = "write an address that begins with https:// or http://, without spaces, quotes or brackets"
        place = place_of(address, written.place)
        reader.problem(place, f"dashboard_url: {address!r} can't be linked", remedy)
        address = ""
    return Performance(written.enable_metrics, written.report_threshold, str(address))


def ignored_of(reader: Reader, written: WrittenPerformance) -> Iterable[str]:
    """A warning for each key, or value, that has no meaning."""
    for key in reader.ignored:
        hint = did_you_mean(key, [name for name in WrittenPerformance.__struct_fields__ if name != "place"])
        yield f"{reader.file}:{key.place.line}: `performance.{key}` is ignored; {hint}"
    form = written.export_format
    if form and form.lower() not in ("prometheus", "openmetrics"):
        line = place_of(form, written.place).line
        yield f"{reader.file}:{line}: `export_format: {form}` is ignored: metrics are OpenMetrics text, for Prometheus"
