"""`validate` finds, offline, what no template may hold and which targets lack a value; and nothing that sync takes."""

from __future__ import annotations

import pytest

HEAD = "version: 1\nvars: {TEAM: core, SERVICES: x, db: {host: h, port: 1}}\nfiles: [{src: t.yml, template: true}]\n"
FLEET = """\
targets:
  - {repo: acme/api, vars: {GO: 1.22, LANG: go}}
  - acme/web
  - acme/site@release/2.x
  - acme/docs
  - acme/old
"""


def validated(world, text: str | dict[str, str], config: str = HEAD + FLEET, **how):
    world.write({"t.yml": text} if isinstance(text, str) else text, config)
    return world.run(command="validate", token="", api_url="http://127.0.0.1:9", **how)


def found(ran) -> list[tuple[str, int, int, str, str]]:
    problems = (ran.results["failure"] or {"problems": []})["problems"]
    return [(one["file"], one["line"], one["column"], one["message"], one["remedy"]) for one in problems]


def test_a_name_without_a_value_is_found_with_its_place_and_the_targets_that_lack_it(world):
    ran = validated(world, "a: [[ TEAM ]]\n\nb: [[ TEAM ]] [[ SERVICE ]]\n")
    assert ran.code == 2
    every = "acme/api and 4 more"
    assert found(ran) == [
        ("t.yml", 3, 18, f"SERVICE has no value for {every}", "add SERVICE to `vars`; did you mean SERVICES?")
    ]
    assert "t.yml:3:18: SERVICE has no value" in ran.log
    assert "    b: [[ TEAM ]] [[ SERVICE ]]\n                     ^" in ran.log
    assert ran.outputs["exit-code"] == "2"


def test_only_the_targets_that_lack_a_value_are_named(world):
    lacking = "acme/web and 3 more"
    assert [one[3] for one in found(validated(world, "[[ GO ]]"))] == [f"GO has no value for {lacking}"]
    config = HEAD + "targets: [{repo: acme/api, vars: {GO: 1}}, acme/web, acme/site@v1]\n"
    assert [one[3] for one in found(validated(world, "[[ GO ]]", config))] == [
        "GO has no value for acme/web and acme/site@v1"
    ]


def test_all_names_of_all_files_are_found_at_once(world):
    files = {"kit/a": "[[ A ]] [[ B ]]", "kit/b": "\n[[ A ]]", "kit/c": "x[[1]]", "kit/d": "[% if x %]"}
    config = HEAD.replace("files: [{src: t.yml", "directories: [{src: kit") + "targets: [acme/api]\n"
    ran = validated(world, files, config)
    assert [one[:4] for one in found(ran)] == [
        ("kit/a", 1, 4, "A has no value for acme/api"),
        ("kit/a", 1, 12, "B has no value for acme/api"),
        ("kit/b", 2, 4, "A has no value for acme/api"),
        ("kit/c", 1, 4, "this is a constant: it is the same for every target"),
        ("kit/d", 1, 9, found(ran)[4][3]),
    ]
    assert "5 problems in 4 files" in ran.log


