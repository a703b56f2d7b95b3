"""Contents of targets' files: believed where they hash to their id, and read once."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest

from broadcast.errors import Failure
from broadcast.git.objects import blob_id
from broadcast.github.client import Scope
from broadcast.github.validation import Malformed
from broadcast.observe.contents import MAX_BYTES, Content, Contents
from broadcast.observe.object_cache import ObjectCache

TEXT = b"a\n"
OID = blob_id(TEXT)


def answer(oid: str = OID, **fields):
    blob = {"oid": oid, "text": TEXT.decode(), "isBinary": False, "isTruncated": False, "byteSize": len(TEXT)}
    return {"blob0": blob | fields}


class Rest:
    """Answers one blob."""

    def __init__(self, content: object) -> None:
        self.content, self.asked = content, []

    def get(self, path, _scope):
        self.asked.append(path)
        if isinstance(self.content, Exception):
            raise self.content
        return {"content": self.content}


def test_a_text_is_kept_and_asked_once():
    contents = Contents(ObjectCache())
    assert contents.get(OID) is None
    contents.learn(answer())
    assert contents.get(OID) == Content(TEXT)


@pytest.mark.parametrize(
    "fields", [{"text": None, "isBinary": None}, {"isTruncated": True}, {"text": "b\n"}, {"text": "\N{REPLACEMENT CHARACTER}"}]
)  # fmt: skip
def test_what_graphql_has_not_whole_is_read_by_rest(fields):
    contents, rest = Contents(ObjectCache()), Rest(base64.encodebytes(TEXT).decode())
    contents.learn(answer(**fields))
    assert contents.get(OID) is None
    assert contents.is_by_rest(OID)
    contents.read(rest, "acme/api", OID, Scope("observe"))
    assert (contents.get(OID), rest.asked) == (Content(TEXT), [f"/repos/acme/api/git/blobs/{OID}"])


@pytest.mark.parametrize(
    ("fields", "problem"),
    [({"isBinary": True, "text": None}, "binary"), ({"byteSize": MAX_BYTES + 1}, "is larger than 1024 KiB")],
)
def test_what_can_not_be_shared_is_not_read(fields, problem):
    contents = Contents(ObjectCache())
    contents.learn(answer(**fields))
    found = contents.get(OID)
    assert found
    assert found.data is None
    assert problem in found.problem
    assert not contents.is_by_rest(OID)


@pytest.mark.parametrize("content", ["", "YmFk", "%%%", 7])
def test_an_answer_that_is_another_file_is_not_believed(content):
    contents = Contents(ObjectCache())
    with suppress(Malformed):
        contents.read(Rest(content), "acme/api", OID, Scope("observe"))
    assert contents.get(OID) is None  # another target that has it is asked


def test_a_file_that_rest_answers_is_measured_itself():
    contents, large = Contents(ObjectCache()), b"x" * (MAX_BYTES + 1)
    contents.read(Rest(base64.b64encode(large).decode()), "acme/api", blob_id(large), Scope("observe"))
    found = contents.get(blob_id(large))
    assert found
    assert (found.data, found.problem) == (None, "is larger than 1024 KiB")


def test_what_the_source_has_no_more_may_still_be_in_a_target():
    contents, gone = Contents(ObjectCache()), "1" * 40
    contents.learn(answer())
    contents.lose([OID, gone])
    assert (contents.once(OID), contents.get(gone)) == (Content(TEXT), None)
    assert contents.once(gone) == Content(None, "isn't there any more")


def test_what_ends_the_run_is_not_taken_for_an_answer():
    contents = Contents(ObjectCache())
    with pytest.raises(Failure, match="limit"):
        contents.read(Rest(Failure("the rate limit")), "acme/api", OID, Scope("observe"))
