"""GitHub's OpenAPI description as JSON Schemas, one for each answer that it knows."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator

DROPPED = {"example", "examples", "nullable"}


class OpenAPI:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._validators: dict[tuple[str, str, int], Draft202012Validator] = {}

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Those with the most fixed segments first, as /pulls/{n} before /{path}."""
        paths = sorted(self.document["paths"], key=lambda path: (path.count("{"), -len(path)))
        return [(re.compile(_pattern(path)), path) for path in paths]

    def path_of(self, address: str) -> str:
        return next(path for pattern, path in self._patterns if pattern.fullmatch(address))

    def problems(self, method: str, address: str, status: int, body: Any) -> list[str]:
        """What is wrong with this answer; empty is good."""
        key = (method.lower(), self.path_of(address), status)
        if key not in self._validators:
            self._validators[key] = self._validator(*key)
        found = self._validators[key].iter_errors(body)
        return [f"{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}" for each in found]

    def _validator(self, method: str, path: str, status: int) -> Draft202012Validator:
        answers = self.document["paths"][path][method]["responses"]
        assert str(status) in answers, f"{method} {path} never answers {status}, only {sorted(answers)}"
        answer = self._followed(answers[str(status)])
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {"type": "null"})
        schemas = self._reachable(schema)
        return Draft202012Validator({"allOf": [_plain(schema)], "components": {"schemas": schemas}})

    def _followed(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            *_, kind, name = node["$ref"].split("/")
            node = self.document["components"][kind][name]
        return node

    def _reachable(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        queue = [schema]
        while queue:
            for name in _references(queue.pop()):
                if name not in found:
                    found[name] = _plain(self.document["components"]["schemas"][name])
                    queue.append(found[name])
        return found


def _pattern(path: str) -> str:
    parts = re.split(r"\{\w+\}", path)
    wide = path.endswith(("{path}", "{ref}"))
    fields = ["[^/]+"] * (len(parts) - 1)
    if wide:
        fields[-1] = ".+"
    return "".join(re.escape(part) + field for part, field in zip(parts, [*fields, ""], strict=True))


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


def _plain(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a type; alternatives of GitHub's overlap, so any will do."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    names = {"oneOf": "anyOf"}
    kept = {names.get(name, name): _plain(value) for name, value in node.items() if name not in DROPPED}
    return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") is True else kept
