"""Convert the inputs of kbrashears5/github-action-file-sync, and model what it sends (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

from msgspec.structs import replace

from broadcast.config.yaml_reader import Text
from broadcast.migrate import step_inputs
from broadcast.migrate.entries import clean, fitted, is_directory, repository, settled, tell_of_itself
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Old, Sent, SourceList, Value, js_join, united
from broadcast.migrate.workflow import Step, name_of

TOOL = "kbrashears5/github-action-file-sync"
INPUTS = ("REPOSITORIES", "FILES", "PULL_REQUEST", "PULL_REQUEST_BRANCH_NAME")
NOTES = {
    "TOKEN": ("is the token", "give the same secret to our input `token`"),
    "GIT_EMAIL": step_inputs.AUTHOR,
    "GIT_USERNAME": step_inputs.AUTHOR,
}


def runs(uses: str, _names: Collection[str]) -> bool:
    """Whether a step runs that action, or a fork of it."""
    return name_of(uses).endswith("/github-action-file-sync")


def migrate(step: Step, source: str, listing: SourceList) -> Old:
    """The inputs in our terms."""
    doc = step.doc
    step_inputs.note(step, INPUTS, NOTES)
    files = step_inputs.text(step, "FILES")
    entries = [entry for one in files.split() if (entry := _entry(step, Text.at(one, files.place), listing))]
    repositories = step_inputs.text(step, "REPOSITORIES")
    targets: list[MigratedTarget] = []
    supersedes = []
    for word in repositories.split():
        name, branch = _named(step, Text.at(word, repositories.place))
        named = repository(doc, name, source) if entries else None
        if named:
            supersedes += [branch] if branch else []
            targets.append(step_inputs.target(named, entries, _settings(step, pulls=bool(branch))))
    merged = united(targets, lambda one: settled(doc, one, listing, repositories.place))
    return Old(TOOL, merged, tuple(dict.fromkeys(supersedes)), *_model(step, listing))


def _named(step: Step, word: Text) -> tuple[Text, str]:
    """The target, and the branch of its pull request if it made one."""
    name, branch, base = _read(step, word)
    if word.partition("@")[2].split("@")[0] == "master" and not branch and not base:
        did = "meant the default branch, whatever its name"
        step.doc.note(word.place, "@master", did, "the target names no branch, which is its default branch")
    if branch and not step_inputs.text(step, "PULL_REQUEST_BRANCH_NAME"):
        did = "pushed to the branch and asked for a pull request to master, in the source instead of the target"
        step.doc.note(word.place, "PULL_REQUEST", did, "ours is a pull request to the target's default branch")
    return Text.at(f"{name}@{base}" if base else name, word.place), branch


def _read(step: Step, word: str) -> tuple[str, str, str]:
    """The repository, the branch of its pull request, and the base, which is empty for the default branch."""
    name, _, branch = word.partition("@")
    branch = branch.split("@")[0]
    base = step_inputs.text(step, "PULL_REQUEST_BRANCH_NAME").strip()
    if base:
        base = "" if "${{" in base else base
        return (name, branch, base) if branch not in ("", base) else (name, "", branch)
    if branch in ("", "master"):
        return name, "", ""
    return (name, branch, "") if step_inputs.text(step, "PULL_REQUEST").strip() == "true" else (name, "", branch)


def _settings(step: Step, *, pulls: bool) -> dict[str, Value]:
    said: dict[str, Value] = {"commit_message": "File sync from {source}"}
    said |= {"pr_title": "File sync from {source}"} if pulls else {"delivery": "push"}
    return said | step_inputs.author(step, "GIT_USERNAME", "GIT_EMAIL")


def _parts(word: str) -> tuple[str, str]:
    src, _, dest = word.partition("=")
    return src, dest.split("=")[0] or posixpath.basename(src.rstrip("/"))


def _entry(step: Step, word: Text, listing: SourceList) -> MigratedEntry | None:
    src, dest = (Text.at(part.lstrip("/"), word.place) for part in _parts(word))
    from_, to = clean(step.doc, src, "FILES"), clean(step.doc, dest or Text.at(".", word.place), "FILES")
    if from_ is None or to is None:
        return None
    directory = is_directory(from_, src, listing, meant=False)
    if directory:
        did = f"copied the directory {from_} in some of its versions, into {to} or below it"
        step.doc.note(word.place, "FILES", did, "compare `plan` with what the targets have")
    elif dest.endswith("/") or to == ".":
        to = js_join(to, posixpath.basename(from_))
    entry = MigratedEntry(from_, to, directory)
    tell_of_itself(step.doc, entry, listing, word.place)
    return fitted(step.doc, replace(entry), listing, word.place)


def _model(step: Step, listing: SourceList) -> tuple[Sent, dict[tuple[str, str], str]]:
    """What that tool sends: `cp` from the checkout to the clone, file by file."""
    files: dict[str, str] = {}
    for word in step_inputs.text(step, "FILES").split():
        src, dest = (posixpath.normpath(part.lstrip("/") or ".") for part in _parts(word))
        if listing.is_file(src):
            inside = word.endswith("/") or dest == "."
            files[js_join(dest, posixpath.basename(src)) if inside else dest] = src
        elif listing.is_directory(src):
            files |= {js_join(dest, path): js_join(src, path) for path in listing.below(src)}
    return {label: dict(files) for label in _labels(step)}, {}


def _labels(step: Step) -> Iterable[str]:
    for word in step_inputs.text(step, "REPOSITORIES").split():
        name, _, base = _read(step, word)
        yield (f"{name}@{base}" if base else name).lower()
