"""Options of the command line become the same `Inputs` as the action's."""

from __future__ import annotations

import pytest

from broadcast.cli import build_parser, inputs_of
from broadcast.runner.input_values import InvalidValue
from broadcast.runner.inputs import Inputs, from_environment

SECRET = "ghp_neverShown0123456789"
DIGEST = "0123456789abcdef" * 4


def read(*arguments: str, **environment: str) -> Inputs:
    return inputs_of(build_parser().parse_args(arguments), environment)


@pytest.mark.parametrize(
    "command", ["sync", "plan", "check", "status", "cancel", "harvest", "validate", "schema", "migrate"]
)
def test_a_command_without_options_has_the_defaults_of_the_action(command):
    assert read(command) == Inputs(command=command) == from_environment({"INPUT_COMMAND": command})


@pytest.mark.parametrize(
    ("arguments", "inputs"),
    [
        ("sync --config ./a//b.yml", {"config": "a/b.yml"}),
        ("sync --only-targets acme/a,!acme/b", {"only_targets": ("acme/a", "!acme/b")}),
        ("sync --only-groups a,b --skip-groups c", {"only_groups": ("a", "b"), "skip_groups": ("c",)}),
        ("sync --max-pull-requests 0", {"max_pull_requests": 0}),
        (f"sync --expect-plan {DIGEST.upper()}", {"expect_plan": DIGEST}),
        ("sync --write-strategy rest --overwrite", {"write_strategy": "rest", "overwrite": True}),
        ("sync --allow-ref tags/v* --cache-dir .cache", {"allow_ref": "tags/v*", "cache_dir": ".cache"}),
        ("plan --diff --compare-to HEAD^", {"diff": True, "compare_to": "HEAD^"}),
        ("plan --explain a.yml --log-level debug", {"explain": "a.yml", "log_level": "debug"}),
        ("validate --online --api-url https://x/api/v3", {"online": True, "api_url": "https://x/api/v3"}),
        ("harvest --path ./a//b.yml --only-targets acme/a", {"path": "a/b.yml", "only_targets": ("acme/a",)}),
        ("harvest --write --path a.yml", {"write": True, "path": "a.yml"}),
        ("harvest --pull-request --only-targets a/b", {"pull_request": True, "only_targets": ("a/b",)}),
        ("harvest --new docs/*.md,!x", {"new": ("docs/*.md", "!x")}),
        ("harvest --harvest-private", {"harvest_private": True}),
        ("migrate --workflow .github/workflows/a.yml", {"workflow": ".github/workflows/a.yml"}),
    ],
)
def test_an_option_is_read_like_the_input_of_its_name(arguments, inputs):
    found = read(*arguments.split())
    given = {f"--{name.replace('_', '-')}" for name in inputs}
    assert given <= set(arguments.split())
    assert found == Inputs(command=arguments.split()[0], **inputs)


def test_the_options_of_the_terminal_alone_are_no_inputs():
    assert read("sync", "--directory", "/x", "--source", "acme/x", "--allow-dirty", "--json") == Inputs()


@pytest.mark.parametrize("name", ["results", "metrics"])
def test_a_file_is_named_from_where_the_terminal_is(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert getattr(read("sync", f"--{name}-file", "out.json"), f"{name}_file") == str(tmp_path / "out.json")


@pytest.mark.parametrize(
    ("option", "text", "error"),
    [
        ("--max-pull-requests", "many", "can't be 'many': give a number from 0 to 100000"),
        ("--max-pull-requests", "", "can't be '': give a number from 0 to 100000"),
        ("--expect-plan", DIGEST[:12], f"can't be '{DIGEST[:12]}': give the whole plan-digest"),
        ("--write-strategy", "graphl", "invalid choice: 'graphl'"),
    ],
)
def test_an_invalid_value_is_a_usage_error_that_names_the_option(option, text, error, capsys):
    with pytest.raises(SystemExit) as caught:
        read("sync", option, text)
    assert caught.value.code == 2
    assert f"argument {option}: {error}" in capsys.readouterr().err


def test_the_first_variable_with_a_token_counts():
    tokens = {"GITHUB_TOKEN": f"{SECRET}3", "GH_TOKEN": f"{SECRET}2", "BROADCAST_TOKEN": f" {SECRET}1\n"}
    assert read("sync", **tokens).token == f"{SECRET}1"
    assert read("sync", **tokens | {"BROADCAST_TOKEN": " "}).token == f"{SECRET}2"


def test_an_invalid_token_is_refused_without_being_shown():
    with pytest.raises(InvalidValue) as caught:
        read("sync", GH_TOKEN=f"Bearer {SECRET}")
    assert SECRET not in str(caught.value)


def test_no_input_comes_from_the_environment():
    assert read("sync", INPUT_API_URL="https://evil.example.com", INPUT_TOKEN=SECRET) == Inputs()
