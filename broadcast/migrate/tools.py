"""The tools that are known by the steps of a workflow (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from broadcast.migrate import adrianjost, betahuhn_inputs, kbrashears5, templatesync, wadackel_step, workflow
from broadcast.migrate.document import Document
from broadcast.migrate.model import Old, SourceList
from broadcast.migrate.workflow import Step


class Tool(NamedTuple):
    """A tool that is configured by its step alone."""

    name: str
    runs: Callable[[str, Collection[str]], bool]
    migrate: Callable[[Step, str, SourceList], Old]


BY_INPUTS = tuple(Tool(one.TOOL, one.runs, one.migrate) for one in (kbrashears5, adrianjost, templatesync))


class Ran(NamedTuple):
    """A step that runs a tool which is configured by its step."""

    tool: Tool
    step: Step


def by_inputs(doc: Document, listing: SourceList, source: str) -> list[Ran]:
    """The steps of a workflow that hold all that is to be migrated."""
    return [Ran(tool, step) for tool in BY_INPUTS for step in workflow.steps(doc, listing, tool.runs, source)]


def configs(doc: Document, listing: SourceList, source: str) -> Iterable[str]:
    """The configs that the steps of a workflow name."""
    yield from (betahuhn_inputs.config_of(one) for one in betahuhn_inputs.steps(doc, listing, source))
    yield from (wadackel_step.config_of(one) for one in workflow.steps(doc, listing, wadackel_step.runs, source))
