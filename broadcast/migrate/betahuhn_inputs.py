"""Convert the inputs of BetaHuhn/repo-file-sync-action in its workflow to our settings (pure)."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Collection, Container, Iterable, Sequence

from msgspec import Struct

from broadcast.config.settings import author_of
from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.migrate import workflow
from broadcast.migrate.document import Document
from broadcast.migrate.entries import legible, literal
from broadcast.migrate.model import SourceList, Value, js_join
from broadcast.migrate.workflow import Output, Step
from broadcast.migrate.yamltext import in_short

ACTION, _NAME = "betahuhn/repo-file-sync-action", "/repo-file-sync-action"
DEFAULT_CONFIG, DEFAULT_PREFIX = ".github/sync.yml", "repo-sync/SOURCE_REPO_NAME"
_LISTS = {
    "PR_LABELS": "pr_labels",
    "ASSIGNEES": "pr_assignees",
    "REVIEWERS": "pr_reviewers",
    "TEAM_REVIEWERS": "pr_team_reviewers",
}
_KNOWN = ("BRANCH_PREFIX", "COMMIT_PREFIX", "COMMIT_BODY", "PR_BODY", *_LISTS)
_UNSIGNED = "GitHub doesn't sign such commits: remove it for signed ones by the token's account"
# Inputs without an exact equal: what they did where they are on, and what to do instead.
_NOTES = {
    "GH_PAT": ("is the token", "give the same secret to our input `token`"),
    "GH_INSTALLATION_TOKEN": (
        "is the token of a GitHub App's installation",
        "give `client-id` and `private-key` of the App to ours, which makes its own tokens; drop the step that made it",
    ),
    "IS_FINE_GRAINED": ("says what kind of token it is", "remove it; every kind of token is the same to us"),
    "CONFIG_PATH": ("says where the config is", "ours is .github/broadcast.yml, or what our input `config` says"),
    "COMMIT_EACH_FILE": ("made one commit for each entry", "ours is one commit for each pull request"),
    "GIT_EMAIL": ("is the author of the commits", f"with GIT_USERNAME it is `commit_author`; {_UNSIGNED}"),
    "GIT_USERNAME": ("is the author of the commits", f"with GIT_EMAIL it is `commit_author`; {_UNSIGNED}"),
    "TMP_DIR": ("is where targets were cloned to", "remove it; nothing is cloned"),
    "SKIP_CLEANUP": ("kept the clones", "remove it; nothing is cloned"),
    "DRY_RUN": ("pushed nothing", "set our input `command: plan`, which shows all that a sync would do"),
    "SKIP_PR": ("pushed to the branch itself", "`delivery: push` does, too; it leaves alone what people have changed"),
    "ORIGINAL_MESSAGE": (
        "took the message of a push of one commit",
        "`{source_message}` is that of the latest commit, whatever was pushed",
    ),
    "COMMIT_AS_PR_TITLE": (
        "took that message's first line for the title",
        "with ORIGINAL_MESSAGE, `{source_title}` does it in `pr_title`",
    ),
    "FORK": (
        "pushed to forks of the targets",
        "has no equal: give the token write access to the targets; its open pull requests have to be closed by hand",
    ),
}
_ON_ONLY = ("DRY_RUN", "SKIP_PR", "ORIGINAL_MESSAGE", "COMMIT_AS_PR_TITLE", "FORK", "SKIP_CLEANUP", "IS_FINE_GRAINED",
            "COMMIT_EACH_FILE")  # fmt: skip


_OWN = {"GH_PAT", "GH_INSTALLATION_TOKEN", "CONFIG_PATH", "COMMIT_EACH_FILE", "COMMIT_PREFIX", "OVERWRITE_EXISTING_PR",
        "ORIGINAL_MESSAGE", "IS_FINE_GRAINED", "BRANCH_PREFIX"}  # fmt: skip


class BetaHuhnInputs(Struct, frozen=True):
    """The inputs of a workflow, as our settings."""

    settings: tuple[tuple[str, Value], ...]
    prefix: str = DEFAULT_PREFIX  # of its branches

    def supersedes(self, source: str, bases: Iterable[str]) -> tuple[str, ...]:
        """What the branches of its pull requests begin with; whole names where the prefix doesn't name the source."""
        if "SOURCE_REPO_NAME" in self.prefix:
            prefix = self.prefix.replace("SOURCE_REPO_NAME", source.partition("/")[2], 1)
            found = [_branch(prefix, "default").removesuffix("default")]
        else:
            found = [_branch(self.prefix, base or "default") for base in bases]
        return tuple(dict.fromkeys(one for one in found if one.strip("/ ") and one.isprintable()))


