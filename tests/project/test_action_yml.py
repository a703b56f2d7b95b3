"""action.yml, the code and the README say the same."""

from __future__ import annotations

import re

import pytest
import yaml

from broadcast.github.usage import Usage
from broadcast.pipeline.run import Run
from broadcast.report.outputs import outputs_of
from broadcast.runner import context
from broadcast.runner.inputs import Inputs, from_environment
from tests.world import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
README = (ROOT / "README.md").read_text()
FIELDS = {name.replace("_", "-") for name in Inputs.__struct_fields__}
COLORS = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}
NO_ICONS = {
    "coffee", "columns", "divide-circle", "divide-square", "divide", "frown", "hexagon", "key", "meh", "mouse-pointer",
    "smile", "tool", "x-octagon",
}  # fmt: skip


def test_the_marketplace_takes_the_description():
    """It refuses to publish others: "Description must be less than 125 characters."."""
    assert 0 < len(ACTION["description"]) < 125
    assert "\n" not in ACTION["description"]


def test_the_marketplace_takes_the_name_and_the_badge():
    """Docs: publishing actions in GitHub Marketplace; metadata syntax, "branding" with its colors and omitted icons.

    Which icons of Feather there are is in the schema that `make lint` holds action.yml to.
    """
    name, badge = ACTION["name"], ACTION["branding"]
    assert name == name.strip()
    assert name.isascii()
    assert not name.lower().startswith("github")  # features and accounts of GitHub keep their names
    assert badge.keys() == {"icon", "color"}
    assert badge["color"] in COLORS
    assert badge["icon"] not in NO_ICONS
    assert ACTION["author"]


def test_the_inputs_are_those_that_the_code_reads():
    assert set(ACTION["inputs"]) == FIELDS


def test_every_input_with_a_hyphen_reaches_the_code_under_a_name_without():
    hyphenated = [name for name in ACTION["inputs"] if "-" in name]
    mapped = {f"INPUT_{name.replace('-', '_').upper()}": f"${{{{ inputs.{name} }}}}" for name in hyphenated}
    assert ACTION["runs"]["env"] == mapped


def test_every_default_is_quoted_and_means_what_the_code_means_by_unset():
    defaults = {name: one["default"] for name, one in ACTION["inputs"].items() if "default" in one}
    assert all(isinstance(value, str) for value in defaults.values())
    environment = {f"INPUT_{name.upper()}": value for name, value in defaults.items()}
    assert from_environment(environment) == Inputs()


def test_the_outputs_are_those_that_the_code_sets():
    run = Run(Inputs(), context.from_environment({}, ""))
    assert set(ACTION["outputs"]) == set(outputs_of(run, Usage(), "{}", 0))


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_the_readme_lists_them_with_their_descriptions(kind):
    section = README.split(f"## {kind.capitalize()}\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", section, re.MULTILINE))
    described = {name: " ".join(one["description"].split()) for name, one in ACTION[kind].items()}
    assert rows == described


def test_both_spellings_of_a_variable_are_read():
    assert from_environment({"INPUT_DRY-RUN": "true"}).dry_run
    assert from_environment({"INPUT_DRY_RUN": "TRUE"}).dry_run


def test_a_map_that_a_runner_did_not_evaluate_is_not_an_input():
    assert from_environment({"INPUT_DRY_RUN": "${{ inputs.dry-run }}", "INPUT_DRY-RUN": "true"}).dry_run


def test_a_token_is_not_in_the_repr():
    assert "secret" not in repr(Inputs(token="secret"))
