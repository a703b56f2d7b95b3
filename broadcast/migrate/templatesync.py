"""Convert the inputs of AndreasAugustin/actions-template-sync, which runs in the targets (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from broadcast.config.yaml_reader import Place, Text
from broadcast.migrate import step_inputs
from broadcast.migrate.document import Note
from broadcast.migrate.entries import legible, literal, repository
from broadcast.migrate.model import MigratedEntry, Old, SourceList, Value
from broadcast.migrate.workflow import Output, Step, name_of, outputs

TOOL = "AndreasAugustin/actions-template-sync"
DEFAULT_PREFIX, DEFAULT_LABEL = "chore/template_sync", "template_sync"
INPUTS = (
    "SOURCE_REPO_PATH", "UPSTREAM_BRANCH", "PR_BRANCH_NAME_PREFIX", "PR_TITLE", "PR_BODY", "PR_LABELS", "PR_REVIEWERS",
    "PR_COMMIT_MSG", "TEMPLATE_SYNC_IGNORE_FILE_PATH", "IS_FORCE_DELETION",
)  # fmt: skip
_HOOKS = (
    "has no equal: files are sent as the template has them; render them with `template: true`, or run it in the target"
)
_ONE = ("is what ours always does", "remove it")
NOTES = {
    "GITHUB_TOKEN": ("was a token of the target", "the run is in the template now, with a token for all targets"),
    "SOURCE_REPO_SSH_PRIVATE_KEY": ("read a private template", "remove it; the run is in the template now"),
    "HOSTNAME": ("named the host of the template", "template and targets are on one host"),
    "IS_NOT_SOURCE_GITHUB": ("took a template from another forge", "has no equal: mirror it to GitHub first"),
    "IS_DRY_RUN": ("pushed nothing", "`command: plan` shows all that a sync would do"),
    "IS_ALLOW_HOOKS": ("ran commands of the target", _HOOKS),
    "HOOKS": ("ran commands of the target", _HOOKS),
    "STEPS": ("chose the steps to run", "has no equal; `command: plan` writes nothing"),
    "IS_FORCE_PUSH_PR": _ONE,
    "IS_PR_CLEANUP": _ONE,
    "IS_KEEP_BRANCH_ON_PR_CLEANUP": ("kept the branches of closed pull requests", "remove it; ours is one branch"),
    "IS_GIT_LFS": ("fetched large files", "pointers are sent as they are; the target fetches the files"),
    "GIT_USER_NAME": step_inputs.AUTHOR,
    "GIT_USER_EMAIL": step_inputs.AUTHOR,
    "GIT_REMOTE_PULL_PARAMS": ("said how git merges", "files are compared, not merged; see `mode: merge`"),
    "GPG_PRIVATE_KEY": ("signed the commits", "GitHub signs ours; remove it"),
    "GPG_PASSPHRASE": ("signed the commits", "GitHub signs ours; remove it"),
    "IS_WITH_TAGS": ("brought tags", "has no equal"),
}  # fmt: skip
_SWITCHES = tuple(name for name in NOTES if name.startswith("IS_"))
_IGNORES = (".templatesyncignore", ".github/.templatesyncignore")


def runs(uses: str, names: Collection[str]) -> bool:
    """Whether a step runs that action, or a fork of it."""
    return name_of(uses).endswith("/actions-template-sync") or {"SOURCE_REPO_PATH", "GITHUB_TOKEN"} <= set(names)


def template_of(step: Step) -> str:
    """The repository from which the step pulls."""
    return step_inputs.text(step, "SOURCE_REPO_PATH").strip().removesuffix(".git")


def migrate(step: Step, source: str, listing: SourceList) -> Old:
    """A config for the template, with `source`, the repository that pulled, as its target."""
    doc, template = step.doc, template_of(step)
    step_inputs.note(step, INPUTS, NOTES, _SWITCHES)
    did = f"pulled from {template} into {source}, in a run of {source}"
    instead = (
        f"this config is for {template}, as .github/broadcast.yml, and sends; add its other repositories to `targets`, "
        f"once for all of them, and remove this workflow from {source}"
    )
    doc.note(step.place, "uses", did, instead)
    for output in outputs(step):
        doc.note(*_output(output))
    branch = step_inputs.text(step, "UPSTREAM_BRANCH").strip()
    named = repository(doc, Text.at(f"{source}@{branch}" if branch else source, step.place), template)
    if not named:
        return Old(TOOL, (), (), {})
    mode = "prune" if step_inputs.is_on(step, "IS_FORCE_DELETION") else "copy"
    entry = MigratedEntry(".", ".", directory=True, mode=mode, default_excludes=False)
    _tell_of_merging(step)
    settings = dict(legible(doc, _settings(step).items(), step.place))
    _tell_of_ignored(step, listing)
    prefix = step_inputs.text(step, "PR_BRANCH_NAME_PREFIX", DEFAULT_PREFIX).strip()
    return Old(TOOL, (step_inputs.target(named, (entry,), settings),), (f"{prefix}_",), {})


def _output(output: Output) -> tuple[Place, str, str, str]:
    instead = "its step is gone: the run is in the template now, and has the output `pull-request-urls`"
    return Place(output.line, 1), output.name, "is read here", instead


def _tell_of_merging(step: Step) -> None:
    did = "merged, so that lines which only this repository changed stayed, and files that it deleted could stay away"
    instead = (
        "files are sent whole: list its own in .broadcastignore there, or use `mode: merge` for those that both change"
    )
    step.doc.note(step.place, "uses", did, instead)


def _settings(step: Step) -> dict[str, Value]:
    title = _text(step, "PR_TITLE", "upstream merge template repository")
    message = _text(step, "PR_COMMIT_MSG", "chore(template): merge template changes :up:")
    settings: dict[str, Value] = {"pr_title": title, "commit_message": message, "pr_body": _text(step, "PR_BODY", "")}
    labels = step_inputs.text(step, "PR_LABELS", DEFAULT_LABEL)
    for key, value in (("pr_labels", labels), ("pr_reviewers", step_inputs.text(step, "PR_REVIEWERS"))):
        settings[key] = tuple(dict.fromkeys(filter(None, (one.strip() for one in value.split(",")))))
    settings |= step_inputs.author(step, "GIT_USER_NAME", "GIT_USER_EMAIL")
    return {key: value for key, value in settings.items() if value and "${{" not in str(value)}


def _text(step: Step, name: str, default: str) -> str:
    given = step_inputs.text(step, name, default).strip()
    if "${TEMPLATE_GIT_HASH}" in given:
        did = "names the template's commit by ${TEMPLATE_GIT_HASH}"
        step.doc.note(step.place, name, did, "it was left out; our pull requests list the source's commits")
    found = literal(given.replace("${TEMPLATE_GIT_HASH}", "")).replace("${{SOURCE_REPO}}", "{source}")
    return " ".join(found.split()) if name == "PR_TITLE" else found.strip()


def _tell_of_ignored(step: Step, listing: SourceList) -> None:
    """Note what becomes of the ignore file, line by line."""
    given = step_inputs.text(step, "TEMPLATE_SYNC_IGNORE_FILE_PATH", _IGNORES[0]).strip()
    path = next((one for one in (f".github/{given}", given) if listing.text(one) is not None), "")
    for number, line in enumerate((listing.text(path) or "").splitlines(), 1):
        for word in line.partition("#")[0].split():
            ours = ", ".join(f"`{pattern}`" for pattern in ignored(word))
            step.doc.note_in(
                Note(
                    path,
                    number,
                    word,
                    "was kept as this repository had it",
                    f"write {ours} into .broadcastignore there",
                )
            )


def ignored(pathspec: str) -> Iterable[str]:
    """A pathspec of git as patterns of a .gitignore: in it, `*` also stands for slashes."""
    if pathspec.startswith((":!", ":^")):
        return ("/*", f"!/{pathspec[2:].lstrip('/')}")
    plain = pathspec.removeprefix("./").lstrip("/")
    if plain in ("", "."):
        return ("*",)
    is_deep = "*" in plain.partition("/")[0] and "/" not in plain.rstrip("/")
    return (plain,) if is_deep else (f"/{plain}",)
