"""Shared files of the fleet: what has to be read of targets and of the source before they can be composed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain

from msgspec.structs import replace

from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.git.objects import Entry
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Reply
from broadcast.github.validation import reading
from broadcast.observe import history
from broadcast.observe.ask import Ask
from broadcast.observe.bases import MAX_RENDERED, Bases, Needs, Past
from broadcast.observe.composing import Composed, Composer
from broadcast.observe.contents import Contents, by_target, select_blobs, unread
from broadcast.observe.history import History
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.state import Located, Observation, Observations, State
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot, pair
from broadcast.snapshot.time_limit import Check, unchecked


class SharedFiles:
    """One for the whole fleet. Threads may share it."""

    def __init__(self, renderer: Renderer, past: History, objects: ObjectCache, source: str) -> None:
        self._past = past
        self._contents = Contents(objects)
        self._composer = Composer(renderer, self._contents, Bases(past.versions, self._contents), source)

    def at(self, snapshot: Snapshot, state: State, head: Located, check: Check = unchecked) -> Composed:
        """What should stand in one commit of a target. Calls `check` for each file, and raises what it raises."""
        entries = {path: head.at(path) for path in snapshot.shared}
        return self._composer.at(snapshot.raw, entries, _past(state), check)

    def learn(self, observations: Observations, scope: Scope) -> bool:
        """Ask the source what targets need of it; whether there was anything. Those that need it fail where it does."""
        waiting = {target: one.needs for target, one in observations.items() if isinstance(one, Observation)}
        needs = Needs.all(waiting.values())
        try:
            self._past.learn(needs.versions, scope)
            self._past.read(needs.texts, self._contents, scope)
        except Failure as failure:
            observations |= {target: failure for target, one in waiting.items() if one.versions or one.texts}
        return bool(needs.versions or needs.texts)

    def asks(self, github: GitHub, observations: Observations, scope: Scope) -> Iterable[Ask]:
        """Every blob once, of whichever target has it; and what single targets once had."""
        owners: dict[str, Target] = {}
        for target, observation in observations.items():
            if isinstance(observation, Observation):
                owners |= dict.fromkeys(observation.needs.blobs - owners.keys(), target)
                if paths := sorted(observation.needs.past - observation.state.past.keys()):
                    yield self._past_ask(target, observation, paths, observations)
        for target, oids in by_target(owners):
            question = select_blobs(target.owner, target.name, oids)
            seen = partial(
                self._take_blobs, github=github, target=target, oids=oids, observations=observations, scope=scope
            )
            yield Ask(target, question, seen)

    def read(self, github: GitHub, wanted: Mapping[str, Target], names: Mapping[Target, str], scope: Scope) -> None:
        """Read blobs, each of a target that has it; `names` are what the targets are called now."""
        chunks = list(by_target({oid: one for oid, one in wanted.items() if self._contents.get(oid) is None}))
        questions = [select_blobs(target.owner, target.name, oids) for target, oids in chunks]
        for (target, oids), reply in zip(chunks, batch.ask(github, questions, scope) if questions else (), strict=True):
            with suppress(Failure), reading():  # then it isn't proven that a merge on our branch is ours
                self._contents.learn(reply.data or {})
                for oid in filter(self._contents.is_by_rest, oids):
                    self._contents.read(github, names[target], oid, scope)

    def read_versions(self, wanted: Iterable[str], scope: Scope) -> None:
        """Read the newest versions of files of the source, where they can be read."""
        sources = frozenset(wanted)
        with suppress(Failure):
            self._past.learn(sources, scope)
            versions = (self._past.versions.get(source, ())[:MAX_RENDERED] for source in sources)
            self._past.read(frozenset(chain.from_iterable(versions)), self._contents, scope)

    def brought(self, seen: Observation, path: str, before: Entry | None, after: Entry | None) -> frozenset[str]:
        """The pairs that a change of a shared file stands for; that of the whole file where it changes more than ours.

        It changes nothing but our parts if both versions are equal once the source's parts are put into them.
        """
        whole = pair(path, after.mode, after.oid) if after else pair(path, 0, "")
        raw, past = seen.snapshot.raw, _past(seen.state)
        one, other = (self._composer.file(raw, path, entry, past) for entry in (before, after))
        if before and after and before.mode != after.mode:
            return frozenset({whole})
        if version := self._composer.version(raw, path, (before, after), past):
            return frozenset({pair(path, 0, version)})
        if one is None or other is None or after is None:
            return frozenset({whole})
        if one.content == other.before:  # what today's source proposes
            return frozenset(pair(path, 0, state.identity) for state in one.states if state.is_changed)
        if one.content != other.content:
            return frozenset({whole})
        both = zip(one.states, other.states, strict=True)
        return frozenset(pair(path, 0, new.present) for old, new in both if old.present != new.present)

    def _past_ask(self, target: Target, seen: Observation, paths: list[str], observations: Observations) -> Ask:
        commit = seen.state.base.head.oid if seen.state.base else ""
        question = history.select_versions(target.owner, target.name, commit, paths)
        return Ask(target, question, partial(_take_past, target, paths, observations))

    def _take_blobs(
        self, reply: Reply, *, github: GitHub, target: Target, oids: list[str], observations: Observations, scope: Scope
    ) -> None:
        seen = observations[target]
        if reply.data is None or not isinstance(seen, Observation):
            observations[target] = reply.failure or Failure("no answer")
            return
        self._contents.learn(reply.data)
        try:
            for oid in filter(self._contents.is_by_rest, oids):
                self._contents.read(github, seen.state.full_name, oid, scope)
        except Failure as failure:
            observations[target] = failure  # others that have the same file are asked next
            return
        if missing := [oid for oid in oids if self._contents.get(oid) is None]:
            observations[target] = unread(missing)


def _past(state: State) -> Past:
    return Past(state.merged if state.has_pulls else None, state.past)


def _take_past(target: Target, paths: list[str], observations: Observations, reply: Reply) -> None:
    seen = observations[target]
    if reply.data is None or not isinstance(seen, Observation):
        observations[target] = reply.failure or Failure("no answer")
    else:
        past = {**seen.state.past, **history.read_versions(reply.data, paths)}
        observations[target] = replace(seen, state=replace(seen.state, past=past))
