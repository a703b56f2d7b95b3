"""Git LFS pointers: text that stands for an object stored elsewhere, which our commits don't bring along.

A target that has the filter fetches that object from its own store, and fails to check out where it isn't there; one
that hasn't gets the bare text of the pointer in the place of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from broadcast.errors import Failure, FileError, FileUnavailable
from broadcast.git.attributes import MAX_BYTES, Attributes
from broadcast.git.objects import SYMLINK
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.validation import Malformed, reading
from broadcast.observe import trees
from broadcast.snapshot.content import RenderError
from broadcast.source import conversions

if TYPE_CHECKING:
    from broadcast.config.targets import Target
    from broadcast.observe.drift import Drift
    from broadcast.observe.state import Observation, Observations
    from broadcast.snapshot.render import Renderer
    from broadcast.snapshot.snapshot import Wanted

_NAME = ".gitattributes"
_REASON = "is a pointer of Git LFS, and the target's .gitattributes has no filter=lfs for it"
_REMEDY = "send .gitattributes too, and the object with `git lfs push`; or exclude the file"
_UNKNOWN = "is a pointer of Git LFS, and whether the target has filter=lfs for it isn't known: {}"
_UNKNOWN_REMEDY = "make that file of the target's a text of less than 256 KiB, or exclude this one"


class _Unread(Exception):
    """A file of attributes can't be read; the text says which and why."""


class Pointers:
    """Knows which blobs are pointers; each is read once for the fleet. Threads may share an instance."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._known: dict[str, bool] = {}  # blob id → is it one?
        self.warnings: dict[str, None] = {}

    def resolve(self, github: GitHub, observations: Observations, scope: Scope) -> Observations:
        """Turn pointers that a target can't resolve into errors of their files."""
        found = {target: paths for target, observation in observations.items() if (paths := self._among(observation))}
        attributes = self._attributes(github, {target: observations[target] for target in found}, found, scope)
        settled: Observations = dict(observations)
        for target, paths in found.items():
            settled[target] = self._resolved(settled[target], paths, attributes[target])  # type: ignore[arg-type]  # seen, as it has changes
        return settled

    def _among(self, observation: Observation | Failure) -> Sequence[str]:
        """The paths at which pointers would be written."""
        if isinstance(observation, Failure) or observation.state.base is None:
            return ()
        both = [*observation.drift.changes, *(observation.branch_drift.changes if observation.branch_drift else ())]
        return sorted({one.path for one in both if one.after is not None and self._is_pointer(one.after)})

    def _is_pointer(self, wanted: Wanted) -> bool:
        if wanted.mode == SYMLINK:
            return False
        if wanted.oid not in self._known:
            content = b""
            with suppress(FileUnavailable, RenderError):  # reported where it is sent
                content = self._renderer.contents(wanted)
            self._known[wanted.oid] = conversions.pointed(content) is not None
        return self._known[wanted.oid]

    def _attributes(
        self, github: GitHub, observations: Mapping[Target, Any], found: Mapping[Target, Sequence[str]], scope: Scope
    ) -> dict[Target, Attributes]:
        """What the target's attributes will be: ours where we send them, its own where it keeps them."""
        files: dict[Target, dict[str, bytes | None]] = {}
        asked: dict[Target, list[str]] = {}
        for target, paths in found.items():
            files[target], asked[target] = self._ours(observations[target], dict.fromkeys(_files_for(paths)))
        questions = [
            trees.select_texts(one.owner, one.name, observations[one].state.base.head.oid, paths)
            for one, paths in asked.items()
        ]
        with suppress(Failure):
            for (target, paths), reply in zip(asked.items(), batch.ask(github, questions, scope), strict=True):
                with suppress(Malformed), reading():
                    files[target] |= trees.read_texts(reply.data or {}, paths)
        return {target: Attributes(_reader(texts)) for target, texts in files.items()}

    def _ours(self, observation: Observation, paths: Iterable[str]) -> tuple[dict[str, bytes | None], list[str]]:
        """Attributes that the snapshot decides, and the paths of those that it leaves to the target."""
        texts: dict[str, bytes | None] = {
            change.path: b"" for change in observation.drift.changes if change.after is None
        }
        wanted = list(paths)
        for path in wanted:
            file = observation.snapshot.files.get(path)
            if file and (file.composition or path not in observation.snapshot.shared):  # else it stays the target's
                with suppress(FileUnavailable, RenderError):
                    texts[path] = self._renderer.contents(file)
        return texts, [path for path in wanted if path not in texts]

    def _resolved(self, observation: Observation, paths: Sequence[str], attributes: Attributes) -> Observation:
        bare = {path: error for path in paths if (error := _obstacle(path, attributes))}
        for path in sorted({*paths} - bare.keys()):
            text = f"{path} is a pointer of Git LFS, and its object isn't sent: push that to the targets with git lfs"
            self.warnings[text] = None
        branch = observation.branch_drift and _without(observation.branch_drift, bare)
        return replace(observation, drift=_without(observation.drift, bare), branch_drift=branch)


def _obstacle(path: str, attributes: Attributes) -> FileError | None:
    """Why a pointer can't be sent to a target with these attributes."""
    try:
        has_filter = attributes.of(path.encode()).get(b"filter") == b"lfs"
    except _Unread as error:
        return FileError(path, _UNKNOWN.format(error), _UNKNOWN_REMEDY)
    return None if has_filter else FileError(path, _REASON, _REMEDY)


def _without(drift: Drift, bare: Mapping[str, FileError]) -> Drift:
    kept = [change for change in drift.changes if change.path not in bare]
    lost = [bare[change.path] for change in drift.changes if change.path in bare]
    return replace(drift, changes=kept, errors=[*drift.errors, *lost])


def _files_for(paths: Iterable[str]) -> Iterable[str]:
    """Every file that could say something of these paths."""
    for path in paths:
        yield _NAME
        parts = path.split("/")[:-1]
        yield from ("/".join([*parts[:count], _NAME]) for count in range(1, len(parts) + 1))


def _reader(texts: Mapping[str, bytes | None]) -> Callable[[bytes], bytes]:
    def read(path: bytes) -> bytes:
        name = path.decode("utf-8", "surrogateescape")
        text = texts.get(name)  # what wasn't answered is no more known than what is no text
        if text is None or len(text) > MAX_BYTES:
            raise _Unread(f"its {name} {'is too large' if text else 'could not be read'}")
        return text

    return read
