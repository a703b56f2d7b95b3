"""Which targets a run works on: groups that were asked for, branches that something is sent from."""

from __future__ import annotations

import pytest

from broadcast.config.model import Config
from broadcast.config.narrowing import chosen, in_groups
from broadcast.config.targets import Target, on_branch, resolve
from broadcast.errors import UsageError
from broadcast.runner.provenance import refuse_ref
from tests.unit.config.test_parse import SOURCE, read
from tests.unit.config.test_targets import BOTH, CHAIN, GROUPS
from tests.unit.plan.test_guards import standing

# Choosing


def labels(found: list[Target]) -> list[str]:
    return [target.label for target in found]


def of_groups(text: str, only: list[str], skip: list[str]) -> list[str]:
    config = read(text)
    return labels(in_groups(resolve(config, SOURCE, {})[0], config, only, skip))


@pytest.mark.parametrize(
    ("only", "skip", "expected"),
    [
        ([], [], ["c", "shared", "b", "a", "x"]),
        (["a"], [], ["shared", "a"]),
        (["first"], [], ["shared", "a"]),
        (["first", "apart"], [], ["shared", "a", "x"]),
        ([], ["a"], ["c", "shared", "b", "x"]),
        ([], ["first", "c"], ["b", "x"]),
        (["a", "b"], ["b"], ["shared", "a"]),
        (["b"], ["second"], []),
    ],
)
def test_groups_are_chosen_by_id_or_name_and_skipped_where_no_other_reaches(only, skip, expected):
    assert of_groups(CHAIN, only, skip) == [f"acme/{name}" for name in expected]


@pytest.mark.parametrize(("only", "skip", "key"), [(["nope"], [], "only-groups"), ([], ["nope"], "skip-groups")])
def test_a_group_that_is_not_there_is_an_error_that_names_those_that_are(only, skip, key):
    with pytest.raises(UsageError) as caught:
        of_groups(CHAIN, only, skip)
    assert caught.value.message == f"{key}: there is no group 'nope'"
    assert all(name in caught.value.remedy for name in ("first", "apart", "a, "))


def test_a_name_that_two_groups_have_means_both():
    text = (
        GROUPS
        + "  - {name: ci, id: a, targets: [acme/a]}\n  - {name: ci, id: b, targets: [acme/b]}\n  - {name: x, targets: [acme/c]}\n"
    )
    assert of_groups(text, ["ci"], []) == ["acme/a", "acme/b"]
    assert of_groups(text, [], ["ci"]) == ["acme/c"]


def test_a_filter_chooses_targets_and_leaves_their_content_whole():
    config = read(BOTH)
    whole, _ = resolve(config, SOURCE, {})
    (only,) = in_groups(whole, config, ["early"], [])
    assert {mapping.dest for mapping in only.mappings} == {"LICENSE", "b"}
    assert chosen(whole, ["acme/api"]) == [only]


# Branches of the source

BRANCHES = "version: 1\ngroups:\n" + "".join(
    f"  - {{name: {name}, targets: [acme/{name}], files: [{name}.txt]{source}}}\n"
    for name, source in {"any": "", "stable": ", source: {branch: main}", "next": ", source: {branch: next}"}.items()
)


def sending(config: Config) -> set[str]:
    return {spec.group.name for spec in config.targets if spec.enabled}


@pytest.mark.parametrize(
    ("branch", "default", "expected"),
    [
        ("main", "main", {"any", "stable"}),
        ("next", "main", {"next"}),
        ("feature", "main", {"any"}),
        ("", "main", {"any", "stable", "next"}),
        ("main", "", {"stable", "any"}),
        ("next", "next", {"any", "next"}),
    ],
)
def test_a_group_sends_from_its_own_branch_and_without_one_from_the_default(branch, default, expected):
    config, warnings = on_branch(read(BRANCHES), branch, default)
    assert sending(config) == expected
    assert len(warnings) == 3 - len(expected)
    assert all(f"and this is {branch}" in warning for warning in warnings)
    assert {mapping.src for mapping in config.sources} == {f"{name}.txt" for name in expected}


def test_what_stands_at_the_top_sits_out_as_well():
    text = "version: 1\nfiles: [a]\ntargets: [acme/api]\nsource: {branch: next}\n"
    config, warnings = on_branch(read(text), "main", "main")
    assert (sending(config), warnings) == (set(), ["the config sends from next, and this is main"])
    assert resolve(config, SOURCE, {})[0] == ()


@pytest.mark.parametrize("event", ["push", "workflow_dispatch", "schedule"])
def test_a_branch_that_the_config_names_may_be_synced_from_and_no_other(event):
    branches = read(BRANCHES).branches
    assert branches == {"main", "next"}
    refuse_ref(standing(event, "refs/heads/next"), "", lambda: branches)
    for ref in ("refs/heads/feature", "refs/heads/next2", "refs/tags/next", "refs/pull/3/merge"):
        with pytest.raises(UsageError):
            refuse_ref(standing(event, ref), "", lambda: branches)


def test_a_pull_request_is_never_synced_from_whatever_its_branch_is_called():
    with pytest.raises(UsageError):
        refuse_ref(standing("pull_request_target", "refs/heads/next"), "", lambda: read(BRANCHES).branches)


def test_a_disabled_group_reaches_no_one_and_is_not_forgotten():
    config = read(BRANCHES.replace("name: any", "name: any, enabled: false"))
    assert sending(config) == {"stable", "next"}
    assert "any" in {spec.group.name for spec in config.targets}
    assert {one.src for one in config.sources} == {"stable.txt", "next.txt"}
