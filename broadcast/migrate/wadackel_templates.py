"""Convert templates of wadackel/files-sync-action, in EJS, so that ours come out the same (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast.config.delimiters import Delimiters
from broadcast.config.yaml_reader import Place
from broadcast.migrate import ejs, template_files
from broadcast.migrate.document import Document
from broadcast.migrate.model import MigratedEntry, SourceList
from broadcast.migrate.values import Vars, variables
from broadcast.migrate.yamltext import in_short

MAX_TOLD = 20  # files of a pattern
_JINJA = "in the same marks, as Jinja: `<% if x %> … <% endif %>`, `<%= x %>`"


class PatternTemplate(NamedTuple):
    """What `template:` of a pattern says."""

    values: Any
    place: Place


def rendered(
    doc: Document, template: PatternTemplate, entries: Iterable[MigratedEntry], listing: SourceList
) -> tuple[list[MigratedEntry], Vars]:
    """The entries, as templates where their files are some, and the values of these."""
    place, entries = template.place, list(entries)
    known = [template_files.texts(one, listing) for one in entries]
    read = [{path: text for path, text in texts.items() if ejs.is_template(text)} for texts in known]
    found = {path: text for texts in read for path, text in texts.items()}
    if any(known) and not found:
        doc.note(place, "template", "found no <% … %> in any of its files", "they are sent as they are")
        return entries, {}
    given = variables(doc, template.values, place, lambda path, name: f"its name is {name} now: write it for {path}")
    if not found:
        did = "rendered every file of the pattern with EJS, and what is in <% … %> as JavaScript"
        doc.note(place, "template", did, f"rewrite that {_JINJA}")
        return [_as_template(one, "=") for one in entries], given
    kinds = [_kind(texts.values()) for texts in read]
    made = [_as_template(one, kind) if texts else one for one, texts, kind in zip(entries, read, kinds, strict=True)]
    needed = {path for text in found.values() for path in ejs.survey(text).paths if path[0] in given}
    values = template_files.completed(given, needed)
    marks = {path: kind for texts, kind in zip(read, kinds, strict=True) for path in texts}
    for path in list(found)[:MAX_TOLD]:
        _tell(doc, template, path, found[path], values, marks[path])
    if len(found) > MAX_TOLD:
        did = f"rendered {len(found) - MAX_TOLD} more files than those above"
        doc.note(place, "template", did, "compare them in `plan --diff`")
    return made, values


def _kind(texts: Iterable[str]) -> str:
    """How most values are printed: `=`, unless all are by `-`."""
    found = {kind for text in texts for kind in ejs.survey(text).kinds}
    return "-" if found == {"-"} else "="


def _as_template(entry: MigratedEntry, kind: str) -> MigratedEntry:
    pairs = _marks(kind).pairs
    return replace(entry, template=True, delimiters=tuple(mark for pair in pairs for mark in pair))


def _marks(kind: str) -> Delimiters:
    return Delimiters((f"<%{kind}", "%>"), ("<%", "%>"), ("<%#", "%>"))


def _tell(doc: Document, template: PatternTemplate, path: str, text: str, values: Vars, kind: str) -> None:
    """Add a note if the file needs to be edited, or comes out otherwise."""
    found, marks = ejs.survey(text), _marks(kind)
    if found.code:
        did = f"ran JavaScript in {path}: {in_short(found.code)}"
        doc.note(template.place, "template", did, f"rewrite it before the first run {_JINJA}")
        return
    if found.kinds - {kind}:
        did = f"printed values in {path} by <%- as well, without escapes"
        doc.note(template.place, "template", did, "write <%= for <%- there, before the first run; nothing is escaped")
        return
    old = ejs.rendered(text, template.values)
    if old.lacking:
        did = f"failed with {path}, which reads {old.lacking} without a value"
        doc.note(template.place, "template", did, "give it one under `vars`, or the run says so, too")
        return
    new, problem = template_files.outcome(text, values, marks)
    if problem:
        did = f"our templates can't read {path}: {problem}"
        remedy = f"edit {path} before the first run; docs/config.md lists what templates can use"
        doc.note(template.place, "template", did, remedy)
    elif new != old.text:
        doc.note(template.place, "template", _difference(path, old.text, new), "compare it in `plan --diff`")
    if old.escaped:
        did = f"wrote & < > \" ' in the values of {path} as HTML does (&amp; …)"
        doc.note(template.place, "template", did, "they stay as they are now")


def _difference(path: str, old: str, new: str) -> str:
    lines = zip(old.split("\n"), new.split("\n"), strict=False)
    at, pair = next(((at, pair) for at, pair in enumerate(lines, 1) if pair[0] != pair[1]), (0, ("", "")))
    if not at:
        return f"ended {path} otherwise, by line breaks"
    return f"line {at} of {path} was {in_short(repr(pair[0]))}, and is {in_short(repr(pair[1]))} now"
