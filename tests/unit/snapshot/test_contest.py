"""Which mapping decides on a path: the more specific one, part by part where a file is shared."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from broadcast.compose.parts import Block, BlockRemoval
from broadcast.config.mappings import GROUP, TARGET, TOP
from broadcast.config.parse import parse
from broadcast.git.objects import REGULAR, blob_id
from broadcast.snapshot.contest import Candidate, Contest
from broadcast.snapshot.snapshot import Wanted

TEXT = "version: 1\ntargets: [acme/api]\nfiles: [%s]\n%s"


def contest(*entries: str, removals: str = "", levels: tuple[int, ...] = ()) -> Contest:
    """A contest of these entries at `levels`, the top by default."""
    config = parse(TEXT % (", ".join(entries), removals), "c.yml", "acme/templates")
    made = Contest(config)
    spec = config.targets[0]
    for at, mapping in enumerate(spec.mappings):
        placed = replace(mapping, level=levels[at] if levels else TOP)
        file = Wanted(REGULAR, blob_id(mapping.src.encode()), mapping.src, mapping=placed)
        made.add(mapping.dest, Candidate((placed.level, True), file, placed))
    made.remove([replace(one, level=TARGET) for one in spec.removals] if levels else spec.removals)
    made.settle()
    return made


def block(src: str, more: str = "") -> str:
    return f"{{src: {src}, dest: x, mode: block{more}}}"


def ids(found: Contest, path: str = "x") -> list[str]:
    return [one.part.id for one in found.shared().get(path, ()) if isinstance(one.part, Block)]


def test_blocks_of_several_names_are_in_one_file():
    found = contest(block("a.txt"), block("b.txt"))
    assert (found.problems, ids(found), found.whole) == ([], ["a", "b"], {})


def test_two_blocks_of_one_name_contradict_each_other_at_one_level():
    (problem,) = contest(block("kit/a.txt"), block("lib/a.txt")).problems
    assert problem.message == "kit/a.txt and lib/a.txt both go to the block a of x"
    assert problem.remedy == "line 3 sends the other; exclude one of them, or give one another `id`"


def test_the_more_specific_block_of_one_name_wins():
    found = contest(block("kit/a.txt"), block("lib/a.txt"), levels=(TOP, GROUP))
    assert [one.wanted.source for one in found.shared()["x"] if one.wanted] == ["lib/a.txt"]


@pytest.mark.parametrize(("levels", "whole"), [((TOP, TARGET), False), ((TARGET, TOP), True)])
def test_a_whole_file_and_a_part_of_it_contradict_each_other_unless_one_is_more_specific(levels, whole):
    entries = ("{src: f, dest: x}", block("a.txt"))
    assert len(contest(*entries).problems) == 1
    found = contest(*entries, levels=levels)
    assert (found.problems, bool(found.whole), bool(ids(found))) == ([], whole, not whole)


def test_a_merge_is_the_whole_file():
    assert len(contest("{src: f, dest: x, mode: merge}", block("a.txt")).problems) == 1


def test_keys_of_several_files_and_a_block_are_in_one_file():
    found = contest("{src: a.yml, dest: x.yml, mode: keys}", "{src: b.yml, dest: x.yml, mode: keys}",
                    "{src: c, dest: x.yml, mode: block}")  # fmt: skip
    assert (found.problems, len(found.shared()["x.yml"])) == ([], 3)


def test_a_block_is_taken_out_where_no_mapping_of_its_level_sends_it():
    removal = "remove: [{path: x, block: a}]\n"
    found = contest(block("b.txt"), removals=removal)
    assert [one.part for one in found.shared()["x"]] == [BlockRemoval("a"), Block("b")]
    assert len(contest(block("a.txt"), removals=removal).problems) == 1
    less = contest(block("a.txt"), removals=removal, levels=(TOP,))
    assert [one.part for one in less.shared()["x"]] == [BlockRemoval("a")]


def test_a_removed_path_has_no_parts():
    found = contest(block("a.txt"), removals="remove: [x]\n", levels=(TOP,))
    assert (found.problems, found.shared()) == ([], {})
