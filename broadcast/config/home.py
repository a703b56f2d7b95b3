"""Whether the source may be a target of its own: on a branch other than the one that runs (pure)."""

from __future__ import annotations

from typing import NamedTuple


class Home(NamedTuple):
    """The source, the branch of it that runs, and its default branch; empty where it isn't known."""

    source: str
    branch: str = ""
    default: str = ""

    @property
    def running(self) -> str:
        """The branch whose content is sent; a pull request's and a tag's run stand for the default branch's."""
        return self.branch or self.default

    def refuses(self, full_name: str, base: str | None) -> tuple[str, str] | None:
        """Why this target can't be sent to, and what to do about it; None if it can, or only a look can tell."""
        if full_name.lower() != self.source.lower():
            return None
        where = base or self.default
        if where and where != self.running:
            return None
        place = (
            f"{full_name}@{base} is the branch of the source that runs" if base else f"{full_name} is the source itself"
        )
        return place, f"remove it from the targets, or send to another branch of it, as in {full_name}@gh-pages"
