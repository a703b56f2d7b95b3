"""The write to one target and its result (pure values)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from broadcast.errors import Failure
from broadcast.github import refusals
from broadcast.github.client import ApiError, Scope, Unsure
from broadcast.github.validation import Malformed
from broadcast.observe.state import Branch, Pull, Scratch, State
from broadcast.observe.touches import Author
from broadcast.ownership import mark_closed
from broadcast.plan.plan import Plan
from broadcast.snapshot.snapshot import Wanted

CONFLICT = 409  # HTTP status


class Interrupted(Failure):
    """Part of a write may be missing; look, then do what is missing."""


class Passing(Interrupted):
    """The target changed meanwhile, or a response was lost: another look may be enough."""


class Opaque(Interrupted):
    """A document was broken off without a reason; REST may give one (docs/github.md, "Writing by GraphQL")."""


class Unsupported(Failure):
    """The server doesn't know this way of writing; nothing was done."""


def is_passing(failure: Failure) -> bool:
    """Whether a failed write is known to pass by itself, or with another look at the target."""
    is_conflict = isinstance(failure, ApiError) and failure.status == CONFLICT
    return is_conflict or isinstance(failure, Passing) or refusals.is_passing(failure.message)


def uncertain(failure: Unsure | Malformed) -> Interrupted:
    """The failure of a write that may have been done; without a response, another look is enough."""
    kind = Passing if isinstance(failure, Unsure) else Interrupted
    return kind(failure.message, failure.remedy)


class Texts(NamedTuple):
    """What people will read."""

    title: str
    body: str
    message: str  # of the commit, with its trailers
    draft: bool
    closing: str  # why the pull request is closed
    author: Author | None = None  # of the commit, where the config names one
    signer: Author | None = None  # who signs the commit off
    notes: tuple[str, ...] = ()  # warnings about what they leave out


class Written(NamedTuple):
    """The pull request as GitHub has it now."""

    id: str
    number: int
    url: str


class Task(NamedTuple):
    """One target to write to."""

    label: str
    branch: str
    scratch: str
    state: State
    plan: Plan
    texts: Texts
    read: Callable[[Wanted], bytes]  # the content of one file, when it is sent
    payload: int  # bytes of all contents
    uploaded: set[str]  # blobs that the repository is known to hold; grows
    notes: list[str]  # warnings about what was written; grows
    refs_by_rest: bool = False  # refs are moved by REST, though all else goes by GraphQL

    @property
    def scope(self) -> Scope:
        """What its calls are counted under."""
        return Scope("apply", self.label)

    @property
    def left_over(self) -> str:
        """The head of the scratch branch that an interrupted run of ours left; empty where there is none of ours."""
        return next((head for name, head in self.plan.leftovers if name == self.scratch), "")

    @property
    def taken(self) -> tuple[Scratch, Scratch] | None:
        """The branches of others that have both names for scratch branches."""
        ours = {name for name, _ in self.plan.leftovers}
        one, other = self.state.scratch, self.state.spare
        return (one, other) if one and other and not {one.name, other.name} & ours else None

    @property
    def base(self) -> Branch:
        """Where the pull request goes."""
        if self.state.base is None:
            raise Interrupted("the base branch is gone")
        return self.state.base

    @property
    def ours(self) -> Branch:
        """Our branch, where there is one."""
        if self.state.ours is None:
            raise Interrupted("our branch is gone")
        return self.state.ours

    @property
    def pull(self) -> Pull:
        """The open pull request of a plan that has one."""
        if self.plan.pull is None:
            raise Interrupted("the pull request is gone")
        return self.plan.pull

    @property
    def closed_body(self) -> str:
        """The body with our mark for closed by us, which never counts as declined."""
        return mark_closed(self.pull.body, self.plan.back.commit if self.plan.back else "")
