"""The description of a pull request: source, reason, changes, news, and how to decline it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from broadcast.markdown import block, code, counted, head, link, many, quoted, row
from broadcast.observe.change import Change
from broadcast.observe.part_names import parts_in_words
from broadcast.observe.state import Edit
from broadcast.observe.touches import Author
from broadcast.ownership import MAX_BODY, Marker, enclosed
from broadcast.plan.reason import Closing, Reason

MAX_WORDS = 20_000  # characters of the config's own text
MAX_CAUSES, MAX_NEWS, MAX_LEFT_OUT = 10, 10, 50
PROJECT = "https://github.com/org/broadcast-action"
_DECLINED = (
    "To decline, close this pull request: the same changes won't be proposed again, unless the config asks for it "
    "(`on_decline: repropose`); new changes will."
)
_REPROPOSED = "Closing this pull request doesn't decline it: the config proposes the changes again."
_ORDER = ("deleted", "changed", "added")


class Cause(NamedTuple):
    """A line of the config that sends something here."""

    line: int
    src: str  # empty where `dest` is removed
    dest: str
    mode: str


class News(NamedTuple):
    """A commit of the source."""

    commit: str  # 40 hex digits
    headline: str
    who: str
    author: Author = Author("", "")


class Background(NamedTuple):
    """What the texts of a pull request say besides its plan."""

    place: bool  # whether it may name the source's commit, config lines and files
    history: Sequence[News] | None = None  # of the source since the last sync; None: not even a link to it
    edits: Mapping[str, Edit] = {}  # path → the last change of people that gets lost
    authors: Sequence[Author] | None = None  # of the commits that it brings; None: not known
    signer: Author | None = None  # of its commit, where one signs it off


class DescriptionFacts(Struct, frozen=True):
    """What the text of one pull request is made from."""

    source: str
    target: str
    commit: str  # of the source
    server_url: str
    run_url: str
    config: str
    config_line: int
    chosen_by: str = ""  # the selector of that line; empty: it has the target's name
    reproposes: bool = False  # whether closing declines nothing
    required: int = 0  # how many of the changes people can't decline
    insists: Sequence[int] = ()  # pull requests with some of them that people closed
    words: str = ""  # of the config's own
    causes: Sequence[Cause] = ()
    changes: Sequence[Change] = ()
    left_out: Mapping[str, Reason] = field(default_factory=dict)  # path: why
    undoes: Mapping[str, int] = field(default_factory=dict)  # path: merged pull request that was changed back; 0: none
    edits: Mapping[str, Edit] = field(default_factory=dict)  # path: whose work gets lost
    since: str = ""  # the source's commit of the sync before, if that is known
    news: Sequence[News] = ()  # what has come since, the latest first
    back: str = ""  # of a rollback: the source's commit that it goes back to
    has_place: bool = True  # whether its readers may know where in the source it comes from


def description(facts: DescriptionFacts, marker: Marker) -> str:
    """The text of the pull request in at most MAX_BODY characters, deletions first, the marker last."""
    less = replace(facts, news=(), causes=())
    texts = (_written(one, marker) for one in (facts, replace(facts, news=()), less))
    return next((text for text in texts if len(text) <= MAX_BODY), "") or _written(replace(less, words=""), marker)


def _written(facts: DescriptionFacts, marker: Marker) -> str:
    before, after = _opening(facts), f"{_news(facts)}{_footer(facts)}"
    room = MAX_BODY - len(enclosed(before + after, marker)) - 200
    return enclosed(f"{before}{_changes(facts, room)}\n{after}", marker)


def _opening(facts: DescriptionFacts) -> str:
    words = f"{facts.words[:MAX_WORDS].rstrip()}\n\n" if facts.words else ""
    if facts.back:
        return f"{words}{_way_back(facts)}\n\n"
    updates = f"This updates {counted(len(facts.changes), 'file')} from"
    if not facts.has_place:
        return f"{words}{updates} {quoted(facts.source)}; its config selects this repository.\n\n"
    home = f"{facts.server_url}/{facts.source}"
    source = link(quoted(facts.source), home)
    commit = f" at {link(code(facts.commit[:10]), f'{home}/commit/{facts.commit}')}" if facts.commit else ""
    line = link(f"{code(facts.config)} line {facts.config_line}", _line(facts, facts.config_line))
    chosen = code(facts.chosen_by) if facts.chosen_by else "its name"
    return f"{words}{updates} {source}{commit}; {line} selects this repository by {chosen}.\n{_causes(facts)}\n"


def _way_back(facts: DescriptionFacts) -> str:
    files = counted(len(facts.changes), "file")
    if not facts.has_place:
        return f"This takes back what came from {quoted(facts.source)} lately: {files} become what they were."
    home = f"{facts.server_url}/{facts.source}"
    commit = link(code(facts.back[:10]), f"{home}/commit/{facts.back}")
    source = link(quoted(facts.source), home)
    return (
        f"This takes back what came from {source} after {commit}: {files} become what the source had there. The next "
        "syncs leave them so until the source changes them again."
    )


def _causes(facts: DescriptionFacts) -> str:
    shown = "".join(f"- {_cause(facts, one)}\n" for one in facts.causes[:MAX_CAUSES])
    more = len(facts.causes) - MAX_CAUSES
    return f"\n{shown}" + (f"- … and {counted(more, 'mapping')} more\n" if more > 0 else "") if shown else ""


def _cause(facts: DescriptionFacts, one: Cause) -> str:
    line = link(f"line {one.line}", _line(facts, one.line))
    if not one.src:
        what = f"{one.mode} of {code(one.dest)}" if one.mode else code(one.dest)
        return f"{what} is removed ({line})"
    goes = f"{code(one.src)} goes to {code(one.dest)}" if one.src != one.dest else f"{code(one.src)} is sent"
    return f"{goes} ({line}{'' if one.mode == 'copy' else f', mode {one.mode}'})"


def _line(facts: DescriptionFacts, line: int) -> str:
    return f"{facts.server_url}/{facts.source}/blob/{facts.commit or 'HEAD'}/{facts.config}#L{line}"


def _changes(facts: DescriptionFacts, room: int) -> str:
    rows = [_row(facts, one) for kind in _ORDER for one in facts.changes if one.kind == kind]
    lines = list(_within(rows, room // 2))
    if len(lines) < len(rows):
        lines.append(row(f"… and {many(len(rows) - len(lines))} more", ""))
    table = [*head("file", ""), *lines] if rows else []
    left = [f"\nLeft out: {code(path)} — {_why(why)}" for path, why in facts.left_out.items()][:MAX_LEFT_OUT]
    return "\n".join([*table, *_within(left, room // 2)]) + "\n"


def _why(reason: Reason) -> str:
    """Why a file is left out; the number of a pull request of this very repository is a link."""
    match reason.kind:
        case "declined":
            return ", ".join(map(_declined_in, reason.closings))
        case "local_change":
            return quoted("changed there (on_local_change: keep)")
        case "edited_since" | "reverted":
            what = f"changed since #{reason.pull}" if reason.pull else "pushed before, and changed back"
            return f"{what} by {quoted(reason.name)} ({code(reason.commit)})"
        case "rolled_back":
            return f"rolled back to {code(reason.commit)} by #{reason.pull}"
        case "taken_out":
            return f"taken out since #{reason.pull}"
        case "conflict":
            return quoted(f"conflict: both changed the same lines: {reason.text}")
        case "no_base":
            return quoted("differs, and no version of the source is known that it comes from (mode: merge)")
        case "seeded_before":
            return quoted("was there once (mode: seed)")
        case "opted_out":
            return quoted(f"opted out by {reason.name}")
        case _:
            return quoted(reason.text)


def _declined_in(one: Closing) -> str:
    by = ", ".join(filter(None, (one.by, one.on)))
    return f"declined in #{one.pull}" + (f" {quoted(f'({by})')}" if by else "")


def _within(rows: Iterable[str], room: int) -> Iterable[str]:
    for one in rows:
        room -= len(one) + 1
        if room < 0:
            return
        yield one


def _row(facts: DescriptionFacts, change: Change) -> str:
    mode = f", {change.mode_words}" if change.mode_words else ""
    parts = parts_in_words(change, code)
    return row(f"{code(change.path)} {parts}".rstrip(), f"{change.kind}{mode}{_lost(facts, change.path)}")


def _lost(facts: DescriptionFacts, path: str) -> str:
    """Whose work here would be lost, and where it is."""
    if path not in facts.undoes:
        return ""
    number, edit = facts.undoes[path], facts.edits.get(path)
    verb, since = ("undoes", f" since #{number}") if number else ("overwrites", "")
    if edit is None:
        return f"; {verb} what was changed here{since}"
    url = f"{facts.server_url}/{facts.target}/commit/{edit.commit}"
    return f"; {verb} what {quoted(edit.who)} changed here{since} ({link(code(edit.commit[:10]), url)})"


def _news(facts: DescriptionFacts) -> str:
    """What happened in the source since it was here before."""
    if not facts.since or not facts.commit or facts.since == facts.commit:
        return ""
    home = f"{facts.server_url}/{facts.source}"
    all_of_it = f"{home}/compare/{facts.since}...{facts.commit}"
    if not facts.news:
        return f"[Changes in the source]({all_of_it}) since the last sync.\n\n"
    shown = [f"- {link(code(one.commit[:10]), f'{home}/commit/{one.commit}')} {_news_item(one)}" for one in facts.news]
    more = len(shown) - MAX_NEWS
    lines = [*shown[:MAX_NEWS], *([f"- … and {counted(more, 'commit')} more"] if more > 0 else ())]
    return "\n".join((f"[Changes in the source]({all_of_it}) since the last sync:\n", *lines)) + "\n\n"


def _news_item(one: News) -> str:
    return f"{block(one.headline, quoted)} ({quoted(one.who)})"


def _footer(facts: DescriptionFacts) -> str:
    run = f" Written by [this run]({facts.run_url})." if facts.run_url and facts.has_place else ""
    return (
        f"{_declining(facts)}Commits that you push to its branch are not overwritten unless you ask for a rebuild. "
        "To exclude files for good, list them in `.broadcastignore` on the branch that this is to be merged into "
        f"(gitignore syntax; `*` excludes all).{_required(facts)}\n\n"
        "- [ ] <!-- broadcast:pause --> Pause: leave this pull request unchanged\n"
        "- [ ] <!-- broadcast:rebuild --> Rebuild: recreate the branch at the next run and discard all other commits "
        f"on it\n\nOpened by [Broadcast]({PROJECT}), which keeps files of one repository in step in many others.{run}"
    )


def _declining(facts: DescriptionFacts) -> str:
    """What closing does; empty where it does nothing because all of the files are required."""
    if facts.reproposes:
        return f"{_REPROPOSED} "
    return "" if facts.required and facts.required == len(facts.changes) else f"{_DECLINED} "


def _required(facts: DescriptionFacts) -> str:
    """How many of the files the target has to take, and who says so."""
    if not facts.required:
        return ""
    is_whole = facts.required == len(facts.changes)
    which = f"{'this file' if is_whole else '1 file of these'}" if facts.required == 1 else ""
    which = which or ("these files" if is_whole else f"{counted(facts.required, 'file')} of these")
    before = ", ".join(f"#{number}" for number in facts.insists)
    closed = f" (people closed {before})" if before else ""
    it = "it" if facts.required == 1 else "them"
    return (
        f" {quoted(facts.source)} requires {which}: neither closing this pull request{closed} nor a `.broadcastignore` "
        f"declines {it}; a new pull request proposes {it} again."
    )
