"""Note what has another meaning here than in go-broadcast, though the config says the same (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broadcast.config.format import WrittenGroup, WrittenTarget
from broadcast.config.gobroadcast_older import member
from broadcast.config.yaml_reader import Place, node_place
from broadcast.migrate.document import Document
from broadcast.migrate.gobroadcast_entries import transform_of
from broadcast.migrate.model import SourceList

_TEXTS = (
    "only {{NAME}} and ${NAME} of declared names are replaced, once, never inside ${{ }}, and `repo_name` rewrites "
    "owner/name only"
)


def note_older(doc: Document) -> None:
    """Note what the forms before `groups:` had besides."""
    if not member(doc.root, "groups") and (found := member(doc.root, "conflict_resolution")):
        did = "decided which source a file of a target comes from"
        remedy = "left out: each source has a config of its own, so let only one send the file"
        doc.note(node_place(found), "conflict_resolution", did, remedy)


def note_targets(doc: Document, groups: Sequence[WrittenGroup]) -> None:
    groups = [one for one in groups if one.enabled]
    targets = [one for group in groups for one in group.targets]
    unnamed = [one for one in targets if not one.branch]
    if unnamed:
        did = f"left the base to go-broadcast, which took `main` or `master` in some versions{_more(unnamed)}"
        doc.note(unnamed[0].place, "branch", did, "it is each repository's own default branch now")
    for group in (one for one in groups if not (one.global_.pr_labels or one.defaults.pr_labels)):
        did = "gave pull requests the label `automated-sync`"
        doc.note(group.place, "pr_labels", did, "no label is set unless asked for; add it to `global.pr_labels`")
    names = [(one.repo.lower(), one.branch) for one in targets]
    twice = [one for one, name in zip(targets, names, strict=True) if names.count(name) > 1]
    if twice:
        did = f"made a pull request for each group{_more(twice)}"
        doc.note(twice[0].place, "groups", did, "groups that reach the same repository and base make one now")
    changed = [
        one for one in targets if changes_texts(one) or any(transform_of(entry.transform) for entry in one.directories)
    ]
    if changed:
        did = f"replaced names wherever they stood, bare words among them{_more(changed)}"
        doc.note(changed[0].place, "transform", did, _TEXTS)


def note_modes(doc: Document, sent: set[str], listing: SourceList) -> None:
    if links := sorted(sent & set(listing.links)):
        did = f"sent what {links[0]} points to{_more(links)}"
        doc.note(Place(), "symlinks", did, "a symlink is sent as a symlink")
    if programs := sorted(sent & listing.programs):
        did = f"wrote new files such as {programs[0]}{_more(programs)} without their executable bit"
        doc.note(Place(), "modes", did, "it is sent; where a target lacks it, the first pull request adds it")


def changes_texts(target: WrittenTarget) -> bool:
    """Whether a target has texts of its own."""
    return bool(target.transform.repo_name or target.transform.variables)


def _more(found: Iterable[object]) -> str:
    count = len(list(found))
    return f" (and {count - 1} more)" if count > 1 else ""
