"""The recipes of the docs, word by word, on the hub: what they bring, and that the next run rests."""

from __future__ import annotations

import yaml

from tests.docs import pages
from tests.integration.test_main_job import changed
from tests.integration.test_modes import publish
from tests.integration.test_people import later

RECIPES = {
    block.section: block.text
    for block in pages.blocks("yaml")
    if block.page == "recipes.md" and block.text.startswith("version: 1")
}
SHOWN: dict[str, list[str]] = {}  # recipe → files that it shows: the source's, and a target's afterwards
for _block in pages.blocks("text", "json", "toml", "yaml", "make", "sh"):
    if _block.page == "recipes.md" and not _block.text.startswith("version: 1"):
        SHOWN.setdefault(_block.section, []).append(_block.text)
FLEET = {
    "acme/api": {"topics": ["oss"], "private": False},
    "acme/web": {"private": True},
    "acme/sandbox-1": {"private": True},
}


def cook(swift, recipe: str, files: dict[str, str], **targets: dict[str, bytes]):
    """The fleet after a run of the recipe, by name; the run after it rests."""
    for name, more in FLEET.items():
        held = targets.get(name.partition("/")[2], {})
        swift.hub.repository(name, files={"README.md": b"theirs\n"} | held, **more)
    swift.write(files, RECIPES[recipe])
    return run(swift)


def run(swift):
    ran = later(swift)
    assert ran.code == 0, ran.log
    again = later(swift)
    assert not [request for request in swift.hub.requests if request.writes]
    assert set(again.outcomes.values()) <= {"open", "in_sync", "declined"}
    return {name: swift.hub.find(name) for name in FLEET}, ran.outcomes


def proposed(api, branch: str = "broadcast/acme/templates") -> dict[str, str]:
    """The changes of our branch, with the content of what it brings."""
    held = api.files(branch)
    return {path: held[path][1].decode() if path in held else "" for path in changed(api, branch)}


def merge(api) -> None:
    (pull,) = [pull for pull in api.pulls if pull.state == "OPEN"]
    api.merge_pull(pull.number)
    api.delete_branch(pull.head)


def shares(swift, recipe: str, path: str, source: dict[str, str], web: str) -> dict[str, str]:
    """What a recipe brings, where web has a file of its own: that becomes what the page shows, and is in step then."""
    fleet, outcomes = cook(swift, recipe, source, web={path: web.encode()})
    assert outcomes["acme/web"] == "created"
    assert proposed(fleet["acme/web"]) == {path: SHOWN[recipe][-1]}
    brought = {name: proposed(api) for name, api in fleet.items() if outcomes.get(name) == "created"}
    for name in brought:
        merge(fleet[name])
    _, outcomes = run(swift)
    assert outcomes == {"acme/api": "in_sync", "acme/web": "in_sync"}
    return brought


def test_there_is_a_test_for_every_recipe():
    assert len(RECIPES) == 17


def test_standard_workflows_reach_the_organization_and_go_where_no_one_changed_them(swift):
    source = swift.hub.repository("acme/templates", files={"README.md": b"ours\n"})
    files = {"workflows/ci.yml": "ci\n", "workflows/old.yml": "old\n"}
    fleet, outcomes = cook(swift, "Standard workflows for an organization", files)
    assert outcomes == {"acme/api": "created", "acme/web": "created"}
    assert proposed(fleet["acme/web"]) == {".github/workflows/ci.yml": "ci\n", ".github/workflows/old.yml": "old\n"}
    assert fleet["acme/api"].pulls[0].labels == ["ci"]
    for name in ("acme/api", "acme/web"):
        merge(fleet[name])
    fleet["acme/web"].commit({".github/workflows/old.yml": b"changed there\n"})
    source.commit({path: text.encode() for path, text in files.items()})
    source.commit({"workflows/old.yml": None})
    swift.write({"workflows/old.yml": None})
    _, outcomes = run(swift)
    assert outcomes == {"acme/api": "created", "acme/web": "in_sync"}
    assert proposed(fleet["acme/api"]) == {".github/workflows/old.yml": ""}


def test_licenses_and_owners_go_by_topic_and_visibility(swift):
    files = {"licenses/MIT": "MIT\n", "licenses/PROPRIETARY": "ours\n", "CODEOWNERS": "* @acme/api\n"}
    fleet, outcomes = cook(swift, "LICENSE and CODEOWNERS by topic", files)
    assert outcomes == {"acme/api": "created", "acme/sandbox-1": "created"}
    assert proposed(fleet["acme/api"]) == {"LICENSE": "MIT\n", "CODEOWNERS": "* @acme/api\n"}
    assert proposed(fleet["acme/sandbox-1"]) == {"LICENSE": "ours\n"}


