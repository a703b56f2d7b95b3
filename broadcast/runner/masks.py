"""Mask secrets in texts (pure).

Secrets are masked in all forms in which they appear: basic authentication is base64, URLs are percent-encoded.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

SHORTEST_SECRET = 8  # characters; the last line of a key may hold two, and they stand everywhere
CUT = 12  # characters from its beginning that give a secret away where a text was cut
_MASK = "***"
_SIGNED = r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"  # a GitHub App signs one for each request (RFC 7519)


def lines_of(secret: str) -> list[str]:
    """The lines of a secret, as logs show them one by one; a key may have `\\n` for line breaks."""
    return [line for line in secret.replace("\\n", "\n").splitlines() if len(line) >= SHORTEST_SECRET]


def forms_of(secret: str) -> list[str]:
    """All forms of a secret to mask: its lines, percent-encoded and in base64."""
    return list(dict.fromkeys(form for line in lines_of(secret) for form in _forms(line)))


def masked(text: str, secrets: Collection[str]) -> str:
    """`text` with `***` for the secrets, for their first part at a cut, and for JSON web tokens."""
    pattern, by_start = _finder(frozenset(secrets))
    parts, at = [], 0
    while found := pattern.search(text, at):
        start = found.start()
        ends = (_end(text, start, secret) for secret in by_start.get(text[start : start + CUT], ()))
        parts += [text[at:start], _MASK]
        at = max(found.end(), *ends, 0)
    return "".join([*parts, text[at:]])


def _forms(line: str) -> Iterator[str]:
    yield line
    yield quote(line, safe="")
    for before in range(3):  # bytes of a group of three, by what stands before the secret
        bits = 8 * (before + len(line.encode()))
        form = b64encode(b"\0" * before + line.encode()).decode()[-(-8 * before // 6) : bits // 6]
        if len(form) >= SHORTEST_SECRET:
            yield form
            yield form.replace("+", "-").replace("/", "_")


@lru_cache(maxsize=8)
def _finder(secrets: frozenset[str]) -> tuple[re.Pattern[str], Mapping[str, Sequence[str]]]:
    """A pattern of first parts, and the secrets by their first part; a pattern of whole ones takes 0.1 s to compile."""
    by_start: dict[str, list[str]] = {}
    for secret in filter(None, secrets):
        by_start.setdefault(secret[:CUT], []).append(secret)
    starts = sorted(by_start, key=len, reverse=True)
    return re.compile("|".join([_SIGNED, *map(re.escape, starts)])), by_start


def _end(text: str, start: int, secret: str) -> int:
    """The end of the secret at `start`, or of its first part at a cut."""
    there = text[start : start + len(secret)]
    return start + next(
        (at for at, (one, other) in enumerate(zip(there, secret, strict=False)) if one != other), len(there)
    )
