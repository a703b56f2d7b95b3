"""Convert other tools' configs: our config, notes on what has no equivalent, and a proof of what is sent.

`of_files` does all of it for the command; `migrate` is the pure part.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from broadcast.config.model import DEFAULT_PATH
from broadcast.config.parse import parse
from broadcast.config.yaml_reader import Place
from broadcast.errors import Failure, UsageError
from broadcast.migrate import (
    betahuhn,
    betahuhn_config,
    betahuhn_inputs,
    comments,
    find,
    gobroadcast,
    layout,
    pathsync,
    scripts,
    templatesync,
    tools,
    wadackel,
    wadackel_step,
    yamltext,
)
from broadcast.migrate.document import Document, Note, nothing_left
from broadcast.migrate.model import Migration, Old, SourceList
from broadcast.migrate.proof import ProofComparison, listing_of, prove, refuse_invalid
from broadcast.migrate.report import printed, report, results
from broadcast.migrate.workflow import steps as workflow_steps
from broadcast.source.checkout import Checkout

__all__ = [
    "Migration", "Note", "ProofComparison", "SourceList", "found_at", "migrate", "of_files", "printed",
    "prove", "report", "results",
]  # fmt: skip

_WORKFLOW = "a workflow"
_REMEDY = (
    "Broadcast migrates configs of BetaHuhn/repo-file-sync-action, wadackel/files-sync-action, go-broadcast and "
    "path-sync, and workflows that run adrianjost/files-sync-action, kbrashears5/github-action-file-sync or "
    "actions-template-sync"
)


def of_files(
    root: Path, source: str, config: str = "", workflow: str = "", never_sent: Iterable[str] = (DEFAULT_PATH,)
) -> tuple[Migration, ProofComparison | None]:
    """Migrate the config at `config` of the checkout at `root`, as the workflow at `workflow` ran it, and compare.

    Without them the usual places are tried, and the workflows; `workflow#2` is the second step there that runs a tool.
    Raises ConfigError, UsageError.
    """
    if source.count("/") != 1:
        raise UsageError(f"{source!r} names no repository", "give the source as owner/name")
    checkout = Checkout.open(root)
    listing = listing_of(checkout)
    found = find.chosen(root, listing, source, config, workflow)
    migration = migrate(
        text=find.read(root, found.config),
        file=found.config,
        source=source,
        listing=listing,
        workflow=find.read(root, found.workflow) if found.workflow else None,
        workflow_file=found.workflow,
        number=found.number,
        others=found.others,
    )
    if migration.tool == gobroadcast.TOOL:
        refuse_invalid(migration, checkout, source, never_sent)
    return migration, prove(migration, checkout, source, never_sent)


def found_at(root: Path) -> list[tuple[str, str]]:
    """The configs of other tools below `root`, in their usual places or named by workflows: path and tool."""
    found = []
    for path in find.configs(root, SourceList()):
        with suppress(Failure):  # it is no config of such a tool
            found.append((path, _tool(Document(find.read(root, path), path))))
    return found


def migrate(
    text: str, file: str, source: str, listing: SourceList | None = None, *, workflow: str | None = None,
    workflow_file: str = "", number: int = 0, others: Iterable[str] = (),
) -> Migration:  # fmt: skip
    """Another tool's config in our format; `source` is the owner/name of its repository.

    `listing` is what git tracks there: with it, excludes and directories come out exactly. `workflow` is the text of
    the workflow that ran the tool, in the step with this `number` if one is given. `others` are other configs there.
    Raises ConfigError for a config that tool would not take, UsageError for others.
    """
    doc = Document(text, file)
    tool, ran_with = _tool(doc), list[str]()
    if tool == _WORKFLOW:
        return _of_step(doc, source, listing or SourceList(), number)
    ran = None if workflow is None else Document(workflow, workflow_file)
    if tool == gobroadcast.TOOL:
        values, old = gobroadcast.migrate(doc, text, source, listing or SourceList(), layout.id_of(source, file))
        notes = sorted([*doc.notes, *_unread(ran)], key=lambda note: note.line)
        new = _written(doc, values, tool)
        return _checked(Migration(tool, file, new, tuple(notes), old if listing else None), source)
    if tool == wadackel.TOOL:
        doc = Document(text, file, merges=False)
        old, notes = wadackel.migrate(doc, source, listing or SourceList()), _of_wadackels(ran, listing, source)
    elif tool == pathsync.TOOL:
        old, notes = pathsync.migrate(doc, source, listing or SourceList()), _unread(ran)
    else:
        old, notes, ran_with = _of_betahuhn(doc, source, listing or SourceList(), ran, number)
        others = [one for one in others if one not in ran_with]
    notes = [*notes, *_of_others(file, others)]
    notes = sorted([*doc.notes, *notes], key=lambda note: (note.file != file, note.file, note.line))
    if not old.targets:
        raise nothing_left(file, notes)
    sync_id = layout.id_of(source, file, [*others, *ran_with], number)
    new = _written(doc, layout.config(sync_id, old.targets, old.supersedes), tool)
    return _checked(Migration(tool, file, new, tuple(notes), old), source)


def _written(doc: Document, config: dict[str, Any], tool: str) -> str:
    """The text of the new config, with the comments of the old one."""
    made, head, lost = comments.carried(config, doc.source_text, doc.anchors)
    kept = [*head, *(f" {doc.file}:{one.line}:{one.text}" for one in lost)]
    return yamltext.write(made, f"Migrated from {doc.file} of {tool}.", kept)


def _checked(migration: Migration, source: str) -> Migration:
    parse(migration.text, "the new config", source)
    return migration


def _of_betahuhn(
    doc: Document, source: str, listing: SourceList, ran: Document | None, number: int
) -> tuple[Old, list[Note], list[str]]:
    """The old config, the notes on its workflow, and the configs that the workflow names."""
    if ran is None:
        return betahuhn.migrate(doc, betahuhn_inputs.without_workflow(doc), source, listing), [], []
    steps = betahuhn_inputs.steps(ran, listing, source)
    inputs, step = betahuhn_inputs.read(ran, steps, doc.file, number)
    for at, other in enumerate(steps, 1):
        if other is not step:
            betahuhn_inputs.tell_of_other(ran, other, at, step)
    old = betahuhn.migrate(doc, inputs, source, listing)
    files = {one.file: one for one in (ran, *(one.doc for one in steps))}
    notes = [note for one in files.values() for note in one.notes]
    return old, notes, [betahuhn_inputs.config_of(one) for one in steps]


def _of_wadackels(ran: Document | None, listing: SourceList | None, source: str) -> list[Note]:
    """Notes on the step that runs wadackel's action."""
    found = workflow_steps(ran, listing or SourceList(), wadackel_step.runs, source) if ran else []
    for step in found:
        wadackel_step.tell(step)
    return [note for step in found[:1] for note in step.doc.notes] if found else _unread(ran)