def _branch(prefix: str, base: str) -> str:
    return js_join(prefix, base).replace("\\", "/").replace("/.", "/")


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
        doc.note(Place(), "COMMIT_EACH_FILE", *_NOTES["COMMIT_EACH_FILE"])


def understood() -> frozenset[str]:
    """The inputs that are converted, or have a note of their own."""
    return frozenset({*_KNOWN, *_NOTES, "OVERWRITE_EXISTING_PR"})


def runs(uses: str, names: Collection[str]) -> bool:
    """Whether a step runs that action, a fork of it, or what takes its inputs."""
    return workflow.name_of(uses).endswith(_NAME) or len(_OWN.intersection(names)) > 1


def steps(doc: Document, listing: SourceList, source: str) -> list[Step]:
    """The steps of a workflow that run that action; where there is none, those that run a fork of it."""
    found = workflow.steps(doc, listing, runs, source)
    exact = [one for one in found if workflow.name_of(one.uses) == ACTION]
    named = [one for one in found if workflow.name_of(one.uses).endswith(_NAME)]
    return exact or named or found


def config_of(step: Step) -> str:
    """The path of the config that a step reads."""
    return posixpath.normpath(_given(step).get(Text("CONFIG_PATH"), DEFAULT_CONFIG))


def read(doc: Document, found: Sequence[Step], config: str, number: int = 0) -> tuple[BetaHuhnInputs, Step]:
    """The inputs of the step with this number, or else of the one that reads the config. Raises ConfigError."""
    if not found or number > len(found):
        which = f"step {number}" if number else "no step"
        remedy = "name the workflow that runs it, or none: then its defaults count"
        doc.problem(node_place(doc.root), f"{which} of this workflow uses BetaHuhn/repo-file-sync-action", remedy)
        doc.check()
    same = [one for one in found if config_of(one) == posixpath.normpath(config)]
    step = found[number - 1] if number else (same or found)[0]
    if workflow.name_of(step.uses) != ACTION:
        did = f"runs {in_short(step.uses)}, a fork: what it adds to that action isn't known"
        step.doc.note(step.place, "uses", did, "compare `plan` with its last pull request")
    for output in workflow.outputs(step):
        _tell_of_output(step, output)
    return _understood(step.doc, _given(step)), step


def tell_of_other(ran: Document, other: Step, number: int, step: Step) -> None:
    """Note another step that runs that action, and how to migrate it."""
    config, same = config_of(other), config_of(other) == config_of(step)
    which = f"{ran.file}#{number}" if same else ran.file
    name = f"broadcast-{number}.yml"
    command = f"broadcast migrate --config {shlex.quote(config)} --workflow {shlex.quote(which)} > .github/{name}"
    did = f"another step runs that action{'' if same else f' with the config {in_short(config)}'}"
    instead = f"`{command}` makes a config with an id of its own, for a step with `config: .github/{name}`"
    other.doc.note(other.place, "uses", did, instead)


def _tell_of_output(step: Step, output: Output) -> None:
    place = Place(output.line, 1)
    if output.name == "pull_request_urls":
        step.doc.note(place, output.name, "is read here", "ours is `pull-request-urls`, a JSON list, too")
    else:
        step.doc.note(place, output.name, "is read here, and no output of that action", "see docs/results.md for ours")


