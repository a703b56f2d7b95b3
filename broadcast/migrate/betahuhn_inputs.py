"""Convert the inputs of BetaHuhn/repo-file-sync-action in its workflow to our settings (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable

import yaml
from msgspec import Struct

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.migrate.document import Document, plain
from broadcast.migrate.entries import legible, literal
from broadcast.migrate.model import Value, js_join
from broadcast.migrate.yamltext import in_short

ACTION = "betahuhn/repo-file-sync-action"
DEFAULT_CONFIG, DEFAULT_PREFIX = ".github/sync.yml", "repo-sync/SOURCE_REPO_NAME"
_LISTS = {
    "PR_LABELS": "pr_labels",
    "ASSIGNEES": "pr_assignees",
    "REVIEWERS": "pr_reviewers",
    "TEAM_REVIEWERS": "pr_team_reviewers",
}
_KNOWN = ("BRANCH_PREFIX", "COMMIT_PREFIX", "COMMIT_BODY", "PR_BODY", *_LISTS)
# Inputs without an equal: what they did where they are on, and what to do instead.
_TOLD = {
    "GH_PAT": ("is the token", "give the same secret to our input `token`"),
    "GH_INSTALLATION_TOKEN": (
        "is the token of a GitHub App's installation",
        "give `client-id` and `private-key` of the App to ours, which makes its own tokens; drop the step that made it",
    ),
    "IS_FINE_GRAINED": ("says what kind of token it is", "remove it; every kind of token is the same to us"),
    "CONFIG_PATH": ("says where the config is", "ours is .github/broadcast.yml, or what our input `config` says"),
    "COMMIT_EACH_FILE": ("made one commit for each entry", "ours is one commit for each pull request"),
    "GIT_EMAIL": ("is the author of the commits", "ours are written by the owner of the token; remove it"),
    "GIT_USERNAME": ("is the author of the commits", "ours are written by the owner of the token; remove it"),
    "TMP_DIR": ("is where targets were cloned to", "remove it; nothing is cloned"),
    "SKIP_CLEANUP": ("kept the clones", "remove it; nothing is cloned"),
    "DRY_RUN": ("pushed nothing", "set our input `command: plan`, which shows all that a sync would do"),
    "SKIP_PR": ("pushed to the branch itself", "has no equal: every change is a pull request; see `pr_auto_merge`"),
    "ORIGINAL_MESSAGE": ("took the source's commit message", "has no equal; see `commit_message` and `pr_title`"),
    "COMMIT_AS_PR_TITLE": ("took the commit message for the title", "has no equal; see `pr_title`"),
    "FORK": (
        "pushed to forks of the targets",
        "has no equal: give the token write access to the targets; its open pull requests have to be closed by hand",
    ),
}
_ON_ONLY = ("DRY_RUN", "SKIP_PR", "ORIGINAL_MESSAGE", "COMMIT_AS_PR_TITLE", "FORK", "SKIP_CLEANUP", "IS_FINE_GRAINED",
            "COMMIT_EACH_FILE")  # fmt: skip


class BetaHuhnInputs(Struct, frozen=True):
    """The inputs of a workflow, as our settings."""

    settings: tuple[tuple[str, Value], ...]
    prefix: str = DEFAULT_PREFIX  # of its branches

    def supersedes(self, source: str) -> tuple[str, ...]:
        """The prefixes of the branches of its pull requests."""
        prefix = self.prefix.replace("SOURCE_REPO_NAME", source.partition("/")[2], 1)
        branch = js_join(prefix, "default").replace("\\", "/").replace("/.", "/")
        found = branch.removesuffix("default")
        return (found,) if found.strip("/ ") and branch.isprintable() else ()


def without_workflow(doc: Document) -> BetaHuhnInputs:
    """The defaults of that tool."""
    _tell_of_defaults(doc, ())
    did = "every pull request had the label `sync`, whatever the workflow doesn't say otherwise"
    doc.note(Place(), "PR_LABELS", did, "`pr_labels` has it; give the workflow file too, to migrate its inputs")
    return BetaHuhnInputs((("pr_labels", ("sync",)),))


def _tell_of_defaults(doc: Document, given: Container[str]) -> None:
    if "COMMIT_PREFIX" not in given:
        doc.note(Place(), "COMMIT_PREFIX", "titles began with 🔄", "ours are `chore: …`; set `pr_title` for another")
    if "COMMIT_EACH_FILE" not in given:
        doc.note(Place(), "COMMIT_EACH_FILE", *_TOLD["COMMIT_EACH_FILE"])


def read(doc: Document, config: str) -> BetaHuhnInputs:
    """The inputs of the step that read the config at `config`. Raises ConfigError when no step runs that action."""
    steps = [step for step in _steps(doc) if _runs_it(step[-1])]
    if not steps:
        doc.problem(node_place(doc.root), "no step of this workflow uses BetaHuhn/repo-file-sync-action")
        doc.check()
    given = [_inputs(step) for step in steps]
    chosen = next((one for one in given if one.get(Text("CONFIG_PATH"), DEFAULT_CONFIG) == config), given[0])
    for other in given:
        if other is not chosen:
            place = next((key.place for key in other), Place())
            doc.note(place, "uses", "another step runs that action too", "its inputs were not read; migrate it alone")
    return _understood(doc, chosen)


def _steps(doc: Document) -> Iterable[list[yaml.MappingNode]]:
    """Every step, after the mappings around it."""
    root = doc.root
    for job in _children(_child(root, "jobs")):
        steps = _child(job, "steps")
        for step in steps.value if isinstance(steps, yaml.SequenceNode) else []:
            yield [one for one in (root, job, step) if isinstance(one, yaml.MappingNode)]


def _runs_it(step: yaml.MappingNode) -> bool:
    uses = _child(step, "uses")
    return isinstance(uses, yaml.ScalarNode) and str(uses.value).lower().split("@")[0].strip() == ACTION


def _inputs(around: list[yaml.MappingNode]) -> dict[Text, str]:
    """The step's inputs; that action also takes them from the environment, `with:` first."""
    found: dict[Text, str] = {}
    for mapping in around:
        for key, value in _members(_child(mapping, "env")):
            if key in _KNOWN or key in _TOLD:
                found = {one: text for one, text in found.items() if one != key} | {key: value}
    for key, value in _members(_child(around[-1], "with")):
        name = Text.at(key.upper().replace(" ", "_"), key.place)
        if value or name not in found:
            found = {one: text for one, text in found.items() if one != name} | {name: value}
    return {key: value for key, value in found.items() if value}


