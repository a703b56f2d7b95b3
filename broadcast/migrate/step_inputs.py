"""Inputs of tools that are configured by their step alone (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from broadcast.config.settings import author_of
from broadcast.config.yaml_reader import Text
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Value
from broadcast.migrate.workflow import Step
from broadcast.migrate.yamltext import in_short

AUTHOR = (
    "is the author of the commits",
    "with name and address it is `commit_author`; GitHub doesn't sign those",
)
_UNKNOWN = "is no input of that action, which ignored it"


def text(step: Step, name: str, default: str = "") -> Text:
    """An input; the default, at the step's own place, where it is not given."""
    given = step.inputs.get(name)
    return given if given and given.strip() else Text.at(default, given.place if given else step.place)


def is_on(step: Step, name: str) -> bool:
    """Whether an input is switched on."""
    return text(step, name).strip().lower() in ("true", "1")


def author(step: Step, name: str, address: str) -> dict[str, Value]:
    """The setting for the author of the commits, if both inputs say who that is."""
    found = f"{text(step, name).strip()} <{text(step, address).strip()}>"
    return {"commit_author": found} if author_of(found) and "${{" not in found else {}


def lines(value: Text) -> list[Text]:
    """The lines of an input, trimmed like the input itself; each has the place of its key."""
    return [Text.at(line.strip(), value.place) for line in value.strip().split("\n")]


def note(
    step: Step, known: Collection[str], told: Mapping[str, tuple[str, str]], switches: Collection[str] = ()
) -> None:
    """Add a note for each input without an equal, and for those that only GitHub knows."""
    for name, value in step.inputs.items():
        if not value.strip():
            continue
        if name in told:
            if name not in switches or value.strip().lower() not in ("false", "0"):
                step.doc.note(value.place, name, *told[name])
        elif name not in known:
            step.doc.note(value.place, name, _UNKNOWN, "remove it")
        elif "${{" in value:
            did = f"is {in_short(value)}, which only GitHub knows"
            step.doc.note(value.place, name, did, "write its value into the new config")


def target(
    named: tuple[str, str],
    entries: Collection[MigratedEntry],
    settings: Mapping[str, Value],
    remove: Collection[str] = (),
) -> MigratedTarget:
    """A target of ours."""
    return MigratedTarget(*named, tuple(entries), tuple(remove), tuple(settings.items()))
