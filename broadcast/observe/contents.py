"""The contents of targets' files, each distinct blob read once for the whole fleet."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.git.objects import blob_id
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.github.validation import Malformed, present, reading
from broadcast.observe.object_cache import ObjectCache

MAX_BYTES = 1024 * 1024  # of a file that is shared with the target
TOO_LARGE = f"is larger than {MAX_BYTES // 1024} KiB"
BLOBS_A_QUESTION = 10


class Content(NamedTuple):
    """A file of a target."""

    data: bytes | None
    problem: str = ""  # why there is no data


class Contents:
    """Keeps what was read; targets with equal files share it. Threads may share an instance."""

    def __init__(self, cache: ObjectCache) -> None:
        self._cache = cache
        self._problems: dict[str, str] = {}  # oid → why it isn't read
        self._lost: dict[str, None] = {}  # of the source's history
        self._by_rest: dict[str, None] = {}  # those that GraphQL has no whole text of

    def get(self, oid: str) -> Content | None:
        """The content of a blob; None: not asked yet."""
        if oid in self._problems:
            return Content(None, self._problems[oid])
        data = self._cache.blob(oid)
        return None if data is None else Content(data)

    def is_by_rest(self, oid: str) -> bool:
        """Whether only REST has the whole of it."""
        return oid in self._by_rest

    def learn(self, answer: Mapping[str, Any]) -> None:
        """Take the contents from the answer to `select_blobs`. Raises Malformed."""
        for blob in answer.values():
            if isinstance(blob, dict) and "byteSize" in blob:
                self._take(str(blob["oid"]), blob)

    def once(self, oid: str) -> Content | None:
        """The content of what the source once had; None: not asked yet."""
        return self.get(oid) or (Content(None, "isn't there any more") if oid in self._lost else None)

    def lose(self, oids: Iterable[str]) -> None:
        """Record what the source doesn't give any more; a target may still have it."""
        self._lost |= dict.fromkeys(oids)

    def read(self, github: GitHub, full_name: str, oid: str, scope: Scope) -> None:
        """Read one blob by REST (docs: Git blobs, "Get a blob": up to 100 MB, in base64). Raises Failure."""
        with reading():
            blob = github.get(f"/repos/{full_name}/git/blobs/{oid}", scope)
            data = _decoded(present(blob, "content"))
        self._keep(oid, data)

    def _take(self, oid: str, blob: Mapping[str, Any]) -> None:
        text = blob["text"]
        if blob["byteSize"] > MAX_BYTES:
            self._problems[oid] = TOO_LARGE
        elif blob["isBinary"]:
            self._problems[oid] = "is binary, or no text in UTF-8"
        elif not isinstance(text, str) or blob["isTruncated"] or blob_id(text.encode()) != oid:
            self._by_rest[oid] = None
        else:
            self._keep(oid, text.encode())

    def _keep(self, oid: str, data: bytes) -> None:
        if blob_id(data) != oid:
            return
        if len(data) > MAX_BYTES:
            self._problems[oid] = TOO_LARGE
        else:
            self._cache.learn_blob(oid, data)


def _decoded(content: object) -> bytes:
    """Raises Malformed."""
    try:
        return base64.b64decode(str(content))
    except ValueError as error:
        raise Malformed("the content of a file is no base64") from error


def unread(oids: Iterable[str]) -> Failure:
    """Why a target can't be judged whose shared files have these contents, which its repository doesn't give."""
    return Failure(
        f"GitHub doesn't answer what a shared file holds (the blob {min(oids)[:10]})",
        "run again; report it if it stays so",
    )


def by_target(owners: Mapping[str, Target], most: int = BLOBS_A_QUESTION) -> Iterable[tuple[Target, list[str]]]:
    """Blobs with the target that is asked for them, at most so many in one question."""
    grouped: dict[Target, list[str]] = defaultdict(list)
    for oid, target in owners.items():
        grouped[target].append(oid)
    for target, oids in grouped.items():
        yield from ((target, oids[start:][:most]) for start in range(0, len(oids), most))


def select_blobs(owner: str, name: str, oids: Sequence[str]) -> Question:
    """Select the contents of blobs."""
    fields = " ".join(
        f"blob{at}: object(oid: {quote(oid)}) {{ ... on Blob {{ oid text isBinary isTruncated byteSize }} }}"
        for at, oid in enumerate(oids)
    )
    return Question(owner, name, fields)