def _given(step: Step) -> dict[Text, str]:
    """A step's inputs; that action also takes them from the environment, `with:` first."""
    found = {Text.at(key, key.place): value for key, value in step.env.items() if key in _KNOWN or key in _NOTES}
    for name, value in step.inputs.items():
        if value or name not in found:
            found = {one: text for one, text in found.items() if one != name} | {Text.at(name, value.place): str(value)}
    return {key: value for key, value in found.items() if value}


def _understood(doc: Document, given: dict[Text, str]) -> BetaHuhnInputs:
    known: dict[str, str] = {}
    for key, value in given.items():
        if key in _NOTES:
            if key not in _ON_ONLY or value.lower() != "false":
                doc.note(key.place, key, *_told(key, value))
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
        if "SOURCE_REPO_NAME" not in given[Text("BRANCH_PREFIX")]:
            did = "doesn't name the source: other sources with this prefix have the same branches"
            doc.note(place, "BRANCH_PREFIX", did, "`supersedes` closes theirs, too; remove it if there are any")
    _tell_of_defaults(doc, given)
    settings = legible(doc, _settings(known, given), node_place(doc.root))
    return BetaHuhnInputs(settings, known.get("BRANCH_PREFIX", DEFAULT_PREFIX).strip())


def _told(key: str, value: str) -> tuple[str, str]:
    if key != "CONFIG_PATH" or "${{" not in value:
        return _NOTES[key]
    did = f"is {in_short(value)}: a config for each value, which only GitHub knows"
    return did, "migrate each with `--config`, and give ours by the input `config`, each with an `id` of its own"


def _settings(known: dict[str, str], given: dict[Text, str]) -> Iterable[tuple[str, Value]]:
    if _is_on(given, "SKIP_PR"):
        yield "delivery", "push"
    prefix, body = known.get("COMMIT_PREFIX", "").strip(), known.get("COMMIT_BODY", "").strip()
    title = f"{literal(prefix)} synced file(s) with {{source}}" if prefix else ""
    quotes = _is_on(given, "ORIGINAL_MESSAGE")
    first_line = title if "\n" not in prefix else literal(prefix.split("\n")[0].rstrip())
    if pull_title := "{source_title}" if quotes and _is_on(given, "COMMIT_AS_PR_TITLE") else first_line:
        yield "pr_title", pull_title
    message = "{source_message}" if quotes else title
    if message or body:
        yield (
            "commit_message",
            (message or "chore: sync files from {source}") + (f"\n\n{literal(body)}" if body else ""),
        )
    author = f"{given.get(Text('GIT_USERNAME'), '').strip()} <{given.get(Text('GIT_EMAIL'), '').strip()}>"
    if author_of(author) and "${{" not in author:
        yield "commit_author", author
    if known.get("PR_BODY", "").strip():
        yield "pr_body", literal(known["PR_BODY"].strip())
    for key, ours in _LISTS.items():
        if key == "PR_LABELS" and key not in given:
            yield ours, () if _is_on(given, "SKIP_PR") or _is_on(given, "DRY_RUN") else ("sync",)
        elif key in known and not (key == "PR_LABELS" and known[key] == "false"):
            at = "" if key == "PR_LABELS" else "@"  # ours are logins alone
            names = [name.strip().removeprefix(at) for name in known[key].replace("\n", ",").split(",")]
            yield ours, tuple(dict.fromkeys(filter(None, names)))


def _is_on(given: dict[Text, str], name: str) -> bool:
    return given.get(Text(name), "false").lower() == "true"


def _by_hand(key: str) -> str:
    ours = {**_LISTS, "PR_BODY": "pr_body", "COMMIT_PREFIX": "pr_title", "COMMIT_BODY": "commit_message"}
    return f"write its value under `{ours.get(key, 'supersedes')}`"
