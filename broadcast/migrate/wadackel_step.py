"""Read the step that runs wadackel/files-sync-action: its config, and who reads its outputs (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from broadcast.config.yaml_reader import Place
from broadcast.migrate import step_inputs
from broadcast.migrate.workflow import Step, name_of, outputs

DEFAULT_CONFIG = ".github/files-sync-config.yaml"
_NOTES = {
    "GITHUB_TOKEN": ("is the token", "give the same secret to our input `token`"),
    "GITHUB_API_URL": ("named the API", "give it to our input `api-url`; on an Enterprise Server it is the default"),
    "CONFIG_FILE": ("says where the config is", "ours is .github/broadcast.yml, or what our input `config` says"),
}
_OUTPUTS = {
    "pull_request_urls": "ours is `pull-request-urls`, a JSON list, too",
    "synced_files": "has no equal; `results` lists the files of each target: docs/results.md",
}


def runs(uses: str, names: Collection[str]) -> bool:
    """Whether a step runs that action, or a fork of it."""
    name = name_of(uses)
    return name.endswith("/files-sync-action") and not {"TARGET_REPOS", "FILE_PATTERNS"} & set(names)


def config_of(step: Step) -> str:
    """The path of the config that a step reads."""
    return posixpath.normpath(step_inputs.text(step, "CONFIG_FILE", DEFAULT_CONFIG).strip())


def tell(step: Step) -> None:
    """Add notes on its inputs, and on where its outputs are read."""
    step_inputs.note(step, (), _NOTES)
    for output in outputs(step):
        instead = _OUTPUTS.get(output.name, "see docs/results.md for ours")
        step.doc.note(Place(output.line, 1), output.name, "is read here", instead)
