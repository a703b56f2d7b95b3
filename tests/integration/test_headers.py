"""The first line of a file says where it comes from: `header`."""

from __future__ import annotations

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, later, leaves_alone, outcome

CI = "on: push\n"
CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [{src: ci.yml, dest: x/ci.yml, header: %s}]\n"


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("true", "# Managed by acme/templates: edit ci.yml there"),
        ("'Do not edit, see {source}/{path}'", "# Do not edit, see acme/templates/ci.yml"),
    ],
)
def test_a_file_begins_with_its_header_in_every_run(swift, header, line):
    swift.write({"ci.yml": CI}, CONFIG % header)
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    assert outcome(later(swift)) == "created"
    assert api.files(OURS)["x/ci.yml"][1].decode() == f"{line}\n{CI}"
    leaves_alone(swift, "open")
    api.merge_pull(1)
    leaves_alone(swift, "in_sync")


def test_a_kind_without_comments_and_a_binary_file_get_none(swift):
    swift.write(
        {"kit/a.json": "{}\n", "kit/b.png": b"\0\1", "kit/c.sh": "#!/bin/sh\n"},
        "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, header: true}]\n",
    )
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    later(swift)
    found = {path: content for path, (_, content) in api.files(OURS).items() if path.startswith("kit/")}
    shell = b"#!/bin/sh\n# Managed by acme/templates: edit kit/c.sh there\n"
    assert found == {"kit/a.json": b"{}\n", "kit/b.png": b"\0\1", "kit/c.sh": shell}


def test_what_the_source_removes_is_pruned_though_it_had_a_header(swift):
    swift.write(
        {"kit/a.sh": "a\n", "kit/b.sh": "b\n"},
        "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, mode: prune, header: true}]\n",
    )
    api = swift.hub.repository("acme/api", files={"kit/own.sh": b"theirs\n"})
    later(swift)
    api.merge_pull(1)
    swift.write({"kit/b.sh": None})
    later(swift)
    assert changed(api, OURS) == {"kit/b.sh": "D"}
