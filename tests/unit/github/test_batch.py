"""Every question gets exactly one reply, whatever the others in its document come to."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.errors import Unreachable
from broadcast.github.batch import LARGEST, ask
from broadcast.github.client import ApiError, GraphQLAnswer, Scope, Throttled
from broadcast.github.questions import Question, Search

ALIAS = re.compile(r'^q(\d+): (?:repository\(owner: "acme", name: "t(\d+)"|(search)\()', re.MULTILINE)
SCOPE = Scope("observe")


class Server:
    """Answers documents by what each repository is like; stands for the client."""

    def __init__(self, kinds: list[str], seconds: float = 0.0) -> None:
        self.kinds, self.seconds = kinds, seconds
        self.lacking: set[str] = set()
        self.document_size = 0
        self.documents: list[list[str]] = []
        self.is_fresh = False
        self.waited: list[float] = []
        self.pace = SimpleNamespace(width=SimpleNamespace(now=8), pause=self.waited.append)

    def together(self, work, items):
        return [work(item) for item in items]

    def query(self, document, variables, scope, attempts):
        asked = [(number, found or name) for number, found, name in ALIAS.findall(document)]
        kinds = {f"q{number}": self.kinds[int(name)] if name.isdigit() else name for number, name in asked}
        self.documents.append([name for _, name in asked])
        if "cut" in kinds.values():
            raise Unreachable("half an answer", reached=True)
        if "shared" in kinds.values():
            return GraphQLAnswer({}, [error([], "SOMETHING", "no")], self.seconds)
        data = {alias: {"id": alias} if kind in ("fine", "search") else None for alias, kind in kinds.items()}
        errors = [error([alias], *ERRORS[kind]) for alias, kind in kinds.items() if kind in ERRORS]
        return GraphQLAnswer(data, errors, self.seconds * len(kinds))


ERRORS = {
    "absent": ("NOT_FOUND", "Could not resolve to a Repository"),
    "refused": ("FORBIDDEN", "Resource not accessible by integration"),
    "heavy": ("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded."),
}


def error(path, kind, message):
    return {"path": path, "type": kind, "message": message, "extensions": {}}


def questions(count: int) -> list[Question]:
    return [Question("acme", f"t{n}", "id") for n in range(count)]


def what(reply) -> str:
    if reply.data is not None:
        return "fine"
    if isinstance(reply.failure, ApiError):
        return {404: "absent", 403: "refused"}.get(reply.failure.status, "shared")
    return "unreachable"


MEANT = {"fine": "fine", "absent": "absent", "refused": "refused", "shared": "shared"}


@given(
    st.lists(st.sampled_from(["fine"] * 6 + ["absent", "refused", "heavy", "cut", "shared"]), min_size=1, max_size=40)
)
def test_every_question_gets_the_reply_that_it_would_get_alone(kinds):
    server = Server(["fine", *kinds])
    replies = ask(server, questions(len(kinds) + 1), SCOPE)
    assert [what(reply) for reply in replies] == [MEANT.get(kind, "unreachable") for kind in ["fine", *kinds]]
    poison = sum(kind in ("heavy", "cut", "shared") for kind in kinds)
    assert len(server.documents) <= 4 + len(kinds) + 8 * poison


@given(st.integers(1, 300), st.sampled_from([0.0, 0.05, 0.1, 0.5, 2.0]))
def test_no_question_is_asked_twice_where_all_are_answered(count, seconds):
    server = Server(["fine"] * count, seconds)
    assert all(reply.data for reply in ask(server, questions(count), SCOPE))
    assert sorted(name for names in server.documents for name in names) == sorted(str(n) for n in range(count))
    assert max(map(len, server.documents)) <= LARGEST


@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_server_that_never_answers_is_given_up_soon(count):
    server = Server(["cut"] * count)
    assert {what(reply) for reply in ask(server, questions(count), SCOPE)} == {"unreachable"}
    assert len(server.documents) <= 7


@pytest.mark.parametrize("count", [1, 2, 30])
def test_extra_fields_are_given_up_as_soon_as_an_answer_breaks(count):
    server = Server(["fine"] * count)
    inner = server.query

    def query(text, *rest, **more):
        answer = inner(text, *rest, **more)
        if "size" in text:
            raise Unreachable("no time", reached=True)
        return answer

    server.query = query
    asked = [Question("acme", f"t{n}", "id", extra="size" if n % 2 == 0 else "") for n in range(count)]
    assert [what(reply) for reply in ask(server, asked, SCOPE)] == ["fine"] * count
    assert len(server.documents) <= (2 if count == 1 else 10)


def test_an_error_beside_extra_fields_leaves_the_rest_of_the_answer():
    server = Server(["fine"])
    refusal = [error(["q0", "names", "names", 7, "name"], "", "no such name")]
    server.query = lambda *_, **__: GraphQLAnswer({"q0": {"id": "x", "names": {"names": None}}}, refusal)
    assert ask(server, [Question("acme", "t0", "id", extra="names: id")], SCOPE)[0].data["id"] == "x"


def test_where_nothing_can_be_reached_the_whole_is_ended():
    server = Server(["fine"] * 3)
    server.query = lambda *_, **__: (_ for _ in ()).throw(Unreachable("no network", reached=False))
    with pytest.raises(Unreachable, match="no network"):
        ask(server, questions(3), SCOPE)


def test_a_search_is_the_first_suspect_where_a_document_is_refused_without_a_place():
    server = Server(["fine"] * 8)
    inner = server.query
    refusal = GraphQLAnswer({}, [error([], "", "Argument 'type' on Field 'search' has an invalid value (ISSUE).")])
    server.query = lambda text, *rest, **more: (
        refusal if inner(text, *rest, **more) and "search(" in text else inner(text, *rest, **more)
    )
    replies = ask(server, [Search("is:pr user:acme", "number"), *questions(8)], SCOPE)
    assert [what(reply) for reply in replies] == ["shared", *["fine"] * 8]
    sizes = {len(names) for names in server.documents}
    assert sizes == {9, 1, 8}


def test_one_refusal_for_lacking_scopes_holds_for_all_of_a_document():
    server = Server(["fine"] * 9)
    server.query = lambda *_, **__: GraphQLAnswer({}, [error([], "INSUFFICIENT_SCOPES", "needs repo")])
    assert {reply.failure.message for reply in ask(server, questions(9), SCOPE)} == {
        f"acme/t{n}: needs repo" for n in range(9)
    }


def test_what_a_young_token_cannot_see_is_asked_for_again_and_nothing_else():
    server = Server(["fine", "absent", "fine"])
    server.is_fresh = True
    replies = ask(server, questions(3), SCOPE)
    assert [what(reply) for reply in replies] == ["fine", "absent", "fine"]
    assert server.documents == [["0", "1", "2"], *[["1"]] * len(server.waited)]
    assert sum(server.waited) == 45


def test_a_run_that_must_stop_waiting_for_a_young_token_defers():
    server = Server(["fine", "absent"])
    server.is_fresh = True

    def pause(_):
        raise Throttled("the deadline of this run is reached")

    server.pace.pause = pause
    found, lost = ask(server, questions(2), SCOPE)
    assert (found.data is not None, isinstance(lost.failure, Throttled)) == (True, True)