def test_each_repository_gets_its_own_values(swift):
    text = "service: [[ SERVICE ]] in [[ REGION ]]\nkey: ${{ secrets.DEPLOY_KEY }}\n"
    fleet, _ = cook(swift, "One workflow, with values for each repository", {"deploy.yml": text})
    found = {name: proposed(fleet[name])[".github/workflows/deploy.yml"] for name in ("acme/api", "acme/web")}
    key = "key: ${{ secrets.DEPLOY_KEY }}\n"
    assert found == {
        "acme/api": f"service: api in eu-west-1\n{key}",
        "acme/web": f"service: web in us-east-1\n{key}",
    }


def test_two_branches_are_two_targets(swift):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    api.commit({"old.txt": b"old\n"}, branch="release/2.x")
    swift.write({"SECURITY.md": "write us\n"}, RECIPES["Two branches of one repository"])
    assert later(swift).outcomes == {"acme/api": "created", "acme/api@release/2.x": "created"}
    assert [(pull.base, pull.labels) for pull in api.pulls] == [("main", []), ("release/2.x", ["backport"])]


def test_a_mirrored_directory_is_exactly_the_sources(swift):
    held = {".agents/stale.md": b"x\n", ".agents/local/own.md": b"x\n"}
    fleet, _ = cook(swift, "A mirrored directory", {"agents/a.md": "a\n"}, web=held)
    assert proposed(fleet["acme/web"]) == {".agents/a.md": "a\n", ".agents/stale.md": ""}
    assert ".agents/local/own.md" in fleet["acme/web"].files("broadcast/acme/templates")


def test_a_seeded_file_belongs_to_the_repository_from_then_on(swift):
    fleet, outcomes = cook(swift, "A file to start from", {"renovate.json": "{}\n"}, web={"renovate.json5": b"{}\n"})
    assert outcomes == {"acme/api": "created", "acme/web": "in_sync"}
    merge(fleet["acme/api"])
    fleet["acme/api"].commit({"renovate.json": None})
    swift.write({"renovate.json": '{"new": true}\n'})
    _, outcomes = run(swift)
    assert outcomes == {"acme/api": "in_sync", "acme/web": "in_sync"}


def test_canaries_go_first_and_hold_the_rest_back_until_they_have_merged_it_for_a_day(swift):
    fleet = {
        name: swift.hub.repository(name, files={"README.md": b"theirs\n"})
        for name in ("acme/canary", "acme/playground", "acme/api")
    }
    swift.write({"workflows/ci.yml": "ci\n"}, RECIPES["Canaries first"])
    found = {"acme/canary": "created", "acme/playground": "created", "acme/api": "waiting"}
    assert later(swift).outcomes == found
    merge(fleet["acme/canary"])
    merge(fleet["acme/playground"])
    assert later(swift).outcomes["acme/api"] == "waiting"
    swift.hub.clock.advance(24 * 3600)
    assert later(swift).outcomes["acme/api"] == "created"


def test_two_configs_of_one_repository_have_a_pull_request_each(swift):
    api, _ = (swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in ("acme/api", "acme/web"))
    python = RECIPES["A monorepo with two configs"]
    docs = python.replace("id: python", "id: docs").replace("src: python", "src: docs")
    swift.write(
        {"python/ruff.toml": "a\n", "docs/style.md": "b\n", ".github/docs.yml": docs, ".github/python.yml": python}
    )
    for name in ("python", "docs"):
        assert later(swift, config=f".github/{name}.yml").outcomes == {"acme/api": "created", "acme/web": "created"}
    assert {pull.head for pull in api.pulls} == {"broadcast/python", "broadcast/docs"}
    assert changed(api, "broadcast/python") == {"ruff.toml": "A"}
    assert changed(api, "broadcast/docs") == {"style.md": "A"}


def test_a_frozen_group_keeps_what_is_open_and_gets_nothing(swift):
    web = swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    recipe = RECIPES["Pausing"]
    swift.write({"LICENSE": "MIT\n"}, recipe.replace("enabled: false", "enabled: true"))
    assert later(swift).outcomes == {"acme/api": "created", "acme/web": "created"}
    swift.write({"LICENSE": "new\n"}, recipe)
    assert later(swift).outcomes == {"acme/api": "updated"}
    assert web.pulls[0].state == "OPEN"


def test_a_block_of_gitignore_stands_beside_peoples_lines(swift):
    source = {"ignores/python": "__pycache__/\n*.pyc\n"}
    brought = shares(swift, "A block of .gitignore", ".gitignore", source, "/data/\n.env\n")
    assert brought["acme/api"][".gitignore"].splitlines()[1:-1] == ["__pycache__/", "*.pyc"]


def test_scripts_of_package_json_are_set_and_the_others_stay(swift):
    recipe = "Scripts of package.json"
    web = (
        '{\n  "name": "web",\n  "scripts": {\n    "start": "node server.js",\n    "lint": "standard",\n'
        '    "lint-old": "jshint"\n  },\n  "dependencies": { "express": "^5.1.0" }\n}\n'
    )
    assert shares(swift, recipe, "package.json", {"scripts.json": SHOWN[recipe][0]}, web).keys() == {"acme/web"}


