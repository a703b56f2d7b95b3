"""What another tool's merged pull requests left in the targets is in step with the migrated config: nothing is written."""

from __future__ import annotations

import pytest

from broadcast.migrate import of_files, printed
from tests.integration.test_people import later, writes

FILES = {
    "LICENSE": "MIT\n",
    "readme.tpl": "# {{ user.name }}\n{% if beta %}\nbeta\n{% endif %}\n{% if none %}none{% endif %}port {{ port }}\n",
    "workflows/ci.yml": "on: push\n",
    "workflows/draft.yml": "draft\n",
    "app/[id].js": "one\n",
    "app/list.js": "all\n",
    "page.txt": "Hello <%- name %>!\n",
}
WORKFLOW = ".github/workflows/sync.yml"


def step(uses: str, inputs: str) -> str:
    return f"on: push\njobs:\n  sync:\n    steps:\n      - uses: {uses}\n        with:\n{inputs}"


# The old config, and what the old tool left in acme/api.
LEFT = {
    "BetaHuhn/repo-file-sync-action": (
        {
            "conf/sync.yml": (
                "group:\n  # everyone\n  repos: acme/api\n  files:\n    - LICENSE # ours\n"
                "    - source: readme.tpl\n      dest: README.md\n"
                "      template: {user: {name: Api}, beta: false, port: 0}\n"
                "    - {source: workflows/, dest: .github/workflows/, deleteOrphaned: true, exclude: draft.yml}\n"
            ),
            WORKFLOW: step("someone/repo-file-sync-action@v1", "          {GH_PAT: x, CONFIG_PATH: conf/sync.yml}\n"),
        },
        {"LICENSE": "MIT\n", "README.md": "# Api\nport 0\n", ".github/workflows/ci.yml": "on: push\n"},
    ),
    "wadackel/files-sync-action": (
        {
            ".github/files-sync-config.yaml": (
                "patterns:\n  - files: [LICENSE, {from: app, to: src, exclude: ['[id].js']}]\n"
                "    repositories: [acme/api]\n    delete_files: [old.md]\n"
                "  - files: [page.txt]\n    repositories: [acme/api]\n    template: {name: you}\n"
            )
        },
        {"LICENSE": "MIT\n", "src/list.js": "all\n", "page.txt": "Hello you!\n"},
    ),
    "adrianjost/files-sync-action": (
        {
            WORKFLOW: step(
                "adrianjost/files-sync-action@v2",
                "          GITHUB_TOKEN: x\n          TARGET_REPOS: acme/api\n"
                "          FILE_PATTERNS: |\n            ^LICENSE$\n            ^app/\n            ^old\\.md$\n",
            )
        },
        {"LICENSE": "MIT\n", "app/[id].js": "one\n", "app/list.js": "all\n"},
    ),
    "kbrashears5/github-action-file-sync": (
        {
            WORKFLOW: step(
                "kbrashears5/github-action-file-sync@v2",
                "          REPOSITORIES: acme/api@master\n          FILES: LICENSE workflows/ci.yml\n",
            )
        },
        {"LICENSE": "MIT\n", "ci.yml": "on: push\n"},
    ),
}


def migrate(swift) -> None:
    """Commit what the command prints as the config."""
    text = printed(*of_files(swift.source, "acme/templates"))
    swift.write({}, text)


@pytest.mark.parametrize("tool", LEFT)
def test_a_target_that_holds_the_old_tools_result_is_in_step(swift, tool):
    old, left = LEFT[tool]
    swift.hub.repository("acme/api", files={"own.md": b"own\n", **{path: text.encode() for path, text in left.items()}})
    swift.write({**FILES, **old})
    migrate(swift)
    assert later(swift).outcomes == {"acme/api": "in_sync"}
    assert writes(swift) == []


@pytest.mark.parametrize("tool", LEFT)
def test_a_target_that_lacks_a_file_of_it_gets_it(swift, tool):
    old, left = LEFT[tool]
    files = {path: text.encode() for path, text in left.items() if path != "LICENSE"}
    swift.hub.repository("acme/api", files={"own.md": b"own\n", **files})
    swift.write({**FILES, **old})
    migrate(swift)
    assert later(swift).outcomes["acme/api"] in ("created", "pushed")
    assert later(swift).outcomes["acme/api"] in ("open", "in_sync")
