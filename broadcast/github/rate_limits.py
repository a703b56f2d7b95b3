"""Recognises refusals for rate limits, and how long to wait (docs: rate limits for the REST and GraphQL APIs)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from broadcast.github.usage import Rate

DEFAULT_WAIT = 60.0  # seconds: "wait for at least one minute" when no header says how long
LONGEST_DEFAULT = 3_600.0  # seconds; the hour's limits are over then
SHORTEST = 1.0  # seconds; a refusal that says "at once" is not repeated at once

_END_OF_TIME = 253_402_300_799  # the last second that Python knows
_NUMBER = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")
_LONGEST_MESSAGE = 4_000  # characters; GitHub's own words come first
_QUOTED = re.compile(r"(?<!\w)(['\"`]).*?\1(?!\w)", re.DOTALL)
_TOO_QUICKLY = "submitted too quickly"
_WORDS = re.compile(  # "rate limit" as people write it, which the path docs/rate limits.md is not
    rf"(?<![\w/.-])rate limits?(?![\w/-]|\.\w)|{_TOO_QUICKLY}|abuse detection|please wait a few minutes"
)


def rates(headers: Mapping[str, str]) -> dict[str, Rate]:
    """What the rate-limit headers say, by resource; empty when there are none."""
    try:
        rate = Rate(*(int(float(headers[f"x-ratelimit-{name}"])) for name in ("limit", "remaining", "reset")))
    except (KeyError, ValueError, OverflowError):
        return {}
    return {headers.get("x-ratelimit-resource", "core"): rate}


def is_throttled(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Whether an answer of REST refuses for a rate limit, primary or secondary."""
    if status == 422:  # "Validation failed, or the endpoint has been spammed."
        return _TOO_QUICKLY in _unquoted(message)
    if status == 403:
        return headers.get("x-ratelimit-remaining") == "0" or bool(_WORDS.search(_unquoted(message)))
    return status == 429


def throttled_errors(errors: list[dict[str, Any]]) -> str:
    """The GraphQL error, which comes with status 200, that is a rate limit; empty when there is none."""
    for error in errors:
        message, kind = str(error.get("message", "")), str(error.get("type") or "")
        # Limits refuse the document or a root field, nothing inside of it; and a type says itself what is wrong.
        is_wordy = kind in ("", "UNPROCESSABLE") and len(error.get("path") or ()) <= 1
        if kind.startswith("RATE_LIMIT") or (is_wordy and _WORDS.search(_unquoted(message))):
            return message or "rate limit"
    return ""


def wait_of(headers: Mapping[str, str], now: float, attempt: int) -> float:
    """Seconds to wait before the next try, as GitHub's documents order: retry-after, reset, a minute and more.

    `attempt` is the number of refusals before this one without a success between.
    """
    asked = _asked(headers, now)
    if asked is None or (asked <= 0 and attempt):
        return min(DEFAULT_WAIT * float(2 ** min(attempt, 10)), LONGEST_DEFAULT)
    return max(asked, SHORTEST)


def clock_time(seconds: float) -> str:
    """An epoch time as people read it."""
    return datetime.fromtimestamp(min(seconds, _END_OF_TIME), UTC).strftime("%H:%M:%S UTC")


def _asked(headers: Mapping[str, str], now: float) -> float | None:
    """What the headers say, in seconds from `now`; None where they say nothing that can be read."""
    retry_after = headers.get("retry-after", "")
    if _NUMBER.fullmatch(retry_after):
        return float(retry_after)
    if retry_after:
        try:
            return parsedate_to_datetime(retry_after).astimezone(UTC).timestamp() - now
        except (ValueError, OverflowError):
            pass
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and _NUMBER.fullmatch(reset):
        return max(0.0, float(reset) - now) + 1
    return None


def _unquoted(message: str) -> str:
    """A message in lower case without what it quotes, for that may be a path."""
    return _QUOTED.sub(" ", message[:_LONGEST_MESSAGE]).lower()
