"""Exchanges without secrets and ids: every value that identifies someone or something becomes a placeholder.

The same value becomes the same placeholder within one file, so that a recording can be played again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from tests.live.repositories import PREFIX

PUBLIC = {"octocat", "no-such-login-0000", "broadcast"}  # names that stand in our own requests
SECRET, SHORT = "{secret}", "{short}"
_OID = re.compile(r"\b(?!0{40}|1{40})[0-9a-f]{40}\b")  # these two are made up
_SHORT = re.compile(r"\b[0-9a-f]{7,39}\b")
_TOKEN = r"\b(?:gh[a-z]_[\w.\-]{16,}|github_pat_\w{16,}|eyJ[\w\-]{8,}\.[\w\-]+\.[\w\-]+)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("secret", re.compile(_TOKEN)),
    ("secret", re.compile(r"-----BEGIN [A-Z ]+-----[^-]*(?:-----END [A-Z ]+-----)?")),
    ("email", re.compile(r"(?<![\w.+\-\[\]])[\w.+\-\[\]]++@[\w\-]+(?:\.[\w\-]+)+")),
    ("request", re.compile(r"\b[0-9A-F]{1,8}(?::[0-9A-F]{1,10}){2,}\b|\bHUB:[0-9A-F]+\b")),
    ("date", re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC|[+-]\d\d:?\d\d)?")),
    ("repo", re.compile(rf"{PREFIX}[0-9a-f]+")),
    ("oid", _OID),
    ("node", re.compile(r"\b[A-Z]{1,6}_(?=[A-Z0-9_\-]*[a-z])[\w\-]{6,}|\bMD[A-Za-z0-9+/]{6,}={0,2}")),
)
# Keys, of answers and of variables, whose values identify someone or something
_KEYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("secret", re.compile(r"(?i).*(?:token|secret|signature|payload)$")),
    ("login", re.compile(r"login|slug|client_id|app_slug")),
    ("cursor", re.compile(r"(?i).*cursor")),
    ("node", re.compile(r"id|ids|node_id|\w+Ids?")),
    ("number", re.compile(r"id|\w+_id|databaseId")),
    ("pull", re.compile(r"number")),
)
_PERSONAL = ("author", "committer")
_RUN = re.compile(r"[A-Za-z0-9+/_\-]{16,}={0,2}")
_SHORTEST = 5  # digits of a number that is replaced wherever it stands


class Redactor:
    """Replaces values, and remembers by what."""

    def __init__(self, secrets: Iterable[str], known: Mapping[str, str]) -> None:
        """`known`: names and addresses, and the placeholder of each."""
        self._shapes = sorted({shape for secret in secrets for shape in shapes(secret)}, key=len, reverse=True)
        self._known = dict(known)
        self._numbers: dict[tuple[str, str], str] = {}  # kind and digits → placeholder
        self._long: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def learn(self, value: Any, key: str = "") -> None:
        """Note every id and name that stands under a key that says so."""
        if isinstance(value, dict):
            for name, each in value.items():
                self.learn(each, name)
                if name in _PERSONAL and isinstance(each, dict) and each.get("name"):
                    self._placeholder("person", each["name"])
        elif isinstance(value, list):
            for each in value:
                self.learn(each, key)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            self._learn_one(key, value)
            for oid in _OID.findall(str(value)):
                self._placeholder("oid", oid)

    def clean(self, value: Any, key: str = "") -> Any:
        """The value with a placeholder in place of all that identifies."""
        if isinstance(value, dict):
            return {self.text(name): self.clean(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.clean(each, key) for each in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int):
            return self._numbers.get((_kind(key, value) or "number", str(value)), self._long.get(str(value), value))
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """The text with a placeholder in place of all that identifies."""
        for shape in self._shapes:
            text = text.replace(shape, SECRET)
        if any(shape in unquote(text) for shape in self._shapes):
            return SECRET
        text = _SHORT.sub(self._short, _RUN.sub(self._run, text))
        for kind, pattern in _PATTERNS:
            text = pattern.sub(self._replacing(kind), text)
        return self._names(text)

    def _run(self, found: re.Match[str]) -> str:
        """A run of base64 may hold a secret at any of its three alignments."""
        return (
            SECRET if any(shape in decoded for decoded in decodings(found[0]) for shape in self._shapes) else found[0]
        )

    def _short(self, found: re.Match[str]) -> str:
        """An id may be written by its first digits."""
        is_id = any(_OID.fullmatch(value) and value.startswith(found[0]) for value in self._known)
        return SHORT if is_id else found[0]

    def _replacing(self, kind: str) -> Callable[[re.Match[str]], str]:
        return lambda found: SECRET if kind == "secret" else self._placeholder(kind, found[0])

    def _names(self, text: str) -> str:
        longest = sorted(self._known | self._long, key=len, reverse=True)
        for value in (each for each in longest if each in text):
            placeholder = self._known.get(value) or self._long[value]
            text = re.sub(rf"(?<![\w{{]){re.escape(value)}(?![\w}}])", lambda _, new=placeholder: new, text)
        text = re.sub(r"(/(?:repositories|installations|u|apps)/)(\d+)", self._numbering("number"), text)
        return re.sub(r"(/(?:issues|pulls)/)(\d+)", self._numbering("pull"), text)

    def _numbering(self, kind: str) -> Callable[[re.Match[str]], str]:
        return lambda found: found[1] + self._number(kind, found[2])

    def _number(self, kind: str, digits: str) -> str:
        """The same digits may number one thing of each kind; long ones are replaced wherever they stand."""
        if (kind, digits) not in self._numbers:
            self._numbers[kind, digits] = self._next(kind)
            if len(digits) >= _SHORTEST:
                self._long[digits] = self._numbers[kind, digits]
        return self._numbers[kind, digits]

    def _learn_one(self, key: str, value: str | int) -> None:
        kind = _kind(key, value)
        if kind and isinstance(value, int):
            self._number(kind, str(value))
        elif kind and not _is_plain(value):
            self._placeholder(kind, str(value))

    def _placeholder(self, kind: str, value: str) -> str:
        if value not in self._known:
            self._known[value] = SECRET if kind == "secret" else self._next(kind)
        return self._known[value]

    def _next(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{{{kind}{self._counts[kind]}}}"


def shapes(secret: str) -> set[str]:
    """How a secret may be written; of a key each line is one."""
    lines = [line.strip() for line in secret.splitlines() if len(line.strip()) >= 16]
    plain = {secret, *lines} - {""}
    return (
        plain
        | {form for each in plain for form in (quote(each), quote(each, safe=""), quote_plus(each))}
        | {each.replace("\n", "\\n") for each in plain}
    )


def decodings(run: str) -> list[str]:
    """What a run of base64 says, begun at each of its first four letters."""
    letters = run.rstrip("=").replace("-", "+").replace("_", "/")
    pieces = (letters[start:] for start in range(4))
    return [base64.b64decode(each[: len(each) // 4 * 4] + _rest(each)).decode("latin-1") for each in pieces]


def _rest(letters: str) -> str:
    left = letters[len(letters) // 4 * 4 :]
    return left + "=" * (4 - len(left)) if len(left) > 1 else ""


def _kind(key: str, value: str | int) -> str | None:
    for kind, pattern in _KEYS:
        if pattern.fullmatch(key) and isinstance(value, int) == (kind in {"number", "pull"}):
            return kind
    return None


def _is_plain(value: str) -> bool:
    """A placeholder already, or nothing that identifies anything."""
    return value in PUBLIC or value.startswith("{") or len(value) < 3
