"""The way to every unknown directory: nothing is asked twice, and never in a way that can't answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.config import targets
from broadcast.config.parse import parse
from broadcast.git import paths
from broadcast.git.objects import REGULAR, Entry, blob_id, build_tree
from broadcast.observe.drift import Gap
from broadcast.observe.traversal import FEW, MAX_BY_PATH, WIDE, TreeLocation, route

ONE, TWO, THREE = targets.resolve(
    parse("version: 1\nfiles: [x]\ntargets: [acme/one, acme/two, acme/one@next]\n", "c.yml", "acme/kit"),
    "acme/kit",
    {},
)[0]
OIDS = [blob_id(b"%d" % n) for n in range(4)]
NOTHING = frozenset()
patiently = settings(deadline=None)  # a busy machine is no reason to fail


def tree(count: int, per_directory: int = 0):
    """A directory of ours with that many files, in subdirectories of so many each."""
    folder = (lambda n: f"d{n // per_directory}/") if per_directory else (lambda _: "")
    return build_tree({f"{folder(n)}f{n}": Entry(REGULAR, OIDS[0]) for n in range(count)})


def place(target=ONE, side="base") -> TreeLocation:
    return TreeLocation(target, side, blob_id(f"{target.label} {side}".encode()))


def listed(routes) -> list[str]:
    """Every tree that is listed, as often as it is."""
    return [*routes.by_rest, *(oid for asked in routes.by_graphql.values() for oid in asked)]


def small(whole: bool = False, oid: str = OIDS[0], path: str = "kit") -> Gap:
    return Gap(path, oid, tree(3), whole)


TREES = st.sampled_from([tree(count, per) for count in (1, FEW, FEW + 1, 60) for per in (0, 7)])
HUGE = st.sampled_from([tree(count, 100) for count in (MAX_BY_PATH, MAX_BY_PATH + 1, WIDE - 1, WIDE)])
GAPS = st.lists(
    st.one_of(
        st.builds(Gap, st.just(""), st.sampled_from(OIDS), TREES | HUGE, st.booleans()),
        st.builds(Gap, st.just(""), st.sampled_from(OIDS), st.none(), st.just(True)),
    ),
    max_size=4,
).map(lambda found: [gap._replace(path=f"p{at}") for at, gap in enumerate(found)])
PLACES = st.dictionaries(
    st.builds(place, st.sampled_from([ONE, TWO, THREE]), st.sampled_from(["base", "ours"])), GAPS, max_size=6
)
SETS = st.frozensets(st.sampled_from(OIDS))


@patiently
@given(PLACES, SETS, SETS)
def test_no_tree_is_listed_twice_however_many_have_it(gaps, heavy, lost):
    found = listed(route(gaps, heavy | lost, lost))
    assert len(found) == len(set(found))


@patiently
@given(PLACES, SETS, SETS)
def test_a_tree_is_listed_of_a_target_that_has_it(gaps, heavy, lost):
    routes = route(gaps, heavy | lost, lost)
    having = {(place.target, gap.oid) for place, found in gaps.items() for gap in found}
    asked = {(target, oid) for target, oids in routes.by_graphql.items() for oid in oids}
    assert asked | {(target, oid) for oid, target in routes.by_rest.items()} <= having


@patiently
@given(PLACES, SETS)
def test_every_gap_is_asked_about_in_one_way_or_the_other(gaps, heavy):
    routes = route(gaps, heavy, NOTHING)
    for one, found in gaps.items():
        asked = routes.by_path.get(one, [])
        for gap in found:
            below = [path for path in asked if paths.is_below(path, gap.path)]
            assert below or gap.oid in listed(routes)


@patiently
@given(PLACES, SETS, SETS)
def test_where_every_name_counts_nothing_is_asked_by_path(gaps, heavy, lost):
    routes = route(gaps, heavy | lost, lost)
    for one, asked in routes.by_path.items():
        partial = [gap.path for gap in gaps[one] if not gap.whole]
        assert all(any(paths.is_below(path, gap) for gap in partial) for path in asked)


@patiently
@given(PLACES, SETS, SETS)
def test_what_is_asked_by_path_is_everything_of_ours_below_once(gaps, heavy, lost):
    for one, asked in route(gaps, heavy | lost, lost).by_path.items():
        assert len(asked) == len(set(asked))
        for gap in gaps[one]:
            below = {path for path in asked if paths.is_below(path, gap.path)}
            assert below in (set(), {f"{gap.path}/{path}" for path in names(gap.tree)})


@patiently
@given(PLACES, SETS)
def test_what_is_too_large_for_graphql_is_never_asked_of_it_again(gaps, heavy):
    assert not {oid for asked in route(gaps, heavy, NOTHING).by_graphql.values() for oid in asked} & heavy


def names(one) -> set[str]:
    """All paths in a tree, its directories among them."""
    if one is None:
        return set()
    below = {f"{name}/{path}" for name, subtree in one.subtrees.items() for path in names(subtree)}
    return below | set(one.entries)


def test_a_few_files_of_one_owner_are_asked_by_path_with_the_directories_between():
    gap = Gap("kit", OIDS[0], build_tree({"a": Entry(REGULAR, OIDS[1]), "b/c/d": Entry(REGULAR, OIDS[1])}), whole=False)
    routes = route({place(): [gap]}, NOTHING, NOTHING)
    assert routes.by_path == {place(): ["kit/a", "kit/b", "kit/b/c", "kit/b/c/d"]}
    assert not listed(routes)


def test_at_the_root_paths_have_no_dot_before_them():
    assert route({place(): [small(path=".")]}, NOTHING, NOTHING).by_path == {place(): ["f0", "f1", "f2"]}


def test_the_base_and_our_branch_of_one_repository_are_one_owner():
    gaps = {place(): [small()], place(side="ours"): [small()], place(THREE): [small()]}
    assert set(route(gaps, NOTHING, NOTHING).by_path) == set(gaps)


def test_what_two_repositories_have_is_listed_once_for_both():
    routes = route({place(): [small()], place(TWO): [small()]}, NOTHING, NOTHING)
    assert routes.by_graphql == {ONE: {OIDS[0]: 1}}
    assert not routes.by_path


def test_one_file_too_many_is_listed():
    assert route({place(): [Gap("kit", OIDS[0], tree(FEW), whole=False)]}, NOTHING, NOTHING).by_path
    routes = route({place(): [Gap("kit", OIDS[0], tree(FEW + 1), whole=False)]}, NOTHING, NOTHING)
    assert routes.by_graphql == {ONE: {OIDS[0]: 1}}


def test_as_many_levels_are_listed_as_ours_has():
    deep = build_tree({"a/b/c/d": Entry(REGULAR, OIDS[1]), "x": Entry(REGULAR, OIDS[1])})
    gaps = {place(): [Gap("kit", OIDS[0], deep, whole=True), Gap("old", OIDS[1], None, whole=True)]}
    assert route(gaps, NOTHING, NOTHING).by_graphql == {ONE: {OIDS[0]: 4, OIDS[1]: 1}}


def test_a_wide_subtree_comes_by_rest_and_one_file_less_by_graphql():
    wide = Gap("kit", OIDS[0], tree(WIDE, 50), whole=True)
    assert route({place(): [wide]}, NOTHING, NOTHING).by_rest == {OIDS[0]: ONE}
    narrow = wide._replace(tree=tree(WIDE - 1, 50))
    assert route({place(): [narrow]}, NOTHING, NOTHING).by_graphql == {ONE: {OIDS[0]: 2}}


def test_what_graphql_cannot_list_comes_by_rest():
    routes = route({place(): [small(whole=True)], place(TWO): [small(whole=True)]}, frozenset(OIDS), NOTHING)
    assert routes.by_rest == {OIDS[0]: ONE}
    assert not routes.by_graphql


def test_what_nothing_can_list_is_asked_by_path_of_every_owner():
    everywhere = frozenset(OIDS)
    gap = Gap("kit", OIDS[0], tree(MAX_BY_PATH), whole=False)
    routes = route({place(): [gap], place(TWO): [gap]}, everywhere, everywhere)
    assert {one: len(asked) for one, asked in routes.by_path.items()} == {place(): MAX_BY_PATH, place(TWO): MAX_BY_PATH}
    assert not listed(routes)


@pytest.mark.parametrize("whole", [True, False])
def test_what_nothing_can_list_and_no_path_can_name_is_given_up(whole):
    gap = Gap("kit", OIDS[0], tree(MAX_BY_PATH + 1), whole)
    routes = route({place(): [gap]}, frozenset(OIDS), frozenset(OIDS))
    assert not listed(routes)
    assert not routes.by_path
