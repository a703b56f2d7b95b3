"""Selectors by files: has_file and lacks_file, asked with the look at each repository."""

from __future__ import annotations

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.integration.test_people import later
from tests.world import World

FILES = {
    "acme/py": {"pyproject.toml": b"x\n", "README.md": b"x\n"},
    "acme/both": {"pyproject.toml": b"x\n", "src/go.mod": b"x\n"},
    "acme/go": {"src/go.mod": b"x\n"},
    "acme/none": {"README.md": b"x\n"},
    "acme/empty": None,
}


@pytest.fixture
def swift(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        for name, files in FILES.items():
            hub.repository(name, files=files, private=False)
        yield World(tmp_path, hub)


def config(targets: str, more: str = "files: [LICENSE]\n") -> str:
    return f"version: 1\n{more}targets: [{targets}]\n"


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("has_file: pyproject.toml", {"acme/py", "acme/both"}),
        ("has_file: [pyproject.toml, src/go.mod]", {"acme/both"}),
        ("has_file: src", {"acme/both", "acme/go"}),
        ("lacks_file: pyproject.toml", {"acme/go", "acme/none", "acme/empty"}),
        ("lacks_file: [pyproject.toml, src/go.mod]", {"acme/none", "acme/empty"}),
        ("has_file: pyproject.toml, lacks_file: [src/go.mod]", {"acme/py"}),
        ("has_file: nothing", set()),
    ],
)
def test_a_selector_finds_by_files_in_the_look(swift, selector, found):
    swift.write({"LICENSE": "MIT\n"}, config(f"{{owner: acme, {selector}}}"))
    ran = later(swift, command="plan")
    assert (ran.code, set(ran.outcomes)) == (0, found)
    assert len([one for one in swift.hub.requests if "probe0" in (one.document or "")]) == 1


def test_what_does_not_fit_is_in_the_log_and_nowhere_else(swift):
    swift.write({"LICENSE": "MIT\n"}, config("{owner: acme, has_file: pyproject.toml}"))
    ran = later(swift)
    assert "3 repositories lack pyproject.toml and are left out: acme/empty, acme/go, acme/none" in ran.log
    assert "acme/go" not in ran.summary
    assert ran.results["targets"][0]["target"] == "acme/both"
    assert ran.outcomes == {"acme/both": "created", "acme/py": "created"}


def test_a_repository_that_has_the_file_no_more_is_dropped(swift):
    swift.write({"LICENSE": "MIT\n"}, config("{owner: acme, has_file: pyproject.toml}"))
    later(swift)
    swift.hub.find("acme/py").commit({"pyproject.toml": None})
    assert later(swift).outcomes == {"acme/both": "open", "acme/py": "closed"}


@pytest.mark.parametrize("named", ["acme/go", "{owner: acme, name: go}", "acme/*"])
def test_where_another_entry_reaches_the_same_repository_the_files_decide_on_their_own_part(swift, named):
    both = f"{{owner: acme, has_file: pyproject.toml, files: [py.cfg]}}, {named}"
    swift.write({"LICENSE": "MIT\n", "py.cfg": "x\n"}, config(both))
    ran = later(swift)
    assert ran.outcomes["acme/go"] == ran.outcomes["acme/py"] == "created"

    def sent(name: str) -> set[str]:
        return {"LICENSE", "py.cfg"} & swift.hub.find(name).files(swift.hub.find(name).pulls[0].head).keys()

    assert sent("acme/go") == {"LICENSE"}
    assert sent("acme/py") == {"LICENSE", "py.cfg"}


def test_a_named_branch_is_the_one_that_is_looked_at(swift):
    go = swift.hub.find("acme/go")
    go.commit({"pyproject.toml": b"x\n"}, branch="next")
    swift.write({"LICENSE": "MIT\n"}, config("{owner: acme, has_file: pyproject.toml, branch: next}"))
    assert later(swift).outcomes == {"acme/go@next": "created"}


def test_a_thousand_repositories_by_property_topic_and_file_are_21_calls(swift):
    for number in range(1_000):
        swift.hub.repository(
            f"big/r{number:04}", files={"pyproject.toml": b"x\n", "LICENSE": b"MIT\n"}, topics=["oss"],
            properties={"tier": "gold"}, private=False,
        )  # fmt: skip
    selector = "{owner: big, property: {tier: gold}, topic: oss, has_file: [pyproject.toml]}"
    swift.write({"LICENSE": "MIT\n"}, config(selector))
    ran = later(swift)
    assert (ran.code, set(ran.outcomes.values()), len(ran.outcomes)) == (0, {"in_sync"}, 1_000)
    assert len(swift.hub.requests) == 21
