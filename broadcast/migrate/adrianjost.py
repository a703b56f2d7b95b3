"""Convert the inputs of adrianjost/files-sync-action, and model what it sends (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable

from broadcast.config.yaml_reader import Text
from broadcast.errors import UsageError
from broadcast.git import paths
from broadcast.migrate import regexes, step_inputs
from broadcast.migrate.entries import clean, fitted, literal, repository, settled, tell_of_itself
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Old, Sent, SourceList, Value, united
from broadcast.migrate.workflow import Step, name_of

TOOL = "adrianjost/files-sync-action"
INPUTS = (
    "COMMIT_MESSAGE", "FILE_PATTERNS", "SKIP_DELETE", "SKIP_REPLACE", "SRC_REPO", "SRC_ROOT", "TARGET_REPOS",
    "TARGET_ROOT",
)  # fmt: skip
_SWITCHES = ("DRY_RUN", "SKIP_CLEANUP")
NOTES = {
    "GITHUB_TOKEN": ("is the token", "give the same secret to our input `token`"),
    "GITHUB_SERVER": ("named the host", "all targets are on the host of the run; see our input `api-url`"),
    "GIT_EMAIL": step_inputs.AUTHOR,
    "GIT_USERNAME": step_inputs.AUTHOR,
    "DRY_RUN": ("pushed nothing", "set our input `command: plan`, which shows all that a sync would do"),
    "SKIP_CLEANUP": ("kept the clones", "remove it; nothing is cloned"),
    "TMPDIR": ("is where repositories were cloned to", "remove it; nothing is cloned"),
    "TEMP_DIR": ("is where repositories were cloned to", "remove it; nothing is cloned"),
}
_OWN = {"FILE_PATTERNS", "TARGET_REPOS", "SRC_ROOT", "TARGET_ROOT"}


def runs(uses: str, names: Collection[str]) -> bool:
    """Whether a step runs that action, or a fork of it."""
    return name_of(uses) == TOOL or {"FILE_PATTERNS", "TARGET_REPOS"} <= set(names)


def migrate(step: Step, source: str, listing: SourceList) -> Old:
    """The inputs in our terms. Raises UsageError for files of another repository."""
    _check_source(step, source)
    step_inputs.note(step, INPUTS, NOTES, _SWITCHES)
    entries, remove = _entries(step, listing)
    where = step_inputs.text(step, "TARGET_REPOS")
    targets: list[MigratedTarget] = []
    for line in filter(None, step_inputs.lines(where)):
        named = repository(step.doc, Text.at(line.replace(":", "@", 1), line.place), source)
        if named and (entries or remove):
            targets.append(step_inputs.target(named, entries, _settings(step), remove))
    merged = united(targets, lambda one: settled(step.doc, one, listing, where.place))
    return Old(TOOL, merged, (), _sent(step, listing))


def _check_source(step: Step, source: str) -> None:
    given = step_inputs.text(step, "SRC_REPO", source)
    name, _, branch = given.partition(":")
    if name.lower() != source.lower():
        remedy = f"run `broadcast migrate` in a checkout of {name}, with this workflow's file: --workflow FILE"
        raise UsageError(f"{TOOL} sends the files of {name} here, not those of {source}", remedy)
    if branch:
        did = f"sent the files of the branch {branch}"
        step.doc.note(given.place, "SRC_REPO", did, f"check out {branch} and set our `source: {{branch: {branch}}}`")


def _settings(step: Step) -> dict[str, Value]:
    message = step_inputs.text(step, "COMMIT_MESSAGE", 'Update file(s) from "%SRC_REPO%"').strip()
    known = literal(message).replace("%SRC_REPO%", "{source}").replace("%TARGET_REPO%", "{target}")
    return {"delivery": "push", "commit_message": known, **step_inputs.author(step, "GIT_USERNAME", "GIT_EMAIL")}


def _roots(step: Step) -> tuple[str, str]:
    return tuple(posixpath.normpath(step_inputs.text(step, name, "/").strip("/ ") or ".")
                 for name in ("SRC_ROOT", "TARGET_ROOT"))  # type: ignore[return-value]  # two  # fmt: skip


def _patterns(step: Step) -> Iterable[tuple[Text, Callable[[str], bool]]]:
    for line in step_inputs.lines(step_inputs.text(step, "FILE_PATTERNS")):
        try:
            yield line, regexes.predicate(line)
        except ValueError as error:
            did = f"{line[:40]!r} is an expression that Python can't read: {error}"
            step.doc.note(line.place, "FILE_PATTERNS", did, "left out; write its files into the new config")


def _cleaned(path: str, root: str) -> str:
    """The path of a file as its expressions see it: below the root, else with all that is before it."""
    if root == ".":
        return path
    return path[len(root) + 1 :] if paths.is_below(path, root) else f"tmp/owner/name/{path}"


def _entries(step: Step, listing: SourceList) -> tuple[list[MigratedEntry], list[str]]:
    """The entries of all expressions, and what is deleted because the source hasn't got it."""
    src_root, dest_root = _roots(step)
    keeps = step_inputs.is_on(step, "SKIP_DELETE")
    mode = "seed" if step_inputs.is_on(step, "SKIP_REPLACE") else "copy" if keeps else "mirror"
    if not keeps:
        did = "deleted what matches and the source hasn't got, because SKIP_DELETE is off by default"
        step.doc.note(
            step.place, "SKIP_DELETE", did, "`mode: mirror` does, up to `limits.max_deletions`; see `plan` first"
        )
    if mode == "seed":
        did = "left files that were there"
        step.doc.note(
            step.place, "SKIP_REPLACE", did, "`mode: seed` doesn't bring back what a target has deleted either"
        )
    entries: list[MigratedEntry] = []
    remove: list[str] = []
    for line, matches in _patterns(step):
        place = regexes.place(line)
        made = _simple(step, place, (src_root, dest_root), mode, listing) if place else None
        if place and not place.directory and not made and not keeps:
            remove.append(_moved(paths.join(src_root, place.path), src_root, dest_root))
        elif made is None:
            made = _listed(step, line, matches, listing)
        entries += made or []
    return list(dict.fromkeys(entries)), remove


