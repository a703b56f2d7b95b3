"""Every outcome has all that an outcome needs: traits, words for every purpose of a run, an output of the step."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import yaml

from broadcast.github.usage import Usage
from broadcast.plan.outcome import NAMES, TRAITS, Name, exit_code
from broadcast.plan.reason import Closing, Reason, said
from broadcast.report.headline import headline, is_idle
from broadcast.report.outcomes import WORDS, label, phrase, sentence, sign
from broadcast.report.outputs import outputs_of
from broadcast.report.results import results
from broadcast.report.standing import lines
from broadcast.report.summary import summary
from broadcast.runner.inputs import Inputs
from tests.unit.report.sample_runs import NOW, changed, made, outcome

ROOT = Path(__file__).resolve().parents[3]
PURPOSES = [Inputs(), Inputs(dry_run=True), *(Inputs(command=command) for command in ("plan", "check", "status"))]


def test_each_has_traits_and_words_in_the_order_of_their_names():
    assert tuple(TRAITS) == tuple(WORDS) == NAMES == get_args(Name)


@pytest.mark.parametrize(("name", "inputs"), list(product(NAMES, PURPOSES)))
def test_each_has_words_for_every_purpose_of_a_run(name, inputs):
    run = made([outcome("acme/a", name), outcome("acme/b", name)], inputs)
    for count in (1, 2):
        said = sentence(name, run, count)
        assert said
        assert "{" not in said
        assert "  " not in said
    assert all((sign(name, run), label(name, run)))
    assert phrase(name, run).startswith(sign(name, run))
    assert headline(run).endswith(sentence(name, run, 2))
    assert label(name, run) in summary(run, Usage(), NOW)


def test_no_two_share_a_sign():
    assert len({words.sign for words in WORDS.values()}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_an_output_of_the_step_that_the_readme_explains(name):
    output = name.replace("_", "-")
    assert output in yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["outputs"]
    assert f"| `{output}` |" in (ROOT / "README.md").read_text(encoding="utf-8")
    run = made([outcome("acme/a", name)])
    assert outputs_of(run, Usage(), "", 0)[output] == "1"
    assert results(run, Usage())["totals"][name] == 1


@pytest.mark.parametrize("name", NAMES)
def test_each_that_needs_a_person_says_what_to_do(name):
    text = summary(made([outcome("acme/a", name, changed("a"))]), Usage(), NOW)
    assert ("### Needs a person" in text) == (name in ("failed", "incomplete", "edited"))
    assert name != "failed" or WORDS[name].remedy in text  # for the reasons of others have remedies of their own


NEEDS: dict[str, tuple[Name, Reason, bool]] = {
    "people closed it": ("declined", Reason("all_declined", closings=(Closing(8, "octocat", "2026-09-14"),)), False),
    "in a queue": ("deferred", Reason("queued", pull=3), False),
    "no budget": ("deferred", Reason("no_budget", name="limits.max_new_pull_requests"), False),
    "a group failed": ("deferred", Reason("group_failed", name="core", other="acme/b"), False),
    "stopped": ("deferred", Reason("stopped", name="SIGTERM"), False),
    "stopped while writing": ("deferred", Reason("stopped_writing", name="SIGTERM"), False),
    "refused for limits": ("deferred", said("GitHub keeps refusing for its limits", "a later run goes on"), False),
    "a rollback waits for a merge": ("deferred", Reason("rollback_open", pull=3, commit="abc"), True),
    "commits of others": ("edited", Reason("edited", name="broadcast", commit="abc"), True),
    "failed without a remedy": ("failed", said("no"), True),
    "paused": ("paused", Reason("paused", pull=3), False),
    "waits for a wave": ("waiting", Reason("none_open"), False),
}


@pytest.mark.parametrize("kind", NEEDS)
def test_what_asks_for_nothing_needs_no_person_and_is_listed_all_the_same(kind):
    name, reason, needs = NEEDS[kind]
    text = summary(made([outcome("acme/a", name, reason=reason)]), Usage(), NOW)
    assert ("### Needs a person" in text) == needs
    assert "`acme/a`" in text


@pytest.mark.parametrize("note", [Reason("undoes", name="a.md", pull=3), Reason("overwrites", name="a.md")])
@pytest.mark.parametrize("name", ["created", "updated", "open"])
def test_what_undoes_changes_of_people_needs_a_person(name, note):
    text = summary(made([outcome("acme/a", name, changed("a.md"), 4, notes=(note,))]), Usage(), NOW)
    assert text.startswith("## ⚠️ ")
    table = text.partition("### Needs a person\n")[2].partition("\n### ")[0]
    assert "undoes what people changed in<br>`a.md` | look before you merge" in table
    assert "### Warnings" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_line_of_status_names_the_outcome_and_its_reason(name):
    run = made([outcome("acme/a", name, reason="because")], Inputs(command="status"))
    _, line = lines(run, NOW)
    assert line == f"acme/a  {label(name, run)}  because"


LIMIT = said("GitHub's limits ask to wait until 12:00")
IDLE = [
    ({}, [LIMIT, LIMIT], "Nothing was done: all 2 repositories were left to a later run (GitHub's limits ask to wait until 12:00)"),
    ({}, [Reason("queued", pull=1), LIMIT, Reason("queued", pull=2)],
     "Nothing was done: all 3 repositories were left to a later run (its pull request is in the merge queue; GitHub's"),
    ({}, [LIMIT], "Nothing was done: acme/0 was left to a later run (GitHub's limits ask to wait until 12:00)"),
    ({}, [None, None], "Nothing was done: all 2 repositories were left to a later run"),
    ({"command": "plan"}, [LIMIT], "Plan: nothing would be done: acme/0 would be left to a later run (GitHub's"),
    ({"dry_run": True}, [LIMIT], "Dry run: nothing would be done: acme/0 would be left to a later run (GitHub's"),
    ({"command": "check"}, [LIMIT, LIMIT], "Check: all 2 repositories have to wait (GitHub's limits"),
]  # fmt: skip


@pytest.mark.parametrize(("inputs", "reasons", "said"), IDLE)
def test_a_run_that_leaves_every_target_to_a_later_one_says_so_and_why(inputs, reasons, said):
    run = made([outcome(f"acme/{n}", "deferred", reason=why or "") for n, why in enumerate(reasons)], Inputs(**inputs))
    assert headline(run).startswith(said)
    assert summary(run, Usage(), NOW).startswith("## ⚠️ ")
    assert is_idle(run)
    assert not is_idle(made([*run.outcomes, outcome("acme/done", "in_sync")], Inputs(**inputs)))


def test_many_reasons_for_which_nothing_was_done_are_counted():
    run = made([outcome(f"acme/{n}", "deferred", reason=f"reason {n}") for n in range(9)])
    assert headline(run).endswith("(reason 0; reason 1; 7 other reasons)")


CODES = {"ok": (0, 0, 0), "drift": (0, 3, 0), "drift on request": (0, 0, 3), "failed": (1, 1, 1)}


@pytest.mark.parametrize("name", NAMES)
def test_each_makes_the_exit_code_that_its_traits_say(name):
    found, (done, checked, asked) = [outcome("acme/a", name)], CODES[TRAITS[name].exit]
    assert exit_code(found, check=False, fail_on=()) == done
    assert exit_code(found, check=True, fail_on=()) == checked
    assert exit_code(found, check=False, fail_on=(name,)) == 1
    assert exit_code(found, check=True, fail_on=(name,)) == (asked or 1)
