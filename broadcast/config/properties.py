"""Custom properties of repositories: those that a config asks for, and those that a repository has (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from broadcast.config.format_entries import Properties
from broadcast.config.yaml_reader import Reader, Text

Wanted = Mapping[str, tuple[str, ...]]  # of each property the values of which one will do
Held = str | tuple[str, ...]  # what a repository has of one: a text, or those of a list; none where it has no value


def wanted_properties(reader: Reader, written: Properties) -> dict[str, tuple[str, ...]]:
    """The properties of a config, each with its values. Reports problems to the reader."""
    for name, values in written.items():
        if isinstance(name, Text) and (not values or not name.strip()):
            what = f"the property {name!r} has no value here" if name.strip() else "a property needs a name"
            reader.problem(name.place, what, "write `name: value`, or several values as a list")
    return {name: (values,) if isinstance(values, str) else tuple(values) for name, values in written.items()}


def has_properties(wanted: Wanted, values: Mapping[str, Held]) -> bool:
    """Whether a repository with these values has one of the wanted ones of every property.

    As at GitHub the case of names doesn't count, and that of values does.
    """
    held = {name.lower(): frozenset([held] if isinstance(held, str) else held) for name, held in values.items()}
    return all(held.get(name.lower(), frozenset()) & frozenset(texts) for name, texts in wanted.items())
