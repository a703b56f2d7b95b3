"""Adapt a snapshot to one target: its vars and facts in texts, `seed` and `unless_exists`.

Ids only: a file is rendered once per distinct result, and again when it is sent. Targets with equal results share one
snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace

from broadcast.config import mappings
from broadcast.config.delimiters import Delimiters
from broadcast.config.properties import Held
from broadcast.config.targets import Target
from broadcast.config.values import Table
from broadcast.errors import FileError, FileUnavailable
from broadcast.git.objects import SYMLINK, blob_id, build_tree
from broadcast.snapshot.content import Recipe, RenderError, Survey, Trouble, render, survey, tokens_of
from broadcast.snapshot.snapshot import WHOLE, Shared, Snapshot, Wanted
from broadcast.snapshot.time_limit import Check, unchecked
from broadcast.source.checkout import Checkout


class Base(Protocol):
    """The base branch of a pull request."""

    @property
    def name(self) -> str:
        """Without `refs/heads/`."""


class Facts(Protocol):
    """The properties of a target that its snapshot depends on."""

    @property
    def full_name(self) -> str:
        """`owner/name`, as GitHub spells it."""

    @property
    def default_branch(self) -> str:
        """Empty in an empty repository."""

    @property
    def topics(self) -> Collection[str]:
        """In alphabetical order."""

    @property
    def present(self) -> Collection[str]:
        """The paths of `unless_exists` that the target has."""

    @property
    def base(self) -> Base | None:
        """None if the repository has no such branch."""


class Kit(NamedTuple):
    """The values for texts of one mapping at one target."""

    template: bool
    delimiters: Delimiters
    values: Mapping[str, Any]  # for templates
    tokens: Mapping[str, str]  # this → that
    header: str = ""  # with {path} for the file's path in the source

    def recipe(self, found: Survey) -> Recipe:
        """What it makes of a text."""
        template = tuple((name, self.values[name]) for name in sorted(found.names) if name in self.values)
        replaced = tuple((token, self.tokens[token]) for token in sorted(found.tokens))
        return (
            Recipe(template, replaced, self.delimiters) if self.template and found.is_text else Recipe(None, replaced)
        )


Rendered = dict[tuple[str, int], Wanted]  # by path and part


class Renderer:
    """Adapts snapshots to targets. Thread-safe."""

    def __init__(self, checkout: Checkout, source: str) -> None:
        self._checkout, self._source = checkout, source
        self.properties: Mapping[str, Mapping[str, Held]] = {}  # custom ones, of repositories: owner/name in lower case
        self._surveys: dict[tuple[object, ...], Survey] = {}
        self._made: dict[tuple[str, Recipe], str | Trouble] = {}  # blob id, recipe → blob id
        self._snapshots: dict[tuple[object, ...], Snapshot] = {}

    def at(self, target: Target, snapshot: Snapshot, facts: Facts, check: Check = unchecked) -> Snapshot:
        """`snapshot` for this target. Calls `check` for each file, and raises what it raises."""
        idle = frozenset(mapping for mapping in target.mappings if _is_kept_out(mapping, facts))
        kits = {
            mapping: kit
            for mapping in target.mappings
            if mapping not in idle and (kit := self.kit(target, mapping, facts))
        }
        rendered, errors = self._all_rendered(snapshot, kits, check)
        if not (idle or rendered or errors):
            return snapshot
        key = (snapshot, idle, tuple((place, one.oid) for place, one in rendered.items()), errors)
        if key not in self._snapshots:
            self._snapshots[key] = _changed(snapshot, idle, rendered, errors)
        return self._snapshots[key]

    def contents(self, wanted: Wanted) -> bytes:
        """The bytes to send. Raises FileUnavailable."""
        if wanted.composition is not None:
            return wanted.composition.content or b""
        content = self.read(wanted)
        return render(content, wanted.recipe) if wanted.recipe != Recipe() else content

    def read(self, wanted: Wanted) -> bytes:
        """The bytes in the source. Raises FileUnavailable."""
        is_untracked = wanted.mapping is not None and wanted.mapping.untracked
        return self._checkout.read(wanted.source, untracked=is_untracked)

    def kit(self, target: Target, mapping: mappings.Mapping, facts: Facts) -> Kit | None:
        """What texts of a mapping are rendered with at a target; None if the mapping changes no texts."""
        content = target.content(mapping.group)
        rules = mapping.transform.over(content.transform)
        tokens = {token: value for name, value in rules.variables for token in tokens_of(name)}
        if rules.repo_name:
            tokens[self._source] = facts.full_name
        if mapping.transform.inherit:
            tokens |= dict(content.emails)
        values = {**dict(target.vars), **self._values(facts)} if mapping.template else {}
        if not (mapping.template or tokens or mapping.header):
            return None
        header = mapping.header.replace("{source}", self._source)
        return Kit(mapping.template, mapping.delimiters, values, tokens, header)

    def _values(self, facts: Facts) -> dict[str, Any]:
        """The facts of a target for templates; custom properties only where they could be read."""
        known = self.properties.get(facts.full_name.lower())
        properties = None if known is None else Table(tuple((name, held) for name, held in known.items() if held))
        return _values(facts, self._source) | ({} if properties is None else {"target.properties": properties})

    def _all_rendered(
        self, snapshot: Snapshot, kits: Mapping[mappings.Mapping, Kit], check: Check
    ) -> tuple[Rendered, tuple[FileError, ...]]:
        """The files whose content changes, and errors of those that can't be rendered."""
        rendered: Rendered = {}
        errors = []
        for mapping, kit in kits.items():
            for path, part, wanted in snapshot.by_mapping.get(mapping, ()):
                check()
                try:
                    made = self._rendered(path, wanted, kit) if wanted.mode != SYMLINK else wanted
                except (RenderError, FileUnavailable) as error:
                    errors.append(_file_error(path, wanted.source, error, kit))
                    continue
                if made.oid != wanted.oid:
                    rendered[path, part] = made
        return rendered, tuple(sorted(errors))

    def _rendered(self, path: str, wanted: Wanted, kit: Kit) -> Wanted:
        found = self.survey(wanted, kit)
        if found.trouble:
            raise RenderError(found.trouble)
        recipe = kit.recipe(found)
        if kit.header:
            recipe = recipe._replace(header=(kit.header.replace("{path}", wanted.source), path))
        if recipe == Recipe():
            return wanted
        key = (wanted.oid, recipe)
        if key not in self._made:
            self._made[key] = self._make(wanted, recipe)
        made = self._made[key]
        if isinstance(made, Trouble):
            raise RenderError(made)
        return replace(wanted, oid=made, recipe=recipe)

    def survey(self, wanted: Wanted, kit: Kit) -> Survey:
        """What the content of a file depends on. Raises FileUnavailable."""
        key = (wanted.oid, kit.template, kit.delimiters, frozenset(kit.tokens))
        if key not in self._surveys:
            content = self.read(wanted)
            self._surveys[key] = survey(content, kit.tokens, template=kit.template, delimiters=kit.delimiters)
        return self._surveys[key]

    def _make(self, wanted: Wanted, recipe: Recipe) -> str | Trouble:
        try:
            return blob_id(render(self.read(wanted), recipe))
        except RenderError as error:
            return error.trouble


