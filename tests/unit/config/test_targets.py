"""From what the groups of a config say to targets: what is united, who decides, who waits for whom, who is chosen."""

from __future__ import annotations

import pytest

from broadcast.config.home import Home
from broadcast.config.selectors import SelectedRepository
from broadcast.config.targets import Target, resolve
from broadcast.errors import ConfigError, UsageError
from tests.unit.config.test_parse import SOURCE, read, winner

GROUPS = "version: 1\nfiles: [LICENSE]\ngroups:\n"


def repository(name: str, **facts) -> SelectedRepository:
    known = {"archived": False, "fork": False, "visibility": "public", "language": "", "topics": frozenset()}
    return SelectedRepository("acme", name, f"R_{name}", **known | facts)


def resolved(text: str, *there: SelectedRepository) -> tuple[dict[str, Target], list[str]]:
    """The targets, where the owner has these repositories; and warnings."""
    config = read(text)
    selectors = {spec.selector for spec in config.targets if spec.selector}
    found, warnings = resolve(config, SOURCE, {one: [repo for repo in there if one.means(repo)] for one in selectors})
    return {target.label: target for target in found}, list(warnings)


# One target of several groups

BOTH = (
    GROUPS
    + """\
  - {name: late, priority: 2, pr_title: late, pr_labels: [late, both], defaults: {pr_draft: true}, vars: {A: late, B: late},
     targets: [{repo: acme/api, files: [b]}, acme/only-late]}
  - {name: early, priority: 1, pr_title: early, pr_labels: [early, both], vars: {A: early}, targets: [acme/API]}
"""
)


def test_groups_that_reach_the_same_target_make_one_with_what_all_of_them_send():
    found, _ = resolved(BOTH)
    assert set(found) == {"acme/API", "acme/only-late"}
    both = found["acme/API"]
    assert {mapping.dest for mapping in both.mappings} == {"LICENSE", "b"}
    assert (both.groups, both.settings.pr_labels) == (("early", "late"), ("early", "both", "late"))
    assert [mapping.dest for mapping in both.mappings].count("LICENSE") == 1


def test_of_settings_the_group_with_the_lowest_priority_decides_with_a_warning():
    found, warnings = resolved(BOTH)
    assert (found["acme/API"].settings.pr_title, found["acme/API"].settings.pr_draft) == ("early", True)
    assert found["acme/only-late"].settings.pr_title == "late"
    assert warnings == ["acme/API: groups differ in pr_title; the first by priority counts"]
    assert dict(found["acme/API"].vars) == {"A": "early", "B": "late"}


def test_among_equals_the_first_of_the_file_decides():
    found, warnings = resolved(BOTH.replace("priority: 1", "priority: 2"))
    assert found["acme/api"].settings.pr_title == "late"
    assert len(warnings) == 1


def test_groups_that_say_the_same_are_no_reason_to_warn():
    assert resolved(BOTH.replace("pr_title: late", "pr_title: early"))[1] == []


@pytest.mark.parametrize("place", ["group", "global", "defaults", "target"])
def test_wherever_in_their_groups_it_is_said_a_difference_is_warned_of(place):
    def group(name: str, said: str) -> str:
        where = f"{place}: {{{said}}}" if place in ("global", "defaults") else said if place == "group" else ""
        target = f"{{repo: acme/api, {said}}}" if place == "target" else "acme/api"
        return f"  - {{name: {name}, targets: [{target}]{', ' + where if where else ''}}}\n"

    _, warnings = resolved(GROUPS + group("a", "pr_draft: false") + group("b", "pr_draft: true"))
    assert warnings == ["acme/api: groups differ in pr_draft; the first by priority counts"]


def test_what_a_group_says_of_a_var_goes_before_the_top_whatever_its_priority():
    text = (
        GROUPS
        + "  - {name: a, targets: [acme/api]}\n  - {name: b, vars: {A: group}, targets: [acme/api]}\nvars: {A: top, B: top}\n"
    )
    assert dict(resolved(text)[0]["acme/api"].vars) == {"A": "group", "B": "top"}


def test_what_two_groups_send_to_one_path_collides_and_says_both_lines():
    text = (
        GROUPS
        + "  - {name: a, targets: [acme/api], files: [{src: x, dest: X}]}\n  - {name: b, targets: [acme/api], files: [{src: y, dest: X}]}\n"
    )
    with pytest.raises(ConfigError) as caught:
        resolved(text)
    (problem,) = caught.value.problems
    assert problem.message == "x and y both go to X of acme/api"
    assert (problem.line, "line 4" in problem.remedy) == (5, True)


def test_groups_that_send_the_same_file_the_same_way_agree():
    text = GROUPS + "  - {name: a, targets: [acme/api], files: [x]}\n  - {name: b, targets: [acme/api], files: [x]}\n"
    assert resolved(text)[0]["acme/api"].groups == ("a", "b")


def test_another_base_branch_is_another_target():
    found, warnings = resolved(
        GROUPS + "  - {name: a, targets: [acme/api]}\n  - {name: b, targets: [acme/api@next], pr_title: x}\n"
    )
    assert (set(found), warnings) == ({"acme/api", "acme/api@next"}, [])
    assert len({target.branch for target in found.values()}) == 2


# By name and by selector


