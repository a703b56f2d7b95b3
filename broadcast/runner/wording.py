"""What messages call the things of a workflow where a person reads them in a terminal (pure).

Messages are written for Actions, where inputs are set and a step checks the source out. A terminal has options, a clone
and a login instead: one table, whatever the message.
"""

from __future__ import annotations

import re
from functools import lru_cache

from broadcast.runner.inputs import Inputs, spelled

_CLONE = "run it in a clone of the source, or name one with --directory"
_FLAGS = "dry-run|overwrite|resume|write|pull-request|harvest-private|online|diff"
_WITHOUT = ("dashboard_token", "client_id", "app_id", "private_key", "allow_head")  # inputs that aren't options
_NAMED = "|".join(spelled(name) for name in Inputs.__struct_fields__ if "_" in name and name not in _WITHOUT)

_GIVE = (
    r"give a token that can write to the targets, such as \$\{\{ secrets.BROADCAST_TOKEN \}\}, or a GitHub App "
    r"\(client-id and private-key\); GITHUB_TOKEN reaches its own repository only"
)

_TABLE = [
    # the token
    (r"the input `token` is empty", "there is no token"),
    (_GIVE, "run `gh auth login`, or set BROADCAST_TOKEN to a token that can write to the targets"),
    (r" \(GITHUB_TOKEN only reaches the repository of its workflow\)", ""),
    (r"add a line `[^`]*` to the input tokens, or give `token`", "run `gh auth login`, or set BROADCAST_TOKEN"),
    (r"(give|set) the token in the input token\b", "set BROADCAST_TOKEN"),
    (r"store the token alone as the secret", "set the variable to the token alone"),
    (
        r"give dashboard-token [^;]* permission(?=; a freeze)",
        "give the token issues: write in the source",
    ),
    # the source
    (r"GITHUB_REPOSITORY is not set", "the source isn't known: there is no clone here with a remote `origin`"),
    (
        r"run inside GitHub Actions, or set it to owner/name",
        "run it in a clone of the source, or give --source owner/name",
    ),
    (
        r"give actions/checkout `fetch-depth: [^;]*; or correct the name",
        "correct the name; a shallow clone needs `git fetch --unshallow` first",
    ),
    (r"give actions/checkout `fetch-depth: [^;]*", "run `git fetch --unshallow`, which brings all of the history"),
    (r"check (?:the source|it) out (?:first \(actions/checkout\)|with actions/checkout)", _CLONE),
    (r"; is there an actions/checkout step before this one\?", ""),
    (r"check out with actions/checkout, name its `path:` in `directory`,", f"{_CLONE},"),
    (r"give the `path:` of actions/checkout, from the workspace", _CLONE),
    # options
    (r"name the one to migrate with `config`", "name the one to migrate with --config"),
    (r"set the input `config`", "name it with --config"),
    (r"the inputs? `?([a-z][a-z-]+)`?", r"--\1"),
    (r"or name the ref in allow-ref", "or name the ref in --allow-ref"),
    (rf"`?\b({_FLAGS}): true`?", r"--\1"),
    (r"`?command: ([a-z]+)`?", r"`broadcast \1`"),
    (r"\bname it in `to`", "name it in --to"),
    (r"\bname a file in path\b", "name a file with --path"),
    (rf"(?<![-\w]){'(' + _NAMED + ')'}: ", r"--\1 "),
    (rf"(?<![-\w/.])({_NAMED})(?![-\w/.])", r"--\1"),
]
_FOUND = [(re.compile(pattern), words) for pattern, words in _TABLE]


@lru_cache(maxsize=4_096)
def in_terminal(text: str) -> str:
    """A message's text in the words of a terminal."""
    for pattern, words in _FOUND:
        text = pattern.sub(words, text)
    return text
