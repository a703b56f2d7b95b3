"""What people with a hand in a target can do to us there, and what they can't."""

from __future__ import annotations

import pytest

from broadcast.errors import UsageError
from broadcast.runner import provenance
from tests.unit.plan.test_guards import standing

CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [{src: kit, mode: mirror}]\n"
OURS = "broadcast/kit"


@pytest.fixture
def api(swift):
    swift.write({"kit/a": "1\n"}, CONFIG)
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})


def test_a_repository_that_another_owner_has_now_gets_nothing(swift, api):
    swift.hub.rename("acme/api", "evil/api")
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "failed"}
    assert "belongs to evil now" in ran.target("acme/api")["reason"]
    assert not api.pulls
    assert OURS not in api.branches()


def test_a_forged_trailer_makes_a_commit_ours_and_nothing_else(swift, api):
    swift.run()
    trailer = "Broadcast-Id: kit (acme/templates)"
    api.commit({"kit/evil": b"x\n", "README.md": b"evil\n"}, OURS, f"Fix\n\n{trailer}")
    swift.write({"kit/a": "2\n"})
    assert swift.run().outcomes == {"acme/api": "updated"}
    assert {path: text for path, (_, text) in api.files(OURS).items()} == {"README.md": b"theirs\n", "kit/a": b"2\n"}


def test_a_merged_marker_that_people_changed_can_put_no_link_into_the_next_text(swift, api):
    swift.run()
    pull = api.pulls[0]
    api.edit_pull(
        pull, "alice", body=pull.body.replace(pull.body.split('"commit":"')[1][:40], "x) ![](https://evil.example")
    )
    api.merge_pull(1)
    swift.write({"kit/a": "2\n"})
    swift.run()
    assert "evil.example" not in api.pulls[-1].body


@pytest.mark.parametrize("allow", ["*", "main", "refs/*"])
def test_pull_request_target_never_syncs(allow):
    with pytest.raises(UsageError, match="pull_request_target"):
        provenance.refuse_ref(standing("pull_request_target", "refs/heads/main"), allow)
