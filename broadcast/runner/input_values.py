"""Parse the text of one input or option: numbers, durations, lists, tokens (pure)."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from broadcast.config.narrowing import NO_TARGET
from broadcast.config.shards import Shard
from broadcast.config.yaml_reader import did_you_mean

MAX_CONCURRENCY = 16
MINUTE, HOUR = 60.0, 3600.0  # seconds

Parser = Callable[[str], Any]  # raises InvalidValue


class InvalidValue(Exception):
    """A text that isn't a value of its input. `reason` follows the input's name in a sentence."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason, self.remedy = reason, remedy


def choice(allowed: tuple[str, ...]) -> Parser:
    """A parser of one of these words."""
    return partial(_choice, allowed=allowed)


def choices(allowed: tuple[str, ...]) -> Parser:
    """A parser of a list of these words."""
    return lambda text: tuple(_choice(item, allowed) for item in items(text))


def number(least: int, most: int) -> Parser:
    """A parser of integers in a range."""
    return partial(_number, least=least, most=most)


def path(text: str) -> str:
    """A path in its shortest form: `./a//b` is `a/b`."""
    return posixpath.normpath(text)


def flag(text: str) -> bool:
    """`true` or `false`, in any letter case."""
    return _choice(text.lower(), ("true", "false")) == "true"


def items(text: str) -> tuple[str, ...]:
    """Words separated by spaces, commas or line breaks."""
    return tuple(text.replace(",", " ").split())


def target_names(text: str) -> tuple[str, ...]:
    """Names and patterns as `items` has them, or a JSON list as the output failed-targets is; `[]` is no target."""
    if not re.match(r"\[\s*[\"\]]", text):
        return items(text)
    found = _json(text)
    if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
        raise InvalidValue("isn't a JSON list of names", 'write it like ["acme/api", "acme/web"], or without brackets')
    return tuple(name for one in found for name in _of_each_owner(one)) or NO_TARGET


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_each_owner(name: str) -> Iterable[str]:
    """A name of one owner; a selector that couldn't be listed is named with all of its owners: `acme,labs/svc-*`."""
    owners, slash, rest = name.partition("/")
    return (f"{owner}{slash}{rest}" for owner in owners.split(","))


def names(text: str) -> tuple[str, ...]:
    """Names separated by commas or line breaks; names may contain spaces."""
    return tuple(name for part in text.replace("\n", ",").split(",") if (name := part.strip()))


def duration(text: str) -> float:
    """Seconds, from `1h30m`, `45m` or a number of minutes."""
    match = re.fullmatch(r"(?:(\d{1,3})h)?\s*(?:(\d{1,4})m)?|(\d{1,4})", text)
    if not match or not any(match.groups()):
        raise InvalidValue(f"can't be {text!r}", "write it like 50m or 1h30m")
    hours, minutes, plain = (int(group or 0) for group in match.groups())
    return hours * HOUR + (minutes + plain) * MINUTE


def shard(text: str) -> Shard:
    """`i/n`: part i of n."""
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise InvalidValue(f"can't be {text!r}", "write it like 2/10: the second of ten")
    return Shard(int(match[1]), int(match[2]))


def digest(text: str) -> str:
    """A whole SHA-256 in lower case; a prefix could be forged."""
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower()):
        remedy = "give the whole plan-digest that `command: plan` prints: 64 digits from 0 to f"
        raise InvalidValue(f"can't be {text!r}", remedy)
    return text.lower()


def token(text: str) -> str:
    """A token, which becomes the value of a header. The error doesn't show the text."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", text):  # RFC 6750's b64token
        remedy = "store the token alone as the secret, without spaces, quotes or line breaks"
        raise InvalidValue("holds characters that no token has", remedy)
    return text


def tokens(text: str) -> dict[str, str]:
    """Lines of `owner=token` as owner, in lower case → token. Errors show no line: it may hold a token."""
    found = {}
    for place, line in enumerate(text.splitlines(), 1):
        owner, equals, secret = (part.strip() for part in line.partition("="))
        if line.strip() and (not equals or not owner or not secret or "/" in owner):
            raise InvalidValue(f"isn't owner=token in line {place}", "write one owner=token per line")
        if line.strip():
            found[owner.lower()] = _token_in(place, secret)
    return found


def _token_in(line: int, text: str) -> str:
    try:
        return token(text)
    except InvalidValue as error:
        raise InvalidValue(f"{error.reason} in line {line}", error.remedy) from None


def _number(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise InvalidValue(f"can't be {text!r}", f"give a number from {least} to {most}")
    return int(text)


def _choice(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise InvalidValue(f"can't be {text!r}", did_you_mean(text, list(allowed), most=len(allowed)))
    return text
