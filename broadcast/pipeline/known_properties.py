"""Custom properties for templates: asked of the owners whose targets get a file that uses them."""

from __future__ import annotations

from collections.abc import Mapping

from broadcast.config.properties import Held
from broadcast.errors import Failure, FileUnavailable, UsageError
from broadcast.git.objects import SYMLINK
from broadcast.github.client_pool import ClientPool
from broadcast.observe.properties import properties_of
from broadcast.observe.selection import SCOPE, Selection
from broadcast.pipeline.desired import Source
from broadcast.snapshot.snapshot import Wanted

_WORD = b"properties"  # a template can't read them without


def needing(source: Source) -> list[str]:
    """The owners whose targets get such a file."""
    read: dict[str, bool] = {}
    owners: dict[str, str] = {}
    for spec in source.config.targets:
        if not spec.enabled or not any(mapping.template for mapping in spec.mappings):
            continue
        sent = source.builder.snapshot(spec.mappings, spec.removals).by_mapping
        files = [one.file for mapping, rows in sent.items() if mapping.template for one in rows]
        if any(_mentions(source, file, read) for file in files):
            owners |= {owner.lower(): owner for owner in spec.owners}
    return list(owners.values())


def learn(source: Source, selection: Selection, clients: ClientPool) -> list[str]:
    """Let templates know the properties; returns warnings, where those of an owner can't be read. Raises UsageError."""
    found: dict[str, Mapping[str, Held]] = dict(selection.properties)
    listed = {name.partition("/")[0] for name in found}
    warnings = []
    for owner in needing(source):
        if owner.lower() in listed:
            continue
        try:
            values = properties_of(clients.reader(owner), owner, SCOPE)
        except UsageError:
            raise
        except Failure as failure:
            warnings.append(f"templates lack target.properties at {owner}: {failure.message}; {failure.remedy}")
            continue
        found |= {f"{owner}/{name}".lower(): held for name, held in values.items()}
    source.renderer.properties = found
    return warnings


def _mentions(source: Source, file: Wanted, read: dict[str, bool]) -> bool:
    if file.mode == SYMLINK:
        return False
    if file.oid not in read:
        try:
            read[file.oid] = _WORD in source.renderer.read(file)
        except FileUnavailable:
            read[file.oid] = False
    return read[file.oid]
