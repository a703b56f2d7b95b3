"""What the README and docs show: every config is valid in every way, and plans on the hub what it says."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml

from broadcast.config import json_schema
from broadcast.config.model import DEFAULT_PATH
from broadcast.config.parse import parse
from broadcast.report import results
from broadcast.setup.texts import ACTION
from tests import reference
from tests.docs import pages
from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.world import ROOT, World

CONFIGS = {
    block.place: block.text
    for block in pages.blocks("yaml")
    if re.search(r"^version: 1$", block.text, re.MULTILINE) and "For acme/base" not in block.text  # of another source
}
HELD = {"README.md": b"theirs\n", "package.json": b"{}\n", "pyproject.toml": b"[project]\n"}
FLEET = ["api", "web", "site", "canary", "svc-a", "svc-sandbox", "old-1"]
SCHEMA = jsonschema.Draft202012Validator(json_schema.schema())
PROPERTIES = {"tier": "gold", "critical": "true"}


@pytest.fixture
def world(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        for name in FLEET:
            api = hub.repository(f"acme/{name}", files=HELD, topics=["oss"], language="Go", properties=PROPERTIES)
            for branch in ("develop", "release/2.x"):
                api.set_branch(branch, api.head())
        hub.repository("acme/templates", files=HELD).commit({"index.html": b"old\n"}, branch="gh-pages")
        hub.team("acme", "platform", FLEET)
        for name in ("acme-labs/x", "acme-games/y", "acme-oss/z"):
            hub.repository(name, files={"README.md": b"theirs\n"}, topics=["oss"], language="Go")
        yield World(tmp_path, hub)


def test_the_files_made_from_the_types_are_fresh():
    assert (ROOT / "docs" / "schema.json").read_text() == json_schema.text(), "run `make docs`"
    assert (ROOT / "docs" / "results.schema.json").read_text() == results.schema_text(), "run `make docs`"
    assert (ROOT / "docs" / "config.md").read_text() == reference.documented(), "run `make docs`"
    assert (ROOT / "README.md").read_text() == reference.readme(), "run `make docs`"


def test_the_schema_is_one():
    SCHEMA.check_schema(json_schema.schema())


def test_there_are_configs_to_look_at():
    assert sum(place.startswith("config.md") for place in CONFIGS) > 10
    assert any(place.startswith("README.md") for place in CONFIGS)


@pytest.mark.parametrize("place", CONFIGS)
def test_every_config_is_valid_by_the_schema_and_by_the_reader(place):
    text = CONFIGS[place]
    assert [
        error.message for error in SCHEMA.iter_errors(json.loads(json.dumps(yaml.safe_load(text), default=str)))
    ] == []
    parse(text, "c.yml", "acme/templates")


@pytest.mark.parametrize("place", CONFIGS)
def test_every_config_plans_on_the_hub(world, place):
    config = CONFIGS[place]
    files = {}
    for mapping in parse(config, "c.yml", "acme/templates").sources:
        paths = [f"{mapping.src}/{name}" for name in ("a.md", "b.yml")] if mapping.directory else [mapping.src]
        keys = "[a]\nb = 1\n" if mapping.dest.endswith(".toml") else '{"a": {"b": 1}}\n'
        text = keys if mapping.mode == "keys" else "text\n"
        files |= dict.fromkeys(paths, "text [[ SERVICE ]]\n" if mapping.template else text)
    world.write(files, config)
    ran = world.run(command="plan")
    assert ran.code == 0, ran.log
    assert set(ran.outcomes.values()) <= {"created", "pushed", "skipped", "waiting"}
    assert not {"created", "pushed"}.isdisjoint(ran.outcomes.values())


def test_the_entry_for_a_catalog_of_schemas_finds_the_config():
    """SchemaStore's catalog: `url` is one that the schema is at, `fileMatch` a glob of whole paths."""
    (entry,) = (json.loads(block.text) for block in pages.blocks("json") if "fileMatch" in block.text)
    assert entry["url"] == f"https://raw.githubusercontent.com/{ACTION}/v1/docs/schema.json"
    assert [glob.removeprefix("**/") for glob in entry["fileMatch"]] == [DEFAULT_PATH]
    assert {"name", "description"} < entry.keys()


def test_every_key_of_the_language_is_in_an_example():
    """The reference lists them; an example shows what one looks like."""
    shown = " ".join(text for place, text in CONFIGS.items() if place.startswith("config.md"))
    structs = [json_schema.schema(), *json_schema.schema()["$defs"].values()]
    keys = {key for one in structs for key in one.get("properties", ())}
    assert {key for key in keys if not re.search(rf"\b{key}:", shown)} == set()


def test_the_schema_and_the_reader_agree_on_what_is_wrong():
    for wrong in (
        {"version": 2}, {"version": 1, "targets": "acme/api"}, {"version": 1, "target": ["acme/api"]},
        {"version": 1, "files": [{"source": "x"}]}, {"version": 1, "limits": {"max_deletions": "many"}},
        {"version": 1, "files": [{"src": "x", "mode": "sync"}]}, {"version": 1, "groups": [{"targets": []}]},
        {"version": 1, "targets": [{"owner": "acme", "visibility": "secret"}]},
    ):  # fmt: skip
        assert list(SCHEMA.iter_errors(wrong))
        with pytest.raises(Exception, match="problem"):
            parse(json.dumps(wrong), "c.yml", "acme/templates")
