"""GitHub doesn't answer what a shared file holds: that target fails alone, and nothing is half-made or closed."""

from __future__ import annotations

import base64

import pytest

from broadcast.compose.composition import compose
from broadcast.observe import composing
from tests.hub.graphql.views import Repository
from tests.hub.graphql.views_git import Blob
from tests.integration.test_blocks import IGNORED, THEIRS, config, written
from tests.integration.test_main_job import changed
from tests.integration.test_merges import OLD, edited, merged
from tests.integration.test_people import OURS, later, writes

ONE, OTHER = "acme/bad", "acme/good"


@pytest.fixture
def both(swift):
    """Two targets with one .gitignore and one other file to get."""
    swift.write({"python.gitignore": IGNORED, "LICENSE": "MIT\n"}, config(ONE, OTHER, more="  - LICENSE\n"))
    for name in (ONE, OTHER):
        swift.hub.repository(name, files={".gitignore": THEIRS})
    return swift


def answers(monkeypatch, **fields):
    """Let the repository of ONE answer other things of its blobs."""

    def other(name, value):
        real = getattr(Blob, name)

        def field(self, context):
            return value if self.stored.full_name == ONE else real(self, context)

        monkeypatch.setattr(Blob, name, field)

    for name, value in fields.items():
        other(name, value)


def check_only_one_fails(world, **inputs):
    ran = later(world, **inputs)
    assert ran.outcomes == {ONE: "failed", OTHER: "created"}, ran.log
    assert world.hub.find(ONE).branches().keys() == {"main"}
    assert world.hub.find(OTHER).files("broadcast/acme/templates")[".gitignore"][1].endswith(written().rstrip())
    return ran


LIES = [
    {"text": None}, {"isBinary": None, "text": None}, {"isTruncated": True}, {"text": "something else\n"},
    {"text": ""}, {"byteSize": 0, "text": "x"},
]  # fmt: skip
REFUSALS = [{"status": 404}, {"status": 403}, {"status": 500, "times": 99}, {"malformed": True, "times": 99}]


@pytest.mark.parametrize("lie", LIES)
def test_what_graphql_does_not_say_is_read_by_rest(both, monkeypatch, lie):
    answers(monkeypatch, **lie)
    assert later(both).outcomes == {ONE: "created", OTHER: "created"}
    assert both.hub.calls()["rest read"] <= 1


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_file_that_can_not_be_read_by_rest_either_fails_its_target_alone(both, monkeypatch, refusal):
    answers(monkeypatch, text=None)
    fault = both.hub.fail(lambda request: f"/{ONE}/git/blobs/" in request.path, **refusal)
    check_only_one_fails(both)
    fault.times = 0
    assert later(both).outcomes == {ONE: "created", OTHER: "open"}


def test_a_file_that_rest_answers_wrong_fails_its_target_alone(both, monkeypatch):
    answers(monkeypatch, text=None)
    lie = base64.b64encode(b"something else\n").decode()
    both.hub.fail(lambda request: f"/{ONE}/git/blobs/" in request.path, status=200, body={"content": lie})
    assert "GitHub doesn't answer what a shared file holds" in check_only_one_fails(both).log


def test_a_missing_object_fails_its_target_alone(both, monkeypatch):
    real = Repository.object

    def without_blobs(self, context, **arguments):
        found = real(self, context, **arguments)
        return None if isinstance(found, Blob) and self.stored.full_name == ONE and "oid" in arguments else found

    monkeypatch.setattr(Repository, "object", without_blobs)
    assert "GitHub doesn't answer what a shared file holds" in check_only_one_fails(both).log


@pytest.mark.parametrize("how", [{"status": 502}, {"status": 0}, {"malformed": True}])
@pytest.mark.parametrize("words", ["past0", "blob0"])
def test_an_open_pull_request_stays_while_the_past_of_the_source_can_not_be_read(swift, words, how):
    api = merged(swift)
    api.commit({"conf.txt": edited(OLD, l2="theirs").encode()})
    swift.write({"conf.txt": edited(OLD, l9="ours")})
    swift.publish()
    assert later(swift).outcomes == {"acme/api": "created"}

    def asks(request):
        return words in (request.document or "") and '"templates"' in request.document

    fault = swift.hub.fail(asks, times=99, **how)
    ran = later(swift)
    assert ran.outcomes["acme/api"] in ("failed", "deferred"), ran.log
    assert (writes(swift), api.pulls[1].state) == ([], "OPEN")
    fault.times = 0
    assert later(swift).outcomes == {"acme/api": "open"}


def test_a_bug_of_ours_with_one_targets_file_is_an_error_of_that_file(both, monkeypatch):
    both.hub.find(ONE).commit({".gitignore": b"strange\n"})

    def careless(path, before, pieces):
        if before == b"strange\n":
            raise RuntimeError("a bug")
        return compose(path, before, pieces)

    monkeypatch.setattr(composing, "compose", careless)
    ran = later(both)
    assert ran.outcomes == {ONE: "created", OTHER: "created"}
    (error,) = ran.target(ONE)["file_errors"]
    assert (error["path"], error["reason"]) == (".gitignore", "unexpected RuntimeError: a bug")
    assert changed(both.hub.find(ONE), OURS) == {"LICENSE": "A"}


def test_a_target_whose_files_take_too_long_to_compose_fails_alone(both, monkeypatch):
    both.hub.find(ONE).commit({".gitignore": b"slow\n"})

    def slow(path, before, pieces):
        if before == b"slow\n":
            both.hub.clock.advance(61)
        return compose(path, before, pieces)

    monkeypatch.setattr(composing, "compose", slow)
    assert "takes more than 60 seconds of work here" in check_only_one_fails(both).log