def _changed(
    snapshot: Snapshot, idle: frozenset[mappings.Mapping], rendered: Rendered, errors: tuple[FileError, ...]
) -> Snapshot:
    """`snapshot` with rendered files, and without what idle mappings send."""
    kept_out = frozenset(one.path for mapping in idle for one in snapshot.by_mapping.get(mapping, ()))
    lost = {error.path for error in errors}
    files = {
        path: rendered.get((path, WHOLE), file)
        for path, file in snapshot.files.items()
        if path not in lost and file.mapping not in idle
    }
    left_alone = {mapping.dest for mapping in idle}
    territories = tuple(
        replace(one, never_sent=one.never_sent | kept_out) for one in snapshot.territories if one.dest not in left_alone
    )
    return replace(
        snapshot, files=files, tree=build_tree({path: file.entry for path, file in files.items()}),
        territories=territories, errors=(*snapshot.errors, *errors), shared=_shared(snapshot, idle, rendered, lost),
    )  # fmt: skip


def _shared(
    snapshot: Snapshot, idle: frozenset[mappings.Mapping], rendered: Rendered, lost: Collection[str]
) -> dict[str, tuple[Shared, ...]]:
    """The parts of shared files with rendered content, without those of idle mappings."""
    found = {
        path: tuple(
            replace(one, wanted=rendered.get((path, at), one.wanted))
            for at, one in enumerate(parts)
            if one.wanted is None or one.wanted.mapping not in idle
        )
        for path, parts in snapshot.shared.items()
        if path not in lost
    }
    return {path: parts for path, parts in found.items() if parts}


def _is_kept_out(mapping: mappings.Mapping, facts: Facts) -> bool:
    return any(path in facts.present for path in mapping.unless_exists)


def _values(facts: Facts, source: str) -> dict[str, Any]:
    owner, _, name = facts.full_name.partition("/")
    source_owner, _, source_name = source.partition("/")
    return {
        "target.owner": owner, "target.name": name, "target.full_name": facts.full_name,
        "target.default_branch": facts.default_branch, "target.base": facts.base.name if facts.base else "",
        "target.topics": facts.topics,
        "source.owner": source_owner, "source.name": source_name, "source.full_name": source,
    }  # fmt: skip


def _file_error(path: str, source: str, error: RenderError | FileUnavailable, kit: Kit) -> FileError:
    if isinstance(error, FileUnavailable):
        return FileError(path, error.message, error.remedy)
    trouble = error.trouble
    at = f"{source}:{trouble.line}:{trouble.column}" if trouble.line else source
    return FileError(
        path, f"can't be rendered: {at}: {reason_of(trouble)}", remedy_of(trouble, kit.values, kit.delimiters)
    )


def reason_of(trouble: Trouble) -> str:
    """Why a text can't be rendered, in words."""
    return f"{trouble.unknown} has no value" if trouble.unknown else trouble.reason


def remedy_of(trouble: Trouble, known: Iterable[str], delimiters: Delimiters) -> str:
    """What to do about it, where templates know these names."""
    if trouble.unknown:
        names = {one.lower(): one for one in known}
        close = get_close_matches(trouble.unknown.lower(), names, n=1)
        more = f"; did you mean {names[close[0]]}?" if close else f"; {delimiters.own_code}"
        return f"add {trouble.unknown} to `vars`{more}"
    opening = delimiters.variable[0]
    return trouble.remedy or f"mend it; write {delimiters.literal} for a literal {opening}; {delimiters.own_code}"
