"""Many questions about many repositories in few GraphQL documents.

A document carries one alias per question. Documents grow while GitHub answers quickly and halve when it runs out of
resources or time; only what has no answer is asked again (docs: rate limits and query limits for the GraphQL API).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from broadcast.api import optional
from broadcast.api.client import ApiError, GitHub, GraphQLAnswer, Scope, Throttled
from broadcast.api.shapes import Malformed, refuse_odd
from broadcast.errors import Failure, Unreachable
from broadcast.remedies import advice

FIRST, LARGEST = 25, 100  # questions in a document
QUICK = 3.0  # seconds; GitHub gives up on a document after 10
SMALLEST_TRIES = 3  # for a question that fails even alone

_TROUBLE = ("timeout", "in time", "resource limits", "something went wrong")
_OVERLOADED = ("RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT")


class Question(Struct, frozen=True):
    """One repository, and what to tell of it."""

    owner: str
    name: str
    fields: str  # a GraphQL selection on Repository
    fragments: Mapping[str, str] = field(default_factory=dict)  # name → definition, for those the fields spread


class Reply(Struct, frozen=True):
    """`data` is the repository as asked; None says `failure` is why not."""

    data: dict[str, Any] | None
    failure: Failure | None = None


class Rider(Struct):
    """A question about no repository in particular; it rides along with the first document, and costs no call."""

    fields: str  # one field of Query
    data: Any = None  # None: not answered


Tick = Callable[[], None]


def ask(
    github: GitHub, questions: Sequence[Question], scope: Scope, rider: Rider | None = None, tick: Tick = lambda: None
) -> list[Reply]:
    """One reply a question, in order; documents go out side by side as soon as GitHub has shown how quick it is.

    `tick` is called for every reply.
    """
    replies: dict[int, Reply] = {}
    tries: Counter[int] = Counter()
    open_, size, width = list(range(len(questions))), FIRST, 1
    while open_:
        chunks = [open_[start : start + size] for start in range(0, len(open_), size)][:width]
        first, rider = rider, None

        def one(chunk: list[int], first: Rider | None = first, leader: list[int] = chunks[0]) -> _Answer:
            asked = [questions[i] for i in chunk]
            return _ask_document(github, asked, scope, first if chunk is leader else None)

        answers = github.together(one, chunks)
        for chunk, answer in zip(chunks, answers, strict=True):
            for at, reply in answer.replies.items():
                replies[chunk[at]] = reply
                tick()
            if answer.trouble and len(chunk) == 1:
                tries.update(chunk)
                if tries[chunk[0]] == SMALLEST_TRIES or isinstance(answer.trouble, Throttled):
                    replies[chunk[0]] = Reply(None, answer.trouble)
        open_ = [i for i in open_ if i not in replies]
        size, width = _next_size(size, chunks, answers, github.pace.width.now)
    return [replies[i] for i in range(len(questions))]


def _next_size(size: int, chunks: list[list[int]], answers: list[_Answer], width: int) -> tuple[int, int]:
    """How many questions the next documents carry, and how many documents go out at once."""
    if any(answer.trouble for answer in answers):
        return max(1, min(size, *(len(chunk) for chunk in chunks)) // 2), max(1, width // 2)
    slowest = max(answer.seconds for answer in answers)
    growth = max(1, min(4, int(QUICK / max(slowest, 0.001))))
    return min(size * growth, LARGEST), width


def document(questions: Sequence[Question], rider: Rider | None = None) -> str:
    """The GraphQL document that asks all of them; the alias of the n-th is `qn`."""
    fragments = {name: text for question in questions for name, text in question.fragments.items()}
    asked = "\n".join(
        f"q{at}: repository(owner: {quote(one.owner)}, name: {quote(one.name)}) {{ {one.fields} }}"
        for at, one in enumerate(questions)
    )
    extra = f"{rider.fields}\n" if rider else ""
    return "query {\nrateLimit { cost }\n" + extra + asked + "\n}\n" + "\n".join(fragments.values())


def is_undefined(errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a server refused a whole document because it doesn't know one of its fields, as an older GHES does."""
    codes = {(error.get("extensions") or {}).get("code") for error in errors}
    return "undefinedField" in codes or any(
        "doesn't exist on type" in str(error.get("message", "")) for error in errors
    )


