"""The source's history: which files of a target are older versions of ours, and which ones people changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from broadcast.compose.parts import Merge
from broadcast.config.targets import Target
from broadcast.errors import Failure, UsageError
from broadcast.github import batch
from broadcast.github.client import ApiError, GitHub, Scope
from broadcast.github.questions import Question, quote
from broadcast.github.validation import reading
from broadcast.observe.bases import Versions
from broadcast.observe.change import Change
from broadcast.observe.contents import BLOBS_A_QUESTION, Contents, select_blobs
from broadcast.observe.drift import Drift
from broadcast.observe.state import State
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.snapshot import pair

if TYPE_CHECKING:
    from broadcast.observe.state import Observation, Observations

PATHS_A_QUESTION = 20


class History:
    """The source's history at some paths, asked once for the whole fleet; of GitHub, for a checkout may be shallow."""

    def __init__(self, github: Callable[[], GitHub], source: str, commit: str, placed: Callable[[str], str]) -> None:
        self._github, self._source, self._commit = github, source, commit
        self._placed = placed  # a path of the source → the same in its repository
        self._versions: dict[str, tuple[str, ...]] = {}
        self._lock = Lock()
        self.warnings: dict[str, None] = {}

    def resolve(self, observations: Observations, scope: Scope) -> Observations:
        """Decide what depends on the history: files that may be deleted, and local changes that may stay."""
        seen = {
            target: observation for target, observation in observations.items() if not isinstance(observation, Failure)
        }
        decisive = {path for target, observation in seen.items() for path in _decisive(target, observation)}
        asked = decisive.union(*map(_telling, seen.values()))
        if not asked:
            return observations
        with self._lock:
            self._learn(sorted(asked - self._versions.keys()), decisive, scope)
        return {
            target: observation if isinstance(observation, Failure) else _resolved(target, observation, self._versions)
            for target, observation in observations.items()
        }

    @property
    def versions(self) -> Versions:
        """What the source once had, as far as it was asked; grows."""
        return self._versions

    def learn(self, paths: Iterable[str], scope: Scope) -> None:
        """Ask what the source once had at `paths`; nothing, where this token may not read it, and a warning says so.

        Raises Failure where GitHub may say it later.
        """
        with self._lock:
            missing = sorted(set(paths) - self._versions.keys())
            if missing:
                self._learn(missing, set(missing), scope, waits=True)

    def read(self, oids: Iterable[str], contents: Contents, scope: Scope) -> None:
        """Read files of the source that a checkout may not have any more. Raises Failure where that may go later."""
        with self._lock:
            wanted = sorted(oid for oid in oids if contents.once(oid) is None)
            try:
                self._read(wanted, contents, scope)
            except ApiError as failure:
                if not _is_final(failure):
                    raise
            contents.lose(oid for oid in wanted if contents.get(oid) is None)

    def _read(self, oids: list[str], contents: Contents, scope: Scope) -> None:
        owner, _, name = self._source.partition("/")
        chunks = [oids[start : start + BLOBS_A_QUESTION] for start in range(0, len(oids), BLOBS_A_QUESTION)]
        questions = [select_blobs(owner, name, chunk) for chunk in chunks]
        for reply in batch.ask(self._github(), questions, scope) if questions else ():
            if reply.data is None:
                raise reply.failure or Failure("no answer")
            with reading():
                contents.learn(reply.data)
        for oid in filter(contents.is_by_rest, oids):
            contents.read(self._github(), self._source, oid, scope)

    def _learn(self, paths: list[str], decisive: set[str], scope: Scope, *, waits: bool = False) -> None:
        try:
            if not self._ask(paths, self._commit, scope) and not self._ask(paths, "", scope):  # not pushed yet
                raise ApiError(404, "GitHub has no commit of it")
        except Failure as failure:
            if waits and not _is_final(failure):
                raise
            unknown = decisive - self._versions.keys()
            text = (
                f"the history of {self._source} can't be read, so nothing is pruned or merged, and local changes stay"
            )
            self.warnings |= {f"{text}: {failure.message}": None} if unknown else {}
            self._versions |= dict.fromkeys(unknown, ())

    def _ask(self, paths: list[str], commit: str, scope: Scope) -> bool:
        """Learn what was at `paths` up to a commit; False where GitHub hasn't got that."""
        owner, _, name = self._source.partition("/")
        chunks = [paths[start : start + PATHS_A_QUESTION] for start in range(0, len(paths), PATHS_A_QUESTION)]
        questions = [select_versions(owner, name, commit, [*map(self._placed, chunk)]) for chunk in chunks]
        for chunk, reply in zip(chunks, batch.ask(self._github(), questions, scope), strict=True):
            if reply.data is None:
                raise reply.failure or Failure("no answer")
            if not reply.data.get("commit"):
                return False
            with reading():
                self._versions |= read_versions(reply.data, chunk)
        return True


def _is_final(failure: Failure) -> bool:
    """Whether the same question won't get another answer later: GitHub refuses it, or the inputs give no token."""
    return isinstance(failure, UsageError) or (isinstance(failure, ApiError) and failure.status < 500)


def _decisive(target: Target, observation: Observation) -> Iterable[str]:
    """The paths of the source whose history decides what is done."""
    for drift in filter(None, (observation.drift, observation.branch_drift)):
        yield from (candidate.source for candidate in drift.candidates)
        yield from (candidate.source for swap in drift.swaps for candidate in swap.gone)
        if target.settings.on_local_change == "keep":
            yield from (one.after.source for one in drift.changes if one.before and one.after and not one.parts)


