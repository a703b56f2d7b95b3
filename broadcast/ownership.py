"""What identifies our pull requests: branch names, marks in the description, the hidden marker (pure)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from broadcast.git.refs import _ILLEGAL, is_legal_branch

MAX_TITLE = 256  # characters; GitHub refuses longer titles (docs/github.md)
MAX_BODY = 65_536  # characters; GitHub refuses longer bodies
MAX_PAIRS = 1_300  # 35 characters each; larger plans are known by their digest alone
SHORT, MAX_UNDONE = 10, 2_200  # digits of pairs that a rollback took back, and how many it lists
TRAILER, PLAN_TRAILER = "Broadcast-Id", "Broadcast-Plan"  # of our commits: whose, and the digest of what was planned
PARTS_TRAILER, MAX_PARTS = "Broadcast-Parts", 100  # of commits on a base: the pairs of parts of shared files

PAUSE_LABEL, REBUILD_LABEL = "broadcast:pause", "broadcast:rebuild"

_BEGIN, _END = "<!-- broadcast:begin -->", "<!-- broadcast:end -->"
# On a line of its own: no file name in the table above can forge or swallow it.
_MARKER = re.compile(r"^<!-- broadcast:marker (\{.*\}) -->\s*$", re.MULTILINE)
_SPELLED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "-<>#@"})  # in JSON
_COMMIT = re.compile(r"[0-9a-f]{40,64}|")


def branch_name(prefix: str, sync_id: str, base: str | None) -> str:
    """The stable branch of a target: `prefix/id`, plus `@base` if the config names the base."""
    wanted = f"{prefix}/{sync_id}" + (f"@{base}" if base else "")
    if is_legal_branch(wanted):
        return wanted
    mark = hashlib.sha256(wanted.encode()).hexdigest()[:8]
    readable = "/".join(re.sub(r"^\.+|\.+$|\.lock$", "-", part) for part in _ILLEGAL.sub("-", wanted).split("/"))
    shortened = f"{readable[:60]}-{mark}"
    return shortened if is_legal_branch(shortened) else f"{prefix}/{mark}"


def scratch_name(branch: str, mark: str = "") -> str:
    """The scratch branch for new commits of `branch`. Ids have no `+`, so it is never a target's branch."""
    stem, at, base = branch.partition("@")
    return f"{stem}+scratch{mark}{at}{base}"


def spare_name(branch: str) -> str:
    """The scratch branch to use if that name is taken."""
    return scratch_name(branch, f"-{hashlib.sha256(branch.encode()).hexdigest()[:8]}")


def trailer(sync_id: str, source: str) -> str:
    """The commit trailer that marks a commit as ours; it has the source, as two sources can share an id."""
    return f"{TRAILER}: {sync_id} ({source})"


class Marker(Struct, frozen=True):
    """A record of the run that wrote a pull request, hidden in its description."""

    id: str
    source: str
    config: str
    commit: str
    title: str
    pairs: frozenset[str]
    digest: str
    closed_by_us: bool = False
    base: str = ""  # where it was to go; another one is where people have moved it
    back: str = ""  # of a rollback: the source's commit that it goes back to, 40 hex digits
    undone: frozenset[str] = frozenset()  # the pairs that it takes back, shortened
    undone_digest: str = ""
    withdrawn: bool = False  # whether a rollback closed it, so that it counts unmerged

    @property
    def room(self) -> int:
        """How many pairs it lists at most."""
        return MAX_PAIRS // 2 if self.back else MAX_PAIRS

    def encode(self) -> str:
        """The marker as an HTML comment, escaped against ending early and against references in commit messages."""
        record = {
            "v": 1, "id": self.id, "source": self.source, "config": self.config, "commit": self.commit,
            "title": self.title, "digest": self.digest, "closed": self.closed_by_us, "base": self.base,
        } | self._listed()  # fmt: skip
        text = json.dumps(record, separators=(",", ":")).translate(_SPELLED).replace("://", ":\\/\\/")
        return f"<!-- broadcast:marker {text} -->"

    def _listed(self) -> dict[str, Any]:
        """The pairs. Versions that don't know rollbacks look for `pairs`, and so take one for nothing of theirs."""
        pairs = sorted(self.pairs) if len(self.pairs) <= self.room else []
        if not self.back:
            return {"pairs": pairs}
        undone = sorted(self.undone) if len(self.undone) <= MAX_UNDONE else []
        return {
            "restores": pairs, "back": self.back, "undone": "".join(undone), "undone_digest": self.undone_digest,
            "withdrawn": self.withdrawn,
        }  # fmt: skip


