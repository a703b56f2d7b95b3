"""What may stand in a config file: the format, key by key (pure)."""

from __future__ import annotations

from typing import Literal

from broadcast.yamlreader import Place, Placed

Mode = Literal["copy", "mirror"]
OnDecline = Literal["respect", "repropose"]
MergeMethod = Literal["merge", "squash", "rebase"]


class WrittenMapping(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `files:` or `directories:`."""

    src: str
    dest: str = ""
    mode: Mode = "copy"
    exclude: list[str] = []
    default_excludes: bool = True
    required: bool = False

    @classmethod
    def from_text(cls, text: str, place: Place) -> WrittenMapping:
        """`- LICENSE` is short for `- {src: LICENSE, dest: LICENSE}`."""
        return cls(src=text, place=place)


class WrittenSettings(Placed, frozen=True, kw_only=True):
    """What a pull request looks like; may stand at the top, in a group's `defaults` and in a target."""

    branch_prefix: str = ""
    commit_message: str = ""
    pr_title: str = ""
    pr_draft: bool | None = None
    pr_auto_merge: bool | None = None
    pr_merge_method: MergeMethod | Literal[""] = ""
    pr_milestone: str = ""
    pr_labels: list[str] = []
    pr_assignees: list[str] = []
    pr_reviewers: list[str] = []
    pr_team_reviewers: list[str] = []


class WrittenTarget(WrittenSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A target that says more than its name."""

    repo: str
    branch: str = ""
    files: list[WrittenMapping] = []
    directories: list[WrittenMapping] = []
    remove: list[str] = []

    @classmethod
    def from_text(cls, text: str, place: Place) -> WrittenTarget:
        """`- acme/api@release` is short for `- {repo: acme/api, branch: release}`."""
        repo, at, branch = text.partition("@")
        if at and not branch:
            raise ValueError(f"{text!r} ends in @; write owner/repo@branch, or owner/repo for the default branch")
        return cls(repo=repo, branch=branch, place=place)


class WrittenGroup(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Targets that share mappings."""

    name: str
    description: str = ""
    priority: int = 0
    enabled: bool = True
    targets: list[WrittenTarget]
    files: list[WrittenMapping] = []
    directories: list[WrittenMapping] = []
    remove: list[str] = []
    defaults: WrittenSettings = WrittenSettings()


class WrittenLimits(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Guards against a config that reaches further than meant."""

    max_targets: int | None = None
    max_deletions: int = 10
    max_total_deletions: int = 50
    max_pull_requests: int | None = None
    max_open_pull_requests: int | None = None


class WrittenConfig(WrittenSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    version: Literal[1]
    id: str = ""
    on_decline: OnDecline = "respect"
    ignored_authors: list[str] = []
    supersedes: list[str] = []
    targets: list[WrittenTarget] = []
    files: list[WrittenMapping] = []
    directories: list[WrittenMapping] = []
    remove: list[str] = []
    groups: list[WrittenGroup] = []
    limits: WrittenLimits = WrittenLimits()
