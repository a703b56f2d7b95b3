"""Resolve the settings of a target's pull request from all levels of the config (pure)."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from broadcast.config.format import WrittenSettings
from broadcast.config.names import distinct
from broadcast.config.yaml_reader import Reader, Text
from broadcast.git.refs import is_legal_branch

_COMMIT = ("source_title", "source_message", "source_commit", "source_authors")  # of the source's commit
PLACEHOLDERS = ("source", "target", "base", "files", *_COMMIT, "change_list")
_CRUD = " .,:;<>\"\\'"  # what git takes off a name's ends (git-commit-tree(1), "Commit information")
TEXTS = ("pr_title", "pr_body", "commit_message")
_NO_TITLE = {  # placeholders of several lines → what to do
    "source_message": "use {source_title}",
    "change_list": "use it in pr_body, or below the first line of commit_message",
}
_AUTHOR = re.compile(r"([^<>]{1,100}) <([^\s<>()\"',;:@\\]{1,64}@[A-Za-z0-9.-]{1,190})>")


class Settings(Struct, frozen=True):
    """The settings of a target's pull request."""

    delivery: str = "pull_request"
    branch_prefix: str = "broadcast"
    commit_message: str = "chore: sync files from {source}"
    commit_author: str = ""  # "": the token's account
    sign_off: bool = False
    co_authors: bool = False
    pr_title: str = "chore: sync files from {source}"
    pr_body: str = ""
    pr_draft: bool = False
    pr_auto_merge: bool = False
    pr_merge_method: str = ""  # "": the repository's default
    pr_milestone: str = ""
    pr_labels: tuple[str, ...] = ()
    pr_assignees: tuple[str, ...] = ()
    pr_reviewers: tuple[str, ...] = ()
    pr_team_reviewers: tuple[str, ...] = ()
    on_local_change: str = "overwrite"
    news: bool | None = None  # None: where the source is as open as the target

    @property
    def is_decorated(self) -> bool:
        """Whether a pull request gets labels, people or a milestone."""
        people = self.pr_assignees or self.pr_reviewers or self.pr_team_reviewers
        return bool(people or self.pr_labels or self.pr_milestone)

    @property
    def names_authors(self) -> bool:
        """Whether the texts name people of the source."""
        return self.co_authors or self._has("source_authors")

    @property
    def quotes_source(self) -> bool:
        """Whether the texts say more of the source than its name."""
        return self.co_authors or self._has(*_COMMIT)

    def _has(self, *names: str) -> bool:
        return any(f"{{{name}}}" in getattr(self, key) for key in TEXTS for name in names)


class Said(NamedTuple):
    """The levels of one target, the most specific first."""

    levels: tuple[WrittenSettings, ...]  # target, group, its `global`
    defaults: WrittenSettings  # if no level sets a value
    top: WrittenSettings

    def scalar(self, name: str) -> object:
        """The value of a setting below the top level; None for lists and if unset."""
        found = (getattr(level, name) for level in (*self.levels, self.defaults))
        return next((value for value in found if value not in ("", None) and not isinstance(value, list)), None)


def settings_of(said: Sequence[Said]) -> Settings:
    """The settings of a target, from the levels of each of its groups; the group that decides comes first.

    Lists are united over all levels; the defaults count only if all others are empty. A scalar comes from the most
    specific level that sets it.
    """
    levels = [level for one in said for level in one.levels]
    defaults = [one.defaults for one in said]
    top = [one.top for one in said[:1]]
    values: dict[str, Any] = {}
    for name, default in zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True):
        if isinstance(default, tuple):
            values[name] = _united((*levels, *top), name) or _united(defaults, name)
        else:
            values[name] = next(_spoken((*levels, *defaults, *top), name), default)
    return Settings(**values)


def check(reader: Reader, written: WrittenSettings) -> None:
    """Report what can't be a text, an author, a login or the beginning of a branch to the reader."""
    for key in TEXTS:
        if text := getattr(written, key):
            _check_text(reader, key, text)
    author = written.commit_author
    if isinstance(author, Text) and not author_of(author):
        remedy = "write it like: Name <name@example.com>; at its ends, a name has no . , : ; or quotes"
        reader.problem(author.place, f"commit_author {author!r} names no author", remedy)
    for key in ("pr_reviewers", "pr_assignees", "pr_team_reviewers"):
        for name in (one for one in getattr(written, key) if isinstance(one, Text)):
            if name.startswith("@"):
                reader.problem(name.place, f"{key}: {name!r} begins with @", f"write {name.lstrip('@')}")
    prefix = written.branch_prefix
    if isinstance(prefix, Text) and not is_legal_branch(prefix):
        reader.problem(prefix.place, f"branch_prefix {prefix!r} can't start a branch name", "use letters, digits, - /")


def author_of(written: str) -> tuple[str, str] | None:
    """The name and the address of `Name <address>`; None for what git would write in another way."""
    match = _AUTHOR.fullmatch(written)
    return (match[1], match[2]) if match and written.isprintable() and match[1].strip(_CRUD) == match[1] else None


def _check_text(reader: Reader, key: str, text: Text) -> None:
    allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        found, in_subject = _placeholders(text), _placeholders(text.lstrip().partition("\n")[0])
    except ValueError:
        reader.problem(text.place, f"{key}: a single brace", f"write {{{{ or }}}}; allowed: {allowed}")
        return
    for name in found:
        if name not in PLACEHOLDERS:
            reader.problem(text.place, f"{key}: unknown placeholder {{{name}}}", f"allowed: {allowed}")
    refused = {"pr_title": found, "commit_message": [name for name in in_subject if name == "change_list"]}
    for name in dict.fromkeys(refused.get(key, ())):
        if name in _NO_TITLE:
            where = "pr_title" if key == "pr_title" else "the first line of commit_message"
            reader.problem(text.place, f"{where}: {{{name}}} has several lines", _NO_TITLE[name])


def _spoken(levels: Iterable[WrittenSettings], name: str) -> Iterator[Any]:
    return (value for level in levels if (value := getattr(level, name)) not in ("", None, []))


def _united(levels: Iterable[WrittenSettings], name: str) -> tuple[str, ...]:
    return distinct(item for value in _spoken(levels, name) for item in value)


def _placeholders(text: str) -> list[str]:
    """The placeholders as written, with conversions and formats such as `{source!r:>9}`."""
    found = []
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None:
            found.append(name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else ""))
    return found
