"""Prove a migration: compare the files that the old and the new config send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from broadcast.config import targets
from broadcast.config.parse import parse
from broadcast.errors import ConfigError, FileUnavailable
from broadcast.git.objects import EXECUTABLE, SYMLINK
from broadcast.markdown import counted
from broadcast.migrate.model import Migration, Old, SourceList, js_join
from broadcast.snapshot.build import Builder
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source.checkout import Checkout

MAX_SHOWN = 20  # differences of one target


class Difference(NamedTuple):
    """A path that the two configs treat differently."""

    target: str
    path: str
    old: str  # the source that the old config sends there, empty for none
    new: str
    reason: str  # empty when it isn't known

    def __str__(self) -> str:
        sends = {(True, False): "only the old config sends it", (False, True): "only the new config sends it"}
        both = f"the old config sends {self.old}, the new one {self.new}"
        said = sends.get((bool(self.old), bool(self.new)), both)
        return f"{self.target}: {self.path}: {said}{f': {self.reason}' if self.reason else ''}"


class ProofComparison(Struct, frozen=True):
    """Both configs, target by target."""

    counts: Mapping[str, tuple[int, int]]  # target → files by the old config and by the new
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]  # that keep the new config from being run on this checkout

    @property
    def is_same(self) -> bool:
        """Whether both send the same."""
        return not self.differences and not self.problems

    def lines(self) -> list[str]:
        """The comparison as lines of text."""
        old, new = (sum(both[at] for both in self.counts.values()) for at in (0, 1))
        head = f"{counted(len(self.counts), 'target')}; files by the old config {old}, by the new one {new}"
        said = [f"{head}, and they are the same" if self.is_same else f"{head}; {len(self.differences)} differ"]
        said += [f"  {target}: {old} and {new}" for target, (old, new) in self.counts.items()]
        return [*said, *(f"  problem: {one}" for one in self.problems), *_some(self.differences)]


def prove(migration: Migration, checkout: Checkout, source: str, never_sent: Iterable[str]) -> ProofComparison | None:
    """The comparison of both configs; None if our format reads the old one as it is. Raises ConfigError, UsageError.

    `never_sent` are Broadcast's own config and workflow, which directories leave out.
    """
    if migration.old is None:
        return None
    kept = frozenset(never_sent)
    snapshots, problems = _snapshots(migration, checkout, source, kept)
    new = {label: {dest: file.source for dest, file in one.files.items()} for label, one in snapshots.items()}
    old = migration.old.sent
    labels = list(dict.fromkeys((*old, *new)))
    lost = {label: _why_lost(label, source) for label in labels if label not in snapshots}
    differences = [
        Difference(
            label,
            path,
            before,
            after,
            (before and lost.get(label))
            or _reason(old=migration.old, snapshots=snapshots, label=label, path=path, before=before, never_sent=kept),
        )
        for label in labels
        for path in sorted({*old.get(label, {}), *new.get(label, {})})
        if (before := old.get(label, {}).get(path, "")) != (after := new.get(label, {}).get(path, ""))
    ]
    counts = {label: (len(old.get(label, {})), len(new.get(label, {}))) for label in labels}
    return ProofComparison(counts, tuple(differences), tuple(problems))


def refuse_invalid(migration: Migration, checkout: Checkout, source: str, never_sent: Iterable[str]) -> None:
    """Raise ConfigError for a new config that `validate` would refuse."""
    config = parse(migration.text, "the new config", source)
    builder = Builder(config, checkout, frozenset(never_sent))
    builder.check_sources()
    for target in targets.resolve(config, source, {})[0]:
        builder.snapshot(target.mappings, target.removals)


def listing_of(checkout: Checkout) -> SourceList:
    """The paths that git tracks in the source."""
    found = checkout.list()
    links = {}
    for file in found.files:
        if file.mode == SYMLINK:
            links[file.path] = _read(checkout, file.path)
    paths = [*(file.path for file in found.files), *(error.path for error in found.errors)]
    programs = [file.path for file in found.files if file.mode == EXECUTABLE]
    return SourceList(paths, links, lambda path: _text(checkout, path), programs)


def _text(checkout: Checkout, path: str) -> str | None:
    try:
        content = checkout.read(path)
    except FileUnavailable:
        return None
    return None if b"\0" in content else content.decode("utf-8", "replace")


def _read(checkout: Checkout, path: str) -> str:
    try:
        return js_join(path, "..", checkout.read(path).decode("utf-8", "replace"))
    except FileUnavailable:
        return ""


def _snapshots(
    migration: Migration, checkout: Checkout, source: str, never_sent: frozenset[str]
) -> tuple[dict[str, Snapshot], list[str]]:
    """The snapshots of the new config, and problems of targets without one."""
    config = parse(migration.text, "the new config", source)
    resolved, _ = targets.resolve(config, source, {})
    builder = Builder(config, checkout, never_sent)
    found, problems = {}, []
    for target in resolved:
        try:
            found[target.label.lower()] = builder.snapshot(target.mappings, target.removals)
        except ConfigError as error:
            problems += [f"{problem.place}: {problem.message}" for problem in error.problems]
    return found, list(dict.fromkeys(problems))


def _why_lost(label: str, source: str) -> str:
    """Why the new config has no such target."""
    if label.partition("@")[0] == source.lower():
        return "it is the source itself"
    return "the target was left out, or has a problem"


def _reason(
    *, old: Old, snapshots: Mapping[str, Snapshot], label: str, path: str, before: str, never_sent: frozenset[str]
) -> str:
    if not before:
        return old.reasons.get((label, path), "")
    failed = {error.path: error.reason for error in snapshots[label].errors}
    if path in failed:
        return failed[path]
    if before in never_sent:
        return "Broadcast's own config and workflow are sent only where a `files:` entry names them"
    return old.reasons.get((label, path), "")


def _some(differences: tuple[Difference, ...]) -> list[str]:
    shown: dict[str, list[Difference]] = {}
    for one in differences:
        shown.setdefault(one.target, []).append(one)
    said = []
    for target, found in shown.items():
        if (
            len(found) > 1
            and len({one.reason for one in found}) == 1
            and found[0].reason
            and not any(one.new for one in found)
        ):
            said.append(f"  {target}: only the old config sends {len(found)} files: {found[0].reason}")
            continue
        said += [f"  {one}" for one in found[:MAX_SHOWN]]
        said += [f"  {target}: … and {len(found) - MAX_SHOWN} more"] if len(found) > MAX_SHOWN else []
    return said
