"""Convert other tools' configs: our config, notes on what has no equivalent, and a proof of what is sent.

`of_files` does all of it for the command; `migrate` is the pure part.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import yaml

from broadcast.config.model import DEFAULT_PATH
from broadcast.config.parse import parse
from broadcast.config.yaml_reader import Place
from broadcast.errors import Failure, UsageError
from broadcast.migrate import betahuhn, betahuhn_inputs, gobroadcast, layout, wadackel, yamltext
from broadcast.migrate.document import Document, Note
from broadcast.migrate.model import Migration, Old, SourceList
from broadcast.migrate.proof import ProofComparison, listing_of, prove
from broadcast.migrate.report import printed, report, results
from broadcast.source.checkout import Checkout

__all__ = [
    "Migration", "Note", "ProofComparison", "SourceList", "found_at", "migrate", "of_files", "printed",
    "prove", "report", "results",
]  # fmt: skip

DEFAULT_PATHS = (
    betahuhn_inputs.DEFAULT_CONFIG, ".github/sync.yaml", ".github/files-sync-config.yaml",
    ".github/files-sync-config.yml", "sync.yaml",
)  # fmt: skip
_REMEDY = "Broadcast migrates configs of BetaHuhn/repo-file-sync-action, wadackel/files-sync-action and go-broadcast"


def of_files(
    root: Path, source: str, config: str = "", workflow: str = "", never_sent: Iterable[str] = (DEFAULT_PATH,)
) -> tuple[Migration, ProofComparison | None]:
    """Migrate the config at `config` of the checkout at `root`, as the workflow at `workflow` ran it, and compare.

    Without `config` the usual places are tried. Raises ConfigError, UsageError.
    """
    if source.count("/") != 1:
        raise UsageError(f"{source!r} names no repository", "give the source as owner/name")
    path = config or _usual(root)
    checkout = Checkout.open(root)
    workflow_text = _read(root, workflow) if workflow else None
    migration = migrate(
        text=_read(root, path),
        file=path,
        source=source,
        listing=listing_of(checkout),
        workflow=workflow_text,
        workflow_file=workflow,
    )
    return migration, prove(migration, checkout, source, never_sent)


def found_at(root: Path) -> list[tuple[str, str]]:
    """The configs of other tools in their usual places below `root`: path and tool."""
    found = []
    for path in DEFAULT_PATHS:
        with suppress(Failure):  # it isn't there, or is no config of such a tool
            found.append((path, _tool(Document(_read(root, path), path))))
    return found


def migrate(
    text: str, file: str, source: str, listing: SourceList | None = None, *, workflow: str | None = None,
    workflow_file: str = "",
) -> Migration:  # fmt: skip
    """Another tool's config in our format; `source` is the owner/name of its repository.

    `listing` is what git tracks there: with it, excludes and directories come out exactly. `workflow` is the text of
    the workflow that ran the tool. Raises ConfigError for a config that tool would not take, UsageError for others.
    """
    doc = Document(text, file)
    tool = _tool(doc)
    if tool == gobroadcast.TOOL:
        known = parse(text, file, source)
        new = gobroadcast.migrate(doc, text, layout.id_of(source, file))
        notes = [Note(file, 0, "ignored", one, "remove it") for one in known.warnings]
        return _checked(Migration(tool, file, new, (*doc.notes, *notes, *_unread(workflow, workflow_file))), source)
    if tool == wadackel.TOOL:
        doc = Document(text, file, merges=False)
        old, notes = wadackel.migrate(doc, source, listing or SourceList()), _unread(workflow, workflow_file)
    else:
        old, notes = _of_betahuhn(doc, source, listing or SourceList(), workflow, workflow_file)
    notes = sorted([*doc.notes, *notes], key=lambda note: (note.file != file, note.line))
    if not old.targets:
        raise UsageError(f"nothing of {file} can be migrated", "; ".join(str(note) for note in notes))
    new = yamltext.write(
        layout.config(layout.id_of(source, file), old.targets, old.supersedes), f"Migrated from {file} of {tool}."
    )
    return _checked(Migration(tool, file, new, tuple(notes), old), source)


def _checked(migration: Migration, source: str) -> Migration:
    parse(migration.text, "the new config", source)
    return migration


def _of_betahuhn(
    doc: Document, source: str, listing: SourceList, workflow: str | None, workflow_file: str
) -> tuple[Old, list[Note]]:
    ran = doc if workflow is None else Document(workflow, workflow_file)
    inputs = betahuhn_inputs.without_workflow(doc) if workflow is None else betahuhn_inputs.read(ran, doc.file)
    old = betahuhn.migrate(doc, inputs, source, listing)
    return old, ran.notes if ran is not doc else []


def _tool(doc: Document) -> str:
    """The tool of a config, by its keys. Raises UsageError."""
    root = doc.root
    if not isinstance(root, yaml.MappingNode):
        doc.problem(Place(1, 1), "this is no config of a tool that Broadcast knows: it isn't a mapping", _REMEDY)
        doc.check()
    keys = {str(key) for key in doc.mapping(root, "the config")}
    doc.check()
    if isinstance(root, yaml.MappingNode) and "version" in keys:
        if gobroadcast.looks_like_it(root):
            return gobroadcast.TOOL
        if "mappings" in keys:
            raise UsageError(
                f"{doc.file} is a config of an older go-broadcast, with `mappings:`",
                "turn each mapping into an item of `groups:` (with a name), which newer ones and Broadcast read",
            )
        raise UsageError(f"{doc.file} is a config of Broadcast already", "run `validate` to check it")
    if "patterns" in keys:
        return wadackel.TOOL
    if any(key == "group" or "/" in key for key in keys):
        return betahuhn.TOOL
    raise UsageError(f"{doc.file} is no config of a tool that Broadcast knows", _REMEDY)


def _unread(workflow: str | None, file: str) -> list[Note]:
    if workflow is None:
        return []
    return [Note(file, 0, "workflow", "has nothing that the config depends on", "it was not read")]


def _usual(root: Path) -> str:
    found = [path for path in DEFAULT_PATHS if (root / path).is_file()]
    if len(found) != 1:
        none = f"there is no config of another tool here ({', '.join(DEFAULT_PATHS)})"
        what = f"several configs are here: {', '.join(found)}" if found else none
        raise UsageError(what, "name the one to migrate with `config`")
    return found[0]


def _read(root: Path, path: str) -> str:
    where = root / path
    if not where.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path} lies outside of the repository", "give a path inside it")
    try:
        return where.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", "give its path from the root of the repository") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} isn't UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}", "check the file") from None
