"""`on_local_change: keep`: what a target has changed itself stays; what is an older version of ours is updated."""

from __future__ import annotations

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_modes import OURS, README, later, publish, rests
from tests.world import TOKEN

OLD = {"kit/a": "1\n", "kit/b": "1\n"}


def config(*names: str, keep: str = "keep", more: str = "") -> str:
    named = ", ".join(names or ["acme/api"])
    return f"version: 1\ntargets: [{named}]\non_local_change: {keep}\ndirectories: [{{src: kit{more}}}]\n"


def moved_on(swift, *names: str, held=None, **options: str):
    """Targets that hold the first version of two files, of which the source has the third."""
    swift.write(OLD)
    swift.write({"kit/a": "2\n"})
    swift.write({"kit/a": "3\n", "kit/b": "3\n"}, config(*names, **options))
    publish(swift)
    files = {**README, "kit/a": b"1\n", "kit/b": b"1\n", **(held or {})}
    return [swift.hub.repository(name, files=files) for name in names or ["acme/api"]]


@pytest.mark.parametrize("mode", ["copy", "prune", "mirror"])
def test_a_change_of_their_own_stays_and_an_older_version_of_ours_is_updated(swift, mode):
    (api,) = moved_on(swift, held={"kit/a": b"own\n"}, more=f", mode: {mode}")
    ran = later(swift)
    assert (ran.code, changed(api, OURS)) == (0, {"kit/b": "M"})
    assert "left out: kit/a, changed there (on_local_change: keep)" in ran.log
    assert "Left out: `kit/a` — changed there (on_local_change: keep)" in api.pulls[0].body
    rests(swift, "open")
    api.merge_pull(1, delete_branch=True)
    rests(swift)
    assert api.files()["kit/a"][1] == b"own\n"


@pytest.mark.parametrize("version", [b"1\n", b"2\n"])
def test_any_version_that_the_source_once_had_is_ours(swift, version):
    (api,) = moved_on(swift, held={"kit/a": version})
    later(swift)
    assert changed(api, OURS) == {"kit/a": "M", "kit/b": "M"}


def test_by_default_their_change_is_overwritten_and_the_past_is_not_asked_for(swift):
    (api,) = moved_on(swift, held={"kit/a": b"own\n"}, keep="overwrite")
    later(swift)
    assert changed(api, OURS) == {"kit/a": "M", "kit/b": "M"}
    assert "past0" not in "".join(request.document or "" for request in swift.hub.requests)


def test_what_they_take_back_later_is_updated_again(swift):
    (api,) = moved_on(swift, held={"kit/a": b"own\n"})
    later(swift)
    api.commit({"kit/a": b"2\n"})
    assert later(swift).outcomes == {"acme/api": "updated"}
    assert changed(api, OURS) == {"kit/a": "M", "kit/b": "M"}


def test_what_they_change_while_our_pull_request_is_open_leaves_it(swift):
    (api,) = moved_on(swift)
    later(swift)
    api.commit({"kit/a": b"own\n"})
    assert later(swift).outcomes == {"acme/api": "updated"}
    assert changed(api, OURS) == {"kit/b": "M"}
    api.commit({"kit/b": b"own\n"})
    assert later(swift).outcomes == {"acme/api": "closed"}
    rests(swift)


def test_what_is_absent_is_added(swift):
    (api,) = moved_on(swift)
    api.commit({"kit/a": None})
    later(swift)
    assert changed(api, OURS) == {"kit/a": "A", "kit/b": "M"}


def test_a_binary_file_among_templates_is_ours_in_any_version(swift):
    (api,) = moved_on(swift, held={"kit/c": b"\0[[ 1"}, more=", template: true")
    for version in (b"\0[[ 1", b"\0[[ 2"):
        swift.write({"kit/c": version})
    publish(swift)
    later(swift)
    assert changed(api, OURS)["kit/c"] == "M"


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_a_rendered_file_that_a_merged_pull_request_brought_is_ours_until_they_change_it(swift, method):
    files = "files: [{src: t, template: true}]\n"
    swift.write({"t": "[[ target.name ]] 1"}, f"version: 1\ntargets: [acme/api]\non_local_change: keep\n{files}")
    publish(swift)
    api = swift.hub.repository("acme/api", files=README)
    later(swift)
    api.merge_pull(1, method=method, delete_branch=True)
    swift.write({"t": "[[ target.name ]] 2"})
    publish(swift)
    assert later(swift).outcomes == {"acme/api": "created"}
    assert api.files(OURS)["t"][1] == b"api 2"
    api.merge_pull(2, method=method, delete_branch=True)
    api.commit({"t": b"own"})
    swift.write({"t": "[[ target.name ]] 3"})
    publish(swift)
    assert "left out: t, changed there" in rests(swift).log


def test_one_question_about_the_past_serves_the_fleet(swift):
    names = [f"acme/t{n}" for n in range(100)]
    repos = moved_on(swift, *names)
    for repo in repos[:50]:
        repo.commit({"kit/a": b"own\n"})
    later(swift, command="plan")
    assert [request.document.count("past0") for request in swift.hub.requests].count(1) == 1
    assert sum(swift.hub.calls().values()) <= 9


def test_without_access_to_the_sources_past_every_change_counts_as_theirs(swift):
    moved_on(swift)
    swift.hub.token(TOKEN, repositories=["acme/api"])
    ran = rests(swift)
    assert "the history of acme/templates can't be read" in ran.log
    assert "left out: kit/a, changed there" in ran.log
