"""Random configs by seed: of any shape that the format allows, or valid ones with random damage."""

from __future__ import annotations

from random import Random
from typing import Any

import yaml
from msgspec import inspect

from broadcast.config.format import WrittenConfig, WrittenTarget
from broadcast.config.format_entries import WrittenMapping
from broadcast.config.sharing import MEANINGFUL

FILE, SOURCE = ".github/broadcast.yml", "acme/templates"
TREE = (
    "LICENSE", "kit/a.md", "kit/b.out", "kit/.hidden", "kit/deep/er/c.md", "kit/deep/a.md", "kit/tmp/x", "docs/x.md",
    ".github/workflows/ci.yml", FILE, "odd/a b", "odd/ü.md",
)  # fmt: skip
GOOD_PATHS = [
    *TREE,
    "kit",
    "kit/",
    "./kit",
    "docs",
    ".",
    "odd",
    ".github",
    "new/place",
    "X",
    "kit/deep",
    "a//b",
    ".gitignore",
]
BAD_PATHS = [
    "../x", "kit/../../x", "/etc/passwd", ".git", ".GIT/hooks/x", "kit/.git/config", "git~1/x", ".git. /x", "a\\b", "a\0b",
    "a\nb", "a\x7fb", "", "..", "~/x", "C:\\x", "\u200c.git/x", ".git:x", "nowhere",
]  # fmt: skip
PATTERNS = [
    "*.out",
    "!keep",
    "**/tmp/**",
    "deep/",
    "/a.md",
    "*",
    "!*",
    "[a-z]*",
    "a[",
    "\\",
    "**",
    "#x",
    " ",
    "a/**/b",
    "*.md",
]
TEXTS = [
    "x",
    "no",
    "1.10",
    "",
    "ü€😀",
    "a: b",
    "# c",
    "{source}",
    "{target} {files}",
    "{x}",
    "{",
    "a\nb",
    "-",
    "[",
    "@x",
    "on",
    "~",
]
SAID: dict[str, list[str]] = {
    "repo": [
        "acme/api",
        "acme/web",
        "acme/*",
        "acme/svc-?",
        "ACME/api",
        SOURCE,
        "acme",
        "a/b/c",
        "*/x",
        "acme/..",
        "!acme/web",
    ],
    "branch": ["main", "release/2.x", "a b", "-x", "x.lock"],
    "owner": ["acme", "acme-labs", "ac me", ""],
    "visibility": ["public", "private", "publc"],
    "branch_prefix": ["chore/sync", "b", "x/y", "z", "a/", ".x"],
    "pr_title": ["x", "{source}", "{target} {files}", "ü€😀", "{x}", "{", "{source!r}"],
    "pr_body": ["x", "{source}", "a\nb", "ü€😀", "{x}", "}"],
    "commit_message": ["x", "{base}", "a\nb", "ü€😀", "{0}", "{change_list}", "x\n\n{change_list}"],
    "commit_author": ["Al <al@example.com>", "Al", "<al@example.com>", "a\nb <c@d.e>", "Al <a b@c.d>", ""],
    "id": ["a", "b", "go-services", ""],
    "depends_on": ["a", "b", "c"],
    "file_list_refs": ["a", "b"],
    "directory_list_refs": ["a", "b"],
    "exclude": PATTERNS,
    "zone": ["UTC", "Europe/Berlin", "Asia/Tokyo", "America/Lima", "Mars"],
    "include_only": PATTERNS,
}
PATHS = ("src", "dest", "remove", "unless_exists", "path")
LIKELY = ("repo", "src", "targets", "files", "file_lists", "directory_lists")
OFTEN = {
    **dict.fromkeys(LIKELY, 0.9), "file_lists": 0.6, "directory_lists": 0.6, "src": 0.98, "repo": 0.97, "source": 0.02, "delete": 0.02, "enabled": 0.02, "freeze": 0.02,
    **dict.fromkeys(("owner", "topic", "visibility", "language", "archived", "forks"), 0.02),
    "delimiters": 0.004,
    **dict.fromkeys(("file_list_refs", "directory_list_refs", "depends_on"), 0.03),
}  # fmt: skip
ODD_KEYS = ["labls", "fils", "x-a", "5", "<<"]
OTHERS = [None, 5, -1, 1.5, True, "x", [], {}, ["x"], {"a": "b"}, [[]], 10**30]


