"""Node ids. GitHub's are opaque; the hub's can be decoded."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.hub.errors import Refused


def node_id(kind: str, *parts: Any) -> str:
    text = json.dumps(parts, separators=(",", ":")).encode()
    return f"{kind}_{base64.urlsafe_b64encode(text).decode().rstrip('=')}"


def parse(text: str) -> tuple[str, list[Any]]:
    kind, _, rest = text.partition("_")
    try:
        return kind, json.loads(base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4)))
    except ValueError:
        raise unknown(text) from None


def unknown(text: str) -> Refused:
    return Refused(f"Could not resolve to a node with the global id of '{text}'.", kind="NOT_FOUND", status=404)
