"""What a pull request of ours is called, says and hides: branch name, title, body, marker (pure)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MAX_BODY = 65_536  # characters; GitHub refuses longer bodies
MAX_WORDS = 20_000  # characters of the config's own text
MAX_PAIRS = 3_000  # 12 characters each; larger plans are known by their digest alone
TRAILER, PLAN_TRAILER = "Broadcast-Id", "Broadcast-Plan"  # of our commits: whose, and the digest of what was planned

PAUSE_LABEL, REBUILD_LABEL = "broadcast:pause", "broadcast:rebuild"

_BEGIN, _END = "<!-- broadcast:begin -->", "<!-- broadcast:end -->"
_MARKER = re.compile(r"<!-- broadcast:marker (\{.*?\}) -->", re.DOTALL)
# git-check-ref-format(1)
_ILLEGAL = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


def is_legal_branch(name: str) -> bool:
    """Whether git takes `name` for a branch (git-check-ref-format(1) --branch)."""
    parts = name.split("/")
    return (
        bool(name)
        and not _ILLEGAL.search(name)
        and name not in ("@", "HEAD")
        and not name.startswith("-")
        and not name.endswith(".")
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)
        and len(name.encode()) <= 240
    )


def branch_name(prefix: str, sync_id: str, base: str | None) -> str:
    """The one stable branch of a target: `prefix/id`, plus `@base` where the config names the base."""
    wanted = f"{prefix}/{sync_id}" + (f"@{base}" if base else "")
    if is_legal_branch(wanted):
        return wanted
    mark = hashlib.sha256(wanted.encode()).hexdigest()[:8]
    readable = "/".join(re.sub(r"^\.+|\.+$|\.lock$", "-", part) for part in _ILLEGAL.sub("-", wanted).split("/"))
    shortened = f"{readable[:60]}-{mark}"
    return shortened if is_legal_branch(shortened) else f"{prefix}/{mark}"


def trailer(sync_id: str, source: str) -> str:
    """The line that marks a commit as ours; two sources may have the same id."""
    return f"{TRAILER}: {sync_id} ({source})"


def pair(path: str, mode: int, oid: str) -> str:
    """A short hash of one proposed (path, content); a deletion has mode 0 and no oid."""
    return hashlib.sha256(f"{path}\0{mode:o}\0{oid}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Marker:
    """What a pull request remembers of the run that wrote it, hidden in its body."""

    id: str
    source: str
    config: str
    commit: str
    title: str
    pairs: frozenset[str]
    digest: str
    closed_by_us: bool = False

    def encode(self) -> str:
        """An HTML comment; never holds `--`, which would end it early."""
        pairs = sorted(self.pairs) if len(self.pairs) <= MAX_PAIRS else []
        record = {
            "v": 1, "id": self.id, "source": self.source, "config": self.config, "commit": self.commit,
            "title": self.title, "digest": self.digest, "pairs": pairs, "closed": self.closed_by_us,
        }  # fmt: skip
        text = json.dumps(record, separators=(",", ":")).replace("--", "-\\u002d").replace(">", "\\u003e")
        return f"<!-- broadcast:marker {text} -->"


def digest(pairs: Iterable[str]) -> str:
    """One hash for a whole set of pairs."""
    return hashlib.sha256("".join(sorted(pairs)).encode()).hexdigest()[:16]


def read_marker(body: str) -> Marker | None:
    """The marker in a pull request's body, None when there is none that we wrote."""
    match = _MARKER.search(body)
    if not match:
        return None
    try:
        record: dict[str, Any] = json.loads(match[1])
        text = {key: str(record[key]) for key in ("id", "source", "config", "commit", "title", "digest")}
        pairs = frozenset(str(item) for item in record["pairs"])
        return Marker(**text, pairs=pairs, closed_by_us=bool(record.get("closed")))
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text of one pull request is made from."""

    source: str
    commit: str
    server_url: str
    run_url: str
    config: str
    config_line: int
    words: str  # of the config's own
    added: Sequence[str]
    changed: Sequence[str]
    deleted: Sequence[str]
    left_out: Mapping[str, str]  # path: reason
    undoes: Mapping[str, int]  # path: the merged pull request that was changed back
    modes: Mapping[str, str]  # path: what it becomes, where that isn't an ordinary file or another kind than before
    since: str  # the source's commit of the sync before, if that is known


def render(template: str, values: Mapping[str, str]) -> str:
    """A title or message with its placeholders filled, on one line where it has one."""
    return template.format_map(values)


def body(facts: Facts, marker: Marker) -> str:
    """The text of the pull request: facts only, deletions first, the marker last."""
    tail = f"{_footer(facts)}\n\n{marker.encode()}\n{_END}"
    head = f"{_BEGIN}\n{_opening(facts)}\n"
    room = MAX_BODY - len(head) - len(tail) - 200
    return f"{head}{_tables(facts, room)}\n{tail}"


def replace_block(current: str, block: str) -> str:
    """`current` with our marked block replaced; what people wrote around it stays."""
    start, end = current.find(_BEGIN), current.rfind(_END)
    if start < 0 or end < start:
        return block
    before, after = current[:start], current[end + len(_END) :]
    room = MAX_BODY - len(block)
    return f"{before[:room]}{block}{after[: max(0, room - len(before))]}"


def ask_of(body: str, what: Literal["pause", "rebuild"]) -> bool:
    """Whether somebody ticked that box in our text."""
    return re.search(rf"^- \[[xX]\] <!-- broadcast:{what} -->", body, re.MULTILINE) is not None


def mark_closed(current: str) -> str:
    """`current` with its marker saying that we, not people, close the pull request."""
    return current.replace('"closed":false', '"closed":true', 1)


def _opening(facts: Facts) -> str:
    source = f"[{facts.source}]({facts.server_url}/{facts.source})"
    commit = f"[`{facts.commit[:10]}`]({facts.server_url}/{facts.source}/commit/{facts.commit})" if facts.commit else ""
    where = f"{facts.server_url}/{facts.source}/blob/{facts.commit or 'HEAD'}/{facts.config}#L{facts.config_line}"
    words = f"{facts.words[:MAX_WORDS].rstrip()}\n\n" if facts.words else ""
    return (
        f"{words}{source}{f' at {commit}' if commit else ''} keeps these files in step here, "
        f"because [`{facts.config}` line {facts.config_line}]({where}) names this repository."
        f"{_since(facts)}\n"
    )


def _since(facts: Facts) -> str:
    """Where to read what happened in the source since it was here before."""
    if not facts.since or not facts.commit or facts.since == facts.commit:
        return ""
    url = f"{facts.server_url}/{facts.source}/compare/{facts.since}...{facts.commit}"
    return f" [What has changed there]({url}) since the sync before."


def _tables(facts: Facts, room: int) -> str:
    rows = [
        *((path, "deleted") for path in facts.deleted),
        *((path, "changed") for path in facts.changed),
        *((path, "added") for path in facts.added),
    ]
    lines = ["| file | |", "|---|---|"] if rows else []
    used = 0
    for done, (path, what) in enumerate(rows):
        mode = f", {facts.modes[path]}" if path in facts.modes else ""
        back = f"; undoes what was changed here since #{facts.undoes[path]}" if path in facts.undoes else ""
        line = f"| {code(path)} | {what}{mode}{back} |"
        used += len(line) + 1
        if used > room // 2:
            lines.append(f"| … and {len(rows) - done} more | |")
            break
        lines.append(line)
    for path, reason in list(facts.left_out.items())[:50]:
        lines.append(f"\nLeft out: {code(path)} — {escape(reason)}")
    return "\n".join(lines) + "\n"


def _footer(facts: Facts) -> str:
    run = f" Written by [this run]({facts.run_url})." if facts.run_url else ""
    return (
        "To say no, close this pull request: the same change isn't proposed again. "
        "Commits that you push to its branch are never overwritten. "
        f"To keep files out for good, list them in `.broadcastignore` (as in a .gitignore; `*` for all).{run}\n\n"
        "- [ ] <!-- broadcast:pause --> Pause: leave this pull request as it is\n"
        "- [ ] <!-- broadcast:rebuild --> Rebuild: make the branch anew at the next run, without other commits\n"
    )


def code(text: str) -> str:
    """`text` as inline code in a Markdown table, whatever it holds."""
    plain = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    pad = " " if "`" in plain else ""
    return f"{fence}{pad}{plain.replace('|', chr(92) + '|')}{pad}{fence}"


def escape(text: str) -> str:
    """`text` as plain text in Markdown: no markup, links, mentions or line breaks of its own."""
    flat = " ".join("".join(char if char.isprintable() or char == "\n" else " " for char in text).split())
    return (
        re.sub(r"([\\`*_{}\[\]<>|~@!])", r"\\\1", flat)
        .replace("\\@", "@\u2060")
        .replace("\\<", "&lt;")
        .replace("\\>", "&gt;")
    )