def shortened(pairs: Iterable[str]) -> frozenset[str]:
    """Pairs as a rollback lists those that it takes back: there may be many."""
    return frozenset(one[:SHORT] for one in pairs)


def read_marker(body: str) -> Marker | None:
    """The marker in a pull request's description; None if we wrote none."""
    match = _last_marker(body)
    if not match:
        return None
    try:
        record: dict[str, Any] = json.loads(match[1])
        text = {key: str(record[key]) for key in ("id", "source", "config", "commit", "title", "digest")}
        back = str(record.get("back", ""))
        pairs = frozenset(str(item) for item in record["restores" if back else "pairs"])
        undone = re.findall(f".{{{SHORT}}}", str(record.get("undone", "")))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not _COMMIT.fullmatch(text["commit"]) or not _COMMIT.fullmatch(back):  # they become a part of a link
        return None
    return Marker(
        **text, pairs=pairs, closed_by_us=bool(record.get("closed")), base=str(record.get("base", "")), back=back,
        undone=frozenset(undone), undone_digest=str(record.get("undone_digest", "")),
        withdrawn=bool(record.get("withdrawn")),
    )  # fmt: skip


def _last_marker(body: str) -> re.Match[str] | None:
    """The last one: ours follows all text of others."""
    return next(reversed(list(_MARKER.finditer(body))), None)


def render(template: str, values: Mapping[str, str]) -> str:
    """A title or message with its placeholders filled; a one-line template stays on one line."""
    return template.format_map(values)


def cut_title(title: str, end: str = "") -> str:
    """`title`, cut to GitHub's limit; `end` follows it in full."""
    room = MAX_TITLE - len(end)
    return (title if len(title) <= room else f"{title[: room - 1]}…") + end


def enclosed(text: str, marker: Marker) -> str:
    """Our part of a description, between marks and with the marker at its end; people can write around it."""
    return f"{_BEGIN}\n{text}\n\n{marker.encode()}\n{_END}"


def replace_block(current: str, block: str) -> str:
    """`current` with our block replaced; text around it stays."""
    start, end = current.find(_BEGIN), current.rfind(_END)
    if start < 0 or end < start:
        return block
    before, after = current[:start], current[end + len(_END) :]
    room = MAX_BODY - len(block)
    return f"{before[:room]}{block}{after[: max(0, room - len(before))]}"


def ask_of(body: str, what: Literal["pause", "rebuild"]) -> bool:
    """Whether a checkbox in our text is ticked."""
    return re.search(rf"^- \[[xX]\] <!-- broadcast:{what} -->", body, re.MULTILINE) is not None


def mark_closed(current: str, back: str = "") -> str:
    """`current` with a marker that says that we close the pull request, not people.

    Where a rollback to the commit `back` closes it, what it proposed is taken back as well.
    """
    match, marker = _last_marker(current), read_marker(current) if back else None
    if not match:
        return current
    marked = match[0].replace('"closed":false', '"closed":true')
    if marker and not marker.back:
        marker = replace(marker, back=back, undone=shortened(marker.pairs), undone_digest=marker.digest)
    if marker:
        marked = replace(marker, closed_by_us=True, withdrawn=True).encode()
    return f"{current[: match.start()]}{marked}{current[match.end() :]}"
