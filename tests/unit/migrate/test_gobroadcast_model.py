"""What go-broadcast sends of a directory, by a model of its engine, and what our reading of its config sends."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast.config import gobroadcast_patterns as ours
from broadcast.config.parse import parse
from broadcast.migrate.gobroadcast_model import CONFIG, Sifter
from broadcast.snapshot.filters import Filter

PIECES = st.sampled_from(["a", "b", "a", "b", "/", "/", "*", "**", "?", ".", "#", " ", "[a]", "\\", "tmp"])
BODIES = st.lists(PIECES, min_size=1, max_size=6).map("".join)
PATTERNS = st.tuples(st.sampled_from(["", "", "", "!"]), BODIES).map("".join)
NAMES = st.sampled_from(["a", "b", "ab", "a.b", "tmp", ".a", "#", "a ", "[a]", "bb"])


def without_clashes(paths: list[str]) -> list[str]:
    """The paths without those that another one is a directory of."""
    return sorted({one for one in paths if not any(other.startswith(f"{one}/") for other in paths)})


INCLUDES = st.lists(BODIES.filter(lambda one: not one.startswith("/")), max_size=3)
ANCHORED = st.sampled_from([[], [], ["/a"], ["/a/b"], ["/a.b"], ["/a/*"], ["/a/**"]])
TREES = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12).map(without_clashes)


def expression(pattern: str) -> re.Pattern[str]:
    """Its regular expression, as its source has it."""
    body = pattern.removeprefix("!")
    body = body.removesuffix("/")
    for char in "\\.+()|[]{}^$":
        body = body.replace(char, f"\\{char}")
    body = body.replace("**", "\0").replace("*", "[^/]*").replace("\0", ".*").replace("?", ".")
    if pattern.startswith("/"):
        return re.compile(f"^{body.removeprefix('/')}\\Z", re.DOTALL)
    return re.compile(f"(^|.*/)({body})(\\Z|/.*)", re.DOTALL)


@settings(max_examples=150, deadline=None)
@given(pattern=BODIES.filter(lambda one: not one.startswith("!")), tree=TREES)
def test_the_model_matches_what_its_expressions_match(pattern: str, tree: list[str]) -> None:
    sent = set(Sifter([], [pattern], hidden=True).sent(one for one in tree if "/" not in one))
    if not pattern.endswith("/"):
        assert sent == {one for one in tree if "/" not in one and expression(pattern).search(one)}


@settings(max_examples=250, deadline=None)
@given(exclude=st.lists(PATTERNS, max_size=4), tree=TREES, hidden=st.booleans())
@example(exclude=["a**//"], tree=["a/a"], hidden=False)
@example(exclude=["a", "!a**//"], tree=["a/a", "a/b/c"], hidden=False)
def test_excludes_leave_out_what_it_leaves_out(exclude: list[str], tree: list[str], hidden: bool) -> None:
    left_out = Filter(ours.excludes([*ours.ALWAYS, *exclude]), hidden=hidden)
    assert [one for one in tree if not left_out.match(one)] == [*Sifter(exclude, [], hidden=hidden).sent(tree)]


@settings(max_examples=250, deadline=None)
@given(several=INCLUDES, anchored=ANCHORED, exclude=st.lists(PATTERNS, max_size=2), tree=TREES)
def test_include_only_sends_what_it_sends(
    several: list[str], anchored: list[str], exclude: list[str], tree: list[str]
) -> None:
    include = [*several, *anchored] or ["a"]
    included, excluded = ours.only(include, [*ours.ALWAYS, *exclude])
    left_out = Filter(excluded, included)
    assert [one for one in tree if not left_out.match(one)] == [*Sifter(exclude, include, hidden=True).sent(tree)]


ENTRIES = st.fixed_dictionaries(
    {"src": st.sampled_from(["kit", "own"]), "dest": st.sampled_from(["d", "e"])},
    optional={
        "exclude": st.lists(st.sampled_from(["*.out", "a/b", "**/a", "!a/b", "tmp/*", "b/"]), min_size=1, max_size=3),
        "include_only": st.lists(st.sampled_from(["*.md", "a/**", "b"]), min_size=1, max_size=2),
        "include_hidden": st.booleans(),
    },
)
FILES = [
    "a/b",
    "a/c.md",
    "b/a/x",
    "tmp/x",
    "x/tmp/y",
    "x.md",
    "x.out",
    ".env",
    ".hid/den",
    "a/.env.x",
    "b/b.md",
    "z.tmp",
]


def config_of(listed: list[list[dict[str, object]]], inline: list[dict[str, object]]) -> str:
    lists = [{"id": f"l{at}", "name": "L", "directories": entries} for at, entries in enumerate(listed)]
    target = {"repo": "acme/api", "directories": inline, "directory_list_refs": [one["id"] for one in lists]}
    group = {"name": "G", "id": "g", "source": {"repo": "acme/templates"}, "targets": [target]}
    return str({"version": 1, "directory_lists": lists, "groups": [group]}).replace("True", "true").replace("False", "false")  # fmt: skip


def sent_there(listed: list[list[dict[str, object]]], inline: list[dict[str, object]]) -> dict[str, str]:
    """What go-broadcast sends, by its rules: the later entry with a `dest` counts, by `dest` the later file is written."""
    entries = {one["dest"]: (one, False) for entries in listed for one in entries}
    entries |= {one["dest"]: (one, True) for one in inline}
    sent = {}
    for dest, (one, own) in sorted(entries.items()):
        exclude = one.get("exclude") or (CONFIG if own else [])
        sifter = Sifter(exclude, one.get("include_only", []), hidden=one.get("include_hidden", True))
        sent |= {f"{dest}/{path}": f"{one['src']}/{path}" for path in sifter.sent(FILES)}
    return sent


@settings(max_examples=120, deadline=None)
@given(
    listed=st.lists(st.lists(ENTRIES, min_size=1, max_size=2), min_size=1, max_size=3),
    inline=st.lists(ENTRIES, max_size=2),
)
def test_lists_and_entries_send_what_they_send_there(
    listed: list[list[dict[str, object]]], inline: list[dict[str, object]]
) -> None:
    (spec,) = parse(config_of(listed, inline), "sync.yaml", "acme/templates").targets
    sent: dict[str, tuple[int, str]] = {}
    for one in spec.mappings:
        left_out = Filter(one.exclude, one.include_only, hidden=one.hidden)
        for path in (path for path in FILES if not left_out.match(path)):
            key = f"{one.dest}/{path}"
            sent[key] = max(sent.get(key, (-1, "")), (one.level, f"{one.src}/{path}"))
    assert {path: src for path, (_, src) in sent.items()} == sent_there(listed, inline)


@pytest.mark.parametrize("pattern", ["*a" * 400 + "!", "**a" * 300 + "!", "?" * 900, "a?" * 400])
def test_no_pattern_makes_it_slow(pattern: str) -> None:
    started = time.perf_counter()
    assert [*Sifter([pattern], [], hidden=True).sent(["a" * 200])] == ["a" * 200]
    assert not Filter(ours.excludes([pattern])).match("a" * 200)
    assert time.perf_counter() - started < 5
