"""Opt-out files that aren't UTF-8, which GraphQL returns no text for: read by REST, in any Unicode form.

Such a file keeps something out. One that can't be read at all keeps everything out.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from broadcast.errors import Failure
from broadcast.git.objects import SYMLINK
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.validation import present, reading

if TYPE_CHECKING:
    from broadcast.observe.state import Observation, Observations

LINKS = (".github/.broadcastignore", "./.github/.broadcastignore", "../.broadcastignore")  # from one to the other
MAX_BYTES = 1024 * 1024  # larger ones aren't read
_MARKS = {  # how a text may begin; UTF-32's first, for UTF-16's is a part of it
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_text(entry: Mapping[str, Any]) -> str | None:
    """Read the text of such a file in a GraphQL answer; None where the answer doesn't have it."""
    text = (entry.get("object") or {}).get("text")
    if is_link(entry):
        return "" if text in LINKS else None
    return None if text is None or "\N{REPLACEMENT CHARACTER}" in text else str(text).removeprefix("\ufeff")


def is_link(entry: Mapping[str, Any]) -> bool:
    """Whether it is a symlink, whose text is where it leads."""
    return bool(entry.get("mode") == SYMLINK)


def resolve(github: GitHub, observations: Observations, scope: Scope) -> Observations:
    """Read the opt-out files that GraphQL returned no text for. Raises Failure."""
    asked = {
        target: observation
        for target, observation in observations.items()
        if not isinstance(observation, Failure) and any(text is None for text in observation.state.opt_outs.values())
    }
    return observations | {target: _read(github, observation, scope) for target, observation in asked.items()}


def _read(github: GitHub, observation: Observation, scope: Scope) -> Observation | Failure:
    state, texts = observation.state, dict(observation.state.opt_outs)
    try:
        for path, oid in state.opaque.items():
            with reading():
                blob = github.get(f"/repos/{state.full_name}/git/blobs/{oid}", scope)
                texts[path] = decoded(base64.b64decode(present(blob, "content")))
    except Failure as failure:
        if not isinstance(failure, ApiError):
            raise
        return failure
    return replace(observation, state=replace(state, opt_outs=texts))


def decoded(content: bytes) -> str | None:
    """`content` as text; None where it is none."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    try:
        text = content.decode(encoding or _guessed(content))
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _guessed(content: bytes) -> str:
    """The encoding of a text without a mark: in UTF-16, every other byte of plain letters is zero."""
    first, second = content[0::2].count(0), content[1::2].count(0)
    if not first and not second:
        return "utf-8"
    return "utf-16-le" if second > first else "utf-16-be"
