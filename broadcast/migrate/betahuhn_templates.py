"""Convert templates of BetaHuhn/repo-file-sync-action so that they come out as Nunjucks rendered them (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast.migrate import template_files
from broadcast.migrate.betahuhn_config import BetaHuhnFile
from broadcast.migrate.document import Document
from broadcast.migrate.model import MigratedEntry, SourceList
from broadcast.migrate.values import Vars, needs_escape, variables

_PAIR = ("{{", "}}")


class Rendered(NamedTuple):
    """An entry, and the values that its templates are rendered with."""

    entry: MigratedEntry
    values: Vars
    used: frozenset[str] | None  # names that its files read; None: not known


def rendered(doc: Document, file: BetaHuhnFile, entry: MigratedEntry, listing: SourceList) -> Rendered:
    """The entry, as a template where its files are some."""
    if not entry.template:
        return Rendered(entry, {}, frozenset())
    given = _given(doc, file)
    known = template_files.texts(entry, listing)
    templates = {path: text for path, text in known.items() if template_files.is_nunjucks(text)}
    if known and not templates:
        doc.note(file.place, "template", "found no {{ … }} in any of its files", "they are sent as they are")
        return Rendered(replace(entry, template=False), {}, frozenset())
    entry = replace(entry, delimiters=_PAIR)
    if not known:
        did = "rendered with Nunjucks, where a name without a value was nothing"
        doc.note(file.place, "template", did, "it is an error here: give each such name a value under `vars`")
        return Rendered(entry, given, None)
    return Rendered(entry, *_read(doc, file, templates, given))


def _given(doc: Document, file: BetaHuhnFile) -> Vars:
    if not isinstance(file.template, dict):
        return {}
    remedy = "its name is {1} now: write {{{{ {1} }}}} for {0} in the file"
    return variables(doc, file.template, file.place, remedy.format)


def _read(
    doc: Document, file: BetaHuhnFile, templates: Mapping[str, str], given: Vars
) -> tuple[Vars, frozenset[str] | None]:
    found = {path: template_files.reads(text) for path, text in templates.items()}
    needed = {path for one in found.values() if one for path in one.needed}
    asked = {path for one in found.values() if one for path in one.guarded}
    values = template_files.completed(given, needed)
    lacking = sorted(values.keys() - given.keys())
    if lacking:
        did = f"reads {', '.join(lacking)} without a value, which was nothing there"
        doc.note(file.place, "template", did, "an empty text under `vars` is the same")
    for path, text in templates.items():
        _check(doc, file, path, text, values)
    used = frozenset(path[0] for path in needed | asked)
    if any(needs_escape(values.get(name, "")) for name in used):
        did, instead = "wrote & < > \" ' in values as HTML does (&amp; …)", "they stay as they are now"
        doc.note(file.place, "template", did, instead)
    return values, None if None in found.values() else used


def _check(doc: Document, file: BetaHuhnFile, path: str, text: str, values: Vars) -> None:
    if problem := template_files.trouble(text, values):
        remedy = f"edit {path} before the first run; docs/config.md lists what templates can use"
        doc.note(file.place, "template", f"our templates can't read {path}: {problem}", remedy)
    for line, did, instead in template_files.differences(text):
        doc.note(file.place, "template", f"{path}:{line}: {did}", instead)
    if template_files.loses_expressions(text):
        did = f"lost GitHub's expressions in {path}: ${{{{ … }}}} became $ and a value"
        doc.note(file.place, "template", did, "they stay as they are now")


def united(doc: Document, found: Iterable[tuple[BetaHuhnFile, Rendered]]) -> dict[str, Any]:
    """The values of a target; notes where its files need different ones."""
    values: Vars = {}
    unread: Vars = {}
    for file, one in found:
        for name, value in one.values.items():
            if one.used is not None and name not in one.used:
                unread.setdefault(name, value)
            elif not _taken(values, name, value):
                did = f"{name} is {_shown(value)} for this file and {_shown(values[name])} for another"
                doc.note(file.place, "template", did, "our vars are the same for all files of a target; rename one")
    for file, one in found:
        for name in sorted((one.used or frozenset()) & values.keys() - one.values.keys()):
            did = f"{name} has no value for this file, and {_shown(values[name])} for another"
            doc.note(file.place, "template", did, "our vars are the same for all files of a target; rename one")
    return {**unread, **values}


def _taken(values: Vars, name: str, value: Any) -> bool:
    """Take a value; return whether it agrees with what is there."""
    known = values.setdefault(name, value)
    if not (isinstance(known, dict) and isinstance(value, dict)):
        return bool(known == value)
    values[name] = known = dict(known)
    agree = [_taken(known, key, one) for key, one in value.items()]
    return all(agree)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else str(value)
    ) or "nothing"
