"""Convert templates of wadackel/files-sync-action, which EJS renders (pure)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from broadcast.config.delimiters import Delimiters
from broadcast.config.yaml_reader import Place
from broadcast.migrate import template_files
from broadcast.migrate.document import Document
from broadcast.migrate.model import MigratedEntry, SourceList
from broadcast.migrate.values import needs_escape, variables


def variables_of(doc: Document, template: Any, place: Place) -> tuple[tuple[str, Any], ...]:
    """The values of a pattern; none if it has no templates."""
    if template is None:
        return ()
    remedy = "its name is {1} now: write it for {0} in the files"
    return tuple(variables(doc, template, place, remedy.format).items())


def rendered(doc: Document, template: Any, entry: MigratedEntry, listing: SourceList, place: Place) -> MigratedEntry:
    """The entry, as a template where its files are some."""
    if template is None:
        return entry
    known = template_files.texts(entry, listing)
    templates = {path: text for path, text in known.items() if template_files.is_ejs(text)}
    if known and not templates:
        return replace(entry, template=False)
    pairs = {template_files.ejs_delimiters(text) for text in templates.values()}
    pair = pairs.pop() if len(pairs) == 1 else None
    if pair is None:
        did = "rendered every file of the pattern with EJS: <%= name %>, <% … %>"
        doc.note(place, "template", did, "write [[ name ]] and [% … %] in the files; ${{ }} is left alone")
        return entry
    _check(doc, pair, templates, template, place)
    return replace(entry, delimiters=pair)


def _check(doc: Document, pair: tuple[str, str], templates: dict[str, str], template: Any, place: Place) -> None:
    """Note what the files come out with otherwise."""
    values = dict(variables(Document("{}", doc.file), template, place, "{0}{1}".format))
    for path, text in templates.items():
        if problem := template_files.trouble(text, values, Delimiters(variable=pair)):
            doc.note(
                place, "template", f"our templates can't read {path}: {problem}", f"edit {path} before the first run"
            )
    if pair[0] == "<%=" and needs_escape(values):
        did, instead = "wrote & < > \" ' in values as HTML does (&amp; …)", "they stay as they are now"
        doc.note(place, "template", did, instead)
