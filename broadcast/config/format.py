"""The config file's format: every key, its type, and the description that editors show (pure).

Includes the keys of go-broadcast's sync.yaml, version 1.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from msgspec import Meta, field

from broadcast.config.format_entries import (
    IGNORED,
    Names,
    Properties,
    WrittenMapping,
    WrittenRemoval,
    WrittenTransform,
    says,
)
from broadcast.config.format_rollout import WrittenAdvance, WrittenWave
from broadcast.config.yaml_reader import Place, Placed

OnDecline = Literal["respect", "repropose"]
OnLocalChange = Literal["overwrite", "keep"]
Delivery = Literal["pull_request", "push", "push_or_pull_request"]
MergeMethod = Literal["merge", "squash", "rebase"]
Count = Annotated[int, Meta(ge=0)]


class WrittenSettings(Placed, frozen=True, kw_only=True):
    """Settings of pull requests, at every level."""

    delivery: Annotated[
        Delivery | Literal[""],
        says(
            "push: commit straight to the base branch; push_or_pull_request: the same, or a pull request where "
            "that is refused; default: `pull_request`."
        ),
    ] = ""
    branch_prefix: Annotated[str, says("Prefix of our branches; default: `broadcast`.", "chore/sync")] = ""
    commit_message: Annotated[
        str, says("Commit message; can contain placeholders: {source}, {source_message} …", "chore: sync {source}")
    ] = ""
    commit_author: Annotated[
        str, says("Author of our commits, which GitHub doesn't sign then.", "Sync Bot <sync@example.com>")
    ] = ""
    sign_off: Annotated[bool | None, says("End commit messages with a Signed-off-by line of the author.")] = None
    co_authors: Annotated[
        bool | None, says("End commit messages with a Co-authored-by line for each author in the source.")
    ] = None
    pr_title: Annotated[
        str, says("Title; can contain placeholders: {source}, {source_title} …", "chore: sync {source}")
    ] = ""
    pr_body: Annotated[
        str, says("Text above the list of files; can contain placeholders: {source}, {change_list} …")
    ] = ""
    pr_draft: Annotated[bool | None, says("Open pull requests as drafts.")] = None
    pr_auto_merge: Annotated[bool | None, says("Enable auto-merge in new pull requests.")] = None
    pr_merge_method: Annotated[MergeMethod | Literal[""], says("Method of auto-merge; default: the repository's.")] = ""
    pr_milestone: Annotated[str, says("Title of an open milestone.", "1.0")] = ""
    pr_labels: Annotated[list[str], says("Labels of new pull requests; levels add up.", ["sync"])] = []
    pr_assignees: Annotated[list[str], says("Logins of assignees; levels add up.", ["alice"])] = []
    pr_reviewers: Annotated[list[str], says("Logins of reviewers; levels add up.", ["alice"])] = []
    pr_team_reviewers: Annotated[list[str], says("Slugs of teams that review; levels add up.", ["platform"])] = []
    on_local_change: Annotated[
        OnLocalChange | Literal[""], says("keep: don't update files that the target has changed.")
    ] = ""
    news: Annotated[
        bool | None,
        says(
            "List the source's commits in pull requests; default: only if everybody who can read the target can read "
            "the source."
        ),
    ] = None


class WrittenDefaults(WrittenSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in a group's `global` or `defaults`."""


class WrittenLevel(WrittenSettings, frozen=True, kw_only=True):
    """Keys of the top level, groups and targets; the more specific wins."""

    files: Annotated[list[WrittenMapping], says("Files to send; directories are allowed, too.", ["LICENSE"])] = []
    directories: Annotated[list[WrittenMapping], says("Directories to send.", [{"src": ".github"}])] = []
    remove: Annotated[
        list[WrittenRemoval], says("Paths to delete in the targets, or blocks in files there.", [".travis.yml"])
    ] = []
    file_list_refs: Annotated[list[str], says("Ids of `file_lists` to send.", ["common"])] = []
    directory_list_refs: Annotated[list[str], says("Ids of `directory_lists` to send.", ["ci"])] = []
    vars: Annotated[
        dict[str, Any], says("Values for templates; can be nested.", {"SERVICE": "api", "ports": [80, 443]})
    ] = {}
    transform: Annotated[WrittenTransform, says("Replacements in all files of this level.")] = WrittenTransform()


