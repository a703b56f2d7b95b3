"""The words for what an open pull request still needs: of its state, its reviews and its checks (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broadcast.observe.state import CheckResult

NAMED = 3  # checks that are named, of each kind
LONGEST = 60  # characters of a check's name
STATUSES: Mapping[str, str] = {  # by GitHub's MergeStateStatus
    "DIRTY": "it conflicts with its base",
    "BEHIND": "its branch is behind its base",
    "BLOCKED": "the rules of its base ask for more",
    "UNSTABLE": "a check failed or still runs",
    "DRAFT": "it is a draft",
}
DECISIONS: Mapping[str, str] = {  # by GitHub's PullRequestReviewDecision
    "REVIEW_REQUIRED": "an approving review is missing",
    "CHANGES_REQUESTED": "a review asks for changes",
}


def checks(unpassed: Iterable[CheckResult]) -> Iterable[str]:
    """How many checks failed and how many still run, with the names of the first ones; none where there are none."""
    found = list(unpassed)
    for verb, running in (("failed", False), ("still to pass", True)):
        names = [short(one.name) for one in found if one.running is running]
        if names:
            yield f"{len(names)} check{'' if len(names) == 1 else 's'} {verb} ({_listed(names)})"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def short(given: str) -> str:
    """A name that people of the target have given, in one line."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in given).split())
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
