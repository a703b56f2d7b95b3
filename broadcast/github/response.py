"""One HTTP response, parsed; a proxy's page, half a document or nonsense becomes an error (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from broadcast.errors import Failure
from broadcast.github import rate_limits


class ApiError(Failure):
    """A refusal of GitHub's. `http`: `status` is the response's own and doesn't stand for a GraphQL error."""

    def __init__(self, status: int, message: str, remedy: str = "", *, http: bool = False) -> None:
        super().__init__(message, remedy)
        self.status, self.http = status, http


class Unsure(Failure):
    """A write got no proper answer: it may have been done. Look before doing it again."""


class Response(NamedTuple):
    """An answer to one HTTP request."""

    status: int  # 0: none that can be used
    headers: Mapping[str, str]
    data: Any  # parsed JSON; None when there is none
    reason: str
    reached: bool = True  # whether a server was there to answer
    seconds: float = 0.0  # from the request to the end of the answer

    @property
    def message(self) -> str:
        """GitHub's own words about a refusal."""
        message = self.data.get("message") if isinstance(self.data, dict) else None
        return str(message) if message else ""

    @property
    def throttled(self) -> str:
        """Why GitHub's limits refuse this request, or a part of it; empty where they don't."""
        if self.status == 200:
            return rate_limits.throttled_errors(self.errors)
        return self.reason if rate_limits.is_throttled(self.status, self.headers, self.reason) else ""

    @property
    def partial(self) -> bool:
        """Whether a part of a GraphQL document was done."""
        data = self.data.get("data") if isinstance(self.data, dict) else None
        return isinstance(data, dict) and any(value is not None for value in data.values())

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of a GraphQL answer, each with a message and type that are text and a path that is a list."""
        errors = self.data.get("errors") if isinstance(self.data, dict) else None
        return [_error(error) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []

    @property
    def points(self) -> int:
        """What GitHub says a query cost; one for everything else (docs: rate limits for the GraphQL API)."""
        answer = self.data.get("data") if isinstance(self.data, dict) else None
        limit = answer.get("rateLimit") if isinstance(answer, dict) else None
        cost = limit.get("cost") if isinstance(limit, dict) else None
        return cost if isinstance(cost, int) else 1


def parse(status: int, headers: Mapping[str, Any], text: str) -> Response:
    """The reply in an HTTP answer; one that redirects elsewhere, or isn't JSON, is of no use."""
    plain = {name.lower(): str(value) for name, value in headers.items()}
    if 300 <= status < 400:
        return Response(
            0, plain, None, f"HTTP {status}: redirected to {plain.get('location', 'nowhere')}, not followed"
        )
    try:
        data = json.loads(_whole(text)) if text else None
    except (ValueError, RecursionError):
        # A proxy's error page keeps its status; a cut answer to a success is no answer.
        return Response(status if status >= 400 else 0, plain, None, f"HTTP {status} without valid JSON")
    return Response(status, plain, data, _reason(status, data))


def nothing(reason: str, *, reached: bool = True) -> Response:
    """No answer came."""
    return Response(0, {}, None, reason, reached)


def _whole(text: str) -> str:
    """JSON without halves of characters: no file, and no other answer, could hold what `"\\ud800"` stands for."""
    if "\\ud" not in text.lower():
        return text
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _error(error: dict[str, Any]) -> dict[str, Any]:
    path, extensions = error.get("path"), error.get("extensions")
    return {
        "message": str(error.get("message", "no reason given")),
        "type": str(error.get("type") or ""),
        "path": path if isinstance(path, list) else [],
        "extensions": extensions if isinstance(extensions, dict) else {},
    }


def _reason(status: int, data: Any) -> str:
    message = data.get("message") if isinstance(data, dict) else None
    details = data.get("errors") if isinstance(data, dict) and status >= 400 else None
    listed = details if isinstance(details, list) else [details] if isinstance(details, str) else []
    texts = [_detail(detail) for detail in listed]
    return f"HTTP {status}" + (f": {message}" if message else "") + (f" ({'; '.join(texts)})" if texts else "")


def _detail(detail: Any) -> str:
    """One of the `errors` of a REST refusal: a text, or a mapping (docs: REST API, "Validation failed")."""
    if not isinstance(detail, dict):
        return str(detail)
    if message := detail.get("message"):
        return str(message)
    where = " ".join(str(detail[key]) for key in ("resource", "field") if detail.get(key))
    return f"{where}: {detail.get('code')}" if where else str(detail.get("code"))
