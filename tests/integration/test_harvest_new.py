"""`harvest` with `new` shows files that the source lacks, in directories that it sends."""

from __future__ import annotations

import stat

import pytest

from tests.hub.models import File
from tests.integration.test_harvest import ANN, edits, harvested
from tests.integration.test_harvest_pull_request import SOURCE, branch
from tests.integration.test_modes import publish
from tests.integration.test_people import later, writes

CONFIG = "version: 1\ntargets: [{}]\ndirectories: [{{src: kit, dest: docs, exclude: ['*.tmp']{}}}]\n"


def fleet(swift, *names: str, more: str = ""):
    """Targets that have merged the directory."""
    names = names or ("acme/api",)
    swift.write({"kit/a.md": "a\n"}, CONFIG.format(", ".join(names), more))
    publish(swift)
    found = [swift.hub.repository(name, files={"README.md": b"t\n"}) for name in names]
    later(swift)
    for one in found:
        one.merge_pull(1)
    return found if len(names) > 1 else found[0]


def test_new_files_are_shown_only_if_a_pattern_names_them(swift):
    api, web = fleet(swift, "acme/api", "acme/web")
    for one in (api, web):
        one.commit({"docs/sub/new.md": b"new\n", "docs/x.tmp": b"x\n", "elsewhere/new.md": b"x\n"}, author=ANN)
    api.commit({"docs/other.txt": b"o\n"})
    assert edits(swift) == []
    (edit,) = edits(swift, new="*.md")
    assert (edit["path"], edit["new"], edit["diff"], edit["who"]) == (
        "kit/sub/new.md", True, "@@ -0,0 +1,1 @@\n+new", ["Ann"],
    )  # fmt: skip
    assert len(edit["places"]) == 2
    assert [edit["path"] for edit in edits(swift, new="docs/*\n!*.md")] == ["kit/other.txt"]
    ran = harvested(swift, new="*")
    assert [edit["path"] for edit in ran.results["harvest"]["edits"]] == ["kit/sub/new.md", "kit/other.txt"]
    assert "kit/sub/new.md: a new file, as in acme/api, acme/web (+1 lines)" in ran.log


def test_what_the_source_once_had_is_not_new(swift):
    api = fleet(swift)
    api.commit({"docs/old.md": b"old\n"})
    swift.write({"kit/old.md": "old\n"})
    swift.write({"kit/old.md": None})
    publish(swift)
    assert edits(swift, new="*") == []


@pytest.mark.parametrize("path", ["docs/.env", "docs/id_rsa", "docs/a\nb.md"])
def test_secrets_and_strange_names_are_left_out(swift, path):
    fleet(swift).commit({path: b"x\n"})
    assert edits(swift, new="*") == []


def test_a_template_is_never_made_of_a_text_that_it_would_change(swift):
    api = fleet(swift, more=", template: true, header: from here")
    api.commit({"docs/new.md": b"[[ target.name ]]\n", "docs/plain.md": b"<!-- from here -->\nplain\n"})
    found = harvested(swift, new="*").results["harvest"]
    assert [(edit["path"], edit["diff"][-6:]) for edit in found["edits"]] == [("kit/plain.md", "+plain")]
    assert [one["path"] for one in found["unable"]] == ["kit/new.md"]


def test_a_new_file_is_written_with_its_mode(swift):
    api = fleet(swift)
    api.commit({"docs/new.sh": File(b"new\n", 0o100755)})
    ran = later(swift, command="harvest", new="*.sh", write="true", path="kit/new.sh")
    assert (ran.code, ran.results["harvest"]["written"]) == (0, ["kit/new.sh"])
    made = swift.source / "kit/new.sh"
    assert (made.read_bytes(), stat.S_IMODE(made.stat().st_mode) & 0o111) == (b"new\n", 0o111)
    ran = later(swift, command="harvest", new="*.sh", write="true", path="kit/new.sh")
    assert (ran.code, made.read_bytes()) == (2, b"new\n")
    assert "kit/new.sh differs on disk" in ran.results["failure"]["message"]


def test_a_new_file_comes_with_the_pull_request(swift):
    fleet(swift).commit({"docs/new.md": b"new\n"}, author=ANN)
    inputs = {"command": "harvest", "new": "*", "pull_request": "true", "only_targets": "acme/api"}
    assert later(swift, **inputs).outcomes == {SOURCE: "created"}
    source = swift.hub.find(SOURCE)
    assert source.files(branch(swift))["kit/new.md"][1] == b"new\n"
    ran = later(swift, **inputs)
    assert (ran.outcomes, writes(swift)) == ({SOURCE: "open"}, [])


def test_a_bad_pattern_is_refused(swift):
    fleet(swift)
    ran = later(swift, command="harvest", new="x" * 10_000)
    assert (ran.code, "is not a valid pattern of gitignore(5)" in ran.results["failure"]["message"]) == (2, True)


def test_many_targets_are_listed_together(swift):
    names = [f"acme/t{number}" for number in range(40)]
    swift.write({"kit/a.md": "a\n"}, CONFIG.format(", ".join(names), ""))
    publish(swift)
    for number, name in enumerate(names):
        swift.hub.repository(name, files={"docs/a.md": b"a\n", f"docs/sub/{number % 4}.md": b"x\n"})
    ran = harvested(swift, new="*")
    assert [len(edit["places"]) for edit in ran.results["harvest"]["edits"]] == [10, 10, 10, 10]
    assert len(swift.hub.requests) == 8
