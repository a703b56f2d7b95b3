"""What machines read of a run: results by their schema, and metrics that a Prometheus takes."""

from __future__ import annotations

import json

import jsonschema
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from broadcast.report import outputs, results
from tests.integration.test_people import later

SCHEMA = jsonschema.Draft202012Validator(json.loads(results.schema_text()))


def night(swift) -> None:
    """Targets of which one gets a pull request, one lacks a file, and one isn't there."""
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.hub.repository("acme/link", files={"kit/a.md/x": b"x\n", "kit/b.md": b"b\n"})
    targets = "targets: [acme/api, acme/link, acme/gone]"
    swift.write(
        {"kit/a.md": "a\n", "kit/b.md": "b\n"},
        f"version: 1\n{targets}\ndirectories: [{{src: kit}}]\n",
    )


def measured(text: str) -> dict[tuple, float]:
    """Every sample by its name and labels."""
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


@pytest.mark.parametrize("command", ["sync", "plan", "check", "status", "validate"])
def test_results_are_as_their_schema_says(swift, command):
    night(swift)
    file = swift.source / "results.json"
    ran = later(swift, command=command, results_file=str(file))
    told = json.loads(file.read_text())
    assert list(SCHEMA.iter_errors(told)) == []
    assert ran.outputs["results"] == file.read_text()


def test_results_of_a_run_that_never_began_are_too(swift):
    swift.write({}, "version: 1\ntarget: [acme/api]\n")
    later(swift)
    told = json.loads(swift.runs[-1].outputs["results"])
    assert list(SCHEMA.iter_errors(told)) == []
    assert told["failure"]["problems"][0]["line"] == 2


def test_results_too_large_for_an_output_go_to_a_file_that_the_output_names(swift, monkeypatch):
    monkeypatch.setattr(outputs, "MAX_OUTPUTS", 1_500)
    night(swift)
    ran = later(swift, command="plan")
    assert ran.outputs["results"] == "broadcast-results.json"
    assert len(json.loads((swift.source / "broadcast-results.json").read_text())["targets"]) == 3


def test_metrics_say_what_happened_and_what_it_cost(swift):
    night(swift)
    file = swift.source / "metrics.txt"
    ran = later(swift, metrics_file=str(file))
    found = measured(file.read_text())
    calls = swift.hub.calls()
    assert ran.outcomes == {"acme/api": "created", "acme/link": "incomplete", "acme/gone": "failed"}
    assert {name: found["broadcast_targets", name] for name in ("created", "incomplete", "failed", "open")} == {
        "created": 1, "incomplete": 1, "failed": 1, "open": 0,
    }  # fmt: skip
    assert found["broadcast_api_calls_total", "GraphQL query"] == calls["graphql query"]
    assert found["broadcast_api_calls_total", "GraphQL mutation"] == calls["graphql mutation"]
    assert found["broadcast_api_call_seconds_count",] == sum(calls.values())
    assert (found["broadcast_files", "added"], found["broadcast_files", "left_out"]) == (2, 1)
    assert found["broadcast_target_seconds_count",] == 3
    assert found["broadcast_exit_code",] == ran.code == 1
    assert file.read_text().endswith("# EOF\n")


def test_metrics_are_written_of_a_run_that_fails(swift):
    file = swift.source / "metrics.txt"
    swift.write({}, "version: 1\n")
    later(swift, metrics_file=str(file))
    assert measured(file.read_text())["broadcast_exit_code",] == 2


# What the config says of reports


BLOCK = """performance:
  enable_metrics: true
  report_threshold: 2
  export_format: "prometheus"
  dashboard_url: "https://monitoring.company.com/go-broadcast?a=1&b=2"
"""
ITS = """version: 1
groups:
  - name: All
    id: all
    source: {repo: acme/templates}
    targets: [{repo: acme/api, directories: [{src: kit, dest: kit}]}]
"""


@pytest.mark.parametrize("config", ["version: 1\ntargets: [acme/api]\ndirectories: [kit]\n", ITS])
def test_the_block_of_go_broadcast_turns_metrics_on_and_links_the_dashboard(swift, config):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a.md": "a\n", "kit/b.md": "b\n"}, config + BLOCK)
    ran = later(swift)
    measures = measured((swift.source / "broadcast.prom").read_text())
    assert measures["broadcast_targets", "created"] == 1
    assert "[dashboard](https://monitoring.company.com/go-broadcast?a=1&b=2)" in ran.summary
    assert "<details open><summary>" in ran.summary
    assert "2 files in all targets, 0 excluded" in ran.summary


def test_below_the_threshold_the_summary_has_no_statistics(swift):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a.md": "a\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n" + BLOCK)
    assert "What it cost" not in later(swift).summary


def test_a_named_file_has_the_metrics_instead(swift):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a.md": "a\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n" + BLOCK)
    later(swift, metrics_file=str(swift.source / "mine.prom"))
    assert (swift.source / "mine.prom").exists()
    assert not (swift.source / "broadcast.prom").exists()
