"""A question to a target, and what takes the answer (values)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from broadcast.config.targets import Target
from broadcast.github.questions import Question, Reply


class Ask(Struct, frozen=True):
    """`take` may raise Malformed."""

    target: Target
    question: Question
    take: Callable[[Reply], None]
