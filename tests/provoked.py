"""What provokes each message that docs/troubleshooting.md quotes; … stands for whatever is in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.hub import Repository
from tests.integration import test_guards as guards
from tests.integration.test_people import OURS, proposed
from tests.integration.test_tokens import APP, PEM, PUBLIC
from tests.world import World, git

HEAD = "version: 1\ntargets: [acme/api]\n"
GOOD = f"{HEAD}files: [LICENSE]\n"
KIT = f"{HEAD}directories: [kit]\n"
SENT = {"LICENSE": "MIT\n", "kit/a.md": "a\n", "other": "x\n"}
HELD = {"README.md": b"theirs\n"}
AS_APP = {"token": "", "client_id": APP, "private_key": PEM}
WRITE = {"contents": "write", "pull_requests": "write"}

INPUTS = {
    "there is no config at …": {"config": "elsewhere.yml"},
    "the config … lies outside of the repository": {"config": "../x.yml"},
    "the input `token` is empty": {"token": ""},
    "the input … can't be …": {"command": "snyc"},
    "line … of the input tokens isn't owner=token": {"tokens": "acme"},
    "the input private-key is empty": {"token": "", "client_id": APP},
    "the input private-key is no private key that can sign": {"token": "", "client_id": APP, "private_key": "x"},
    "api-url … is no URL": {"api_url": "github.example.com"},
    "only-targets: … matches no target of the config": {"only_targets": "acme/nobody"},
    "only-groups: there is no group …": {"only_groups": "nobody"},
    "cancel closes pull requests of the targets that are named, and none is": {"command": "cancel"},
    "GitHub refuses the token (401 Bad credentials)": {"token": "ghp_nobody"},
    "no token is given for …": {"token": "", "tokens": "labs=ghp_labs"},
    "… gave no usable answer: …": {"api_url": "http://127.0.0.1:9"},
    "the plan is … now, not … as expected; nothing was written": {"expect_plan": "0123456789abcdef"},
    "max-pull-requests is reached": {"max_pull_requests": "0"},
    "there is no config of another tool here (…)": {"command": "migrate"},
}
RUNNERS = {
    "GITHUB_REPOSITORY is not set": {"GITHUB_REPOSITORY": ""},
    "sync doesn't run on … events: their content isn't merged": {"GITHUB_EVENT_NAME": "pull_request"},
    "sync runs on the default branch …, not on …": {"GITHUB_REF": "refs/heads/next"},
    "the event doesn't name the default branch; … was taken for it": {"GITHUB_EVENT_PATH": ""},
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
    "assignees: GitHub shows no user …": f"{GOOD}pr_assignees: [nobody-here]\n",
    "milestone: there is no open milestone …": f'{GOOD}pr_milestone: "9.9"\n',
    "reviewers: …": f"{GOOD}pr_reviewers: [nobody-here]\n",
    "auto-merge: …": f"{GOOD}pr_auto_merge: true\n",
    "depends on the group …, which failed at …": (
        "version: 1\nfiles: [LICENSE]\ngroups:\n  - {name: A, id: a, targets: [acme/gone]}\n"
        "  - {name: B, depends_on: [a], targets: [acme/api]}\n"
    ),
    "the history of … can't be read, so nothing is pruned and local changes stay": (
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
)
HAPPENINGS: dict[str, Callable[[World], Mapping[str, str] | None]] = {}  # what comes before the run → its inputs


def ready(swift, config: str = GOOD, sent: Mapping[str, str] = SENT, **repository) -> Repository:
    """A source with this config, and a target that lacks what it sends."""
    swift.write(sent, config)
    return swift.hub.repository("acme/api", **{"files": HELD} | repository)


def says(entry: str):
    """After this has happened, a run says so."""

    def note(happening):
        HAPPENINGS[entry] = happening

    return note


@says("the git index does not start with DIRC")
def _(swift):
    ready(swift)
    (swift.source / ".git/index").write_bytes(b"\0" * 64)


@says("the pattern … matches nothing")
def _(swift):
    ready(swift, f"{HEAD}directories: [{{src: kit, exclude: [gone]}}]\n")
    return {"command": "plan"}


# Tokens and rules


def an_app(swift, owner: str, permissions: Mapping[str, str] = WRITE):
    ready(swift)
    return swift.hub.install(swift.hub.app(APP, PUBLIC), owner, permissions=permissions)


@says("the GitHub App isn't installed at …")
def _(swift):
    an_app(swift, "labs")
    return AS_APP


@says("the GitHub App's installation at … lacks …")
def _(swift):
    an_app(swift, "acme", {"contents": "read"})
    return AS_APP


@says("the GitHub App's installation at … is suspended")
def _(swift):
    an_app(swift, "acme").suspended = True
    return AS_APP


@says("the token may read … but not write to it")
def _(swift):
    ready(swift)
    swift.hub.token("ghp_reader", permission="read")
    return {"token": "ghp_reader"}


@says("files under .github/workflows/ are to be sent, and the token lacks the scope `workflow`")
def _(swift):
    ready(swift, f"{HEAD}files: [{{src: LICENSE, dest: .github/workflows/ci.yml}}]\n")
    swift.hub.token("ghp_poor", scopes=["repo"])
    return {"token": "ghp_poor"}


@says("Commits must have verified signatures")
def _(swift):
    ready(swift).required_signatures = ["broadcast/**"]
    return {"write_strategy": "rest"}


@says("is the same repository and branch as …")
def _(swift):
    ready(swift, GOOD.replace("acme/api", "acme/api, acme/new"))
    swift.hub.rename("acme/api", "acme/new")


# Files


@says("is … MiB; GitHub's API takes at most 35 MiB per file")
def _(swift):
    ready(swift, KIT)
    with (swift.source / "kit/large.bin").open("wb") as file:
        file.truncate(36 * 1024 * 1024)
    swift.write({})


@says("is a symlink that points out of its mapping, to …")
def _(swift):
    ready(swift, KIT)
    (swift.source / "kit/out").symlink_to("../other")
    swift.write({})


@says("is tracked by git but missing on disk")
def _(swift):
    ready(swift, KIT, SENT | {"kit/b.md": "b\n"})
    (swift.source / "kit/b.md").unlink()


@says("has a name that is not UTF-8, and GitHub's API takes no other")
def _(swift):
    ready(swift, KIT)
    (swift.source / "kit/\udcff.md").write_text("x")
    swift.write({})


@says("can't be rendered: …")
def _(swift):
    ready(swift, f"{HEAD}files: [{{src: LICENSE, template: true}}]\n", SENT | {"LICENSE": "[[ WHO ]]\n"})


@says("… is a submodule; submodules aren't sent")
def _(swift):
    ready(swift, KIT)
    git(swift.source, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},kit/module")


@says("is new and .gitattributes converts it, which only git can do")
def _(swift):
    ready(swift, KIT, SENT | {".gitattributes": "*.txt text eol=crlf\n"})
    (swift.source / "kit/new.txt").write_bytes(b"a\r\n")
    git(swift.source, "add", "--intent-to-add", "kit/new.txt")


# Limits


@says("would lose … files, more than limits.max_deletions allows (…)")
def _(swift):
    guards.mirrored(swift, 2, more="limits: {max_deletions: 1}\n")


@says("the run would delete … files, more than limits.max_total_deletions allows (…); nothing was written")
def _(swift):
    guards.mirrored(swift, 2, more="limits: {max_total_deletions: 1}\n")


@says("GitHub keeps refusing for its limits: …")
def _(swift):
    ready(swift)
    swift.hub.fail(lambda request: request.writes, times=99, retry_after=1)


@says("the deadline of this run is reached")
def _(swift):
    guards.fleet(swift, 100)
    return {"deadline": "1m"}


@says("write-strategy: graphql can't set modes, make symlinks or send this much at once")
def _(swift):
    ready(swift)
    (swift.source / "LICENSE").chmod(0o755)
    swift.write({})
    return {"write_strategy": "graphql"}


# People


@says("people closed this change: declined in #…")
def _(swift):
    proposed(swift).close_pull(1)


@says("… has commits of others (…)")
def _(swift):
    proposed(swift).commit({"x": b"x\n"}, branch=OURS)
    swift.write({"kit/a.md": "new\n"})


@says("people paused #…")
def _(swift):
    proposed(swift).label_pull(1, "broadcast:pause")


@says("#… is in the merge queue")
def _(swift):
    proposed(swift).pulls[0].in_merge_queue = True


@says("… undoes what people changed since #…")
def _(swift):
    api = proposed(swift)
    api.merge_pull(1)
    api.delete_branch(OURS)
    api.commit({"kit/a.md": None})
