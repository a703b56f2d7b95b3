"""Convert the commit, branch and pull request settings of wadackel/files-sync-action (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from broadcast.config.yaml_reader import Place
from broadcast.migrate.document import Document, place_of_key
from broadcast.migrate.entries import literal
from broadcast.migrate.model import Value

_COMMIT = {"format": str, "prefix": str, "subject": str}
_MERGE = {
    "mode": ("disabled", "immediate", "auto", "admin"), "strategy": ("merge", "rebase", "squash"),
    "delete_branch": bool, "commit": _COMMIT,
}  # fmt: skip
SETTINGS: Mapping[str, Any] = {
    "commit": _COMMIT,
    "branch": {"format": str, "prefix": str},
    "pull_request": {
        "disabled": bool, "force": bool, "title": str, "body": str, "reviewers": [str], "assignees": [str],
        "labels": [str], "merge": _MERGE,
    },
}  # fmt: skip
_FORMAT, _PREFIX, _SUBJECT = "<%- prefix %>: <%- subject %>", "chore", "sync files with `<%- repository %>`"
_BRANCH = "<%- prefix %>/<%- repository %>-<%- index %>"
_EJS = re.compile(r"<%[-=]\s*([\w.]+)\s*-?%>")
_MERGE_NOTES = {
    "immediate": ("merged at once where that was possible", "`pr_auto_merge` waits for what the target requires"),
    "admin": ("merged past what the target requires", "has no equal; `pr_auto_merge` waits for the target's checks"),
}


def merged(common: Mapping[Any, Any], own: Mapping[Any, Any]) -> dict[Any, Any]:
    """A pattern's settings merged over the common ones; lists are concatenated, as deepmerge does."""
    found = dict(common)
    for key, value in own.items():
        known = found.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            found[key] = merged(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            found[key] = [*known, *value]
        elif key in SETTINGS or key not in ("files", "repositories", "delete_files", "template"):
            found.pop(key, None)  # the pattern's key has the pattern's place
            found[key] = value
    return found


def ours(doc: Document, settings: Mapping[Any, Any], number: int, place: Place) -> dict[str, Value]:
    """Our settings for a pattern; adds notes on what has no equivalent."""
    pull = settings.get("pull_request") or {}
    found: dict[str, Value] = {}
    message = _message(settings.get("commit") or {}, number)
    if message is not None:
        found["commit_message"] = message
    elif settings.get("commit"):
        _tell_of_code(doc, "commit", place_of_key(settings, "commit", place))
    for key, name in (("title", "pr_title"), ("body", "pr_body")):
        text = _rendered(pull[key], number) if pull.get(key) else ""
        if text:
            found[name] = text.strip()
        elif pull.get(key):
            _tell_of_code(doc, key, place_of_key(pull, key, place))
    if not pull.get("title"):
        did = "titles were: Sync files with `owner/name`"
        doc.note(Place(), "pull_request.title", did, "ours are `chore: sync files from …`; set `pr_title` for another")
    _tell(doc, settings, pull, place)
    return {**found, **_people(pull), **_merging(doc, pull, place)}


def _people(pull: Mapping[Any, Any]) -> dict[str, Value]:
    reviewers = pull.get("reviewers", [])
    teams = [one.removeprefix("team:").removeprefix("@") for one in reviewers if one.startswith("team:")]
    lists = {
        "pr_labels": pull.get("labels", []),
        "pr_assignees": [one.removeprefix("@") for one in pull.get("assignees", [])],
        "pr_reviewers": [one.removeprefix("@") for one in reviewers if not one.startswith("team:")],
        "pr_team_reviewers": teams,
    }
    return {key: tuple(dict.fromkeys(str(one) for one in names)) for key, names in lists.items() if names}


def _merging(doc: Document, pull: Mapping[Any, Any], place: Place) -> dict[str, Value]:
    merge = pull.get("merge") or {}
    mode = merge.get("mode", "disabled")
    at = place_of_key(merge, "mode", place)
    if mode in _MERGE_NOTES:
        doc.note(at, f"merge.mode: {mode}", *_MERGE_NOTES[mode])
    if merge.get("delete_branch"):
        did, instead = "deleted the branch after merging", "turn on `Automatically delete head branches` in the targets"
        doc.note(place_of_key(merge, "delete_branch", at), "merge.delete_branch", did, instead)
    if merge.get("commit"):
        did, instead = "worded the merge commit", "GitHub words it, as the target's settings say"
        doc.note(place_of_key(merge, "commit", at), "merge.commit", did, instead)
    if mode == "disabled":
        return {}
    return {"pr_auto_merge": True, "pr_merge_method": str(merge.get("strategy", "merge"))}


def _tell(doc: Document, settings: Mapping[Any, Any], pull: Mapping[Any, Any], place: Place) -> None:
    if "disabled" in pull:
        at = place_of_key(pull, "disabled", place)
        doc.note(at, "pull_request.disabled", "was read and never looked at", "every change is a pull request")
    if pull.get("force") is False:
        did = "added commits to an open pull request, where true rebuilt its branch"
        instead = "ours is updated in place, and never where other people have pushed to it"
        doc.note(place_of_key(pull, "force", place), "pull_request.force", did, instead)
    if settings.get("branch"):
        at = place_of_key(settings, "branch", place)
        doc.note(at, "branch", "named its branches", "ours begin with `broadcast/`; see `branch_prefix`")


def _message(commit: Mapping[Any, Any], number: int) -> str | None:
    if not commit:
        return None
    subject = _rendered(commit.get("subject", _SUBJECT), number)
    if subject is None:
        return None
    values = {"prefix": literal(commit.get("prefix", _PREFIX)), "subject": subject}
    return _rendered(commit.get("format", _FORMAT), number, values)


def _tell_of_code(doc: Document, key: str, place: Place) -> None:
    doc.note(
        place, key, "is made by EJS, which we don't run", "rewrite it with {source}, {source_title}, {files} and others"
    )


def _rendered(text: str, number: int, values: Mapping[str, str] | None = None) -> str | None:
    """An EJS template with our placeholders; None if it has more than known values."""
    known = {"repository": "{source}", "index": str(number), **(values or {})}
    parts = _EJS.split(text)  # text, name, text, name, …
    if any("<%" in part for part in parts[::2]) or any(name not in known for name in parts[1::2]):
        return None
    return "".join(known[part] if at % 2 else literal(part) for at, part in enumerate(parts))


def branches(doc: Document, patterns: Iterable[tuple[Mapping[Any, Any], int, Place]], source: str) -> tuple[str, ...]:
    """The branches of its pull requests, one for each pattern."""
    found: list[str] = []
    for settings, number, place in patterns:
        branch = settings.get("branch") or {}
        form = branch.get("format", _BRANCH)
        name = _branch(form, branch.get("prefix", "files-sync"), number, source)
        if name is None or not name.strip("/ "):
            did = "names its branches by more than prefix, repository and index"
            instead = "its open pull requests stay; add what their branches begin with to `supersedes`"
            doc.note(place_of_key(branch, "format", place), "branch.format", did, instead)
        elif not any(name.startswith(known) for known in found):
            _tell_of_others(doc, name, source, place_of_key(branch, "format", place) if "format" in branch else Place())
            found.append(name)
    return tuple(found)


def _tell_of_others(doc: Document, name: str, source: str, place: Place) -> None:
    """Note the branches of other sources that begin with the same name."""
    if _as_branch(source) not in name:
        did = f"names its branches {name}, without the source: those of other sources begin so, too"
        doc.note(place, "branch", did, "`supersedes` closes their pull requests as well; remove it if there are any")
    elif not name.endswith("/"):
        did = "is the whole name of a branch, and closes those that go on after it"
        instead = f"remove it if another source, such as {source}-0, sends to the same targets"
        doc.note(Place(), "supersedes", did, instead)


def _branch(form: str, prefix: str, number: int, source: str) -> str | None:
    known = {"prefix": prefix, "repository": _as_branch(source), "index": str(number)}
    parts = _EJS.split(form)
    if any("<%" in part for part in parts[::2]) or any(name not in known for name in parts[1::2]):
        return None
    return "".join(known[part] if at % 2 else part for at, part in enumerate(parts))


def _as_branch(repository: str) -> str:
    """Convert it to a part of a branch's name as that tool does."""
    name = re.sub(r"/+", "-", re.sub(r"^[./]+", "", repository.strip()))
    return re.sub(r"\.+$", "", re.sub(r"[@{\\~^:?*\[\]]+", "", name))
