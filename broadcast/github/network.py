"""Transport errors of requests and PyGithub, as responses without an answer (pure)."""

from __future__ import annotations

from broadcast.github import response
from broadcast.github.response import Response

FAILURES = (OSError, RuntimeError, AssertionError, ValueError, ArithmeticError)


def without_answer(error: Exception) -> Response:
    """The reply that stands for an error of the transport; `error` is one of FAILURES."""
    if isinstance(error, OSError):  # what requests raises is one, too
        return response.nothing(_reason(error), reached=_was_reached(error))
    if isinstance(error, RuntimeError | AssertionError):  # how PyGithub refuses a redirect to another host
        return response.nothing(f"redirected elsewhere: {error}")
    return response.nothing(f"an answer that can't be read: {error}")  # a header that should hold a number


def _was_reached(error: OSError) -> bool:
    """Whether there was a connection, and the answer to this request alone is missing."""
    name = type(error).__name__
    if name in ("ConnectTimeout", "SSLError", "ProxyError"):
        return False
    return name != "ConnectionError" or "NewConnectionError" not in repr(error)


def _reason(error: OSError) -> str:
    cause = error.args[0] if error.args else error
    reason = getattr(cause, "reason", None) or cause
    return f"{type(error).__name__}: {str(reason).split('>: ')[-1]}"
