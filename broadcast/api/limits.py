"""GitHub's limits: recognised in answers (docs: rate limits for the REST API, for the GraphQL API)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from broadcast.api.ledger import Rate

UNTOLD_WAIT = 60.0  # seconds: "wait for at least one minute" when no header says how long

_END_OF_TIME = 253_402_300_799  # the last second that Python can tell
_NUMBER = re.compile(r"[0-9]{1,10}")
_MESSAGES = ("rate limit", "submitted too quickly", "abuse detection", "please wait a few minutes")


def rates(headers: Mapping[str, str]) -> dict[str, Rate]:
    """What the rate-limit headers say, by resource; empty when there are none."""
    try:
        rate = Rate(*(int(float(headers[f"x-ratelimit-{name}"])) for name in ("limit", "remaining", "reset")))
    except (KeyError, ValueError, OverflowError):
        return {}
    return {headers.get("x-ratelimit-resource", "core"): rate}


def is_throttled(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Whether an answer refuses for a rate limit, primary or secondary."""
    said = any(text in message.lower() for text in _MESSAGES)
    if status == 429:
        return True
    return status in (200, 403) and (said or (status == 403 and headers.get("x-ratelimit-remaining") == "0"))


def throttled_errors(errors: list[dict[str, Any]]) -> str:
    """The GraphQL error, which comes with status 200, that is a rate limit; empty when there is none."""
    for error in errors:
        message = str(error.get("message", ""))
        if str(error.get("type", "")).startswith("RATE_LIMIT") or is_throttled(200, {}, message):
            return message or "rate limit"
    return ""


def wait_of(headers: Mapping[str, str], now: float, attempt: int) -> float:
    """Seconds to wait before the next try, as GitHub's documents order: retry-after, reset, a minute and more."""
    retry_after = headers.get("retry-after", "")
    if _NUMBER.fullmatch(retry_after):
        return float(retry_after)
    if retry_after:
        try:
            return max(0.0, parsedate_to_datetime(retry_after).astimezone(UTC).timestamp() - now)
        except (ValueError, OverflowError):
            pass
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and _NUMBER.fullmatch(reset):
        return max(0.0, float(reset) - now) + 1
    return UNTOLD_WAIT * float(2**attempt)


def clock_time(seconds: float) -> str:
    """An epoch time as people read it."""
    return datetime.fromtimestamp(min(seconds, _END_OF_TIME), UTC).strftime("%H:%M:%S UTC")