class Maker:
    """Draws values of the format's own types."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.slips = self.chance.choice((0.0, 0.0, 0.03))  # how often it draws something else

    def text(self, key: str) -> str:
        """Something that may stand at `key`."""
        if key in SAID:
            known = SAID[key][:4]
            return self.chance.choice(known if self.chance.random() < 0.95 else SAID[key])
        if self.chance.random() < 0.01:
            return "".join(
                chr(self.chance.choice((self.chance.randrange(128), self.chance.randrange(0xD7FF)))) for _ in range(6)
            )
        if key in PATHS:
            return self.chance.choice(BAD_PATHS if self.chance.random() < 0.03 else GOOD_PATHS)
        return self.chance.choice(TEXTS)

    def value(self, kind: inspect.Type, key: str = "") -> Any:
        """Something of this type; rarely something else."""
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind
        if self.chance.random() < self.slips:
            return self.chance.choice(OTHERS)
        if isinstance(kind, inspect.UnionType):
            return self.value(self.chance.choice(kind.types), key)
        if isinstance(kind, inspect.StructType):
            return self.struct(kind)
        if isinstance(kind, inspect.ListType):
            least = key in (*LIKELY, "groups")
            items = [self.value(kind.item_type, key) for _ in range(self.chance.randint(least, 3))]
            return [
                one | {"id": name} if isinstance(one, dict) and "id" in one else one
                for one, name in zip(items, "abc", strict=False)
            ]
        if isinstance(kind, inspect.DictType):
            item = kind.value_type if isinstance(kind.value_type, inspect.UnionType) else inspect.StrType()
            return {name: self.value(item, "vars") for name in ("A", "B_1") if self.chance.random() < 0.3}
        if isinstance(kind, inspect.LiteralType):
            return self.chance.choice(kind.values)
        if isinstance(kind, inspect.BoolType):
            return self.chance.random() < 0.5
        if isinstance(kind, inspect.DateType):
            return self.chance.choice(["2026-12-20", "2026-12-24T18:00", "2027-01-04", "soon"])
        if isinstance(kind, inspect.IntType):
            return self.chance.randint(0, 9)
        return None if isinstance(kind, inspect.NoneType) else self.text(key)

    def struct(self, kind: inspect.StructType) -> Any:
        """A mapping, or the text that is short for it."""
        if hasattr(kind.cls, "from_text") and self.chance.random() < 0.5:
            return self.text("repo" if kind.cls is WrittenTarget else "src")
        made: dict[str, Any] = {}
        for field in kind.fields:
            often = 1.0 if field.required else OFTEN.get(field.name, 0.08)
            if kind.cls is WrittenMapping and field.name in MEANINGFUL:
                often = 0.1 if made.get("mode", "copy") in MEANINGFUL[field.name] else 0.002
            if field.name != "place" and self.chance.random() < often:
                made[field.encode_name] = self.value(field.type, field.name)
        if self.chance.random() < self.slips / 2:
            made[self.chance.choice(ODD_KEYS)] = "x"
        return made


def document(seed: int) -> str:
    """A random config in one of the many styles of YAML."""
    maker = Maker(seed)
    choose = maker.chance.choice
    return yaml.safe_dump(
        maker.struct(inspect.type_info(WrittenConfig)),
        default_flow_style=choose([True, False, None]),
        default_style=choose([None, None, None, None, '"', "|"]),
        indent=choose([2, 4, 6]),
        width=choose([20, 80, 10_000]),
        allow_unicode=choose([True, False]),
        line_break=choose(["\n", "\r\n"]),
        explicit_start=choose([True, False]),
        sort_keys=choose([True, False]),
    )


# Configs that are right, to be mutated; together they have every key.
RIGHT = [
    "version: 1\ntargets: [acme/api, acme/web@develop, '!acme/x']\nfiles: [LICENSE, {src: kit, dest: lib}]\nremove: [old]\n",
    """\
version: 1
x-kit: &kit {src: kit, dest: .kit, mode: mirror, exclude: ["*.out", '!keep.md'], required: true}
directories: [*kit]
targets:
  - {owner: [acme], topic: oss, exclude: [acme/svc-*], vars: {A: 1.10}}
  - repo: acme/api
    <<: {pr_title: "sync {source}", pr_labels: [a]}
    remove: [docs/old.md]
limits: {max_targets: 9, max_deletions: 3}
on_decline: repropose
""",
    """\
version: 1
file_lists:
  - {id: a, files: [LICENSE, {dest: gone.md, delete: true}]}
directory_lists: [{id: b, directories: [{src: kit/deep, dest: deep, preserve_structure: false}]}]
groups:
  - name: one
    id: one
    source: {repo: acme/templates, branch: main, security_email: a@b.c}
    global: {pr_reviewers: [sam]}
    defaults: {branch_prefix: chore/sync, pr_draft: yes}
    targets:
      - {repo: acme/api, file_list_refs: [a], directory_list_refs: [b], transform: {repo_name: true}}
  - {name: two, depends_on: [one], priority: 3, enabled: true, targets: [acme/web], files: [docs/x.md]}
""",
]
SCRAPS = [
    *"[]{}:,-?&*!|>'\"%@`#~<= \t\n\0\r\x85\ufeff\u2028.0x", "\n  ", "- ", ": ", "<<: ", "*kit", "&a ", "*a", "!!int ", "!!bool ",
    "!!binary ", "!!set ", "!!python/object:os.system ", "!x ", "---\n", "...\n", "%YAML 9.9\n", "../", "/", ".git/", "{source!r}",
    "0777", "1_0", "1:1", "null", "version: 1\n", "targets: ", "\\0", "\\x1b", "\U0001f600", "[" * 150, "- " * 150, "9" * 40,
]  # fmt: skip


def mutant(seed: int) -> str:
    """A random or valid config, with parts of its text removed, doubled, reversed or replaced."""
    chance = Random(seed)
    text = chance.choice(RIGHT) if chance.random() < 0.7 else document(seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 0, 1, 1, 3, 12)))
        old = text[start:end]
        text = (
            text[:start]
            + chance.choice((chance.choice(SCRAPS), chance.choice(SCRAPS), "", old * 2, old[::-1]))
            + text[end:]
        )
    return text