@pytest.mark.parametrize(
    "text",
    [
        "[[ TEAM ]] [[ db.host ]] [[ target.full_name ]] [[ source.name ]] [[ target.owner ]]",
        "[[ target.default_branch ]] [[ target.base ]] [[ target.topics | join(', ') ]] [[ TEAM ]]",
        "[% if LANG is defined and LANG == 'go' %][[ GO ]][% endif %]",
        "[[ GO | default('1.0') ]]",
        "[% if GO is defined %][[ GO ]][% else %]none[% endif %]",
        "[% if target.name == 'api' %][[ GO ]][% endif %]",
        "[[ GO if target.name == 'api' else TEAM ]]",
        "[% if target.default_branch == 'none' %][[ nope ]][% endif %]",
        "[% if 'go' in target.topics %][[ nope ]][% endif %]",
        "[% for one in target.topics %][[ nope ]][% endfor %]",
        "[% for one in db.items() %][[ one[0] ]][% endfor %][% set y = TEAM %][[ y ]][% with z = y %][[ z ]][% endwith %]",
        "[% if target.base == 'x' %][% set y = 1 %][% else %][% set y = 2 %][% endif %][[ y ]]",
        "[% raw %][[ nope ]][% endraw %] [[ '[[' ]] ${{ nope }} {{ nope }}",
    ],
)  # fmt: skip
def test_what_sync_would_render_is_valid(world, text):
    ran = validated(world, text)
    assert (ran.code, found(ran)) == (0, []), ran.log


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("[[ target.default_branch ]] [[ nope ]]", 32, "nope has no value"),
        ("[[ target.topics | join ]] [[ 'a' ~ nope ]]", 37, "nope has no value"),
        ("[% if nope %][[ target.base ]][% endif %]", 7, "nope has no value"),
        ("[% if TEAM %][[ 'a' ~ nope ]][% endif %]", 23, "nope has no value"),
        ("[[ db.prt ]]", 6, "the mapping has no 'prt'; did you mean port?"),
        ("[[ db ]]", 4, "this is a mapping, no text, number or boolean"),
        ("[[ TEAM + 1 ]]", 4, "can only concatenate str"),
        ("[[ source ]]", 4, "source has owner, name, full_name, but no text of its own"),
        ("if [[ -f x ]]; then", 10, "expected token"),
        ("[[ TEAM | nope ]]", 11, "No filter named 'nope'."),
    ],
)  # fmt: skip
def test_what_sync_would_refuse_is_found(world, text, column, said):
    ran = validated(world, text)
    assert ran.code == 2
    ((file, line, at, message, _),) = found(ran)
    assert (file, line, at, said in message) == ("t.yml", 1, column, True), found(ran)


def test_a_problem_in_a_file_of_one_target_is_no_problem_of_others(world):
    config = "version: 1\ntargets: [{repo: acme/api, files: [{src: t.yml, template: true}]}, {repo: acme/web, files: [t.yml]}]\n"
    assert [one[3] for one in found(validated(world, "[[ x ]]", config))] == ["x has no value for acme/api"]
    assert validated(world, "[[ x ]]", config, only_targets="acme/web").code == 0


def test_what_selectors_find_is_checked_with_the_values_of_their_level(world):
    config = HEAD + "targets: [acme/api, {repo: acme/svc-*, vars: {GO: 1}}, {owner: acme, topic: go}]\n"
    ran = validated(
        world, "[[ target.name ]] [[ GO ]]", config.replace("[acme/api, ", "[{repo: acme/api, vars: {GO: 1}}, ")
    )
    assert [one[3].partition(" for ")[0] for one in found(ran)] == ["GO has no value"]
    assert "what " in found(ran)[0][3]
    assert "svc-*" not in found(ran)[0][3]
    ran = validated(world, "[[ target.name ]]", config)
    assert ran.code == 0
    assert ran.log.count("templates of targets that selectors find were checked") == 1
    ran = validated(world, "[[ target.name ]]", HEAD + "targets: [acme/api]\n")
    assert "that selectors find" not in ran.log


def test_a_mapping_that_a_target_may_keep_out_lacks_nothing(world):
    config = "version: 1\ntargets: [acme/api]\nfiles: [{src: t.yml, template: true, unless_exists: [x]}]\n"
    assert validated(world, "[[ nope ]]", config).code == 0
    assert validated(world, "[[ 1 ]]", config).code == 2


def test_delimiters_count_and_their_mistakes_are_found(world):
    config = "version: 1\ntargets: [acme/api]\nfiles: [{src: t.yml, template: true, delimiters: ['{{', '}}']}]\n"
    ran = validated(world, "x[[1]] ${{ a }} {{ nope }}", config)
    assert [one[:4] for one in found(ran)] == [("t.yml", 1, 20, "nope has no value for acme/api")]
    ran = validated(world, "x", config.replace("'}}'", "'{{'"))
    assert (ran.code, found(ran)[0][0]) == (2, ".github/broadcast.yml")


def test_the_other_commands_go_on_without_the_file(world):
    world.write(
        {"t.yml": "[[ nope ]]", "LICENSE": "MIT\n"},
        HEAD.replace("files: [", "files: [LICENSE, ") + "targets: [acme/api]\n",
    )
    world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run(command="plan")
    assert (ran.code, ran.outcomes) == (1, {"acme/api": "created"})