def _simple(
    step: Step, place: regexes.Place, roots: tuple[str, str], mode: str, listing: SourceList
) -> list[MigratedEntry] | None:
    """The entry for a simple expression; None if there is nothing at its place."""
    src, dest = (clean(step.doc, Text.at(paths.join(root, place.path), step.place), "FILE_PATTERNS") for root in roots)
    if src is None or dest is None or (listing and not (listing.is_file(src) or listing.is_directory(src))):
        return None
    only = (place.pattern,) if place.pattern else ()
    entry = MigratedEntry(
        src, dest, place.directory, mode if place.directory or mode == "seed" else "copy", include_only=only
    )
    tell_of_itself(step.doc, entry, listing, step.place)
    fit = fitted(step.doc, entry, listing, step.place)
    return [fit] if fit else None


def _listed(step: Step, line: Text, matches: Callable[[str], bool], listing: SourceList) -> list[MigratedEntry]:
    src_root, dest_root = _roots(step)
    did = (
        f"{line[:60]!r} is an expression that no .gitignore has an equal for"
        if line
        else "an empty line matches all files"
    )
    instead = "the files that match today are listed one by one, and nothing is deleted: write directories instead"
    step.doc.note(line.place, "FILE_PATTERNS", did, instead)
    found = [path for path in listing.below(".") if matches(_cleaned(path, src_root))]
    mode = "seed" if step_inputs.is_on(step, "SKIP_REPLACE") else "copy"
    moved = {path: _moved(path, src_root, dest_root) for path in found}
    return [MigratedEntry(src, dest, mode=mode) for src, dest in moved.items() if not dest.startswith("../")]


def _moved(path: str, src_root: str, dest_root: str) -> str:
    return posixpath.normpath(posixpath.join(dest_root, posixpath.relpath(path, src_root)))


def _sent(step: Step, listing: SourceList) -> Sent:
    """What that tool sends: every file of the source that an expression matches."""
    src_root, dest_root = _roots(step)
    tests = [matches for _, matches in _patterns(step)]
    found = [path for path in listing.below(".") if any(matches(_cleaned(path, src_root)) for matches in tests)]
    files = {_moved(path, src_root, dest_root): path for path in found}
    names = filter(None, step_inputs.lines(step_inputs.text(step, "TARGET_REPOS")))
    return {line.replace(":", "@", 1).lower(): dict(files) for line in names}
