"""All outputs together are no more than a job passes on, and what is left out of them is reported."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.errors import FileError
from broadcast.github.usage import Usage
from broadcast.plan.outcome import NAMES
from broadcast.report.outputs import MAX_OUTPUTS, fitted, outputs_of, size
from tests.unit.report.sample_runs import made, outcome

FILE = "broadcast-results.json"
JOB = 1_000_000  # bytes, "approximated based on UTF-16"


LISTS = ("pull-request-urls", "failed-targets", "incomplete-targets")


def outputs(results="{}", urls=0, failed=0, incomplete=0):
    return {
        "results": results,
        "pull-request-urls": json.dumps([f"https://github.com/acme/service-{n:05}/pull/1" for n in range(urls)]),
        "incomplete-targets": json.dumps([f"acme/lacking-{n:05}" for n in range(incomplete)]),
        "failed-targets": json.dumps([f"acme/other-{n:05}" for n in range(failed)]),
        "created": str(urls),
    }


def measured(given):
    """As GitHub counts; Python's own UTF-16 begins with a mark of two bytes."""
    return sum(len(text.encode("utf-16")) - 2 for pair in given.items() for text in pair)


def test_results_of_four_hundred_kilobytes_are_an_output():
    given = outputs("x" * 440_000)
    assert fitted(given, FILE) == (given, ())
    assert size(given) == measured(given)


@pytest.mark.parametrize("text", ["x" * 450_000, "ä" * 450_000, "🎉" * 225_000], ids=["ascii", "umlauts", "pairs"])
def test_results_that_are_too_large_in_utf_16_go_to_the_file(text):
    kept, warnings = fitted(outputs(text, urls=3), FILE)
    assert kept == outputs(text, urls=3) | {"results": FILE}
    assert warnings == ()


def test_of_ten_thousand_pull_requests_the_first_are_listed_and_the_rest_is_reported():
    given = outputs("x" * 9_000_000, urls=10_000, failed=50)
    kept, warnings = fitted(given, FILE)
    urls = json.loads(kept["pull-request-urls"])
    assert urls == json.loads(given["pull-request-urls"])[: len(urls)]
    assert MAX_OUTPUTS - 200 < measured(kept) <= MAX_OUTPUTS
    assert kept["failed-targets"] == given["failed-targets"]
    assert kept["created"] == "10000"
    [warning] = warnings
    assert f"pull-request-urls holds the first {len(urls):,} of 10,000" in warning
    assert FILE in warning


@pytest.mark.parametrize("name", NAMES)
def test_each_target_that_lacks_files_is_named_once_whatever_its_outcome(name):
    errors = (FileError("a", "reason", "remedy"),)
    found = outputs_of(made([outcome("acme/a", name, file_errors=errors), outcome("acme/b", name)]), Usage(), "", 1)
    failed, incomplete = (json.loads(found[one]) for one in ("failed-targets", "incomplete-targets"))
    assert (failed, incomplete) == ((["acme/a", "acme/b"], []) if name == "failed" else ([], ["acme/a"]))


def test_two_lists_that_are_too_long_share_the_room():
    kept, warnings = fitted(outputs("x" * 9_000_000, urls=20_000, failed=30_000), FILE)
    sizes = [len(kept[name]) for name in ("failed-targets", "pull-request-urls")]
    assert max(sizes) - min(sizes) < 200
    assert len(warnings) == 2


@settings(deadline=None)  # a busy machine is no reason to fail
@given(st.integers(0, 600_000), st.integers(0, 20_000), st.integers(0, 30_000), st.integers(0, 30_000))
def test_whatever_the_fleet_a_job_can_pass_its_outputs_on(letters, urls, failed, incomplete):
    given = outputs("x" * letters, urls, failed, incomplete)
    kept, warnings = fitted(given, FILE)
    assert measured(kept) <= MAX_OUTPUTS < JOB
    assert kept["results"] in (given["results"], FILE)
    lost = [name for name in given if kept[name] != given[name] and name != "results"]
    assert len(warnings) == len(lost)
    assert all(isinstance(json.loads(kept[name]), list) for name in LISTS)