class WrittenTarget(WrittenLevel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository, or a selector of repositories."""

    repo: Annotated[str, says("`owner/name`, or a pattern such as `owner/svc-*`.", "acme/api", "acme/*")] = ""
    branch: Annotated[str, says("Base branch; default: the repository's default branch.", "develop")] = ""
    owner: Annotated[Names, says("Select the repositories of these owners.", "acme", ["acme", "acme-labs"])] = []
    name: Annotated[str, says("… whose name matches; a pattern, or a regular expression in slashes.", "/^svc-/")] = ""
    topic: Annotated[Names, says("… with one of these topics.", "oss")] = []
    property: Annotated[
        Properties, says("… with these custom properties, each with one of these values.", {"tier": ["gold", "silver"]})
    ] = {}
    team: Annotated[Names, says("… that one of these teams of their owner has; slugs.", "platform")] = []
    visibility: Annotated[Names, says("… that are public, private or internal.", "private")] = []
    language: Annotated[Names, says("… with one of these main languages.", "Go")] = []
    has_file: Annotated[Names, says("… whose base branch has all of these paths.", "pyproject.toml")] = []
    lacks_file: Annotated[Names, says("… whose base branch has none of these paths.", "renovate.json")] = []
    pushed_within: Annotated[str, says("… with a push in this time: days, weeks or hours.", "90d")] = ""
    template: Annotated[bool | None, says("true: select template repositories only; false: no such ones.")] = None
    exclude: Annotated[list[str], says("… without these; patterns of `owner/name`.", ["acme/sandbox-*"])] = []
    archived: Annotated[bool, says("Select archived repositories, too; they are reported as skipped.")] = False
    forks: Annotated[bool, says("Select forks, too.")] = False
    enabled: Annotated[bool, says("false: send nothing, and keep open pull requests as they are.")] = True
    security_email: Annotated[str, says("Replaces the source's `security_email` in text files.")] = ""
    support_email: Annotated[str, says("Replaces the source's `support_email` in text files.")] = ""
    blob_size_limit: Annotated[Any, says("Ignored: " + IGNORED["blob_size_limit"] + ".")] = None

    @classmethod
    def from_text(cls, text: str, place: Place) -> Self:
        """`- acme/api@release` is short for `- {repo: acme/api, branch: release}`."""
        repo, at, branch = text.partition("@")
        if at and not branch:
            raise ValueError(f"{text!r} ends in @; write owner/repo@branch, or owner/repo for the default branch")
        return cls(repo=repo, branch=branch, place=place)


class WrittenSource(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The source of the files: the repository that contains the config."""

    repo: Annotated[str, says("`owner/name` of this repository; another one is an error.", "acme/templates")] = ""
    branch: Annotated[str, says("Branch to send from; default: the default branch.", "main")] = ""
    security_email: Annotated[str, says("Address that targets can replace by their `security_email`.")] = ""
    support_email: Annotated[str, says("Address that targets can replace by their `support_email`.")] = ""
    blob_size_limit: Annotated[Any, says("Ignored: " + IGNORED["blob_size_limit"] + ".")] = None


class WrittenGroup(WrittenLevel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Targets that share mappings and settings."""

    name: Annotated[str, says("Name of the group, for people and `only-groups`.", "Go services")]
    id: Annotated[str, says("Id of the group, for `depends_on` and `only-groups`.", "go-services")] = ""
    description: Annotated[str, says("For people; no effect.")] = ""
    priority: Annotated[
        int, says("If groups share a target, the group with the lowest number decides on settings.")
    ] = 0
    depends_on: Annotated[list[str], says("Ids of groups whose targets come first and must not fail.")] = []
    enabled: Annotated[bool, says("false: send nothing, and keep open pull requests as they are.")] = True
    source: Annotated[WrittenSource, says("The source of the files.")] = WrittenSource()
    global_: Annotated[WrittenDefaults, says("Settings of all targets of the group.")] = field(
        default=WrittenDefaults(), name="global"
    )
    defaults: Annotated[WrittenDefaults, says("Settings that the group and its targets don't set.")] = WrittenDefaults()
    targets: Annotated[list[WrittenTarget], says("Repositories, or selectors of them.", ["acme/api", "acme/svc-*"])]


class WrittenFileList(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named list of files."""

    id: Annotated[str, says("Id for `file_list_refs`.", "common")]
    name: Annotated[str, says("For people; no effect.")] = ""
    description: Annotated[str, says("For people; no effect.")] = ""
    files: Annotated[list[WrittenMapping], says("Files to send.", ["LICENSE"])]


class WrittenDirectoryList(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named list of directories."""

    id: Annotated[str, says("Id for `directory_list_refs`.", "ci")]
    name: Annotated[str, says("For people; no effect.")] = ""
    description: Annotated[str, says("For people; no effect.")] = ""
    directories: Annotated[list[WrittenMapping], says("Directories to send.", [{"src": ".github"}])]


class WrittenLimits(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits that guard against a config with more effect than intended."""

    max_targets: Annotated[
        Count | None, says("Maximum number of targets; above it the run stops before it writes.")
    ] = None
    max_deletions: Annotated[Count, says("Maximum deletions per target; above it the target fails.")] = 10
    max_total_deletions: Annotated[Count, says("Maximum deletions in all targets; above it nothing is written.")] = 50
    max_pull_requests: Annotated[Count | None, says("Maximum new pull requests per run; later runs open the rest.")] = (
        None
    )
    max_open_pull_requests: Annotated[Count | None, says("Maximum open pull requests; later runs open the rest.")] = (
        None
    )


class WrittenFreeze(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span of time in which runs write nothing; its ends stay as they are written."""

    from_: Annotated[date, says("First day, or moment.", "2026-12-20", "2026-12-20T18:00")] = field(name="from")
    to: Annotated[date, says("Last day, or the moment of its end.", "2027-01-04")]
    zone: Annotated[str, says("Time zone of both ends.", "Europe/Berlin")] = "UTC"
    reason: Annotated[str, says("For people: why.", "holidays")] = ""


class WrittenPerformance(Placed, frozen=True, kw_only=True):
    """What a run reports of itself; other keys are ignored with a warning."""

    enable_metrics: Annotated[
        bool, says("Write metrics on a runner to `broadcast.prom`, where the input `metrics-file` names no other file.")
    ] = False
    report_threshold: Annotated[
        Count | None, says("Statistics of a run in its summary only from so many files on.", 1000)
    ] = None
    export_format: Annotated[str, says("Format of the metrics; always prometheus.", "prometheus")] = ""
    dashboard_url: Annotated[str, says("Address that the summary links to.", "https://grafana.example.com/d/sync")] = ""


class WrittenConfig(WrittenLevel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sync config of Broadcast, https://github.com/org/broadcast-action."""

    version: Annotated[Literal[1], says("Config format version; always 1.")]
    name: Annotated[str, says("For people; no effect.")] = ""
    id: Annotated[str, says("Id of the config in names of branches; default: `owner/name` of the source.")] = ""
    source: Annotated[WrittenSource, says("The source of the files.")] = WrittenSource()
    enabled: Annotated[bool, says("false: send nothing, and keep open pull requests as they are.")] = True
    freeze: Annotated[list[WrittenFreeze], says("When runs read and report, but write nothing.")] = []
    rollout: Annotated[list[WrittenWave], says("Waves, of which each waits until the one before it has passed.")] = []
    advance: Annotated[WrittenAdvance, says("When a wave has passed, so that the next one begins.")] = WrittenAdvance()
    targets: Annotated[list[WrittenTarget], says("Repositories, or selectors of them.", ["acme/api", "acme/*"])] = []
    groups: Annotated[list[WrittenGroup], says("Targets that share mappings and settings.")] = []
    file_lists: Annotated[list[WrittenFileList], says("Lists of files for `file_list_refs`.")] = []
    directory_lists: Annotated[list[WrittenDirectoryList], says("Lists of directories for `directory_list_refs`.")] = []
    on_decline: Annotated[
        OnDecline, says("repropose: propose a change again after people closed its pull request.")
    ] = "respect"
    ignored_authors: Annotated[
        list[str], says("Logins and addresses of bots whose commits and closings don't count as people's.")
    ] = []
    supersedes: Annotated[list[str], says("Branch prefixes of an older tool, whose pull requests are closed.")] = []
    limits: Annotated[WrittenLimits, says("Limits that guard against a config with more effect than intended.")] = (
        WrittenLimits()
    )
    performance: Annotated[WrittenPerformance, says("What a run reports of itself.")] = WrittenPerformance()
    settings_presets: Annotated[Any, says("Ignored: " + IGNORED["settings_presets"] + ".")] = None
    rate_limit_preflight: Annotated[Any, says("Ignored: " + IGNORED["rate_limit_preflight"] + ".")] = None
