"""Many questions about many repositories in few GraphQL documents.

A document carries one alias per question. Documents grow while GitHub answers quickly and halve when it runs out of
resources or time; only what has no answer is asked again (docs: rate limits and query limits for the GraphQL API).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broadcast.api.client import ApiError, GitHub, GraphQLAnswer, Scope
from broadcast.errors import Failure, Unreachable

FIRST, LARGEST = 25, 100  # questions in a document
QUICK = 3.0  # seconds; GitHub gives up on a document after 10
SMALLEST_TRIES = 3  # for a question that fails even alone

# Fields that some tokens may not read and some GHES versions don't have; null does as well as their value.
_DISPENSABLE = ("viewerPermission", "isInMergeQueue", "isDisabled", "mergeable", "authoredDate", "committedDate")
_TROUBLE = ("timeout", "in time", "resource limits", "something went wrong")
_OVERLOADED = ("RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT")


@dataclass(frozen=True)
class Question:
    """One repository, and what to tell of it."""

    owner: str
    name: str
    fields: str  # a GraphQL selection on Repository
    fragments: Mapping[str, str] = field(default_factory=dict)  # name → definition, for those the fields spread


@dataclass(frozen=True)
class Reply:
    """`data` is the repository as asked; None says `failure` is why not."""

    data: dict[str, Any] | None
    failure: Failure | None = None


def ask(github: GitHub, questions: Sequence[Question], scope: Scope) -> list[Reply]:
    """One reply a question, in order."""
    replies: dict[int, Reply] = {}
    open_ = list(range(len(questions)))
    size, tries = FIRST, 0
    while open_:
        chunk = open_[:size]
        started = time.perf_counter()
        answered, trouble = _ask_document(github, [questions[i] for i in chunk], scope)
        replies.update((chunk[at], reply) for at, reply in answered.items())
        open_ = [i for i in open_ if i not in replies]
        if trouble is None:
            size = min(size * 2, LARGEST) if time.perf_counter() - started < QUICK else size
        elif len(chunk) > 1:
            size = max(1, len(chunk) // 2)
        elif (tries := tries + 1) >= SMALLEST_TRIES:
            replies[chunk[0]] = Reply(None, trouble)
            open_ = open_[1:]
            tries = 0
    return [replies[i] for i in range(len(questions))]


def document(questions: Sequence[Question]) -> str:
    """The GraphQL document that asks all of them; the alias of the n-th is `qn`."""
    fragments = {name: text for question in questions for name, text in question.fragments.items()}
    asked = "\n".join(
        f"q{at}: repository(owner: {quote(one.owner)}, name: {quote(one.name)}) {{ {one.fields} }}"
        for at, one in enumerate(questions)
    )
    return "query {\n" + asked + "\n}\n" + "\n".join(fragments.values())


def quote(text: str) -> str:
    """`text` as a GraphQL string."""
    return json.dumps(text, ensure_ascii=False)


def _ask_document(
    github: GitHub, questions: Sequence[Question], scope: Scope
) -> tuple[dict[int, Reply], Failure | None]:
    """The replies by position, and what kept others from being answered."""
    try:
        answer = _query(github, document(questions), scope, attempts=2 if len(questions) == 1 else 1)
    except Unreachable as failure:
        if "HTTP 5" in failure.message:  # 502 and 504 are how GitHub's 10 seconds run out
            return {}, failure
        raise
    overloaded = [e for e in answer.errors if _is_overload(e)]
    errors = _by_position([e for e in answer.errors if not _is_overload(e)])
    replies = {}
    for at in range(len(questions)):
        data = answer.data.get(f"q{at}")
        if at in errors:
            replies[at] = Reply(None, _failure(questions[at], errors[at]))
        elif data is not None and not any(_concerns(error, at) for error in overloaded):
            replies[at] = Reply(data)
    if len(replies) == len(questions):
        return replies, None
    if not overloaded and answer.errors:
        raise ApiError(200, f"GitHub refused a query: {answer.errors[0].get('message', '')}")
    reason = str(overloaded[0].get("message", "")) if overloaded else "an empty answer"
    return replies, Unreachable(f"GitHub could not answer in time: {reason}", "run again later")


def _query(github: GitHub, text: str, scope: Scope, attempts: int) -> GraphQLAnswer:
    """Ask; where a server doesn't know a field that we can do without, ask again without it."""
    answer = github.query(text, {}, scope, attempts=attempts)
    refused = " ".join(str(error.get("message", "")) for error in answer.errors)
    unknown = [name for name in _DISPENSABLE if not answer.data and re.search(rf"\b[Ff]ield '{name}'", refused)]
    if not unknown:
        return answer
    return _query(github, re.sub(rf"\b(?:{'|'.join(unknown)})\b", "__typename", text), scope, attempts)


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
        if path[0][:1] == "q" and path[0][1:].isdigit() and path[-1] not in _DISPENSABLE:
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
    return ApiError(403 if error.get("type") == "FORBIDDEN" else 200, f"{name}: {message}", _remedy(message))


def _remedy(message: str) -> str:
    if "SAML" in message:
        return "authorise the token for the organisation's single sign-on"
    if "IP allow list" in message:
        return "run on a machine that the organisation's IP allow list has"
    return ""
