"""Some keys of a JSON, YAML or TOML file of the target are the source's: `mode: keys`."""

from __future__ import annotations

import json

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, later, leaves_alone, outcome

OWN = '{\n\t"name": "api",\n\t"scripts": {\n\t\t"start": "node .",\n\t\t"lint": "mine"\n\t},\n\t"private": true\n}'
SOURCE = '{"scripts": {"lint": "eslint .", "test": "vitest"}}\n'
CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [{src: scripts.json, dest: package.json, mode: keys%s}]\n"


def target(swift, held: str | None = OWN, more: str = "", source: str = SOURCE):
    swift.write({"scripts.json": source}, CONFIG % more)
    files = {"README.md": b"theirs\n"} | ({"package.json": held.encode()} if held is not None else {})
    return swift.hub.repository("acme/api", files=files)


def merged(swift):
    api = target(swift)
    later(swift)
    api.merge_pull(1)
    leaves_alone(swift, "in_sync")
    return api


def content(api, ref: str | None = None, path: str = "package.json") -> str:
    return api.files(ref)[path][1].decode()


def test_keys_are_set_and_everything_else_stays_byte_for_byte(swift):
    api = target(swift)
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == OWN.replace('"mine"', '"eslint .",\n\t\t"test": "vitest"')
    leaves_alone(swift, "open")


def test_a_target_without_the_file_gets_one(swift):
    api = target(swift, None)
    later(swift)
    assert json.loads(content(api, OURS)) == json.loads(SOURCE)


def test_a_reformatted_file_is_in_step(swift):
    api = merged(swift)
    api.commit({"package.json": json.dumps(json.loads(content(api)), sort_keys=True).encode()})
    leaves_alone(swift, "in_sync")


def test_other_keys_are_peoples(swift):
    api = merged(swift)
    api.commit({"package.json": content(api).replace('"private": true', '"private": false, "x": 1').encode()})
    leaves_alone(swift, "in_sync")


def test_an_edit_of_a_key_is_proposed_again_and_says_what_it_undoes(swift):
    api = merged(swift)
    api.commit({"package.json": content(api).replace("vitest", "jest").encode()})
    assert outcome(later(swift)) == "created"
    assert "undoes what" in api.pulls[1].body
    assert '"test": "vitest"' in content(api, OURS)


def test_declined_keys_stay_declined_whatever_people_change_around_them(swift):
    api = target(swift)
    later(swift)
    api.close_pull(1)
    api.commit({"package.json": content(api).replace("true", "false").encode()})
    leaves_alone(swift, "declined")
    swift.write({"scripts.json": '{"scripts": {"test": "jest"}}\n'})
    assert outcome(later(swift)) == "created"


def test_a_source_that_is_only_reformatted_is_the_same_plan(swift):
    target(swift)
    later(swift)
    swift.write({"scripts.json": json.dumps(json.loads(SOURCE), indent=4)})
    leaves_alone(swift, "open")


def test_keys_are_removed(swift):
    api = target(swift, more=', remove_keys: [scripts.start, "*.none"]')
    later(swift)
    assert "start" not in json.loads(content(api, OURS))["scripts"]


def test_two_mappings_set_keys_of_one_file(swift):
    swift.write({"more.json": '{"license": "MIT"}'})
    swift.write({"scripts.json": SOURCE}, CONFIG % "}, {src: more.json, dest: package.json, mode: keys")
    api = swift.hub.repository("acme/api", files={"package.json": OWN.encode()})
    later(swift)
    found = json.loads(content(api, OURS))
    assert (found["license"], found["scripts"]["test"]) == ("MIT", "vitest")


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ("{", "line 1, column 2: the file ends where a key is expected"),
        ("[1, 2]\n", "the target holds no keys"),
        ('{"scripts": {"a": 1, "a": 2}}', "line 1, column 22: the key "),
    ],
)
def test_a_broken_file_is_left_as_it_is(swift, held, reason):
    target(swift, held)
    ran = leaves_alone(swift, "incomplete")
    (error,) = ran.target("acme/api")["file_errors"]
    assert reason in error["reason"]


@pytest.mark.parametrize(
    ("path", "source", "held", "expected"),
    [
        ("renovate.json5", '{"extends": ["a"]}', "// ours\n{\n  extends: ['b'],\n}\n", "// ours\n{\n  extends: ['a'],\n}\n"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 120\n", "[project]\nname = 'x'  # own\n", None),
        (".github/dependabot.yml", "updates:\n  - package-ecosystem: pip\n    directory: /\n", "version: 2\nupdates:\n  # own\n  - package-ecosystem: npm\n    directory: /\n", None),
    ],
)  # fmt: skip
def test_every_format_keeps_its_comments(swift, path, source, held, expected):
    lists = ", lists: {by: package-ecosystem}" if path.endswith("yml") else ""
    swift.write(
        {"src/keys": source},
        f"version: 1\ntargets: [acme/api]\nfiles: [{{src: src/keys, dest: {path}, mode: keys{lists}}}]\n",
    )
    api = swift.hub.repository("acme/api", files={path: held.encode()})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {path: "M"}
    made = content(api, OURS, path)
    assert made == expected if expected else made.startswith(held)
    leaves_alone(swift, "open")
