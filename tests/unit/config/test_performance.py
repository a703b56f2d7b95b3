"""What the config says of reports: metrics, statistics and a dashboard."""

from __future__ import annotations

import pytest

from broadcast.config.performance import Performance
from tests.unit.config.test_parse import GOOD, pointed_at, read, the_problem


def said(block: str) -> str:
    return f"{GOOD}performance:\n{block}"


def test_the_block_is_read():
    config = read(said("  enable_metrics: true\n  report_threshold: 1000\n  dashboard_url: https://x.example/d?a=1\n"))
    assert (config.performance, config.warnings) == (Performance(True, 1000, "https://x.example/d?a=1"), ())


def test_without_it_nothing_changes():
    assert read(GOOD).performance == Performance(metrics=False, threshold=None, dashboard="")


def test_other_keys_are_ignored_each_with_its_line():
    config = read(said("  workers: 10\n  enable_metrics: true\n  cache: {size: 1}\n"))
    assert config.performance.metrics
    assert [one.partition(" is ignored; ")[0] for one in config.warnings] == [
        "broadcast.yml:5: `performance.workers`",
        "broadcast.yml:7: `performance.cache`",
    ]


def test_a_slip_in_a_key_is_ignored_with_the_key_that_was_meant():
    (warning,) = read(said("  enable_metric: true\n")).warnings
    assert "did you mean 'enable_metrics'?" in warning


@pytest.mark.parametrize("form", ["prometheus", "Prometheus", "openmetrics"])
def test_metrics_are_for_prometheus(form):
    assert read(said(f"  export_format: {form}\n")).warnings == ()


def test_another_format_is_ignored_with_its_line():
    (warning,) = read(said("  export_format: json\n")).warnings
    assert warning.startswith("broadcast.yml:5: `export_format: json` is ignored")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "ftp://x.example", "https://x.example/a b", "https://x.example/)[x](y", "http://"],
)
def test_an_address_that_cannot_be_linked_is_a_mistake(address):
    problem = the_problem(said(f'  dashboard_url: "{address}"\n'))
    assert pointed_at(problem) == f'"{address}"'
    assert "https://" in problem.remedy


def test_a_threshold_is_a_number_of_files():
    assert "at least 0" in the_problem(said("  report_threshold: -1\n")).message
