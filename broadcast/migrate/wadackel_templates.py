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
_MARKS = Delimiters(("<%=", "%>"), ("<%", "%>"), ("<%#", "%>"))
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
    given = variables(
        doc, template.values, place, lambda path, name: f"its name is {name} now: write it for {path} in the files"
    )
    if not found:
        did = "rendered every file of the pattern with EJS, and what is in <% … %> as JavaScript"
        doc.note(place, "template", did, f"rewrite that {_JINJA}")
        return [_as_template(one, _MARKS) for one in entries], given
    marks = [_marks(texts.values()) for texts in read]
    made = [_as_template(one, kept) if texts else one for one, texts, kept in zip(entries, read, marks, strict=True)]
    needed = {path for text in found.values() for path in ejs.survey(text).paths if path[0] in given}
    values = template_files.completed(given, needed)
    by_path = {path: kept for texts, kept in zip(read, marks, strict=True) for path in texts}
    for path in list(found)[:MAX_TOLD]:
        _tell(doc, template, (path, found[path]), values, by_path[path])
    if len(found) > MAX_TOLD:
        did = f"rendered {len(found) - MAX_TOLD} more files than those above"
        doc.note(place, "template", did, "compare them in `plan --diff`")
    return made, values


def _marks(texts: Iterable[str]) -> Delimiters:
    """Those of most values: `<%=`, unless all are by `<%-`; with those of blocks and comments where they matter."""
    texts = list(texts)
    surveys = [ejs.survey(text) for text in texts]
    kinds = {kind for one in surveys for kind in one.kinds}
    variable = ("<%-" if kinds == {"-"} else "<%=", "%>")
    is_short = len(kinds) == 1 and not any(one.code for one in surveys)
    is_short = is_short and not any(mark in text for text in texts for mark in ("<%#", "<%%", "[%"))
    return Delimiters(variable) if is_short else Delimiters(variable, *_MARKS.pairs[1:])


def _as_template(entry: MigratedEntry, marks: Delimiters) -> MigratedEntry:
    pairs = marks.pairs if marks.block == _MARKS.block else marks.pairs[:1]
    return replace(entry, template=True, delimiters=tuple(mark for pair in pairs for mark in pair))


def _tell(doc: Document, template: PatternTemplate, file: tuple[str, str], values: Vars, marks: Delimiters) -> None:
    """Add a note if the file needs to be edited, or comes out otherwise."""
    path, text = file
    found = ejs.survey(text)
    if found.code:
        did = f"ran JavaScript in {path}: {in_short(found.code)}"
        doc.note(template.place, "template", did, f"rewrite it before the first run {_JINJA}")
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
