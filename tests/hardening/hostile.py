"""Hostile texts, and a parser of workflow commands like the runner's."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

RIGHT_TO_LEFT, ZERO_WIDTH, VARIATION = "\u202e", "\u200b", "\ufe0f"
ESCAPE = "\x1b[2J\x1b]0;owned\x07"
COMMANDS = (
    "::add-mask::a",
    "::set-output name=changed::true",
    "::stop-commands::x",
    "  ::error file=x::boo",
    f"{ZERO_WIDTH}::warning::boo",
    f"{VARIATION}:{VARIATION}:warning::boo",
    "##[add-mask]a",
    "words ##[add-path]/tmp",
    f"#{VARIATION}#[group]x",
)
MARKUP = (
    "<img src=x onerror=alert(1)>",
    "<!-- broadcast:end -->",
    "[here](https://evil.example)",
    "![](https://evil.example/x.png)",
    "@acme/everyone",
    "| a | b |",
    "`` ` ``",
    "</details></td>",
    "https://evil.example/x",
    "%0A::error::boo",
    "Co-authored-by: a <a@b.c>",
)
TEXTS = (
    *COMMANDS,
    *MARKUP,
    *(f"a\n{one}" for one in COMMANDS),
    f"a\r::error::boo{ESCAPE}",
    f"{RIGHT_TO_LEFT}gpj.sh",
    "a\u2028::error::boo",
    "a\x85::error::boo",
)
# Characters that sort as nothing: the runner's culture-sensitive comparisons overlook them.
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


class Command(NamedTuple):
    """A workflow command that GitHub's runner would execute."""

    name: str
    data: str


def commands(log: str) -> list[Command]:
    """The workflow commands in a log, as actions/runner's ActionCommand.cs finds them."""
    found = []
    for line in re.split(r"\r\n|[\r\n]", log):
        plain = _IGNORED.sub("", line)
        match = re.match(r"\s*::([^ :]+)[^:]*(?:.*?)::(.*)", plain) or re.search(r"##\[([^\] ]+)[^\]]*\](.*)", plain)
        if match:
            found.append(Command(match[1], match[2]))
    return found


def is_inert(text: str) -> bool:
    """Whether the text has no character that moves a terminal's cursor or changes the writing direction."""
    return not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text if char not in "\n\t")
