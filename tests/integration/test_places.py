"""A target that failed is shown at its line of the config: annotation, log, terminal and summary."""

from __future__ import annotations

import pytest

from tests.integration.test_commands import options, terminal
from tests.integration.test_people import later
from tests.world import World

HEAD = "version: 1\nfiles: [LICENSE]\ntargets:\n  - acme/api\n"


def nothing(_: World) -> None:
    pass


def another(swift: World) -> None:
    swift.hub.repository("acme/web", files={"README.md": b"x\n"})


def emptied(swift: World) -> None:
    files = {f"kit/{number}": b"x\n" for number in range(20)}
    swift.hub.repository("acme/web", files={"README.md": b"x\n", **files})


# The entry behind acme/api; what comes before; its line and column; words of the reason.
KINDS = {
    "no such repository": ("  - acme/gone\n", nothing, "5:5", "acme/gone doesn't exist or the token can't see it"),
    "in an object": ("  - {repo: acme/gone}\n", nothing, "5:5", "doesn't exist or the token can't see it"),
    "no such branch": ("  - acme/web@nowhere\n", another, "5:5", "has no branch nowhere"),
    "too many deletions": (
        "  - {repo: acme/web, remove: [kit]}\n",
        emptied,
        "5:5",
        "more than limits.max_deletions allows",
    ),
    "no such owner": ("  - {owner: nowhere}\n", nothing, "5:5", ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_failed_is_shown_at_its_line(swift, name):
    entry, before, place, reason = KINDS[name]
    before(swift)
    swift.hub.repository("acme/api", files={"README.md": b"x\n"})
    swift.write({"LICENSE": "MIT\n"}, HEAD + entry)
    ran = later(swift)
    (failed,) = [one for one in ran.results["targets"] if one["outcome"] == "failed"]
    assert reason in failed["reason"]
    line, column = place.split(":")
    where = f"::error title=Broadcast,file=.github/broadcast.yml,line={line},col={column}::{failed['target']}: "
    assert where in ran.log
    shown = f".github/broadcast.yml:{place}\n    {entry.rstrip()}\n    {' ' * (int(column) - 1)}^\n"
    assert shown in ran.log
    assert f"line {line} of the config" in ran.summary.replace("\u00a0", " ")


def test_a_terminal_shows_one_with_its_line_and_several_with_their_places(world):
    world.hub.repository("acme/api", files={"README.md": b"x\n"})
    world.write({"LICENSE": "MIT\n"}, HEAD + "  - acme/gone\n")
    assert ".github/broadcast.yml:5:5\n          - acme/gone\n" in terminal(world, "plan", *options(world)).stdout
    world.write({}, HEAD + "  - acme/gone\n  - acme/lost\n")
    text = terminal(world, "plan", *options(world)).stdout
    assert "    acme/gone at .github/broadcast.yml:5:5\n    acme/lost at .github/broadcast.yml:6:5\n" in text