def test_who_is_named_and_selected_is_one_target_and_its_own_words_decide():
    text = """\
version: 1
files: [LICENSE]
targets:
  - {owner: acme, exclude: [sandbox], pr_title: all, pr_labels: [all], transform: {variables: {A: all, B: all}}}
  - {repo: acme/API, pr_title: own, pr_labels: [own], files: [x], transform: {variables: {A: own}}}
  - '!acme/b*'
"""
    found, warnings = resolved(text, *map(repository, ("api", "bot", "sandbox", "web", "templates")))
    assert ({name.lower() for name in found}, warnings) == ({"acme/api", "acme/web"}, [])
    api, web = (next(one for name, one in found.items() if name.lower() == f"acme/{key}") for key in ("api", "web"))
    assert (api.settings.pr_title, api.settings.pr_labels, api.selected) == ("own", ("own", "all"), False)
    assert (web.settings.pr_title, web.settings.pr_labels, web.selected) == ("all", ("all",), True)
    assert dict(api.content(0).transform.variables) == {"A": "own", "B": "all"}
    assert {mapping.dest for mapping in api.mappings} == {"LICENSE", "x"}


def test_a_selector_never_means_the_source_and_says_when_it_means_nothing():
    found, warnings = resolved(
        "version: 1\nfiles: [a]\ntargets: [{owner: acme, topic: oss}, acme/api]\n",
        repository("templates", topics=frozenset(["oss"])),
    )
    assert set(found) == {"acme/api"}
    assert warnings == ["broadcast.yml:3: acme/*, topic oss selects no repository"]


def test_who_is_named_wins_a_path_over_who_is_selected_in_another_group_too():
    text = "version: 1\ngroups:\n  - {name: a, targets: [{owner: acme, files: [{src: all, dest: X}]}]}\n  - {name: b, targets: [{repo: acme/api, files: [{src: own, dest: X}]}]}\n"
    assert winner(resolved(text, repository("api"))[0]["acme/api"], "X") == "own"


# Order

CHAIN = (
    GROUPS
    + """\
  - {name: third, id: c, depends_on: [b], targets: [acme/c, acme/shared]}
  - {name: second, id: b, depends_on: [a], targets: [acme/b]}
  - {name: first, id: a, targets: [acme/a, acme/shared]}
  - {name: apart, targets: [acme/x]}
"""
)


def test_the_work_has_as_many_stages_as_the_longest_chain_of_groups():
    found, _ = resolved(CHAIN)
    assert {name: target.stage for name, target in found.items()} == {
        "acme/c": 2, "acme/shared": 2, "acme/b": 1, "acme/a": 0, "acme/x": 0,
    }  # fmt: skip
    assert {name: set(target.waits_for) for name, target in found.items()} == {
        "acme/c": {"a", "b"}, "acme/shared": {"b"}, "acme/b": {"a"}, "acme/a": set(), "acme/x": set(),
    }  # fmt: skip


def test_the_longest_way_counts_where_there_are_several():
    diamond = (
        GROUPS
        + """\
  - {name: d, id: d, depends_on: [a, c], targets: [acme/d]}
  - {name: c, id: c, depends_on: [b], targets: [acme/c]}
  - {name: b, id: b, depends_on: [a], targets: [acme/b]}
  - {name: a, id: a, targets: [acme/a]}
"""
    )
    assert {name: target.stage for name, target in resolved(diamond)[0].items()} == {
        "acme/d": 3, "acme/c": 2, "acme/b": 1, "acme/a": 0,
    }  # fmt: skip


def test_a_group_without_an_id_waits_too():
    found = resolved(CHAIN + "  - {name: last, depends_on: [b], targets: [acme/y]}\n")[0]["acme/y"]
    assert (found.stage, set(found.waits_for)) == (2, {"a", "b"})


# Bounds


def test_more_targets_than_allowed_are_counted_after_selecting():
    text = "version: 1\nfiles: [a]\ntargets: [{owner: acme}]\nlimits: {max_targets: 2}\n"
    assert len(resolved(text, repository("a"), repository("b"))[0]) == 2
    with pytest.raises(UsageError, match="reaches 3 targets"):
        resolved(text, *map(repository, "abc"))


HOMES = {  # the running branch and the default one, the target, whether it is refused
    "nothing is known of them": ("", "", "ACME/Templates", True),
    "the default branch is named": ("", "main", "acme/templates@main", True),
    "the default branch isn't named": ("", "main", "acme/templates", True),
    "it runs on the default branch": ("main", "main", "acme/templates", True),
    "it runs there": ("next", "main", "acme/templates@next", True),
    "it runs elsewhere": ("next", "main", "acme/templates@main", False),
    "the default branch differs": ("next", "main", "ACME/templates", False),
    "another branch": ("main", "main", "Acme/Templates@gh-pages", False),
    "letters of branches count": ("main", "main", "acme/templates@Main", False),
}


@pytest.mark.parametrize("kind", HOMES)
def test_the_source_is_a_target_on_other_branches_than_the_one_that_runs(kind):
    branch, default, name, is_refused = HOMES[kind]
    config = read(f"version: 1\nfiles: [a]\ntargets: [acme/api, {name}]\n")
    home = Home(SOURCE, branch, default)
    if not is_refused:
        assert [target.label for target in resolve(config, SOURCE, {}, home=home)[0]] == ["acme/api", name]
        return
    with pytest.raises(ConfigError) as caught:
        resolve(config, SOURCE, {}, home=home)
    (problem,) = caught.value.problems
    assert "the source" in problem.message
    assert (problem.line, problem.column) == (3, 21)


def test_the_label_of_a_selector_names_its_owners():
    config = read("version: 1\nfiles: [a]\ntargets: [{owner: [acme, acme-labs]}]\n")
    (spec,) = config.targets
    assert spec.selector.label == "acme,acme-labs/*"
    assert resolve(config, SOURCE, {}, {spec.selector}) == ((), ())
