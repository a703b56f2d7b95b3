"""What may stand in a config file: the format, key by key, as editors explain it (pure).

Beside its own keys it knows those of go-broadcast's sync.yaml, version 1.
"""

from typing import Annotated, Any, Literal, Self

from msgspec import Meta, field

from broadcast.config.yaml_reader import Place, Placed

Mode = Literal["copy", "prune", "mirror", "seed"]
OnDecline = Literal["respect", "repropose"]
OnLocalChange = Literal["overwrite", "keep"]
MergeMethod = Literal["merge", "squash", "rebase"]
Names = str | list[str]
Count = Annotated[int, Meta(ge=0)]

# Keys of go-broadcast that mean nothing here: where they stand, and why they are of no use.
IGNORED = {
    "blob_size_limit": "nothing is cloned, so there is no clone to make smaller",
    "module": "files are sent as the checkout has them; check the wanted version out instead",
    "settings_presets": "Broadcast sends files, it doesn't change the settings of repositories",
    "rate_limit_preflight": "GitHub's limits are always kept, and what a run takes is always told before it writes",
}


def says(description: str, *examples: Any) -> Meta:
    """What an editor shows for a key."""
    return Meta(description=description, examples=list(examples) or None)


class WrittenTransform(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replacements in text files, as go-broadcast makes them."""

    repo_name: Annotated[bool | None, says("Rewrite `owner/name` of the source to that of the target.")] = None
    variables: Annotated[
        dict[str, str], says("Replace `{{NAME}}` and `${NAME}`, for these names only.", {"SERVICE": "api"})
    ] = {}


class WrittenMapping(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file or directory of the source, and where it goes."""

    src: Annotated[str, says("Path in this repository.", ".github/workflows/ci.yml", "templates/")] = ""
    dest: Annotated[str, says("Path in the targets; the same as `src` by default.", ".github/workflows/ci.yml")] = ""
    mode: Annotated[
        Mode,
        says(
            "copy: add and update. prune: also delete what the source once had there and has no more. mirror: make a "
            "directory exactly the source's. seed: write only what the target never had."
        ),
    ] = "copy"
    exclude: Annotated[list[str], says("gitignore patterns of what isn't sent.", ["*.tmp", "!keep.tmp"])] = []
    include_only: Annotated[list[str], says("gitignore patterns; nothing else is sent.", ["*.yml"])] = []
    default_excludes: Annotated[bool, says("Whether `*.out`, `*.test`, `*.exe` and such are excluded.")] = True
    include_hidden: Annotated[bool, says("Whether names that begin with a dot are sent.")] = True
    preserve_structure: Annotated[bool, says("false puts the files of all subdirectories right into `dest`.")] = True
    required: Annotated[bool, says("Whether a target may not opt out of it by its `.broadcastignore`.")] = False
    unless_exists: Annotated[
        list[str], says("Not sent where the target has one of these.", [".github/renovate.json"])
    ] = []
    untracked: Annotated[bool, says("Also send what git doesn't track, such as what an earlier step built.")] = False
    template: Annotated[bool, says("Render with `[[ name ]]` from `vars` and the target's own facts.")] = False
    transform: Annotated[WrittenTransform, says("Replacements in these files.")] = WrittenTransform()
    delete: Annotated[bool, says("Delete `dest` in the targets (go-broadcast's spelling of `remove`).")] = False
    module: Annotated[Any, says("Ignored: " + IGNORED["module"] + ".")] = None

    @classmethod
    def from_text(cls, text: str, place: Place) -> Self:
        """`- LICENSE` is short for `- {src: LICENSE, dest: LICENSE}`."""
        return cls(src=text, place=place)


class WrittenSettings(Placed, frozen=True, kw_only=True):
    """What a pull request looks like; may stand at every level."""

    branch_prefix: Annotated[str, says("What our branches begin with; `broadcast` by default.", "chore/sync")] = ""
    commit_message: Annotated[str, says("May hold {source} {target} {base} {files}.", "chore: sync {source}")] = ""
    pr_title: Annotated[str, says("May hold {source} {target} {base} {files}.", "chore: sync {source}")] = ""
    pr_body: Annotated[str, says("Text above the list of files; may hold the same placeholders.")] = ""
    pr_draft: Annotated[bool | None, says("Open pull requests as drafts.")] = None
    pr_auto_merge: Annotated[bool | None, says("Let GitHub merge new pull requests once their checks pass.")] = None
    pr_merge_method: Annotated[MergeMethod | Literal[""], says("How; the repository's own way by default.")] = ""
    pr_milestone: Annotated[str, says("Title of an open milestone.", "1.0")] = ""
    pr_labels: Annotated[list[str], says("Labels for new pull requests, united over all levels.", ["sync"])] = []
    pr_assignees: Annotated[list[str], says("Logins, united over all levels.", ["alice"])] = []
    pr_reviewers: Annotated[list[str], says("Logins, united over all levels.", ["alice"])] = []
    pr_team_reviewers: Annotated[list[str], says("Team slugs, united over all levels.", ["platform"])] = []
    on_local_change: Annotated[
        OnLocalChange | Literal[""], says("keep: leave files as they are where the target changed them itself.")
    ] = ""
    news: Annotated[
        bool | None,
        says(
            "Whether pull requests list the source's commits behind their changes; by default not where more people "
            "can read the target than the source."
        ),
    ] = None


class WrittenDefaults(WrittenSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings on their own, in a group's `global` or `defaults`."""


class WrittenLevel(WrittenSettings, frozen=True, kw_only=True):
    """What may stand at the top, in a group and in a target alike; the more specific wins."""

    files: Annotated[list[WrittenMapping], says("Files to send; a directory may stand here too.", ["LICENSE"])] = []
    directories: Annotated[list[WrittenMapping], says("Directories to send.", [{"src": ".github"}])] = []
    remove: Annotated[list[str], says("Paths that the targets should not have.", [".travis.yml"])] = []
    file_list_refs: Annotated[list[str], says("Ids of `file_lists` to send as well.", ["common"])] = []
    directory_list_refs: Annotated[list[str], says("Ids of `directory_lists` to send as well.", ["ci"])] = []
    vars: Annotated[dict[str, str], says("Values for templates.", {"SERVICE": "api"})] = {}
    transform: Annotated[WrittenTransform, says("Replacements in all files of this level.")] = WrittenTransform()


class WrittenTarget(WrittenLevel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository, or all that a selector finds."""

    repo: Annotated[str, says("owner/name, or a pattern such as owner/svc-*.", "acme/api", "acme/*")] = ""
    branch: Annotated[str, says("The base branch; the repository's own default if not named.", "develop")] = ""
    owner: Annotated[Names, says("Select the repositories of these owners.", "acme", ["acme", "acme-labs"])] = []
    topic: Annotated[Names, says("… that have one of these topics.", "oss")] = []
    visibility: Annotated[Names, says("… that are public, private or internal.", "private")] = []
    language: Annotated[Names, says("… whose main language is one of these.", "Go")] = []
    exclude: Annotated[list[str], says("… but not these; patterns of owner/name.", ["acme/sandbox-*"])] = []
    archived: Annotated[bool, says("Whether a selector finds archived repositories (they are skipped).")] = False
    forks: Annotated[bool, says("Whether a selector finds forks.")] = False
    security_email: Annotated[str, says("Takes the place of the source's, in every text file.")] = ""
    support_email: Annotated[str, says("Takes the place of the source's, in every text file.")] = ""
    blob_size_limit: Annotated[Any, says("Ignored: " + IGNORED["blob_size_limit"] + ".")] = None

    @classmethod
    def from_text(cls, text: str, place: Place) -> Self:
        """`- acme/api@release` is short for `- {repo: acme/api, branch: release}`."""
        repo, at, branch = text.partition("@")
        if at and not branch:
            raise ValueError(f"{text!r} ends in @; write owner/repo@branch, or owner/repo for the default branch")
        return cls(repo=repo, branch=branch, place=place)


class WrittenSource(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the files come from: always the repository of the config itself."""

    repo: Annotated[str, says("owner/name of this repository; anything else is an error.", "acme/templates")] = ""
    branch: Annotated[str, says("The only branch to send from; the default branch if not named.", "main")] = ""
    security_email: Annotated[str, says("An address that targets may replace by their own.")] = ""
    support_email: Annotated[str, says("An address that targets may replace by their own.")] = ""
    blob_size_limit: Annotated[Any, says("Ignored: " + IGNORED["blob_size_limit"] + ".")] = None


class WrittenGroup(WrittenLevel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Targets that share mappings and settings."""

    name: Annotated[str, says("For people, and for `only-groups`.", "Go services")]
    id: Annotated[str, says("For `depends_on` and `only-groups`.", "go-services")] = ""
    description: Annotated[str, says("For people.")] = ""
    priority: Annotated[int, says("Of groups that reach the same target, the lowest decides on settings.")] = 0
    depends_on: Annotated[list[str], says("Ids of groups whose targets come first, and must not fail.")] = []
    enabled: Annotated[bool, says("false sends nothing, and leaves open pull requests alone.")] = True
    source: Annotated[WrittenSource, says("Where the files come from.")] = WrittenSource()
    global_: Annotated[WrittenDefaults, says("Settings for all targets of the group.")] = field(
        default=WrittenDefaults(), name="global"
    )
    defaults: Annotated[WrittenDefaults, says("Settings where nothing else says any.")] = WrittenDefaults()
    targets: Annotated[list[WrittenTarget], says("Repositories, or selectors of them.", ["acme/api", "acme/svc-*"])]


class WrittenFileList(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files to be named by `file_list_refs`."""

    id: Annotated[str, says("What `file_list_refs` names.", "common")]
    name: Annotated[str, says("For people.")] = ""
    description: Annotated[str, says("For people.")] = ""
    files: Annotated[list[WrittenMapping], says("As anywhere else.", ["LICENSE"])]


class WrittenDirectoryList(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Directories to be named by `directory_list_refs`."""

    id: Annotated[str, says("What `directory_list_refs` names.", "ci")]
    name: Annotated[str, says("For people.")] = ""
    description: Annotated[str, says("For people.")] = ""
    directories: Annotated[list[WrittenMapping], says("As anywhere else.", [{"src": ".github"}])]


class WrittenLimits(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Guards against a config that reaches further than meant."""

    max_targets: Annotated[Count | None, says("More targets than that stop the run.")] = None
    max_deletions: Annotated[Count, says("In one target; more fail it.")] = 10
    max_total_deletions: Annotated[Count, says("In all; more, and nothing is written.")] = 50
    max_pull_requests: Annotated[Count | None, says("New ones in one run; the rest waits.")] = None
    max_open_pull_requests: Annotated[Count | None, says("Open at one time; the rest waits.")] = None


class WrittenConfig(WrittenLevel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sync config of Broadcast, https://github.com/org/broadcast-action."""

    version: Annotated[Literal[1], says("Of this format.")]
    name: Annotated[str, says("For people.")] = ""
    id: Annotated[str, says("Names our branch and pull requests; owner/name of the source by default.")] = ""
    source: Annotated[WrittenSource, says("Where the files come from.")] = WrittenSource()
    targets: Annotated[list[WrittenTarget], says("Repositories, or selectors of them.", ["acme/api", "acme/*"])] = []
    groups: Annotated[list[WrittenGroup], says("Targets that share mappings and settings.")] = []
    file_lists: Annotated[list[WrittenFileList], says("Files for `file_list_refs` to name.")] = []
    directory_lists: Annotated[list[WrittenDirectoryList], says("Directories for `directory_list_refs` to name.")] = []
    on_decline: Annotated[OnDecline, says("repropose: propose again what people closed.")] = "respect"
    ignored_authors: Annotated[
        list[str], says("Whose commits, and whose closing, don't count: logins, addresses.")
    ] = []
    supersedes: Annotated[list[str], says("Branch prefixes of an older tool, whose pull requests we close.")] = []
    limits: Annotated[WrittenLimits, says("Guards against a config that reaches further than meant.")] = WrittenLimits()
    settings_presets: Annotated[Any, says("Ignored: " + IGNORED["settings_presets"] + ".")] = None
    rate_limit_preflight: Annotated[Any, says("Ignored: " + IGNORED["rate_limit_preflight"] + ".")] = None