def _of_step(doc: Document, source: str, listing: SourceList, number: int) -> Migration:
    """Migrate a tool that is configured by its step alone. Raises UsageError."""
    found = tools.by_inputs(doc, listing, source)
    if number > len(found) or not found:
        raise _no_step(doc, listing, source, number)
    ran = found[max(number, 1) - 1]
    for at, other in enumerate(found, 1):
        if other is not ran:
            command = f"broadcast migrate --workflow {shlex.quote(f'{doc.file}#{at}')} > .github/broadcast-{at}.yml"
            instead = f"`{command}` makes a config with an id of its own, for a step with `config`"
            other.step.doc.note(other.step.place, "uses", f"another step runs {other.tool.name}", instead)
    old = ran.tool.migrate(ran.step, source, listing)
    files = {one.file: one for one in (doc, *(one.step.doc for one in found))}
    notes = sorted(
        (note for one in files.values() for note in one.notes), key=lambda note: (note.file != doc.file, note.line)
    )
    if not old.targets:
        raise nothing_left(doc.file, notes)
    is_pulled = ran.tool.name == templatesync.TOOL
    home = templatesync.template_of(ran.step) if is_pulled else source
    sync_id = layout.id_of(home, "template" if is_pulled else doc.file, number=number)
    head = f"Migrated from {doc.file} of {ran.tool.name}." + (f" For {home}, which sends now." if is_pulled else "")
    new = yamltext.write(layout.config(sync_id, old.targets, old.supersedes), head)
    return _checked(Migration(ran.tool.name, doc.file, new, tuple(notes), None if is_pulled else old), home)


def _no_step(doc: Document, listing: SourceList, source: str, number: int) -> UsageError:
    """The error for a workflow without such a step."""
    if number > 1:
        return UsageError(f"{doc.file} has no step {number} that runs a tool", "name one that is there")
    if named := next(iter(tools.configs(doc, listing, source)), ""):
        remedy = f"give its config: broadcast migrate --config {shlex.quote(named)} --workflow {shlex.quote(doc.file)}"
        return UsageError(f"{doc.file} is a workflow, whose tool has a config of its own", remedy)
    if name := scripts.of_text(doc.source_text):
        return UsageError(f"{doc.file} calls {name}, which runs scripts in clones", scripts.REMEDY)
    return UsageError(f"no step of {doc.file} runs a tool that Broadcast knows", _REMEDY)


def _of_others(file: str, others: Iterable[str]) -> list[Note]:
    """Notes on other configs in the repository."""
    made = []
    for other in others:
        name = layout.id_of("x/y", other, [file]).removeprefix("x/y.")
        command = f"broadcast migrate --config {shlex.quote(other)} > .github/broadcast-{name}.yml"
        instead = f"`{command}` makes a config with an id of its own, for a step with `config`"
        made.append(Note(other, 0, "config", "isn't in this one", instead))
    return made


def _tool(doc: Document) -> str:
    """The tool of a config, by its keys. Raises UsageError."""
    root = doc.root
    betahuhn_config.refuse_misplaced(doc)
    doc.check()
    if not isinstance(root, yaml.MappingNode):
        doc.problem(Place(1, 1), "this is no config of a tool that Broadcast knows: it isn't a mapping", _REMEDY)
        doc.check()
    keys = {str(key) for key in doc.mapping(root, "the config")}
    doc.check()
    if isinstance(root, yaml.MappingNode) and "version" in keys:
        if gobroadcast.is_its(doc):
            return gobroadcast.TOOL
        raise UsageError(f"{doc.file} is a config of Broadcast already", "run `validate` to check it")
    if "patterns" in keys:
        return wadackel.TOOL
    if "jobs" in keys:
        return _WORKFLOW
    if isinstance(root, yaml.MappingNode) and pathsync.looks_like_it(root):
        return pathsync.TOOL
    if isinstance(root, yaml.MappingNode) and (name := scripts.of_config(root)):
        raise UsageError(f"{doc.file} is a config of {name}, which runs scripts in clones", scripts.REMEDY)
    if any(key == "group" or "/" in key for key in keys):
        return betahuhn.TOOL
    raise UsageError(f"{doc.file} is no config of a tool that Broadcast knows", _REMEDY)


def _unread(ran: Document | None) -> list[Note]:
    if ran is None:
        return []
    return [Note(ran.file, 0, "workflow", "has nothing that the config depends on", "it was not read")]
