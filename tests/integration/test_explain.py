"""`plan --explain PATH`: which mapping, pattern, mode and content decide, and where each of them is written."""

from __future__ import annotations

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.world import World

CONFIG = """\
version: 1
vars: {TEAM: platform}
targets:
  - acme/api
  - {repo: acme/web, files: [{src: own.md, dest: docs/a.md}]}
  - {repo: acme/old, remove: [docs/b.md]}
directories:
  - {src: kit, dest: docs, exclude: ["*.tmp", drafts/], mode: mirror}
  - {src: ci, dest: .github/workflows, template: true, include_only: ["*.yml"], include_hidden: false}
files:
  - {src: renovate.json, mode: seed, unless_exists: [.github/renovate.json], transform: {variables: {X: "1"}}}
"""
FILES = [
    "own.md", "kit/a.md", "kit/b.md", "kit/x.tmp", "kit/x.out", "kit/drafts/c.md", "ci/ci.yml", "ci/ci.md", "ci/.hidden.yml",
    "renovate.json",
]  # fmt: skip


@pytest.fixture
def world(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        made = World(tmp_path, hub)
        made.write(dict.fromkeys(FILES, "text\n"), CONFIG)
        yield made


def told(world, path: str) -> list[str]:
    """The explanation, in the log and in the summary; GitHub isn't asked."""
    ran = world.run(command="plan", explain=path)
    assert (ran.code, world.hub.requests) == (0, [])
    lines = ran.log.split("from acme/templates\n")[1].split(f"What decides about {path}")[0].rstrip().splitlines()
    assert all(f"    {line}" in ran.summary for line in lines)
    return lines


def test_a_file_is_sent_by_its_most_specific_mapping(world):
    assert told(world, "docs/a.md") == [
        "docs/a.md",
        "  acme/api, acme/old: sent from kit/a.md, as a file",
        "    by the mapping at .github/broadcast.yml:8:5, mode mirror",
        "    content: byte by byte",
        "  acme/web: sent from own.md, as a file",
        "    by the mapping at .github/broadcast.yml:5:30, mode copy",
        "    content: byte by byte",
        "    not by the mapping at .github/broadcast.yml:8:5: it is less specific",
    ]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("docs/x.tmp", "excluded by '*.tmp' at .github/broadcast.yml:8:38"),
        ("docs/x.out", "excluded by '*.out', one of the default excludes"),
        ("docs/drafts/c.md", "excluded by 'drafts/' at .github/broadcast.yml:8:47"),
        (".github/workflows/ci.md", "no pattern of include_only names it"),
        (".github/workflows/.hidden.yml", "include_hidden: false leaves it out"),
        (".github/workflows/none.yml", "the source has no ci/none.yml"),
    ],
)
def test_a_file_that_is_left_out_names_what_leaves_it_out(world, path, reason):
    line = 8 if path.startswith("docs") else 9
    verdict = f"kept: {reason}" if line == 8 else "not sent"  # the first of the two is a mirror
    assert told(world, path) == [
        path,
        f"  acme/api, acme/web, acme/old: {verdict}",
        f"    not by the mapping at .github/broadcast.yml:{line}:5: {reason}",
    ]


def test_what_a_mirror_deletes_and_what_is_removed(world):
    assert told(world, "docs/gone.md")[1] == "  acme/api, acme/web, acme/old: deleted where the target has it"
    assert "  acme/old: removed, by `remove` at .github/broadcast.yml:6:31" in told(world, "docs/b.md")


def test_the_content_rules_are_reported(world):
    lines = told(world, ".github/workflows/ci.yml")
    assert "    content: a template with TEAM" in lines
    lines = told(world, "renovate.json")
    assert "    by the mapping at .github/broadcast.yml:11:5, mode seed" in lines
    assert "    content: X replaced" in lines
    assert "    unless the target has .github/renovate.json" in lines


def test_a_path_of_the_source_is_followed_to_where_it_goes(world):
    assert told(world, "kit/x.tmp")[0] == "kit/x.tmp → docs/x.tmp"
    assert told(world, "ci/ci.yml")[0] == "ci/ci.yml → .github/workflows/ci.yml"


def test_what_a_mirror_excludes_is_kept_also_where_only_the_target_has_it(world):
    assert told(world, "docs/drafts/own.md")[1].endswith("kept: excluded by 'drafts/' at .github/broadcast.yml:8:47")


def test_a_directory_is_neither_sent_nor_deleted(world):
    assert "a directory; " in told(world, ".github/workflows")[1]


def test_a_path_that_nothing_speaks_of(world):
    assert told(world, "nothing") == ["nothing", "  acme/api, acme/web, acme/old: not sent"]


def test_many_targets_with_one_answer_are_counted(world):
    world.write({}, CONFIG.replace("  - acme/api\n", "".join(f"  - acme/t{n}\n" for n in range(20))))
    assert told(world, "docs/x.tmp")[1] == (
        "  acme/t0, acme/t1, acme/t2, acme/t3, acme/t4 and 17 more: kept: excluded by '*.tmp' at .github/broadcast.yml:27:38"
    )
