"""The part of pytest that plays against a real GitHub: the place, the budget, the recordings, the report."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from tests.docs.statements import named as statements
from tests.live.budget import SPACING, Budget
from tests.live.marks import named
from tests.live.place import Place
from tests.live.report import Finding, kind_of, listed

NAME = "live"


class Live:
    """Given to pytest by `make live`; in `make test` it isn't there."""

    def __init__(self, place: Place, folder: Path, only: Collection[str] = (), spacing: float = SPACING) -> None:
        self.__name__ = NAME  # by which pytest knows a plugin
        self.place, self.folder, self._only = place, folder, only
        self.budget = Budget(is_real=place.is_real, spacing=spacing)
        self.findings: list[Finding] = []

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out all but the statements that are asked for."""
        others = [item for item in items if self._only and _name(item) not in self._only]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
        """Note what became of the statement: of its test, or of what had to be there before."""
        report: pytest.TestReport = yield
        mark = named(item)
        if mark and (report.when == "call" or (report.when == "setup" and not report.passed)):
            self.findings.append(_finding(mark.args[0], report))
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what was found, and put it on the job's page."""
        text = listed(self.findings)
        terminalreporter.write("\n" + text)
        page = os.environ.get("GITHUB_STEP_SUMMARY")
        if page:
            with Path(page).open("a") as file:
                file.write(text)


def _name(item: pytest.Item) -> str:
    mark = named(item)
    return str(mark.args[0]) if mark else ""


def _finding(name: str, report: pytest.TestReport) -> Finding:
    known = dict(report.user_properties).get("known")
    kind = kind_of(passed=report.passed, skipped=report.skipped, is_known=known is not None)
    return Finding(kind, name, statements()[name].text, str(known or "") if report.passed else _reason(report))


def _reason(report: pytest.TestReport) -> str:
    if report.skipped and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).splitlines()[0][:300]
