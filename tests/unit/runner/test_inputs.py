"""The inputs of a run: what each may say, and what is told of a mistake."""

from __future__ import annotations

from typing import get_args

import pytest

from broadcast.config.narrowing import NO_TARGET
from broadcast.config.shards import Shard
from broadcast.errors import UsageError
from broadcast.runner.inputs import Command, Inputs, from_environment

SECRET = "ghp_neverShown0123456789"


def read(name: str, text: str) -> object:
    """One input as the runner gives it, the others unset."""
    return getattr(from_environment({f"INPUT_{name.upper()}": text}), name)


def refusal(name: str, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(name, text)
    return f"{caught.value.message}; {caught.value.remedy}"


def test_nothing_given_is_the_default_of_everything():
    assert from_environment({}) == Inputs()
    assert from_environment({"INPUT_COMMAND": "", "INPUT_SHARD": "  ", "INPUT_TOKENS": "\n"}) == Inputs()


def test_an_input_is_found_with_underscores_or_hyphens_and_an_unevaluated_one_is_unset():
    assert from_environment({"INPUT_DRY-RUN": "true"}).dry_run
    assert from_environment({"INPUT_DRY_RUN": "true"}).dry_run
    assert from_environment({"INPUT_COMMAND": "${{ inputs.command }}", "INPUT_DRY_RUN": "${{ x }}"}) == Inputs()


@pytest.mark.parametrize("own", ["", "  ", "https://api.github.com"])
def test_where_the_runner_has_its_own_variable_no_step_before_can_set_another(own):
    hostile = {"INPUT_API_URL": "https://evil.example.com", "INPUT_API-URL": own}
    assert from_environment(hostile).api_url == own.strip()
    assert from_environment(dict(reversed(hostile.items()))).api_url == own.strip()


@pytest.mark.parametrize(
    ("text", "minutes"), [("50m", 50), ("1h30m", 90), ("2h", 120), ("1h 5m", 65), ("90", 90), (" 5h30m ", 330)]
)
def test_a_duration_is_in_hours_and_minutes(text, minutes):
    assert read("deadline", text) == minutes * 60


@pytest.mark.parametrize("text", ["1d", "-5m", "1.5h", "h", "m", "30m1h", "1h30", "50 m", "soon", "99999"])
def test_a_duration_that_can_not_be_read_is_refused_with_an_example(text):
    assert refusal("deadline", text) == f"the input deadline can't be {text!r}; write it like 50m or 1h30m"


@pytest.mark.parametrize(("text", "shard"), [("1/1", Shard(1, 1)), ("2/10", Shard(2, 10)), ("10/10", Shard(10, 10))])
def test_a_shard_is_one_of_so_many(text, shard):
    assert read("shard", text) == shard


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/", "/2", "1/2/3", "a/b", "-1/2", "1.0/2", "0/0", "00001/2"])
def test_a_shard_that_is_none_is_refused_with_an_example(text):
    assert refusal("shard", text) == f"the input shard can't be {text!r}; write it like 2/10: the second of ten"


def test_tokens_are_lines_of_owner_and_token():
    assert read("tokens", f"\nacme={SECRET}\n  Other = b=c== \n\n") == {"acme": SECRET, "other": "b=c=="}


@pytest.mark.parametrize("line", [SECRET, f"={SECRET}", "acme=", f"acme/api={SECRET}", f"acme {SECRET}", f"{SECRET}="])
def test_a_mistake_in_tokens_names_its_line_and_never_shows_it(line):
    told = refusal("tokens", f"one=two\n\n{line}\nthree=four")
    assert told == "the input tokens isn't owner=token in line 3; write one owner=token per line"


@pytest.mark.parametrize(("name", "least", "most"), [("concurrency", 1, 16), ("max_pull_requests", 0, 100_000)])
def test_a_number_has_its_bounds(name, least, most):
    assert (read(name, str(least)), read(name, str(most))) == (least, most)
    for text in (str(least - 1), str(most + 1), "many", "1.5", "\u0661", "+3"):
        spelled = name.replace("_", "-")
        assert refusal(name, text) == f"the input {spelled} can't be {text!r}; give a number from {least} to {most}"


@pytest.mark.parametrize("name", ["dry_run", "overwrite", "cleanup"])
def test_a_flag_is_true_or_false_in_any_case(name):
    assert (read(name, "TRUE"), read(name, "False"), read(name, "true")) == (True, False, True)
    assert refusal(name, "yes") == f"the input {name.replace('_', '-')} can't be 'yes'; allowed: true, false"


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("command", "snyc", "sync"),
        ("command", "Validate", "validate"),
        ("write_strategy", "graphl", "graphql"),
        ("log_level", "warn", "warning"),
        ("rebase", "alway", "always"),
        ("cleanup", "flase", "false"),
        ("fail_on", "edited in-sync", "in_sync"),
    ],
)
def test_an_unknown_word_is_met_with_what_may_have_been_meant(name, text, meant):
    assert f"did you mean {meant!r}?" in refusal(name, text)


def test_a_word_that_is_like_none_is_met_with_all_of_them():
    commands = ", ".join(get_args(Command))
    assert refusal("command", "deploy") == f"the input command can't be 'deploy'; allowed: {commands}"


def test_lists_are_separated_by_spaces_commas_or_lines():
    assert read("only_targets", "acme/a, acme/b\nacme/*") == ("acme/a", "acme/b", "acme/*")
    assert read("fail_on", "edited,declined") == ("edited", "declined")


@pytest.mark.parametrize(
    ("given", "writes"),
    [({}, True), ({"dry_run": True}, False), *(({"command": one}, False) for one in ("plan", "check", "validate"))],
)
def test_only_sync_writes_and_not_even_that_when_it_is_dry(given, writes):
    assert Inputs(**given).writes is writes


def test_secrets_are_known_and_never_printed():
    inputs = Inputs(token=SECRET + "1", tokens={"acme": SECRET + "2"}, client_id="Iv1", private_key=SECRET + "3")
    assert inputs.secrets == [SECRET + "1", SECRET + "2", SECRET + "3"]
    assert SECRET not in repr(inputs)


def test_an_app_is_named_by_its_client_id_or_by_its_older_id():
    assert (Inputs(client_id="Iv1", app_id="7").app, Inputs(app_id="7").app, Inputs().app) == ("Iv1", "7", "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('["acme/a","acme/b@x"]', ("acme/a", "acme/b@x")),
        ('["acme,labs/svc-*"]', ("acme/svc-*", "labs/svc-*")),
        ("[]", NO_TARGET),
        ("[ab]*/x acme/a", ("[ab]*/x", "acme/a")),
    ],
)
def test_targets_are_named_in_words_or_as_a_json_list(text, names):
    assert from_environment({"INPUT_ONLY_TARGETS": text}).only_targets == names
