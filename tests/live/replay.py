"""A recording, played against a hub: the same requests in the same order, and every difference in the answers."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.hub import ALTERNATIVES, Hub
from tests.live.api import APP, MAIN, sign
from tests.live.place import Place

_PLACEHOLDER = re.compile(r"\{(?:[a-z]+\d*)\}")
# A name or a number of the server's own, beside which nothing is promised
_IGNORED = {"documentation_url", "url", "message_url", "x-ratelimit-limit"}
_HEADERS = {"x-oauth-scopes", "x-accepted-oauth-scopes"}  # as wide as the token happened to be


@dataclass
class Replay:
    """What each placeholder stands for at this hub, as far as that has come up."""

    place: Place
    values: dict[str, str]
    differences: list[str] = field(default_factory=list)

    def play(self, exchanges: list[Mapping[str, Any]]) -> list[str]:
        """The differences, each with the number of its exchange and its place in the answer."""
        with requests.Session() as session:
            for number, row in enumerate(exchanges, 1):
                self._exchange(session, number, row)
        return self.differences

    def _exchange(self, session: requests.Session, number: int, row: Mapping[str, Any]) -> None:
        path = self.filled(row["path"])
        address = self.place.graphql if path == "/graphql" else self.place.api + path
        headers = {"Authorization": f"Bearer {self._token(row['by'])}"}
        status, given, found = 0, None, {}
        try:
            body = self.filled(row["request"])
            answer = session.request(row["method"], address, json=body, headers=headers, allow_redirects=False)
            status, given, found = answer.status_code, _body(answer), dict(answer.headers)
        except requests.RequestException:
            pass
        where = f"{number}. {row['method']} {row['path']}"
        if status != row["status"]:
            self.differences.append(f"{where}: status {row['status']}, here {status}")
            return
        self.differences += [f"{where}: {each}" for each in self._compare(row["response"], given, "answer")]
        self.differences += [f"{where}: {each}" for each in self._compare_headers(row["headers"], found)]

    def _token(self, by: str) -> str:
        return sign(self.place.client_id, self.place.key, int(time.time())) if by == APP else self.values[by]

    def filled(self, value: Any) -> Any:
        """A request with the values of this hub; what has not come up yet is made up."""
        if isinstance(value, dict):
            return {self.filled(name): self.filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if not isinstance(value, str):
            return value
        text = _PLACEHOLDER.sub(lambda found: self._value(found[0]), value)
        return int(text) if re.fullmatch(r"\{(?:pull|number)\d+\}", value) else text

    def _value(self, placeholder: str) -> str:
        if placeholder not in self.values:
            self.values[placeholder] = _invented(placeholder)
        return self.values[placeholder]

    def _compare_headers(self, recorded: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
        lower = {name.lower(): value for name, value in given.items()}
        for name, value in recorded.items():
            if name not in _IGNORED | _HEADERS:
                yield from self._compare(value, lower.get(name), f"header {name}")

    def _compare(self, recorded: Any, given: Any, where: str) -> Iterator[str]:
        """Null is null, a list is as long, an object has the same names; texts are equal, numbers are numbers."""
        if isinstance(recorded, dict) and isinstance(given, dict):
            for name in recorded.keys() - _IGNORED:
                if name in given:
                    yield from self._compare(recorded[name], given[name], f"{where}.{name}")
                else:
                    yield f"{where}.{name} is missing"
        elif isinstance(recorded, list) and isinstance(given, list):
            if len(recorded) != len(given):
                yield f"{where} has {len(recorded)} items, here {len(given)}"
            for at, (one, other) in enumerate(zip(recorded, given, strict=False)):
                yield from self._compare(one, other, f"{where}[{at}]")
        elif not self._fits(recorded, given):
            yield f"{where} is {recorded!r}, here {given!r}"

    def _fits(self, recorded: Any, given: Any) -> bool:
        if isinstance(recorded, str) and _PLACEHOLDER.search(recorded):
            return given is not None and self._bind(recorded, str(given))
        if isinstance(recorded, bool) or recorded is None or isinstance(recorded, str):
            return bool(recorded == given)
        return isinstance(recorded, int | float) and isinstance(given, int | float)

    def _bind(self, recorded: str, given: str) -> bool:
        """Whether the text fits with what is known; learns what is new in it."""
        pattern, names = "", []
        for text in re.split(f"({_PLACEHOLDER.pattern})", recorded):
            if _PLACEHOLDER.fullmatch(text) and text not in self.values:
                names.append(text)
                pattern += "(.+?)"
            else:
                pattern += re.escape(self.values.get(text, text))
        found = re.fullmatch(pattern, given, re.DOTALL)
        for name, value in zip(names, found.groups() if found else (), strict=False):
            if not name.startswith(("{secret", "{date", "{request")):  # another one each time
                self.values[name] = value
        return found is not None


def play(recording: Mapping[str, Any], hub: Hub, place: Place) -> list[str]:
    """Every difference between a recording and what the hub answers."""
    for question, answer in recording["known"].items():
        if answer in ALTERNATIVES.get(question, ()):
            setattr(hub.unknowns, question, answer)
    token = hub.token("token-of-the-replay", login="live-bot", kind=recording["credential"]).value
    values = {MAIN: token, "{owner}": place.owner, "{api}": place.api, "{app}": place.client_id}
    return Replay(place, values).play(recording["exchanges"])


def _body(answer: requests.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except ValueError:
        return answer.text


def _invented(placeholder: str) -> str:
    digest = hashlib.sha1(placeholder.encode()).hexdigest()
    kinds = {"{repo": f"broadcast-live-{digest[:8]}", "{date": "2025-06-15T15:06:40Z", "{email": "sam@example.com"}
    return next((value for begin, value in kinds.items() if placeholder.startswith(begin)), digest)
