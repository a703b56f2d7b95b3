"""Run pytest in forked processes: once to measure what covers which line, then once for every mutant."""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType
from typing import NamedTuple

import coverage
import hypothesis
import pytest

from tests.mutation.mutants import Mutant

MEMORY = 4 << 30  # bytes of address space, for mutants that never stop growing
GRACE = 15  # seconds to start pytest in, on a busy machine
SLOWER = 6  # times as long as without coverage is a timeout
PASSED, NO_TESTS = 0, 5  # pytest's exit codes; every other one means that the mutant was noticed
FORK = get_context("fork")


class Tests(NamedTuple):
    """What the tests run: for every file and line the tests that execute it, and how long each test takes, in seconds."""

    lines: dict[str, dict[int, set[str]]]
    seconds: dict[str, float]

    def covering(self, mutant: Mutant) -> list[list[str]]:
        """The tests that execute the changed statement, file by file: those of its wing first, then the quickest.

        For what an import executes these are the tests that execute anything in the module.
        """
        lines = self.lines.get(mutant.path, {})
        found = set().union(*(lines.get(line, set()) for line in range(mutant.first, mutant.last + 1)))
        if not found - {""}:
            found = set().union(*lines.values())
        files: dict[str, list[str]] = defaultdict(list)
        for test in sorted(found - {""}, key=self.seconds.__getitem__):
            files[test.partition("::")[0]].append(test)
        wing = f"/{mutant.path.split('/')[1]}/"
        return sorted(files.values(), key=lambda tests: (wing not in tests[0], self.total(tests)))

    def total(self, tests: Iterable[str]) -> float:
        """Seconds for all of them."""
        return sum(self.seconds[test] for test in tests)


class Recorder:
    """A pytest plugin: names the running test to coverage, and measures it."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.seconds: dict[str, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around each test, its fixtures included."""
        name, began = item.nodeid.partition("[")[0], time.perf_counter()
        self._measured.switch_context(name)
        try:
            return (yield)
        finally:
            self._measured.switch_context("")
            self.seconds[name] += time.perf_counter() - began


def measure(package: Path, places: list[str]) -> Tests:
    """Run the tests at these places under coverage; exits when one of them fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        process = FORK.Process(target=_measure, args=(package, places, report))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit("the tests fail without a mutant: see above")
        lines, seconds = json.loads(report.read_text("utf-8"))
    tables = {path: {int(line): set(tests) for line, tests in table.items()} for path, table in lines.items()}
    return Tests(tables, seconds)


def _measure(package: Path, places: list[str], report: Path) -> None:
    measured = coverage.Coverage(data_file=None, source=[str(package)], config_file=False)
    recorder = Recorder(measured)
    measured.start()
    code = _pytest(places, report.parent, [recorder])
    measured.stop()
    data = measured.get_data()
    lines = {str(Path(name).relative_to(Path.cwd())): data.contexts_by_lineno(name) for name in data.measured_files()}
    report.write_text(json.dumps([lines, recorder.seconds]), "utf-8")
    _leave(int(code))


def outcomes(mutants: Iterable[Mutant], tests: Tests, workers: int) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with `killed`, `timed out`, `survived` or `no test`, as they end; `workers` at a time."""
    running: dict[int, tuple[Mutant, BaseProcess, float]] = {}
    for mutant in mutants:
        chosen = tests.covering(mutant)
        if not chosen:
            yield mutant, "no test"
            continue
        while len(running) >= workers:
            yield from _ended(running)
        process = FORK.Process(target=_try, args=(mutant, chosen))
        process.start()
        limit = GRACE + SLOWER * sum(map(tests.total, chosen))
        running[process.sentinel] = mutant, process, time.monotonic() + limit
    while running:
        yield from _ended(running)


def _ended(running: dict[int, tuple[Mutant, BaseProcess, float]]) -> Iterator[tuple[Mutant, str]]:
    connection.wait(list(running), timeout=0.5)
    for sentinel, (mutant, process, deadline) in list(running.items()):
        late = process.is_alive() and time.monotonic() > deadline
        if process.is_alive() and not late:
            continue
        process.kill()
        process.join()
        del running[sentinel]
        yield mutant, "timed out" if late else "survived" if process.exitcode in {PASSED, NO_TESTS} else "killed"


def _try(mutant: Mutant, files: list[list[str]]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.meta_path.insert(0, Swap(mutant))
    with tempfile.TemporaryDirectory() as folder:
        codes = (_pytest(tests, Path(folder), []) for tests in files)
        code = next((code for code in codes if code not in {PASSED, NO_TESTS}), PASSED)
    _leave(int(code))


def _pytest(tests: list[str], folder: Path, plugins: list[object]) -> int:
    """Pytest's exit code. Hypothesis draws the same examples each time and doesn't simplify what fails."""
    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    quiet = ["-q", "--no-header", "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is imported already
    options = ["-x", "-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={folder / 'tests'}"]
    return pytest.main([*quiet, *options, *tests], plugins=plugins)


def _leave(code: int) -> None:
    sys.stdout.flush()
    os._exit(code)  # no thread of a mutant can hold it up


class Swap(PathFinder):
    """Import the mutant's text instead of its module's file."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # type: ignore[override] # an instance finds, not the class
        """The specification of the mutated module; of every other one, None."""
        if fullname != self._name:
            return None
        place = str(Path(self._mutant.path).resolve())
        return importlib.util.spec_from_file_location(
            fullname, place, loader=Mutated(fullname, place, self._mutant.source)
        )


class Mutated(SourceFileLoader):
    """Compiles another text than the file's."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """The mutant's code, never from a cache."""
        return compile(self._source, self.path, "exec", dont_inherit=True)
