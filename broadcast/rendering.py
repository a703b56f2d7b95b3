"""What a snapshot becomes at one target: files that its own facts keep out, texts that depend on them.

Ids only: a file is rendered once for every distinct result of it, and again when it is sent. Targets for which all
results are the same share one snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast import mappings, transform
from broadcast.checkout import Checkout
from broadcast.effort import Check, unchecked
from broadcast.errors import FileError
from broadcast.gitobject import SYMLINK, blob_id, build_tree
from broadcast.snapshot import Snapshot, Wanted
from broadcast.state import State
from broadcast.targets import Target
from broadcast.transform import Recipe, RenderError, Survey
from broadcast.worktree import FileUnavailable


class Kit(NamedTuple):
    """All that texts of one mapping could be rendered with at one target."""

    template: bool
    values: Mapping[str, Any]  # for templates
    tokens: Mapping[str, str]  # this → that


class Renderer:
    """Makes each target's own snapshot; threads may share it."""

    def __init__(self, checkout: Checkout, source: str) -> None:
        self._checkout, self._source = checkout, source
        self._surveys: dict[tuple[str, bool, frozenset[str]], Survey] = {}
        self._made: dict[tuple[str, Recipe], str | RenderError] = {}  # blob id, recipe → blob id
        self._snapshots: dict[tuple[object, ...], Snapshot] = {}

    def at(self, target: Target, snapshot: Snapshot, state: State, check: Check = unchecked) -> Snapshot:
        """`snapshot` as this target should hold it. Raises what `check` raises, which is called for each file."""
        idle = frozenset(mapping for mapping in target.mappings if _is_kept_out(mapping, state))
        kits = {
            mapping: kit
            for mapping in target.mappings
            if mapping not in idle and (kit := self._kit(target, mapping, state))
        }
        rendered, errors = self._all_rendered(snapshot, kits, check)
        if not (idle or rendered or errors):
            return snapshot
        key = (snapshot, idle, tuple((path, one.oid) for path, one in rendered.items()), errors)
        if key not in self._snapshots:
            self._snapshots[key] = _changed(snapshot, idle, rendered, errors)
        return self._snapshots[key]

    def contents(self, wanted: Wanted) -> bytes:
        """The bytes to send. Raises FileUnavailable."""
        content = self._read(wanted)
        return transform.render(content, wanted.recipe) if wanted.recipe != Recipe() else content

    def _read(self, wanted: Wanted) -> bytes:
        is_untracked = wanted.mapping is not None and wanted.mapping.untracked
        return self._checkout.read(wanted.source, untracked=is_untracked)

    def _kit(self, target: Target, mapping: mappings.Mapping, state: State) -> Kit | None:
        """None where nothing can change a text."""
        content = target.content(mapping.group)
        rules = mapping.transform.over(content.transform)
        tokens = {token: value for name, value in rules.variables for token in transform.tokens_of(name)}
        if rules.repo_name:
            tokens[self._source] = state.full_name
        tokens |= dict(content.emails)
        values = {**dict(target.vars), **_facts(state, self._source)} if mapping.template else {}
        return Kit(mapping.template, values, tokens) if mapping.template or tokens else None

    def _all_rendered(
        self, snapshot: Snapshot, kits: Mapping[mappings.Mapping, Kit], check: Check
    ) -> tuple[dict[str, Wanted], tuple[FileError, ...]]:
        """What becomes another text, and what can't be rendered."""
        rendered, errors = {}, []
        for mapping, kit in kits.items():
            for path in snapshot.by_mapping.get(mapping, ()):
                check()
                wanted = snapshot.files[path]
                try:
                    made = self._rendered(wanted, kit) if wanted.mode != SYMLINK else wanted
                except (RenderError, FileUnavailable) as error:
                    errors.append(_file_error(path, error, kit))
                    continue
                if made.oid != wanted.oid:
                    rendered[path] = made
        return rendered, tuple(sorted(errors))

    def _rendered(self, wanted: Wanted, kit: Kit) -> Wanted:
        survey = self._survey(wanted, kit)
        if survey.problem:
            raise RenderError(survey.problem)
        template = tuple((name, kit.values[name]) for name in sorted(survey.names) if name in kit.values)
        replaced = tuple((token, kit.tokens[token]) for token in sorted(survey.tokens))
        recipe = Recipe(template if kit.template and survey.is_text else None, replaced)
        if recipe == Recipe():
            return wanted
        key = (wanted.oid, recipe)
        if key not in self._made:
            self._made[key] = self._make(wanted, recipe)
        made = self._made[key]
        if isinstance(made, RenderError):
            raise made
        return replace(wanted, oid=made, recipe=recipe)

    def _survey(self, wanted: Wanted, kit: Kit) -> Survey:
        key = (wanted.oid, kit.template, frozenset(kit.tokens))
        if key not in self._surveys:
            content = self._read(wanted)
            self._surveys[key] = transform.survey(content, kit.tokens, template=kit.template)
        return self._surveys[key]

    def _make(self, wanted: Wanted, recipe: Recipe) -> str | RenderError:
        try:
            return blob_id(transform.render(self._read(wanted), recipe))
        except RenderError as error:
            return error


def _changed(
    snapshot: Snapshot,
    idle: frozenset[mappings.Mapping],
    rendered: Mapping[str, Wanted],
    errors: tuple[FileError, ...],
) -> Snapshot:
    """`snapshot` with what became of its files, and without those of idle mappings."""
    kept_out = frozenset(path for mapping in idle for path in snapshot.by_mapping.get(mapping, ()))
    lost = kept_out | {error.path for error in errors}
    files = {path: rendered.get(path, wanted) for path, wanted in snapshot.files.items() if path not in lost}
    left_alone = {mapping.dest for mapping in idle}
    territories = tuple(
        replace(one, never_sent=one.never_sent | kept_out) for one in snapshot.territories if one.dest not in left_alone
    )
    tree = build_tree({path: file.entry for path, file in files.items()})
    return replace(snapshot, files=files, tree=tree, territories=territories, errors=(*snapshot.errors, *errors))


def _is_kept_out(mapping: mappings.Mapping, state: State) -> bool:
    return any(path in state.present for path in mapping.unless_exists)


def _facts(state: State, source: str) -> dict[str, Any]:
    owner, _, name = state.full_name.partition("/")
    source_owner, _, source_name = source.partition("/")
    return {
        "target.owner": owner, "target.name": name, "target.full_name": state.full_name,
        "target.default_branch": state.default_branch, "target.base": state.base.name if state.base else "",
        "target.topics": state.topics,
        "source.owner": source_owner, "source.name": source_name, "source.full_name": source,
    }  # fmt: skip


def _file_error(path: str, error: RenderError | FileUnavailable, kit: Kit) -> FileError:
    if isinstance(error, FileUnavailable):
        return FileError(path, error.message, error.remedy)
    return FileError(path, f"can't be rendered: {error}", _remedy(str(error), kit.values))


def _remedy(message: str, known: Iterable[str]) -> str:
    name = message.partition("'")[2].partition("'")[0]
    if message.endswith("is undefined"):
        names = {one.lower(): one for one in known}
        close = get_close_matches(name.lower(), names, n=1)
        return f"add {name} to `vars`" + (f"; did you mean {names[close[0]]}?" if close else "")
    return "mend the template; write [[ '[[' ]] for a literal [["
