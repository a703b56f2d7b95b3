"""The config by itself: what every level says and which of them is heard."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import inspect

from broadcast.config import format, format_entries, format_rollout
from broadcast.config.mappings import Mapping
from broadcast.config.model import Config
from broadcast.config.parse import parse
from broadcast.config.settings import Settings
from broadcast.config.targets import Target, resolve
from broadcast.config.values import Number
from broadcast.config.yaml_reader import Placed
from broadcast.errors import ConfigError, Problem

FILE, SOURCE = "broadcast.yml", "acme/templates"
GOOD = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"


def read(text: str) -> Config:
    return parse(text, FILE, SOURCE)


def problems(text: str) -> list[Problem]:
    """All that is wrong with it."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    return list(caught.value.problems)


def the_problem(text: str) -> Problem:
    """The only thing that is wrong with it."""
    (problem,) = problems(text)
    return problem


def pointed_at(problem: Problem) -> str:
    """The text from the caret on."""
    line, caret = problem.excerpt.split("\n")
    assert len(caret) == problem.column
    return line[len(caret) - 1 :]


def targets(text: str) -> dict[str, Target]:
    """Its targets, where it has no selectors."""
    found, _ = resolve(read(text), SOURCE, {})
    return {target.label: target for target in found}


def winner(target: Target, dest: str) -> str:
    """The source of the mapping that decides about a destination."""
    mapping: Mapping = max((one for one in target.mappings if one.dest == dest), key=lambda one: one.level)
    return mapping.src


# Which level wins a destination

LEVELS = {
    "target": "      - {repo: acme/api, files: [{src: of-target, dest: X}]}",
    "group": "    files: [{src: of-group, dest: X}]",
    "list": "    file_list_refs: [common]",
    "top": "files: [{src: of-top, dest: X}]",
}


@pytest.mark.parametrize("at", range(4))
def test_a_destination_belongs_to_the_target_then_the_group_then_the_list_then_the_top(at):
    said = list(LEVELS)[at:]
    lines = ["version: 1", "file_lists: [{id: common, files: [{src: of-list, dest: X}]}]"]
    lines += [LEVELS["top"]] if "top" in said else []
    lines += ["groups:", "  - name: g"] + [LEVELS[one] for one in said if one in ("group", "list")]
    lines += ["    targets:", LEVELS["target"] if "target" in said else "      - acme/api"]
    assert winner(targets("\n".join(lines))["acme/api"], "X") == f"of-{said[0]}"


def test_a_target_by_name_is_more_specific_than_a_selector_that_finds_it():
    text = """\
version: 1
targets:
  - {repo: acme/*, files: [{src: of-all, dest: X}], pr_title: all, vars: {A: all, B: all}}
  - {repo: acme/api, files: [{src: own, dest: X}], pr_title: own, vars: {A: own}}
"""
    from broadcast.config.selectors import SelectedRepository

    config = read(text)
    selector = next(spec.selector for spec in config.targets if spec.selector)
    api = SelectedRepository("acme", "api", "R1", False, False, "public", "", frozenset())
    (target,), warnings = resolve(config, SOURCE, {selector: [api]})
    assert (winner(target, "X"), target.settings.pr_title, dict(target.vars)) == (
        "own",
        "own",
        {"A": "own", "B": "all"},
    )
    assert (warnings, target.selected) == ((), False)


def test_what_a_list_deletes_is_the_lists_own_so_that_a_group_may_send_it():
    text = """\
version: 1
file_lists: [{id: old, files: [{dest: X, delete: true}]}]
groups: [{name: g, files: [{src: a, dest: X}], targets: [{repo: acme/api, file_list_refs: [old]}]}]
"""
    (removal,) = targets(text)["acme/api"].removals
    (mapping,) = targets(text)["acme/api"].mappings
    assert removal.level < mapping.level


# Settings

SCALARS = {
    "branch_prefix": "p{}", "commit_message": "m{}", "pr_title": "t{}", "pr_body": "b{}", "pr_milestone": "v{}",
    "pr_draft": ("false", "true"), "pr_auto_merge": ("false", "true"), "pr_merge_method": ("squash", "rebase"),
    "delivery": ("push", "push_or_pull_request"),
    "on_local_change": ("overwrite", "keep"), "news": ("true", "false"), "commit_author": "N{} <n@example.com>",
    "sign_off": ("false", "true"), "co_authors": ("false", "true"),
}  # fmt: skip
LISTS = ("pr_labels", "pr_assignees", "pr_reviewers", "pr_team_reviewers")
PLACES = ("target", "group", "global", "defaults", "top")


def said(key: str, values: dict[str, str]) -> str:
    """A config in which each of these places says something of one key."""
    line = {place: f"{key}: {values[place]}" if place in values else "" for place in PLACES}
    return f"""\
version: 1
files: [LICENSE]
{line["top"]}
groups:
  - name: g
    targets: [{{repo: acme/api, {line["target"]}}}]
    global: {{{line["global"]}}}
    defaults: {{{line["defaults"]}}}
    {line["group"]}
"""


def test_every_setting_is_one_of_these():
    assert set(Settings.__struct_fields__) == {*SCALARS, *LISTS}


