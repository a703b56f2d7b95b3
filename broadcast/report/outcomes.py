"""The words and the sign of every outcome, by what the run was for (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Name

Voice = Literal["done", "would", "stands"]  # sync; plan and dry runs; check and status


class Forms(NamedTuple):
    """OutcomeWords for what was done, would be done, or stands so; an empty one is as the one before it."""

    done: str
    would: str = ""
    stands: str = ""

    def of(self, voice: Voice) -> str:
        """The words for one purpose of a run."""
        would = self.would or self.done
        return {"done": self.done, "would": would, "stands": self.stands or would}[voice]


class OutcomeWords(NamedTuple):
    """What people read of one outcome."""

    sign: str
    sentence: Forms  # of the headline; {have}, {lack}, {are} and so on, and {its} pull requests, agree with the number
    further: Forms | None = None  # the same, not as the first: {count} and the {pull}; None: the count and the sentence
    label: Forms | None = None  # in short; None: the outcome's name
    about: str = ""  # what the label is about
    remedy: str = ""  # where its reason has none
    verb: str = ""  # of what a plan would do
    stands_sign: str = ""  # where a run only asks where the fleet stands; empty: as `sign`


_AGAIN = "No action. A later run goes on."

WORDS: Mapping[Name, OutcomeWords] = {
    "created": OutcomeWords(
        "🟢",
        Forms("got a pull request", "would get a pull request", "{are} behind"),
        label=Forms("opened", "to open", "behind"),
        about="pull request",
        verb="create",
        stands_sign="🟠",
    ),
    "updated": OutcomeWords(
        "🔵",
        Forms(
            "got {its} {pull} updated",
            "would get {its} {pull} updated",
            "{are} behind, {pull} open",
        ),
        Forms("{count} {pull} updated", "{count} {pull} would be updated", "{count} {are} behind, {pull} open"),
        label=Forms("updated", "to update", "behind, pull request open"),
        about="pull request",
        verb="update",
        stands_sign="🟠",
    ),
    "open": OutcomeWords(
        "🔷",
        Forms("{have} {its} {pull} open"),
        Forms("{count} {pull} open"),
        label=Forms("open", stands="pull request open"),
        about="pull request",
    ),
    "in_sync": OutcomeWords("✅", Forms("{were} in step", "{are} in step"), label=Forms("in step")),
    "incomplete": OutcomeWords(
        "🧩",
        Forms(
            "{lack} files that couldn't be sent",
            "would lack files that can't be sent",
            "{lack} files that can't be sent",
        ),
        remedy="see the files that were left out",
    ),
    "pushed": OutcomeWords(
        "🚀",
        Forms("got a commit on {its} base branch", "would get a commit on {its} base branch", "{are} behind"),
        Forms(
            "{count} got a commit on {its} base branch",
            "{count} would get a commit on {its} base branch",
            "{count} {are} behind",
        ),
        label=Forms("pushed", "to push", "behind"),
        about="base branch",
        verb="push",
        stands_sign="🟡",
    ),
    "merged": OutcomeWords(
        "🟣",
        Forms("had {its} {pull} merged", "would have {its} {pull} merged"),
        Forms("{count} {pull} merged", "{count} {pull} would be merged"),
        label=Forms("merged", "to merge"),
        about="pull request",
        verb="merge",
    ),
    "enqueued": OutcomeWords(
        "🚦",
        Forms(
            "had {its} {pull} added to the merge queue",
            "would have {its} {pull} added to the merge queue",
        ),
        Forms("{count} {pull} added to the merge queue", "{count} {pull} would be added to the merge queue"),
        label=Forms("enqueued", "to enqueue"),
        about="pull request",
        verb="enqueue",
    ),
    "closed": OutcomeWords(
        "⚫",
        Forms(
            "had {its} {pull} closed",
            "would have {its} {pull} closed",
            "{are} in step, {pull} still open",
        ),
        Forms("{count} {pull} closed", "{count} {pull} would be closed", "{count} {are} in step, {pull} still open"),
        label=Forms("closed", "to close", "in step, pull request still open"),
        about="pull request",
        verb="close",
    ),
    "declined": OutcomeWords(
        "🚫",
        Forms("declined the change"),
        remedy="No action. Later changes will still be proposed. To propose this one again, set on_decline: repropose.",
    ),
    "edited": OutcomeWords("✋", Forms("{were} edited by people", "{are} edited by people")),
    "paused": OutcomeWords("💤", Forms("{are} paused")),
    "skipped": OutcomeWords("⚪", Forms("{were} skipped", "would be skipped", "{are} skipped")),
    "waiting": OutcomeWords("🌊", Forms("{are} waiting for an earlier wave")),
    "deferred": OutcomeWords(
        "⏳", Forms("{were} left to a later run", "would be left to a later run", "{have} to wait"), remedy=_AGAIN
    ),
    "failed": OutcomeWords("❌", Forms("failed", "would fail", "failed"), remedy="see this target's part of the log"),
}
_AGREEING = {
    "have": ("has", "have"), "are": ("is", "are"), "lack": ("lacks", "lack"), "were": ("was", "were"),
    "its": ("its", "their"), "pull": ("pull request", "pull requests"),
}  # fmt: skip


def voice(run: Run) -> Voice:
    """The words that fit what the run was for."""
    return "done" if run.inputs.writes else "stands" if stands(run) else "would"


def stands(run: Run) -> bool:
    """Whether the run only asks where the fleet stands."""
    return run.inputs.command in ("check", "status")


def sentence(name: Name, run: Run, count: int) -> str:
    """The verb of the headline for `count` targets."""
    return spoken(name, voice(run), count)


def further(name: Name, run: Run, count: int) -> str:
    """The part of the headline for `count` targets behind those that it begins with."""
    return further_spoken(name, voice(run), count)


def spoken(name: Name, how: Voice, count: int) -> str:
    """The verb for `count` targets."""
    return WORDS[name].sentence.of(how).format_map(_agreeing(count))


def further_spoken(name: Name, how: Voice, count: int) -> str:
    """The same for targets that aren't the first of a sentence, with their number."""
    forms = WORDS[name].further
    return forms.of(how).format_map(_agreeing(count)) if forms else f"{count:,} {spoken(name, how, count)}"


def _agreeing(count: int) -> Mapping[str, str]:
    return {"count": f"{count:,}", **{form: both[count != 1] for form, both in _AGREEING.items()}}


def sign(name: Name, run: Run) -> str:
    """The sign of an outcome; a target that is behind is no success where only that is asked."""
    words = WORDS[name]
    return words.stands_sign or words.sign if stands(run) else words.sign


def label(name: Name, run: Run) -> str:
    """An outcome in short."""
    forms = WORDS[name].label
    return forms.of(voice(run)) if forms else plain(name)


def title(name: Name, run: Run) -> str:
    """An outcome in short, as a log and a terminal head targets with it."""
    words, how = WORDS[name], voice(run)
    if how == "would" and words.verb:
        return f"would {words.verb}"
    return label(name, run) if how == "stands" else plain(name)


def phrase(name: Name, run: Run) -> str:
    """An outcome in short, with its sign and what it is about."""
    about = "" if stands(run) else WORDS[name].about
    return " ".join(filter(None, (sign(name, run), about, label(name, run))))


def plain(name: Name) -> str:
    """The name of an outcome, with spaces."""
    return name.replace("_", " ")
