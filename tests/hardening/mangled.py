"""Damage the hub's responses as broken proxies, incomplete servers or attackers do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from tests.hub import server
from tests.hub.faults.requests import HTML, HTML_TYPE, Answer

STATUSES = (201, 204, 206, 299, 300, 301, 302, 304, 307, 400, 402, 404, 409, 410, 418, 422, 451, 499, 501, 599, 999)
EMPTY = (204, 304)
HEADERS = {
    "retry-after": ("", "-1", "nan", "²", "9" * 400, "Thu, 31 Dec 9999 23:59:59 GMT", "yesterday", "1e9"),
    "x-ratelimit-remaining": ("", "-1", "nan", "inf", "0", "1e300"),
    "x-ratelimit-reset": ("", "-1e300", "inf", "²", "9" * 20, "1e300"),
    "content-type": ("text/html", "application/octet-stream", "application/json; charset=utf-16"),
    "x-oauth-scopes": ("", ",,,", "repo" * 1000),
    "location": ("http://evil.example/x", "//evil.example", "/", "::"),
}  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1.5, float("inf"), float("nan"), "", "x", "0" * 40, "x" * 10_000, "../..", "a\nb",
    "::error::x", "2026-99-99T00:00:00Z", "refs/heads/main", [], {}, [None], [[]], {"a": []}, [{}], {"nodes": [None]},
)  # fmt: skip
IDS = ("oid", "sha")  # who answers with the true id of another object can't be distinguished from who doesn't
DEEP = b"[" * 100_000 + b"]" * 100_000

Spot = tuple[Any, Any]  # a dict or list, and a key of it


def mangle(answer: Answer, dice: random.Random) -> Answer:
    """The response with one random defect."""
    return dice.choices([_value, _shape, _status, _header], weights=[12, 4, 2, 2])[0](answer, dice)


def _value(answer: Answer, dice: random.Random) -> Answer:
    body = json.loads(answer.content or b"{}")
    spots = list(_spots(body))
    if not spots:
        return _shape(answer, dice)
    holder, key = dice.choice(spots)
    what = dice.choice(["replace", "replace", "drop", "swap", "double"])
    if what == "drop":
        del holder[key]
    elif what == "swap" and key not in IDS:
        other, place = dice.choice([spot for spot in spots if _name(spot) == _name((holder, key))])
        holder[key], other[place] = other[place], holder[key]
    elif what == "double" and isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[key] = dice.choice(VALUES)
    return replace(answer, body=body)


def _shape(answer: Answer, dice: random.Random) -> Answer:
    whole = answer.content
    body = dice.choice([
        HTML, b"", DEEP, b"null", b"[]", b'"x"', b"1e999", b"{}", b"\xff\xfe\x00", whole[: dice.randrange(len(whole) + 1)],
        whole + whole, b"9" * 5_000,
    ])  # fmt: skip
    return replace(answer, body=body, headers=answer.headers | (HTML_TYPE if body == HTML else {}))


def _status(answer: Answer, dice: random.Random) -> Answer:
    status = dice.choice(STATUSES)
    return replace(answer, status=status, body=b"" if status in EMPTY else answer.body)


def _header(answer: Answer, dice: random.Random) -> Answer:
    name = dice.choice(list(HEADERS))
    status = dice.choice([answer.status, 403, 429]) if name == "retry-after" else answer.status
    return replace(answer, status=status, headers=answer.headers | {name: dice.choice(HEADERS[name])})


def _spots(node: Any) -> Iterator[Spot]:
    for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from _spots(node[key])


def _name(spot: Spot) -> Any:
    return spot[1] if isinstance(spot[0], dict) else type(spot[1])


@contextmanager
def mangling(seed: int, share: float) -> Iterator[None]:
    """Damage this share of the hub's responses, the same ones for the same seed."""
    true: Callable[..., Answer] = server.respond

    def respond(hub: Any, *arguments: Any) -> Answer:
        answer = true(hub, *arguments)
        dice = random.Random(f"{seed} {len(hub.requests)}")
        return mangle(answer, dice) if dice.random() < share else answer

    with mock.patch.object(server, "respond", respond):
        yield
