"""Many questions about many repositories in few GraphQL documents.

A document carries one alias per question. Documents grow while GitHub answers quickly, shrink when it is slow and are
split when an answer breaks; only what has no answer is asked again (docs: rate limits and query limits for the GraphQL
API). What an error means for a question is decided in `answer_errors`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from broadcast.errors import Failure, Unreachable
from broadcast.github import optional_fields
from broadcast.github.client import ApiError, GitHub, GraphQLAnswer, Scope, Throttled
from broadcast.github.graphql_errors import Error, judge
from broadcast.github.questions import Asked, Reply, Search, document
from broadcast.github.refusals import advice
from broadcast.github.retry import tries
from broadcast.github.token_retry import WAITS
from broadcast.github.validation import Malformed, validate

FIRST, LARGEST = 10, 100  # questions in a document
GROWTH, CAUTIOUS = 10.0, 2.0  # times at once, at most; after an answer that broke
QUICK, SLOW = 3.0, 6.0  # seconds that an answer should and may take; GitHub gives up on a document after 10
SMALLEST_TRIES = 3  # for a question that fails even alone


Tick = Callable[[], None]


def ask(github: GitHub, questions: Sequence[Asked], scope: Scope, tick: Tick = lambda: None) -> list[Reply]:
    """One reply a question, in order; documents go out side by side as soon as GitHub has shown how quick it is.

    `tick` is called for every reply. Raises ApiError where the token is refused, Unreachable where nothing is reached.
    """
    asking = _Asking(github, questions, scope, tick)
    try:
        for is_last in tries(github.pace.pause, WAITS):
            asking.finish()
            if is_last or not asking.reopen():
                break
    except Throttled as failure:
        asking.defer(failure)
    return asking.all_replies()


class _Answer(NamedTuple):
    """The replies by position, and what kept others from being answered."""

    replies: dict[int, Reply]
    trouble: Failure | None = None  # the server had no time, or its answer broke
    apart: bool = False  # refused by an error that names none of the questions
    seconds: float = 0.0


class _Asking:
    """The questions that are still open, and how many to ask at once."""

    def __init__(self, github: GitHub, questions: Sequence[Asked], scope: Scope, tick: Tick) -> None:
        self.replies: dict[int, Reply] = {}
        self._github, self._questions, self._scope, self._tick = github, [*questions], scope, tick
        self._open = list(range(len(questions)))
        self._alone: set[int] = set()  # those that are asked one by one
        self._doubted: dict[int, Reply] = {}  # refusals of a token that is too young to be known everywhere
        self._tries: Counter[int] = Counter()
        self._size, self._width, self._growth = github.document_size or FIRST, 1, GROWTH

    def finish(self) -> None:
        """Ask until no question is open."""
        while self._open:
            self._round()

    def reopen(self) -> bool:
        """Open again what a young token was refused; says whether there is any."""
        if not self._github.is_fresh:
            return False
        self._open, self._doubted = sorted(self._doubted), {}
        return bool(self._open)

    def defer(self, failure: Throttled) -> None:
        """Let `failure` be the reply where another try would come too late."""
        for at in self._open:
            self._record(at, Reply(None, failure))

    def all_replies(self) -> list[Reply]:
        """The replies in the order of the questions; a refusal that was doubted to the end counts."""
        for at, reply in self._doubted.items():
            self._record(at, reply)
        return [self.replies[at] for at in range(len(self._questions))]

    def _round(self) -> None:
        """Send the next documents, and take their answers."""
        chunks = self._chunks()
        answers = self._github.together(self._answer, chunks)
        answers = [self._take(chunk, answer) for chunk, answer in zip(chunks, answers, strict=True)]
        self._open = [at for at in self._open if at not in self.replies and at not in self._doubted]
        if any(answer.trouble for answer in answers):
            self._growth = CAUTIOUS
        self._size, self._width = _next_size(self._size, self._growth, chunks, answers, self._github.pace.width.now)
        if self.replies or self._doubted:
            self._github.document_size = self._size
        elif not self._github.document_size:  # side by side only once GitHub has answered at all
            self._width = 1

    def _chunks(self) -> list[list[int]]:
        """The next documents, as numbers of questions."""
        together = [at for at in self._open if at not in self._alone]
        chunks = [together[start : start + self._size] for start in range(0, len(together), self._size)]
        return [*([at] for at in self._open if at in self._alone), *chunks][: self._width]

    def _answer(self, chunk: list[int]) -> _Answer:
        return _ask_document(self._github, [self._questions[at] for at in chunk], self._scope)

    def _take(self, chunk: list[int], answer: _Answer) -> _Answer:
        """Take the replies; an answer that broke where extra fields were asked for says nothing about sizes."""
        for place, reply in answer.replies.items():
            self._record_or_doubt(chunk[place], reply)
        if answer.apart:  # searches are the first suspects
            searches = {at for at in chunk if isinstance(self._questions[at], Search)}
            self._alone |= searches if searches and len(searches) < len(chunk) else set(chunk)
        if answer.trouble and self._lighten(chunk):
            return answer._replace(trouble=None)
        if answer.trouble and len(chunk) == 1:
            self._tries.update(chunk)
            if self._tries[chunk[0]] == SMALLEST_TRIES:
                self._give_up(chunk[0], answer.trouble)
        return answer

    def _lighten(self, chunk: list[int]) -> bool:
        """Whether some of these have given up extra fields."""
        lighter = {at: one for at in chunk if at not in self.replies and (one := self._questions[at].lighter)}
        for at, one in lighter.items():
            self._questions[at] = one
        return bool(lighter)

    def _record_or_doubt(self, at: int, reply: Reply) -> None:
        status = reply.failure.status if isinstance(reply.failure, ApiError) else 0
        if status in (403, 404) and self._github.is_fresh:
            self._doubted[at] = reply
        else:
            self._record(at, reply)

    def _record(self, at: int, reply: Reply) -> None:
        self.replies[at] = reply
        self._tick()

    def _give_up(self, at: int, trouble: Failure) -> None:
        """Give up one question; where GitHub has answered none at all, the others would fare no better."""
        for one in [at] if self._github.document_size else list(self._open):
            self._record(one, Reply(None, trouble))


def _next_size(
    size: int, growth: float, chunks: Sequence[Sequence[int]], answers: Sequence[_Answer], width: int
) -> tuple[int, int]:
    """How many questions the next documents carry, and how many documents go out at once."""
    if any(answer.trouble for answer in answers):
        return max(1, min(size, *(len(chunk) for chunk in chunks)) // 2), max(1, width // 2)
    slowest = max(answer.seconds for answer in answers)
    if slowest > SLOW:
        return max(1, int(size * QUICK / slowest)), width
    grown = size * min(growth, QUICK / max(slowest, 0.1))
    return max(size, min(int(grown), LARGEST)), width


def _ask_document(github: GitHub, questions: Sequence[Asked], scope: Scope) -> _Answer:
    try:
        answer = _query(github, document(questions), scope, attempts=2 if len(questions) == 1 else 1)
    except Throttled as failure:
        return _Answer({at: Reply(None, failure) for at in range(len(questions))})
    except Unreachable as failure:
        if failure.reached:  # an answer that broke: what was asked may have been too much
            return _Answer({}, failure)
        raise
    return _judged(answer, questions)._replace(seconds=answer.seconds)


def _judged(answer: GraphQLAnswer, questions: Sequence[Asked]) -> _Answer:
    judged = judge(answer.data, answer.errors)
    if judged.shared and not judged.is_overload:
        if len(questions) == 1 or judged.shared.get("type") == "INSUFFICIENT_SCOPES":  # the same for all of them
            return _Answer({at: Reply(None, _failure(one, judged.shared)) for at, one in enumerate(questions)})
        return _Answer({}, apart=True)
    replies = {at: Reply(None, _failure(questions[at], error)) for at, error in judged.refused.items()}
    for at in range(len(questions) if not judged.shared else 0):
        data = answer.data.get(f"q{at}")
        if at not in replies and at not in judged.overloaded and data is not None:
            replies[at] = _checked(data)
    if len(replies) == len(questions):
        return _Answer(replies)
    error = judged.shared or next(iter(judged.overloaded.values()), {"message": "an empty answer"})
    text = f"GitHub could not answer in time: {error.get('message', '')}"
    return _Answer(replies, Unreachable(text, "run again later"))


def _checked(data: Any) -> Reply:
    try:
        validate(data)
    except Malformed as failure:
        return Reply(None, failure)
    return Reply(data) if isinstance(data, dict) else Reply(None, Malformed(f"one is {str(data)[:80]!r}"))


def _query(github: GitHub, text: str, scope: Scope, attempts: int) -> GraphQLAnswer:
    """Ask; where a server refuses a field that we can do without, ask again without it, and never for it again."""
    answer = github.query(optional_fields.without(text, github.lacking), {}, scope, attempts=attempts)
    refused = optional_fields.refused(answer.data, answer.errors)
    if refused <= github.lacking:
        return answer
    github.lacking |= refused
    return _query(github, text, scope, attempts)


def _failure(question: Asked, error: Error) -> Failure:
    message = str(error.get("message", "no reason given"))
    if error.get("type") == "NOT_FOUND" and len(error.get("path") or []) == 1:
        return ApiError(
            404,
            f"{question.label} doesn't exist or the token can't see it",
            "check the name; give the token access to it (GITHUB_TOKEN only reaches the repository of its workflow)",
        )
    known = advice(message)
    status = 403 if error.get("type") == "FORBIDDEN" else 200
    return ApiError(status, f"{question.label}: {message}", known.remedy if known else "")
