"""Spans of time in which nothing is written (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from broadcast.config.format import WrittenFreeze
from broadcast.config.mappings import place_of
from broadcast.config.yaml_reader import Place, Reader

_DAY = len("2026-12-20")


class Freeze(Struct, frozen=True):
    """A span of time: its first moment, and the first one after it."""

    start: datetime
    end: datetime
    until: str  # its end in words
    reason: str = ""


def freezes_of(reader: Reader, written: Iterable[WrittenFreeze]) -> tuple[Freeze, ...]:
    """The valid spans in the config; reports the others to the reader."""
    return tuple(found for one in written if (found := _freeze(reader, one)))


def active(freezes: Sequence[Freeze], now: float) -> Freeze | None:
    """The freeze at `now`, in seconds since the epoch; of several, the one that ends last."""
    current = [one for one in freezes if one.start.timestamp() <= now < one.end.timestamp()]
    return max(current, key=lambda one: one.end, default=None)


def _freeze(reader: Reader, written: WrittenFreeze) -> Freeze | None:
    try:
        zone = ZoneInfo(written.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = place_of(written.zone, written.place)
        reader.problem(place, f"zone: there is no time zone {written.zone!r}", "write one such as Europe/Berlin or UTC")
        return None
    first, last = str(written.from_), str(written.to)
    start = _moment(reader, first, "from", getattr(written.from_, "place", written.place), zone)
    place = getattr(written.to, "place", written.place)
    end = _moment(reader, last, "to", place, zone)
    if start is None or end is None:
        return None
    if end <= start:
        reader.problem(place, "to: the freeze ends before it begins", "swap the two")
        return None
    is_day = len(last) <= _DAY
    until = f"the end of {last} ({written.zone})" if is_day else f"{last} ({written.zone})"
    return Freeze(start, end, until, written.reason)


def _moment(reader: Reader, text: str, key: str, place: Place, zone: tzinfo) -> datetime | None:
    """A moment; a day begins at midnight, and as the end it counts whole."""
    try:
        if len(text) <= _DAY:
            day = date.fromisoformat(text) + timedelta(days=key == "to")
            return datetime.combine(day, time(), zone)
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        remedy = "write a day such as 2026-12-20, or a time such as 2026-12-20T18:00"
        if text:
            reader.problem(place, f"{key}: {text!r} is no date", remedy)
        return None