def _telling(observation: Observation) -> Iterable[str]:
    """The paths whose history shows whether people's work would be overwritten, at targets that have merged ours."""
    merged = merged_pairs(observation.state)
    for change in observation.drift.changes if merged else ():
        if change.before and change.after and _is_as_written(change) and not _came_with(change, merged):
            yield change.after.source


def _resolved(target: Target, observation: Observation, versions: Versions) -> Observation:
    keeps = target.settings.on_local_change == "keep"
    merged = merged_pairs(observation.state)
    ours = observation.branch_drift and _swapped(_pruned(observation.branch_drift, versions, merged), versions, merged)
    drift = _swapped(_pruned(observation.drift, versions, merged), versions, merged)
    if keeps or merged:
        known = drift.changes if keeps else [change for change in drift.changes if _is_known(change, versions)]
        local = frozenset(change.path for change in known if _is_local(change, versions, merged))
        drift = replace(drift, local=local, keeps=keeps)
    return replace(observation, drift=drift, branch_drift=ours)


def _pruned(drift: Drift, versions: Versions, merged: frozenset[str]) -> Drift:
    """A candidate goes if it is a version of the source, or what a pull request of ours brought."""
    gone = {  # by path, for two mappings may know it
        candidate.path: Change(candidate.path, candidate.entry, None)
        for candidate in drift.candidates
        if candidate.entry.oid in versions[candidate.source]
        or pair(candidate.path, candidate.entry.mode, candidate.entry.oid) in merged
    }
    changes = sorted([*drift.changes, *gone.values()], key=lambda change: change.path)
    return replace(drift, changes=changes, candidates=[]) if drift.candidates else drift


def _swapped(drift: Drift, versions: Versions, merged: frozenset[str]) -> Drift:
    """A file for a directory, or the reverse, where all that goes came from us; else it is left out with an error."""
    changes, errors = [*drift.changes], [*drift.errors]
    for swap in drift.swaps:
        gone = [Change(candidate.path, candidate.entry, None) for candidate in swap.gone]
        came = [change.present in merged for change in gone]
        known = [candidate.entry.oid in versions[candidate.source] for candidate in swap.gone]
        if all(one or other for one, other in zip(came, known, strict=True)):
            changes += [*gone, *swap.then]
        else:
            errors += swap.obstacles
    changes.sort(key=lambda change: change.path)
    return replace(drift, changes=changes, errors=errors, swaps=[]) if drift.swaps else drift


def _is_local(change: Change, versions: Versions, merged: frozenset[str]) -> bool:
    """Whether the target holds there what neither the source once had nor a pull request of ours brought."""
    if not change.before or not change.after:
        return False
    if change.parts:
        return not merged.issuperset(replaced(change))
    once = change.after.recipe == Recipe() and change.before.oid in versions[change.after.source]
    return not once and not _came_with(change, merged)


def replaced(change: Change) -> Iterable[str]:
    """The pairs of a shared file's parts that would be replaced; a merge keeps what people changed."""
    if change.after and change.after.composition:
        for part, one in zip(change.after.parts, change.after.composition.states, strict=True):
            if one.is_changed and one.present and not isinstance(part.part, Merge):
                yield pair(change.path, 0, one.present)


def _is_known(change: Change, versions: Versions) -> bool:
    return change.after is not None and _is_as_written(change) and change.after.source in versions


def _is_as_written(change: Change) -> bool:
    """Whether the target gets the source's very bytes."""
    return change.after is not None and change.after.recipe == Recipe() and not change.parts


def _came_with(change: Change, merged: frozenset[str]) -> bool:
    """Whether what the target holds there came with a pull request of ours."""
    return change.before is not None and change.present in merged


def merged_pairs(state: State) -> frozenset[str]:
    """What our merged pull requests, and what we pushed, brought to a target."""
    found = (pull.marker.pairs for pull in state.pulls if pull.state == "MERGED" and pull.marker)
    return frozenset(state.sent.pairs).union(*found)


def read_had(data: dict[str, Any], paths: Sequence[str]) -> dict[str, bool]:
    """The answer to `select_had`; what isn't known counts as had, for then nothing is sent."""
    commit = (data.get("base") or {}).get("target") or {}
    found = {path: (commit.get(f"had{at}") or {}).get("nodes") for at, path in enumerate(paths)}
    return {path: nodes is None or bool(nodes) for path, nodes in found.items()}


def read_versions(data: dict[str, Any], paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The answer to `select_versions`: path → blob ids, the newest first."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"past{at}") or {}).get("nodes") or [] for at, path in enumerate(paths)}
    return {
        path: tuple(dict.fromkeys(node["file"]["oid"] for node in nodes if node and node.get("file")))
        for path, nodes in found.items()
    }


VERSIONS = 100  # of one file of the source that are looked at


def select_had(owner: str, name: str, base: str, paths: Sequence[str]) -> Question:
    """Whether a branch ever had these paths."""
    fields = " ".join(
        f"had{at}: history(first: 1, path: {quote(path)}) {{ nodes {{ oid }} }}" for at, path in enumerate(paths)
    )
    ref = f"ref(qualifiedName: {quote('refs/heads/' + base)})"
    return Question(owner, name, f"base: {ref} {{ target {{ ... on Commit {{ {fields} }} }} }}")


def select_versions(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """What a repository once had at these paths; of its default branch where no commit is given."""
    fields = " ".join(
        f"past{at}: history(first: {VERSIONS}, path: {quote(path)}) "
        f"{{ nodes {{ file(path: {quote(path)}) {{ oid }} }} }}"
        for at, path in enumerate(paths)
    )
    where = f"oid: {quote(commit)}" if commit else 'expression: "HEAD"'
    return Question(owner, name, f"commit: object({where}) {{ ... on Commit {{ {fields} }} }}")