@pytest.mark.parametrize("key", SCALARS)
@pytest.mark.parametrize("at", range(len(PLACES)))
def test_of_a_setting_the_most_specific_place_is_heard(key, at):
    forms = SCALARS[key]
    first, others = (forms.format(1), forms.format(2)) if isinstance(forms, str) else forms
    values = {place: first if i == at else others for i, place in enumerate(PLACES) if i >= at}
    (target,) = targets(said(key, values)).values()
    assert getattr(target.settings, key) == {"true": True, "false": False}.get(first, first)


@pytest.mark.parametrize("key", LISTS)
def test_of_a_list_all_places_are_united_and_defaults_speak_only_where_none_does(key):
    everywhere = {place: f"[{place}, both]" for place in PLACES}
    united = getattr(targets(said(key, everywhere))["acme/api"].settings, key)
    assert united == ("target", "both", "group", "global", "top")
    alone = targets(said(key, {"defaults": "[fallback]"}))["acme/api"].settings
    assert getattr(alone, key) == ("fallback",)


def test_nothing_is_labelled_or_asked_unless_the_config_says_so():
    settings = targets(GOOD)["acme/api"].settings
    assert settings == Settings()
    assert not settings.is_decorated


@pytest.mark.parametrize("key", [one for one in format.WrittenLimits.__struct_fields__ if one != "place"])
def test_every_limit_is_read(key):
    assert getattr(read(f"{GOOD}limits: {{{key}: 7}}\n"), key) == 7


@pytest.mark.parametrize("key", [one for one in format.WrittenLimits.__struct_fields__ if one != "place"])
def test_a_limit_is_never_below_zero(key):
    problem = the_problem(f"{GOOD}limits: {{{key}: -1}}\n")
    assert "at least 0" in problem.message
    assert pointed_at(problem) == "-1}"


def test_limits_that_no_one_wrote():
    config = read(GOOD)
    assert (config.max_deletions, config.max_total_deletions) == (10, 50)
    assert (config.max_targets, config.max_pull_requests, config.max_open_pull_requests) == (None, None, None)


# Values for texts


def test_vars_and_variables_stay_as_they_are_written():
    values = "{A: 1.10, B: no, C: 007, D: 12:30:45, E: 2020-01-01, F: '', G: 1e3, H: 0x1F, I: +1, J: on}"
    expected = {
        "A": "1.10", "B": "no", "C": "007", "D": "12:30:45", "E": "2020-01-01", "F": "", "G": "1e3", "H": "0x1F",
        "I": "+1", "J": "on",
    }  # fmt: skip
    (target,) = targets(f"{GOOD}vars: {values}\ntransform: {{variables: {values}}}\n").values()
    assert dict(target.vars) == expected | {"A": Number("1.10")}
    assert dict(target.content(0).transform.variables) == expected


def test_of_vars_and_variables_the_most_specific_wins_name_by_name():
    text = """\
version: 1
files: [LICENSE]
vars: {A: top, B: top, C: top}
transform: {repo_name: true, variables: {A: top, B: top, C: top}}
groups:
  - name: g
    vars: {B: group, C: group}
    transform: {repo_name: false, variables: {B: group, C: group}}
    targets: [{repo: acme/api, vars: {C: target}, transform: {variables: {C: target}}}]
"""
    (target,) = targets(text).values()
    transform = target.content(0).transform
    assert dict(target.vars) == dict(transform.variables) == {"A": "top", "B": "group", "C": "target"}
    assert transform.repo_name is False


# Anchors


def test_anchors_have_a_place_of_their_own_and_merge_keys_do_not_override():
    text = """\
version: 1
x-defaults: &defaults {pr_draft: true, pr_title: shared}
x-people: &people {pr_reviewers: [sam], pr_title: never heard}
x-kit: &kit [LICENSE, {src: ci.yml, dest: X}]
files: *kit
targets:
  - {<<: [*defaults, *people], repo: acme/api}
  - {repo: acme/web, <<: *defaults, pr_title: own}
"""
    found = targets(text)
    api, web = found["acme/api"].settings, found["acme/web"].settings
    assert (api.pr_draft, api.pr_title, api.pr_reviewers) == (True, "shared", ("sam",))
    assert (web.pr_draft, web.pr_title, web.pr_reviewers) == (True, "own", ())
    assert [mapping.dest for mapping in found["acme/api"].mappings] == ["LICENSE", "X"]


def test_a_place_for_anchors_is_only_at_the_top():
    assert (
        the_problem("version: 1\ntargets: [{repo: acme/api, x-mine: 1}]\nfiles: [a]\n").message
        == "unknown key 'x-mine'"
    )


def test_a_mistake_in_an_anchor_is_reported_once_where_it_stands():
    problem = the_problem(
        "version: 1\nx-kit: &kit\n  - {src: a, dst: b}\ntargets: [{repo: acme/a, files: *kit}, {repo: acme/b, files: *kit}]\n"
    )
    assert (problem.place, pointed_at(problem)) == (f"{FILE}:3:14", "dst: b}")


# What may stand where


def every_struct() -> list[type[Placed]]:
    """All kinds of mappings in the format."""
    named = {**vars(format), **vars(format_entries), **vars(format_rollout)}.values()
    return [one for one in named if isinstance(one, type) and issubclass(one, Placed) and one is not Placed]


def test_every_key_that_an_editor_shows_is_explained():
    for struct in every_struct():
        for field in inspect.type_info(struct).fields:
            if field.name != "place":
                schema = msgspec.json.schema(struct)["$defs"][struct.__name__]["properties"][field.encode_name]
                assert len(schema.get("description", "")) > 10, (struct, field.name)