def test_tables_of_pyproject_toml_are_set_and_peoples_rules_stay(swift):
    recipe = "Tool tables of pyproject.toml"
    web = (
        '[project]\nname = "api"  # as on PyPI\nversion = "1.4.0"\n\n[tool.ruff]\nline-length = 88\n\n'
        '[tool.ruff.lint]\nselect = ["E", "F", "UP"]  # UP is ours\n'
    )
    assert shares(swift, recipe, "pyproject.toml", {"tools.toml": SHOWN[recipe][0]}, web).keys() == {"acme/web"}


def test_a_preset_joins_those_of_the_repository(swift):
    recipe = "A preset in renovate.json"
    source = SHOWN[recipe][0]
    web = '{\n  "extends": ["config:recommended"],\n  "schedule": ["before 5am on monday"]\n}\n'
    assert shares(swift, recipe, "renovate.json", {"renovate.json": source}, web)["acme/api"] == {
        "renovate.json": source
    }


def test_a_repository_that_has_its_preset_elsewhere_gets_no_second_file(swift):
    recipe = "A preset in renovate.json"
    held = {".github/renovate.json": b"{}\n"}
    _, outcomes = cook(swift, recipe, {"renovate.json": SHOWN[recipe][0]}, api=held, web=held)
    assert set(outcomes.values()) == {"in_sync"}


def test_an_entry_of_dependabot_joins_those_of_the_repository(swift):
    recipe = "An entry of dependabot.yml"
    web = (
        "version: 2\nupdates:\n  # the lock file needs a review\n  - package-ecosystem: pip\n    directory: /\n"
        "    schedule: {interval: daily}\n"
    )
    shares(swift, recipe, ".github/dependabot.yml", {"actions.yml": SHOWN[recipe][0]}, web)


def test_a_section_of_codeowners_stands_below_peoples_lines(swift):
    source = {"owners": "/.github/ @acme/platform\n"}
    web = "* @acme/api\n/docs/ @acme/writers\n"
    shares(swift, "A section of CODEOWNERS", ".github/CODEOWNERS", source, web)


def test_changes_of_a_makefile_are_carried_over_what_repositories_changed(swift):
    recipe = "A Makefile that repositories adapt"
    old = ".PHONY: test lint\n\ntest:\n\tpytest -q\n\nlint:\n\truff check .\n"
    swift.write({"Makefile": old})
    publish(swift)
    fleet, _ = cook(swift, recipe, {"Makefile": old})
    merge(fleet["acme/web"])
    fleet["acme/web"].commit({"Makefile": old.replace("-q", "-q --cov").encode()})
    swift.write({"Makefile": SHOWN[recipe][-1].replace(" --cov", "")})
    publish(swift)
    _, outcomes = run(swift)
    assert outcomes == {"acme/api": "updated", "acme/web": "created"}
    assert proposed(fleet["acme/web"]) == {"Makefile": SHOWN[recipe][-1]}
    merge(fleet["acme/web"])
    assert run(swift)[1] == {"acme/api": "open", "acme/web": "in_sync"}


def test_a_comment_says_where_a_file_comes_from(swift):
    recipe = "A comment that says where a file comes from"
    source = {"lint.sh": "#!/bin/sh\nset -eu\nexec ruff check .\n"}
    shares(swift, recipe, "scripts/lint.sh", source, "#!/bin/sh\nflake8\n")


def test_a_bad_sync_that_was_merged_everywhere_is_rolled_back_by_hand(swift):
    (block,) = [one for one in pages.blocks("yaml") if one.page == "rollback.md"]
    workflow = yaml.safe_load(block.text)
    checkout, step = workflow["jobs"]["rollback"]["steps"]
    assert checkout["with"]["fetch-depth"] == 0
    config = "version: 1\ntargets: [acme/api, acme/web, acme/sandbox-1]\ndirectories: [ci]\n"
    fleet = {name: swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in FLEET}
    good = swift.write({"ci/test.yml": "good\n"}, config)
    run(swift)
    for api in fleet.values():
        merge(api)
    before = {name: api.files() for name, api in fleet.items()}
    swift.write({"ci/test.yml": "bad\n", "ci/bad.yml": "bad\n"})
    run(swift)
    for api in fleet.values():
        merge(api)
    choice = workflow[True]["workflow_dispatch"]["inputs"]["command"]["options"]
    assert choice == ["plan", "rollback"]
    for command in choice:
        given = {"${{ inputs.command }}": command, "${{ inputs.to }}": good}
        inputs = {name: given[value] for name, value in step["with"].items() if value in given}
        assert set(later(swift, **inputs).outcomes.values()) == {"created"}
    for api in fleet.values():
        merge(api)
    assert {name: api.files() for name, api in fleet.items()} == before
    assert set(run(swift)[1].values()) == {"declined"}
    swift.write({"ci/test.yml": "better\n", "ci/bad.yml": None})
    assert set(run(swift)[1].values()) == {"created"}
    assert proposed(fleet["acme/web"]) == {"ci/test.yml": "better\n"}
