"""Causes of the entries of docs/troubleshooting.md that one input, config, target or refusal produces.

In an entry, … stands for any text.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.hub import Repository
from tests.integration.test_tokens import APP

HEAD = "version: 1\ntargets: [acme/api]\n"
GOOD = f"{HEAD}files: [LICENSE]\n"
SENT = {"LICENSE": "MIT\n", "kit/a.md": "a\n", "other": "x\n"}
HELD = {"README.md": b"theirs\n"}

INPUTS = {
    "there is no config at …": {"config": "elsewhere.yml"},
    "there is no directory … in the workspace": {"directory": "elsewhere"},
    "the config … lies outside of the repository": {"config": "../x.yml"},
    "the input `token` is empty": {"token": ""},
    "the input … can't be …": {"command": "snyc"},
    "the input tokens isn't owner=token in line …": {"tokens": "acme"},
    "the input private-key is empty": {"token": "", "client_id": APP},
    "the input private-key is no private key that can sign": {"token": "", "client_id": APP, "private_key": "x"},
    "api-url … is no URL": {"api_url": "github.example.com"},
    "only-targets: … matches no target of the config": {"only_targets": "acme/nobody"},
    "only-groups: there is no group …": {"only_groups": "nobody"},
    "cancel needs the names of the targets whose pull requests to close": {"command": "cancel"},
    "merge needs the names of the targets whose pull requests to merge": {"command": "merge"},
    "GitHub refuses the token (401 Bad credentials)": {"token": "ghp_nobody"},
    "no token is given for …": {"token": "", "tokens": "labs=ghp_labs"},
    "… gave no usable answer: …": {"api_url": "http://127.0.0.1:9"},
    "the plan is … now, not … as expected; nothing was written": {"expect_plan": "0123456789abcdef" * 4},
    "the input compare-to goes with command: plan": {"compare_to": "HEAD^"},
    "the commit … to compare with is not in the checkout": {"command": "plan", "compare_to": "0" * 40},
    "a comment needs a pull request, and the event that started this run has none": {
        "command": "plan",
        "comment_file": "comment.md",
    },
    "a comment needs a token that can write to this repository's pull requests": {"command": "plan", "comment": "true"},
    "rollback needs the commit to go back to": {"command": "rollback"},
    "the input to goes with command: rollback or plan": {"to": "HEAD"},
    "the input to doesn't go with compare-to or explain": {"command": "plan", "to": "HEAD", "compare_to": "HEAD"},
    "the commit … to go back to is not in the checkout": {"command": "rollback", "to": "0" * 40},
    "max-pull-requests is reached": {"max_pull_requests": "0"},
    "Nothing was done: …": {"max_pull_requests": "0"},
    "there is no config of another tool here (…)": {"command": "migrate"},
}
RUNNERS = {
    "GITHUB_REPOSITORY is not set": {"GITHUB_REPOSITORY": ""},
    "sync doesn't run on … events: their content isn't merged": {"GITHUB_EVENT_NAME": "pull_request"},
    "sync runs on the default branch …, not on …": {"GITHUB_REF": "refs/heads/next"},
    "the event doesn't name the default branch": {"GITHUB_EVENT_PATH": ""},
    "sync doesn't run on … events without a ref": {"GITHUB_EVENT_NAME": "deployment", "GITHUB_REF": ""},
    "HEAD is …, which is neither the event's commit … nor before it": {"GITHUB_SHA": "0" * 40},
}
CONFIGS = {
    "this isn't valid YAML: …": "version: 1\ntargets: [acme/api\n",
    "unknown key …": f"{GOOD}labls: [x]\n",
    "… must be a list, not …": "version: 1\ntargets: acme/api\nfiles: [LICENSE]\n",
    "… must be text, not …": f"{GOOD}pr_title: 1.10\n",
    "there is no file or directory … in this repository": f"{HEAD}files: [LICENCE]\n",
    "… and … both go to …": f"{HEAD}files: [LICENSE, {{src: other, dest: LICENSE}}]\n",
    "every file under … is excluded": f"{HEAD}directories: [{{src: kit, exclude: ['*']}}]\n",
    "the path leaves the repository (..)": f"{HEAD}files: [../x]\n",
    "… is git's own directory, or looks like it to some file systems": f"{HEAD}files: [{{src: LICENSE, dest: .git/x}}]\n",
    "the source is …, but this config stands in …": f"{GOOD}source: {{repo: acme/other}}\n",
    "delete: true would delete the directory that `src` is sent to": f"{HEAD}directories: [{{src: kit, delete: true}}]\n",
    "there is no list with the id …": f"{GOOD}file_list_refs: [common]\n",
    "depends_on goes in a circle: …": (
        "version: 1\nfiles: [LICENSE]\ngroups:\n  - {name: A, id: a, depends_on: [b], targets: [acme/api]}\n"
        "  - {name: B, id: b, depends_on: [a], targets: [acme/web]}\n"
    ),
    "… is the source itself": GOOD.replace("acme/api", "acme/templates"),
    "… is the branch of the source that runs": GOOD.replace("acme/api", "acme/templates@main"),
    "… selects no repository": GOOD.replace("acme/api", "acme/nobody-*"),
    "groups differ in …; the first by priority counts": (
        "version: 1\nfiles: [LICENSE]\ngroups:\n  - {name: A, pr_title: a, targets: [acme/api]}\n"
        "  - {name: B, pr_title: b, targets: [acme/api]}\n"
    ),
    "… `module` is ignored: …": f"{HEAD}files: [{{src: LICENSE, module: {{type: go}}}}]\n",
    "the config sends from …, and this is …": f"{GOOD}source: {{branch: release}}\n",
    "… doesn't exist or the token can't see it": GOOD.replace("acme/api", "acme/gone"),
    "there is no owner … that this token can see": GOOD.replace("acme/api", "nobody/*"),
    "has no branch …": GOOD.replace("acme/api", "acme/api@gone"),
    "the config reaches … targets, more than limits.max_targets allows (…)": f"{GOOD}limits: {{max_targets: 0}}\n",
    "assignee …: GitHub shows no user of that name": f"{GOOD}pr_assignees: [nobody-here]\n",
    "milestone …: there is no open milestone of that title": f'{GOOD}pr_milestone: "9.9"\n',
    "reviewer …: …": f"{GOOD}pr_reviewers: [nobody-here]\n",
    "reviewer …: is the author": f"{GOOD}pr_reviewers: [broadcast-bot]\n",
    "auto-merge: the repository doesn't allow it": f"{GOOD}pr_auto_merge: true\n",
    "depends on the group …, which failed at …": (
        "version: 1\nfiles: [LICENSE]\ngroups:\n  - {name: A, id: a, targets: [acme/gone]}\n"
        "  - {name: B, depends_on: [a], targets: [acme/api]}\n"
    ),
    "the history of … can't be read, so nothing is pruned or merged, and local changes stay": (
        f"{HEAD}directories: [{{src: kit, dest: ., mode: prune}}]\n"
    ),
}
REPOSITORIES = {
    "the repository is empty": {"files": None},
    "the repository is archived": {"archived": True},
    "opted out by …": {"files": {".broadcastignore": b"*\n"}},
    "the target has a directory at …": {"files": {"LICENSE/x": b"x\n"}},
}
POLICIES = {
    "Resource protected by organization SAML enforcement": {"saml": True},
    "the … organization has an IP allow list": {"ip_allow_list": True},
    "creations being restricted": {"no_creation": ["broadcast/**"]},
    "Secret detected in content": {"secrets": [b"MIT"]},
}
REFUSALS = (  # of GitHub's, in its own words
    "Resource not accessible by integration",
    "Resource not accessible by personal access token",
    "refusing to allow a GitHub App to create or update workflow … without `workflows` permission",
    "Repository rule violations found",
    "forbids access via a personal access token (classic)",
    "forbids access via a personal access token with fine-grained permissions",
    "token's lifetime is greater than",
    "has enabled OAuth App access restrictions",
    "does not have the correct permissions to execute",
    "Changes must be made through a pull request",
    "Repository has been locked for migration",
    "Repository access blocked",
    "Draft pull requests are not supported in this repository",
    "must be a collaborator",
    "Pull requests are disabled",
    "GitHub Actions is not permitted to create or approve pull requests",
    "Title is too long",
)


def ready(swift, config: str = GOOD, sent: Mapping[str, str] = SENT, **repository) -> Repository:
    """A source with this config, and a target that lacks what it sends."""
    swift.write(sent, config)
    return swift.hub.repository("acme/api", **{"files": HELD} | repository)
