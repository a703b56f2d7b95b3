"""The newest commit of the source that a wave has passed, while newer ones are on their way through it (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from broadcast.config.rollout import Advance
from broadcast.config.targets import Target
from broadcast.observe.state import Pull
from broadcast.plan.rollout import Judgement, needed_of, seconds

Contains = Callable[[str, str], bool]  # whether a commit of the source is another one, or came after it


def held_since(pulls: Iterable[Pull], before: float) -> str:
    """The commit that a target had at a moment, in seconds since the epoch, by what it merged; empty: none is known."""
    merged = [one for one in pulls if one.state == "MERGED" and one.marker]
    for pull in sorted(merged, key=lambda one: seconds(one.closed_at), reverse=True):
        if pull.marker and pull.marker.back:  # what was merged before it was taken back
            return pull.marker.back if seconds(pull.closed_at) <= before else ""
        if pull.marker and seconds(pull.closed_at) <= before:
            return pull.marker.commit
    return ""


def commits_of(
    judged: Mapping[Target, Judgement],
    merges: Mapping[Target, Sequence[Pull]],
    commit: str,
    advance: Advance,
    now: float,
) -> dict[Target, str]:
    """The commit that each target of a wave has passed; `commit` is the one that the wave gets now."""
    return {
        target: commit if is_ripe(one, advance, now) else held_since(merges.get(target, ()), now - advance.soak)
        for target, one in judged.items()
        if one.kind != "ignored"
    }


def is_ripe(one: Judgement, advance: Advance, now: float) -> bool:
    """Whether a target has passed for as long as it must."""
    return one.kind == "passed" and (not one.since or one.since + advance.soak <= now)


def newest(
    commits: Mapping[Target, str], judged: Mapping[Target, Judgement], advance: Advance, contains: Contains
) -> str:
    """The newest commit that enough targets have passed; empty: there is none."""
    failed = sum(one.kind == "failed" for one in judged.values())
    needed = needed_of(advance, len(commits), failed)
    best = ""
    for one in dict.fromkeys(filter(None, commits.values())):
        support = sum(contains(other, one) for other in commits.values() if other)
        if support >= max(needed, 1) and (not best or contains(one, best)):
            best = one
    return best