def quote(text: str) -> str:
    """`text` as a GraphQL string."""
    return json.dumps(text, ensure_ascii=False)


class _Answer(NamedTuple):
    """The replies by position, and what kept others from being answered."""

    replies: dict[int, Reply]
    trouble: Failure | None
    seconds: float


def _ask_document(github: GitHub, questions: Sequence[Question], scope: Scope, rider: Rider | None) -> _Answer:
    started = time.perf_counter()
    try:
        answer = _query(github, document(questions, rider), scope, attempts=2 if len(questions) == 1 else 1)
    except Throttled as failure:
        return _Answer({at: Reply(None, failure) for at in range(len(questions))}, None, 0)
    except Unreachable as failure:
        if "HTTP 5" in failure.message:  # 502 and 504 are how GitHub's 10 seconds run out
            return _Answer({}, failure, 0)
        raise
    if rider:
        rider.data = _checked(answer.data.get(rider.fields.partition(":")[0])).data
    overloaded = [e for e in answer.errors if _is_overload(e)]
    replies = _replies(answer, questions, overloaded)
    seconds = time.perf_counter() - started
    if len(replies) == len(questions):
        return _Answer(replies, None, seconds)
    if not overloaded and answer.errors:
        raise ApiError(200, f"GitHub refused a query: {answer.errors[0].get('message', '')}")
    reason = str(overloaded[0].get("message", "")) if overloaded else "an empty answer"
    return _Answer(replies, Unreachable(f"GitHub could not answer in time: {reason}", "run again later"), seconds)


def _replies(
    answer: GraphQLAnswer, questions: Sequence[Question], overloaded: list[dict[str, Any]]
) -> dict[int, Reply]:
    errors = _by_position([error for error in answer.errors if error not in overloaded])
    replies = {}
    for at, question in enumerate(questions):
        data = answer.data.get(f"q{at}")
        if at in errors:
            replies[at] = Reply(None, _failure(question, errors[at]))
        elif data is not None and not any(_concerns(error, at) for error in overloaded):
            replies[at] = _checked(data)
    return replies


def _checked(data: Any) -> Reply:
    try:
        refuse_odd(data)
    except Malformed as failure:
        return Reply(None, failure)
    return Reply(data) if isinstance(data, dict) else Reply(None, Malformed(f"one is {str(data)[:80]!r}"))


def _query(github: GitHub, text: str, scope: Scope, attempts: int) -> GraphQLAnswer:
    """Ask; where a server refuses a field that we can do without, ask again without it, and never for it again."""
    answer = github.query(optional.without(text, github.lacking), {}, scope, attempts=attempts)
    refused = optional.refused(answer.data, [error for error in answer.errors if not _is_overload(error)])
    if refused <= github.lacking:
        return answer
    github.lacking |= refused
    return _query(github, text, scope, attempts)


def _is_overload(error: dict[str, Any]) -> bool:
    text = str(error.get("message", "")).lower()
    return error.get("type") in _OVERLOADED or any(phrase in text for phrase in _TROUBLE)


def _concerns(error: dict[str, Any], at: int) -> bool:
    path = error.get("path") or [f"q{at}"]
    return str(path[0]) == f"q{at}"


def _by_position(errors: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for error in errors:
        path = [str(step) for step in error.get("path") or [""]]
        if path[0][:1] == "q" and path[0][1:].isdigit() and not optional.is_optional(path):
            found.setdefault(int(path[0][1:]), error)
    return found


def _failure(question: Question, error: dict[str, Any]) -> Failure:
    message = str(error.get("message", "no reason given"))
    name = f"{question.owner}/{question.name}"
    if error.get("type") == "NOT_FOUND":
        return ApiError(
            404,
            f"{name} doesn't exist or the token can't see it",
            "check the name; give the token access to it (GITHUB_TOKEN only reaches the repository of its workflow)",
        )
    known = advice(message)
    status = 403 if error.get("type") == "FORBIDDEN" else 200
    return ApiError(status, f"{name}: {message}", known.remedy if known else "")
