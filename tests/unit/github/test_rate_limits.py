"""A rate limit is known by status, type and path; words count where nothing else says what is wrong."""

from __future__ import annotations

import pytest

from broadcast.github.rate_limits import is_throttled, throttled_errors, wait_of
from tests.hub.faults.requests import CONTENT, RATE_LIMITED, SECONDARY, TOO_QUICKLY, http_date

NOW = 1_750_000_000.0
ABUSE = "You have triggered an abuse detection mechanism and have been temporarily blocked from content creation."
LIMITS = (SECONDARY, CONTENT, RATE_LIMITED, ABUSE, TOO_QUICKLY, "You've hit a rate limit. It isn't over yet")
OTHERS = (
    "Could not resolve file for path 'docs/rate limits.md'.",
    "`it's a rate limit.md` can't be written",
    'refusing to update workflow "rate limit" without `workflow` scope',
    "docs/rate limit.md: no",
    "src/rate limit/timeout.ts: no",
    "Resource not accessible by integration",
)


def error(message, kind="", *path):
    return [{"message": message, "type": kind, "path": list(path)}]


@pytest.mark.parametrize("message", LIMITS)
def test_these_words_are_a_limit(message):
    assert is_throttled(403, {}, f"HTTP 403: {message}")
    assert throttled_errors(error(message)) == message
    assert throttled_errors(error(message, "UNPROCESSABLE", "pull")) == message


@pytest.mark.parametrize("message", OTHERS)
def test_these_words_are_none(message):
    assert not is_throttled(403, {}, f"HTTP 403: {message}")
    assert not throttled_errors(error(message))


@pytest.mark.parametrize("message", LIMITS)
@pytest.mark.parametrize("kind", ["NOT_FOUND", "FORBIDDEN", "STALE_DATA"])
def test_a_type_that_says_something_else_goes_before_the_words(message, kind):
    assert not throttled_errors(error(message, kind, "pull"))


@pytest.mark.parametrize("message", LIMITS)
def test_an_error_inside_of_an_answer_is_no_limit(message):
    assert not throttled_errors(error(message, "", "q0", "object", "file"))


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_a_type_that_says_it_needs_no_words(kind):
    assert throttled_errors(error("", kind)) == "rate limit"


def test_by_rest_the_status_decides_how_much_words_count():
    assert is_throttled(429, {}, "no")
    assert is_throttled(422, {}, f"HTTP 422: Validation Failed ({TOO_QUICKLY})")
    assert is_throttled(403, {"x-ratelimit-remaining": "0"}, "no")
    assert not is_throttled(422, {"x-ratelimit-remaining": "0"}, SECONDARY)
    assert not is_throttled(422, {}, f"the label '{TOO_QUICKLY}' doesn't exist")
    assert not is_throttled(404, {}, SECONDARY)


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"retry-after": "30"}, [30, 30, 30]),
        ({"retry-after": "1.5"}, [1.5, 1.5, 1.5]),
        ({"retry-after": http_date(NOW + 90)}, [90, 90, 90]),
        ({"retry-after": "0"}, [1, 120, 240]),
        ({"retry-after": http_date(NOW - 90)}, [1, 120, 240]),
        ({"retry-after": "-1"}, [60, 120, 240]),
        ({"retry-after": "soon"}, [60, 120, 240]),
        ({}, [60, 120, 240]),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 20}"}, [21, 21, 21]),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW - 20:.0f}"}, [1, 1, 1]),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": f"{NOW + 20:.0f}"}, [60, 120, 240]),
    ],
)
def test_the_wait_is_what_the_headers_say_else_a_minute_and_twice_as_long_each_time(headers, waits):
    assert [wait_of(headers, NOW, attempt) for attempt in range(3)] == waits
