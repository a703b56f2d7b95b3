"""`harvest` with `write` puts one edit of each file into the source's working tree."""

from __future__ import annotations

import stat

import pytest

from tests.integration.test_harvest import BETTER, CI, KEYS, sent
from tests.integration.test_modes import publish
from tests.integration.test_people import later
from tests.world import Ran, git


def taken(swift, **inputs: str) -> Ran:
    """A run that writes to the disk, and nothing to GitHub."""
    ran = later(swift, command="harvest", write="true", **inputs)
    assert not [request for request in swift.hub.requests if request.writes]
    return ran


def refused(swift, **inputs: str) -> str:
    """The message of a run that writes nothing at all."""
    before = git(swift.source, "status", "--porcelain", "-z")
    ran = taken(swift, **inputs)
    assert (ran.code, git(swift.source, "status", "--porcelain", "-z")) == (2, before)
    return ran.results["failure"]["message"]


def status(swift) -> str:
    return git(swift.source, "status", "--porcelain").strip()


def test_the_edit_of_a_file_is_written_into_the_working_tree(swift):
    one, other = sent(swift, {"kit/ci.sh": CI}, "{src: kit/ci.sh, dest: ci.sh}", "acme/api", "acme/web")
    for each in (one, other):
        each.commit({"ci.sh": BETTER.encode()})
    ran = taken(swift, path="kit/ci.sh")
    assert (ran.code, status(swift)) == (0, "M kit/ci.sh")
    assert (swift.source / "kit/ci.sh").read_text() == BETTER
    assert ran.results["harvest"]["written"] == ["kit/ci.sh"]
    assert ran.outputs["changed"] == "true"
    assert "wrote kit/ci.sh" in ran.log
    assert "nothing was written" not in ran.summary


def test_a_file_keeps_its_mode(swift):
    (swift.source / "run.sh").write_text(CI)
    (swift.source / "run.sh").chmod(0o755)
    api = sent(swift, {}, "run.sh")
    api.commit({"run.sh": BETTER.encode()})
    assert taken(swift, path="run.sh").code == 0
    assert stat.S_IMODE((swift.source / "run.sh").stat().st_mode) == 0o755
    assert (swift.source / "run.sh").read_text() == BETTER


@pytest.mark.parametrize(
    ("files", "entry", "path", "theirs", "expected"),
    [
        ({"a": "n [[ target.name ]]\n" + CI}, "{src: a, template: true}", "a", ("step 6", "six"), "six"),
        ({"a": CI}, "{src: a, dest: Makefile, mode: block}", "Makefile", ("step 6", "six"), "six"),
        ({"a.json": KEYS}, "{src: a.json, mode: keys}", "a.json", ('"c": 2', '"c": 7'), '"c": 7'),
        ({"a": CI}, "{src: a, mode: merge}", "a", ("step 6", "six"), "six"),
    ],
)
def test_each_kind_of_mapping_is_written(swift, files, entry, path, theirs, expected):
    api = sent(swift, files, entry)
    old, new = (one.encode() for one in theirs)
    api.commit({path: api.files()[path][1].replace(old, new)})
    (source,) = files
    ran = taken(swift, path=source)
    assert ran.code == 0, ran.log
    text = (swift.source / source).read_text()
    assert expected in text
    assert text == files[source].replace(*theirs)
    swift.write({})
    publish(swift)
    assert later(swift, command="harvest", path=source).results["harvest"]["edits"] == []


def test_different_edits_are_refused_until_targets_are_named(swift):
    one, other = sent(swift, {"ci.yml": CI}, "ci.yml", "acme/api", "acme/web")
    one.commit({"ci.yml": BETTER.encode()})
    other.commit({"ci.yml": (CI + "more\n").encode()})
    assert refused(swift, path="ci.yml") == "ci.yml has 2 different edits, in 1: acme/api; 2: acme/web"
    assert taken(swift, path="ci.yml", only_targets="acme/web").code == 0
    assert (swift.source / "ci.yml").read_text() == CI + "more\n"


def test_all_edits_of_a_named_target_are_written(swift):
    api = sent(swift, {"a.txt": CI, "b.txt": CI}, "a.txt, b.txt")
    api.commit({"a.txt": BETTER.encode(), "b.txt": BETTER.encode()})
    assert taken(swift, only_targets="acme/api").results["harvest"]["written"] == ["a.txt", "b.txt"]


def test_a_file_that_differs_on_disk_stays_and_so_do_the_others(swift):
    api = sent(swift, {"a.txt": CI, "b.txt": CI}, "a.txt, b.txt")
    api.commit({"a.txt": BETTER.encode(), "b.txt": BETTER.encode()})
    (swift.source / "b.txt").write_text("mine\n")
    assert refused(swift, only_targets="acme/api").startswith("b.txt differs on disk from the commit")
    assert (swift.source / "b.txt").read_text() == "mine\n"


def test_a_link_on_disk_is_never_followed(swift, tmp_path):
    api = sent(swift, {"kit/a.txt": CI}, "{src: kit/a.txt, dest: a.txt}")
    api.commit({"a.txt": BETTER.encode()})
    outside = tmp_path / "outside"
    (swift.source / "kit").rename(outside)
    (swift.source / "kit").symlink_to(outside)
    assert "kit/a.txt can't be replaced" in refused(swift, path="a.txt")
    assert (outside / "a.txt").read_text() == CI


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"command": "harvest"}, "write needs to know which edits to take"),
        ({"command": "plan", "path": "a"}, "the input write goes with command: harvest"),
    ],
)
def test_write_needs_its_command_and_a_file_or_a_target(swift, inputs, message):
    sent(swift, {"ci.yml": CI}, "ci.yml")
    ran = later(swift, write="true", **inputs)
    assert (ran.code, ran.results["failure"]["message"]) == (2, message)


def test_nothing_to_write_is_no_failure(swift):
    sent(swift, {"ci.yml": CI}, "ci.yml")
    ran = taken(swift, path="ci.yml")
    assert (ran.code, ran.outputs["changed"], status(swift)) == (0, "false", "")
