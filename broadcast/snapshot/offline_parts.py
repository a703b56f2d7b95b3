"""Check parts of shared files without GitHub: kinds of files they can't go into, and sources that are broken (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from broadcast.compose.composition import Piece, compose
from broadcast.compose.parts import Block, Position, Unmergeable
from broadcast.config.model import Config, problem_at
from broadcast.config.targets import Target
from broadcast.config.yaml_reader import Place
from broadcast.errors import FileUnavailable, Problem
from broadcast.git.objects import SYMLINK
from broadcast.snapshot.content import RenderError
from broadcast.snapshot.offline import MAX_PROBLEMS, known_of, shown
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Shared, Snapshot, Wanted


class _Case(NamedTuple):
    """One thing that is wrong with a part."""

    error: Unmergeable
    path: str  # in targets
    others: set[str]  # paths that have the same problem
    wanted: Wanted | None  # None: the part is taken out
    target: str  # that the source's file was rendered for; empty where it is sent as it is


class PartCheck:
    """Collects what is wrong with the parts of all targets."""

    def __init__(self, config: Config, renderer: Renderer) -> None:
        self._config, self._renderer = config, renderer
        self._looked = set[tuple[object, ...]]()
        self._cases: dict[tuple[object, ...], _Case] = {}

    def look(self, target: Target, snapshot: Snapshot, selector: str = "") -> None:
        """Check one target, or what a selector would find."""
        for path, parts in snapshot.shared.items():
            for one in parts:
                if one.wanted and one.wanted.mapping:
                    self._look_at(path, one, one.wanted.mapping.place, self._rendered(target, one.wanted, selector))
        for removal in target.removals:
            if removal.block:
                self._note(removal.path, Shared(removal.block), removal.place, b"", "")

    def problems(self) -> Iterable[Problem]:
        """What is wrong, by its place."""
        made = (self._problem(place, case) for (place, *_), case in self._cases.items() if isinstance(place, Place))
        return sorted(made)[:MAX_PROBLEMS]

    def _rendered(self, target: Target, wanted: Wanted, selector: str) -> tuple[Wanted, str] | None:
        """A file as the target gets it, and its label where that matters; None where that isn't known yet."""
        facts, unknown = known_of(target, selector)
        kit = self._renderer.kit(target, wanted.mapping, facts) if wanted.mapping else None
        if kit is None or wanted.mode == SYMLINK:
            return wanted, ""
        try:
            found = self._renderer.survey(wanted, kit)
        except FileUnavailable:
            return None  # which has an error of its own
        if found.trouble or found.names & unknown:
            return None
        recipe = kit.recipe(found)
        return replace(wanted, recipe=recipe), target.label if recipe != wanted.recipe and not selector else ""

    def _look_at(self, path: str, one: Shared, place: Place, rendered: tuple[Wanted, str] | None) -> None:
        if rendered is None:
            return
        wanted, label = rendered
        key = (place, path, one.part, wanted.mode, wanted.oid, wanted.recipe)
        if key in self._looked:
            return
        self._looked.add(key)
        try:
            self._note(path, replace(one, wanted=wanted), place, self._renderer.contents(wanted), label)
        except (FileUnavailable, RenderError):
            return  # which are errors of their own

    def _note(self, path: str, one: Shared, place: Place, body: bytes, label: str) -> None:
        error = _tried(path, one, body)
        if error is None:
            return
        source = one.wanted.source if one.wanted and error.fault == "source" else ""
        key = (place, source, error.line, error.column, error.reason)
        self._cases.setdefault(key, _Case(error, path, set(), one.wanted, label)).others.add(path)

    def _problem(self, place: Place, case: _Case) -> Problem:
        error, wanted = case.error, case.wanted
        if error.fault != "source" or wanted is None:
            more = f" and {len(case.others) - 1} more" if len(case.others) > 1 else ""
            return problem_at(self._config, place, f"{case.path}{more}: {error.reason}", error.remedy)
        rendered = f", as it is rendered for {case.target}" if case.target else ""
        return Problem(
            file=wanted.source,
            line=error.line,
            column=max(error.column, 1),
            message=f"{error.reason}{rendered}",
            remedy=error.remedy,
            excerpt=shown(self._renderer.contents(wanted), error.line, max(error.column, 1)),
        )


def _tried(path: str, one: Shared, body: bytes) -> Unmergeable | None:
    """What is wrong with a part, whatever the target's file holds."""
    part = replace(one.part, at=Position()) if isinstance(one.part, Block) else one.part
    return compose(path, b"", (Piece(part, body),)).states[0].problem
