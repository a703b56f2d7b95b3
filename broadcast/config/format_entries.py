"""The format of one entry of `files`, `directories` and `remove`: every key, its type, its description (pure)."""

from typing import Annotated, Any, Literal, Self

from msgspec import Meta

from broadcast.config.yaml_reader import Place, Placed, Text

Mode = Literal["copy", "prune", "mirror", "seed", "block", "keys", "merge"]
OnConflict = Literal["leave", "ours", "fail"]
Names = str | list[str]
Properties = dict[str, Names]  # custom properties, each with the value to have, or several of which one will do

# Keys of go-broadcast that have no effect here, and the reason.
IGNORED = {
    "blob_size_limit": "nothing is cloned",
    "module": "files are sent as the checkout has them; check out the version to send",
    "settings_presets": "Broadcast doesn't change settings of repositories",
    "rate_limit_preflight": "Broadcast always keeps GitHub's limits, and estimates a run before it writes",
}


def says(description: str, *examples: Any) -> Meta:
    """The description and examples that editors show for a key."""
    return Meta(description=description, examples=list(examples) or None)


class WrittenTransform(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replacements in text files, like go-broadcast's."""

    repo_name: Annotated[bool | None, says("Replace `owner/name` of the source by that of the target.")] = None
    variables: Annotated[
        dict[str, str], says("Replace `{{NAME}}` and `${NAME}` for these names.", {"SERVICE": "api"})
    ] = {}
    inherit: Annotated[
        bool, says("false: these replacements only, and none of the levels above, nor of e-mail addresses.")
    ] = True


class WrittenDelimiters(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The delimiters of a template, each as what opens and what closes."""

    variable: Annotated[list[str], says("Around values; default: `[[` and `]]`.", ["<%=", "%>"])] = []
    block: Annotated[list[str], says("Around `if`, `for` and so on; default: `[%` and `%]`.", ["<%", "%>"])] = []
    comment: Annotated[list[str], says("Around comments; default: `[%#` and `#%]`.", ["<%#", "%>"])] = []


class WrittenPosition(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The place of a new block beside a line of the target's file."""

    after: Annotated[str, says("After the first line that contains this text.", "# Python")] = ""
    before: Annotated[str, says("Before the first line that contains this text.")] = ""


class WrittenIdentity(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tells which items of two lists are the same."""

    by: Annotated[Names, says("The key, or keys, with equal values in both items.", "name")]


class WrittenMapping(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file or directory of the source, and its path in the targets."""

    src: Annotated[str, says("Path in this repository.", ".github/workflows/ci.yml", "templates/")] = ""
    dest: Annotated[str, says("Path in the targets; default: `src`.", ".github/workflows/ci.yml")] = ""
    mode: Annotated[
        Mode,
        says(
            "copy: add and update. prune: also delete files that the source has deleted. mirror: make a directory "
            "equal to the source's. seed: write only files that the target never had. block: keep some lines of the "
            "target's file. keys: keep some keys of the target's JSON, YAML or TOML. merge: carry the source's changes "
            "over the target's own."
        ),
    ] = "copy"
    id: Annotated[str, says("block: its name in the target's file; default: the stem of `src`.", "python")] = ""
    at: Annotated[
        Literal["end", "start"] | WrittenPosition,
        says("block: where a new one goes.", "end", "start", {"after": "# Python"}, {"before": "node_modules"}),
    ] = "end"
    comment: Annotated[
        Names, says("block: what begins (and ends) a comment; default: as the file's name says.", "#", ["<!--", "-->"])
    ] = []
    lists: Annotated[
        Literal["replace", "unite"] | WrittenIdentity,
        says("keys: how a list of the source and one of the target become one.", "replace", "unite", {"by": "name"}),
    ] = "replace"
    remove_keys: Annotated[
        list[str], says("keys: those to remove; `*` stands for any key or item.", ["scripts.lint", "jobs.*.env"])
    ] = []
    only_if_present: Annotated[
        bool | list[str], says("keys: set only those that the target has; true: all.", True, ["scripts.lint"])
    ] = False
    on_conflict: Annotated[
        OnConflict,
        says("merge: where both changed the same lines, leave the file, take the source's lines (ours), or fail."),
    ] = "leave"
    create: Annotated[bool, says("block, keys, merge: false leaves repositories alone that don't have the file.")] = (
        True
    )
    header: Annotated[
        bool | str,
        says("Begin the file with a comment; true: says where to edit it. Can contain {source} and {path}."),
    ] = False
    exclude: Annotated[
        list[str], says("Patterns of files to leave out, as in a .gitignore.", ["*.tmp", "!keep.tmp"])
    ] = []
    include_only: Annotated[list[str], says("Patterns of the only files to send, as in a .gitignore.", ["*.yml"])] = []
    default_excludes: Annotated[
        bool,
        says(
            "Leave out `*.out`, `*.test`, `*.exe`, `**/.DS_Store`, `**/tmp/*`, `**/.git`, `.env`, `node_modules/` and "
            "`Thumbs.db`."
        ),
    ] = True
    include_hidden: Annotated[bool, says("Send files and directories whose names begin with a dot.")] = True
    preserve_structure: Annotated[bool, says("false: put the files of all subdirectories directly into `dest`.")] = True
    required: Annotated[bool, says("Targets can't opt out by a `.broadcastignore` or by closing pull requests.")] = (
        False
    )
    unless_exists: Annotated[
        list[str], says("Don't send to targets that have one of these paths.", [".github/renovate.json"])
    ] = []
    untracked: Annotated[
        bool, says("Also send files that git doesn't track, such as those that an earlier step built.")
    ] = False
    template: Annotated[bool, says("Render as a template: `[[ name ]]` with `vars`, `target` and `source`.")] = False
    delimiters: Annotated[
        list[str] | WrittenDelimiters | None,
        says("What opens and closes values in the template; `{{` and `}}` also mean `{% %}`.", ["<%", "%>"]),
    ] = None
    transform: Annotated[WrittenTransform, says("Replacements in these files.")] = WrittenTransform()
    delete: Annotated[bool, says("Delete `dest` in the targets: go-broadcast's name for `remove`.")] = False
    module: Annotated[Any, says("Ignored: " + IGNORED["module"] + ".")] = None

    @classmethod
    def from_text(cls, text: str, place: Place) -> Self:
        """`- LICENSE` is short for `- {src: LICENSE, dest: LICENSE}`."""
        return cls(src=text, place=place)


class WrittenRemoval(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A path to delete in the targets, or a block to take out of a file there."""

    path: Annotated[str, says("Path in the targets.", ".gitignore")]
    block: Annotated[str | None, says("Id of a block; the rest of the file stays.", "python")] = None
    comment: Annotated[
        Names, says("What begins (and ends) a comment; default: as the file's name says.", "#", ["<!--", "-->"])
    ] = []

    @classmethod
    def from_text(cls, text: str, place: Place) -> Self:
        """`- .travis.yml` is short for `- {path: .travis.yml}`."""
        return cls(path=Text.at(text, place), place=place)
