"""Which repositories have the files that selectors want: asked with the look, or before it where selectors differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from broadcast.config.model import Config
from broadcast.config.selectors import FileFilter, SelectedRepository, Selector
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github import batch
from broadcast.github.client_pool import ClientPool
from broadcast.github.questions import Question, Reply, quote
from broadcast.observe.selection import SCOPE, Selection
from broadcast.observe.state import State
from broadcast.snapshot.snapshot import Snapshot

MAX_LISTED = 20  # repositories in a line of the log

_Place = tuple[str, str | None]  # owner/name in lower case, and the base


def probes_of(target: Target, snapshot: Snapshot) -> tuple[str, ...]:
    """The paths of the base whose presence matters."""
    return tuple(dict.fromkeys((*snapshot.probes, *target.files.paths)))


def fits(target: Target, state: State) -> bool:
    """Whether a target that was looked at has the files that it was selected by."""
    return target.files.takes(state.present)


def left_out(targets: Collection[Target]) -> Iterable[str]:
    """The log's lines about targets that don't fit."""
    kinds: dict[FileFilter, list[str]] = {}
    for target in targets:
        kinds.setdefault(target.files, []).append(target.label)
    for wanted, names in kinds.items():
        why = " or ".join([*(f"lack {path}" for path in wanted.has), *(f"have {path}" for path in wanted.lacks)])
        more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
        yield f"{len(names)} repositories {why} and are left out: {', '.join(names[:MAX_LISTED])}{more}"


def decided(selection: Selection, config: Config, clients: ClientPool) -> Selection:
    """The selection without the misfits among repositories that selectors with different files reach.

    All others are asked with the look, which costs no further call.
    """
    mixed = _mixed(selection, config)
    replies: dict[_Place, Reply] = {}
    for owner in dict.fromkeys(one.owner.lower() for one, _, _ in mixed.values()):
        places = {place: item for place, item in mixed.items() if item[0].owner.lower() == owner}
        try:
            replies |= _asked(clients, owner, places)
        except Failure as failure:
            replies |= dict.fromkeys(places, Reply(None, failure))
    found, failures = dict(selection.found), dict(selection.failures)
    for spec in config.targets:
        if replies and spec.selector and spec.selector.files.paths and spec.selector in found:
            try:
                found[spec.selector] = _kept(spec.selector, spec.base, found[spec.selector], replies, mixed)
            except Failure as failure:
                failures[spec.selector] = failure
                del found[spec.selector]
    return selection._replace(found=found, failures=failures)


_Mixed = Mapping[_Place, tuple[SelectedRepository, str | None, tuple[str, ...]]]


def _mixed(selection: Selection, config: Config) -> _Mixed:
    """The repositories that are reached with different files, and the paths to ask for."""
    reached: dict[_Place, tuple[SelectedRepository, set[FileFilter]]] = {}
    specs = [spec for spec in config.targets if spec.enabled and not spec.adds]
    named = {(f"{spec.owner}/{spec.name}".lower(), spec.base) for spec in specs if not spec.selector}
    for spec in specs:
        if spec.selector is None:
            continue
        for one in selection.found.get(spec.selector, ()):
            place = (one.full_name.lower(), spec.base)
            _, filters = reached.setdefault(place, (one, {FileFilter()} if place in named else set()))
            filters.add(spec.selector.files)
    return {
        place: (one, place[1], tuple(dict.fromkeys(path for each in sorted(filters) for path in each.paths)))
        for place, (one, filters) in reached.items()
        if len(filters) > 1
    }


def _asked(clients: ClientPool, owner: str, places: _Mixed) -> dict[_Place, Reply]:
    replies = batch.ask(clients.reader(owner), [_question(*item) for item in places.values()], SCOPE)
    return dict(zip(places, replies, strict=True))


def _question(one: SelectedRepository, base: str | None, paths: Collection[str]) -> Question:
    field = f"ref(qualifiedName: {quote('refs/heads/' + base)})" if base else "defaultBranchRef"
    probes = " ".join(f"probe{at}: file(path: {quote(path)}) {{ type }}" for at, path in enumerate(paths))
    return Question(one.owner, one.name, f"base: {field} {{ target {{ ... on Commit {{ {probes} }} }} }}")


def _kept(
    selector: Selector, base: str | None, rows: Collection[SelectedRepository], replies: Mapping[_Place, Reply],
    places: _Mixed,
) -> list[SelectedRepository]:  # fmt: skip
    """The repositories that fit, or aren't among those that were asked about. Raises Failure."""
    kept = []
    for one in rows:
        place = (one.full_name.lower(), base)
        reply = replies.get(place)
        if reply and reply.data is None:
            raise reply.failure or Failure("no answer")
        if reply is None or selector.files.takes(_present(reply.data or {}, places[place][2])):
            kept.append(one)
    return kept


def _present(data: Mapping[str, Any], paths: Collection[str]) -> set[str]:
    commit = (data.get("base") or {}).get("target") or {}
    return {path for at, path in enumerate(paths) if commit.get(f"probe{at}")}
