"""Check templates for every target without GitHub: what has no value there, and what is no template (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from broadcast.config.mappings import Mapping
from broadcast.config.targets import Target
from broadcast.errors import FileUnavailable, Problem, excerpt
from broadcast.git.objects import SYMLINK
from broadcast.snapshot.content import Recipe, RenderError, Survey, Trouble, render
from broadcast.snapshot.render import Base, Kit, Renderer, reason_of, remedy_of
from broadcast.snapshot.snapshot import Snapshot, Wanted

MAX_LACKING, MAX_PROBLEMS = 20, 100  # names of one file at one target; problems in all
MAX_LISTED = 3  # targets
_UNKNOWN = frozenset(
    {"target.default_branch", "target.topics", "target.base", "target.properties"}
)  # before GitHub is asked
_SELECTED = frozenset({"target.owner", "target.name", "target.full_name"})


class _Base(NamedTuple):
    name: str


class Known(NamedTuple):
    """What is known of a target before GitHub is asked."""

    full_name: str
    base: Base | None
    default_branch: str = ""
    topics: Collection[str] = ()
    present: Collection[str] = ()


class _Case(NamedTuple):
    """One thing that is wrong with a file."""

    wanted: Wanted
    kit: Kit
    targets: dict[str, None]  # that it is wrong for; empty if for any


def known_of(target: Target, selector: str) -> tuple[Known, frozenset[str]]:
    """What is known of a target, or of what a selector would find, and the names that have no value yet."""
    facts = Known(target.full_name, _Base(target.base) if target.base else None)
    return facts, _UNKNOWN - ({"target.base"} if target.base else set()) | (_SELECTED if selector else set())


class TemplateCheck:
    """Collects what is wrong with the templates of all targets."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._cases: dict[tuple[str, Trouble], _Case] = {}
        self._rendered: dict[tuple[str, Recipe], tuple[Trouble, ...]] = {}

    def look(self, target: Target, snapshot: Snapshot, selector: str = "") -> bool:
        """Check one target, or what a selector would find; returns whether it has templates."""
        facts, unknown = known_of(target, selector)
        label = f"what {selector} selects" if selector else target.label
        has_templates = False
        for mapping in (mapping for mapping in target.mappings if mapping.template):
            kit = self._renderer.kit(target, mapping, facts)
            for wanted in (one.file for one in snapshot.by_mapping.get(mapping, ())):
                if kit and wanted.mode != SYMLINK:
                    has_templates = True
                    self._look_at(wanted, kit, unknown, label)
        return has_templates

    def problems(self) -> list[Problem]:
        """What is wrong, by its place in the source."""
        made = sorted(self._problem(trouble, case) for (_, trouble), case in self._cases.items())
        return made[:MAX_PROBLEMS]

    def _look_at(self, wanted: Wanted, kit: Kit, unknown: frozenset[str], label: str) -> None:
        try:
            found = self._renderer.survey(wanted, kit)
            troubles = [found.trouble] if found.trouble else self._troubles(wanted, kit, found, unknown)
        except FileUnavailable:
            return  # which has an error of its own
        for trouble in troubles:
            case = self._cases.setdefault((wanted.source, trouble), _Case(wanted, kit, {}))
            if not found.trouble:
                case.targets[label] = None

    def _troubles(self, wanted: Wanted, kit: Kit, found: Survey, unknown: frozenset[str]) -> Iterable[Trouble]:
        """What is wrong at one target, as far as it is sure."""
        if _may_be_kept_out(wanted.mapping) or not found.is_text:
            return ()
        if found.names & unknown:  # conditions may depend on these
            return [one for one in found.certain if one.unknown not in kit.values]
        key = (wanted.oid, kit.recipe(found))
        if key not in self._rendered:
            self._rendered[key] = tuple(_tried(self._renderer.read(wanted), key[1]))
        return self._rendered[key]

    def _problem(self, trouble: Trouble, case: _Case) -> Problem:
        reason = reason_of(trouble) + (f" for {_listed([*case.targets])}" if case.targets else "")
        remedy = remedy_of(trouble, case.kit.values, case.kit.delimiters)
        return Problem(
            file=case.wanted.source,
            line=trouble.line,
            column=trouble.column,
            message=reason,
            remedy=remedy,
            excerpt=shown(self._renderer.read(case.wanted), trouble.line, trouble.column),
        )


def _may_be_kept_out(mapping: Mapping | None) -> bool:
    return mapping is not None and bool(mapping.unless_exists)


def _tried(content: bytes, recipe: Recipe) -> Iterable[Trouble]:
    """Every name that rendering finds without a value; of other troubles the first, as others may follow from it."""
    given = dict(recipe.template or ())
    for number in range(MAX_LACKING):
        try:
            render(content, recipe._replace(template=tuple(given.items())))
        except RenderError as error:
            if number and not error.trouble.unknown:
                return
            yield error.trouble
            if not error.trouble.unknown:
                return
            given[error.trouble.unknown] = ""
        else:
            return


def _listed(labels: list[str]) -> str:
    if len(labels) > MAX_LISTED:
        return f"{labels[0]} and {len(labels) - 1} more"
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))


def shown(content: bytes, number: int, column: int) -> str:
    """A line with a caret."""
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    return excerpt("".join(one if one.isprintable() or one == "\t" else " " for one in line), column)