def _understood(doc: Document, given: dict[Text, str]) -> BetaHuhnInputs:
    known: dict[str, str] = {}
    for key, value in given.items():
        if key in _TOLD:
            if key not in _ON_ONLY or value.lower() != "false":
                doc.note(key.place, key, *_TOLD[key])
        elif key == "OVERWRITE_EXISTING_PR":
            if value.lower() == "false":
                doc.note(key.place, key, "opened a new pull request each time", "ours is one, updated in place")
        elif key not in _KNOWN:
            doc.note(key.place, key, "is no input of that action, which ignored it", "remove it")
        elif "${{" in value:
            doc.note(key.place, key, f"is {in_short(value)}, which only GitHub knows", _by_hand(key))
        else:
            known[key] = value
    if "BRANCH_PREFIX" in given:
        place = next(key.place for key in given if key == "BRANCH_PREFIX")
        doc.note(place, "BRANCH_PREFIX", "named its branches", "ours begin with `broadcast/`; see `branch_prefix`")
    _tell_of_defaults(doc, given)
    settings = legible(doc, _settings(known, given), node_place(doc.root))
    return BetaHuhnInputs(settings, known.get("BRANCH_PREFIX", DEFAULT_PREFIX).strip())


def _settings(known: dict[str, str], given: dict[Text, str]) -> Iterable[tuple[str, Value]]:
    prefix, body = known.get("COMMIT_PREFIX", "").strip(), known.get("COMMIT_BODY", "").strip()
    title = f"{literal(prefix)} synced file(s) with {{source}}" if prefix else ""
    if title:
        yield "pr_title", title
    if title or body:
        yield "commit_message", (title or "chore: sync files from {source}") + (f"\n\n{literal(body)}" if body else "")
    if known.get("PR_BODY", "").strip():
        yield "pr_body", literal(known["PR_BODY"].strip())
    for key, ours in _LISTS.items():
        if key == "PR_LABELS" and key not in given:
            yield ours, ("sync",)
        elif key in known and not (key == "PR_LABELS" and known[key] == "false"):
            at = "" if key == "PR_LABELS" else "@"  # ours are logins alone
            names = [name.strip().removeprefix(at) for name in known[key].replace("\n", ",").split(",")]
            yield ours, tuple(dict.fromkeys(filter(None, names)))


def _by_hand(key: str) -> str:
    ours = {**_LISTS, "PR_BODY": "pr_body", "COMMIT_PREFIX": "pr_title", "COMMIT_BODY": "commit_message"}
    return f"write its value under `{ours.get(key, 'supersedes')}`"


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if isinstance(name, yaml.ScalarNode) and name.value == key), None)


def _children(node: yaml.Node | None) -> list[yaml.Node]:
    return [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else []


def _members(node: yaml.Node | None) -> Iterable[tuple[Text, str]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode):
            yield Text.at(key.value, node_place(key)), "" if plain(value) is None else value.value
