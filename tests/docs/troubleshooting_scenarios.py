"""Causes of the other entries of docs/troubleshooting.md: what happens before the run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping

from broadcast.apply.answers import MARKER
from tests.docs.troubleshooting_inputs import GOOD, HEAD, SENT, ready
from tests.integration import test_guards as guards
from tests.integration.test_people import OURS, later, proposed
from tests.integration.test_tokens import APP, PEM, PUBLIC
from tests.world import World, git

KIT = f"{HEAD}directories: [kit]\n"
AS_APP = {"token": "", "client_id": APP, "private_key": PEM}
WRITE = {"contents": "write", "pull_requests": "write"}
SCENARIOS: dict[str, Callable[[World], Mapping[str, str] | None]] = {}  # what comes before the run → its inputs


def says(entry: str):
    """Register the scenario after which a run prints this entry."""

    def note(scenario):
        SCENARIOS[entry] = scenario
        return scenario

    return note


@says("the config … isn't committed")
def _(swift):
    ready(swift)
    (swift.source / "new.yml").write_text("version: 1\n")
    return {"config": "new.yml"}


@says("the config … is a symlink, or below one")
def _(swift):
    ready(swift)
    (swift.source / "link.yml").symlink_to(".github/broadcast.yml")
    swift.write({})
    return {"config": "link.yml"}


@says("there is no .git here or above, and so … is in no commit")
def _(swift):
    ready(swift)
    shutil.rmtree(swift.source / ".git")


@says("the git index does not start with DIRC")
def _(swift):
    ready(swift)
    (swift.source / ".git/index").write_bytes(b"\0" * 64)


@says("what came after … isn't known, for the checkout is shallow")
def _(swift):
    ready(swift)
    (swift.source / ".git/shallow").write_text(git(swift.source, "rev-parse", "HEAD"))
    return {"command": "rollback", "to": "HEAD"}


@says("… is no ancestor of what is checked out, …")
def _(swift):
    ready(swift)
    git(swift.source, "checkout", "-q", "-b", "aside")
    swift.write({})
    git(swift.source, "checkout", "-q", "main")
    return {"command": "rollback", "to": "aside"}


@says("there is no config at … in …")
def _(swift):
    before = swift.write(SENT)
    ready(swift, sent={})
    return {"command": "rollback", "to": before}


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


@says("GitHub refuses the GitHub App's key (401 …)")
def _(swift):
    an_app(swift, "acme")
    body = {"message": "A JSON web token could not be decoded"}
    swift.hub.fail(lambda request: request.path.startswith("/app/"), times=9, status=401, body=body)
    return AS_APP


@says("the listing of …'s repositories is incomplete: …")
def _(swift):
    ready(
        swift, GOOD.replace("acme/api", "acme/*")
    ).hidden_in_listings = "`acme` forbids access via a personal access token."


@says("… isn't in its owner's listing, though line … selects it; its pull request stays open")
def _(swift):
    api = ready(swift, GOOD.replace("acme/api", "acme/*"))
    later(swift)
    api.unlisted = True


@says("some pull requests that the config no longer asks for may stay open: …")
def _(swift):
    ready(swift)
    swift.hub.fail_field(lambda *call: call[3] == "search", "no", type="FORBIDDEN", times=9)


@says("the branch … is in the way of …")
def _(swift):
    ready(swift).commit({"theirs": b"1"}, branch="broadcast")


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


@says("… was changed since it was sent, by …")
def _(swift):
    api = ready(swift, f"{GOOD}delivery: push\n")
    later(swift)
    api.commit({"LICENSE": b"by hand\n"})
    swift.write({"LICENSE": "new\n"})


@says("is the source itself, …, by another name")
def _(swift):
    ready(swift)
    swift.hub.rename("acme/api", "acme/templates")


# Files


@says("… isn't UTF-8 text")
def _(swift):
    ready(swift, b"\xff\xfe")


@says("has changed on disk, or its blob … is not in the checkout")
def _(swift):
    ready(swift, KIT)
    oid = git(swift.source, "rev-parse", "HEAD:kit/a.md").strip()
    git(swift.source, "update-index", "--skip-worktree", "kit/a.md")
    for path in (swift.source / "kit/a.md", swift.source / ".git/objects" / oid[:2] / oid[2:]):
        path.unlink()


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
    ready(swift, f"{HEAD}directories: [{{src: kit, untracked: true}}]\n", SENT | {"kit/b.md": "b\n"})
    (swift.source / "kit/b.md").unlink()


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
BUILT = f"{HEAD}directories: [{{src: kit, untracked: true}}]\n"


@says("is a pointer of Git LFS, and the target's .gitattributes has no filter=lfs for it")
def _(swift):
    ready(swift, KIT, SENT | {"kit/a.psd": POINTER})


@says("… is a pointer of Git LFS, and its object isn't sent: …")
def _(swift):
    ready(swift, KIT, SENT | {"kit/a.psd": POINTER, "kit/.gitattributes": "*.psd filter=lfs\n"})


@says("… may hold a secret: untracked, it is sent only where files: names it")
def _(swift):
    ready(swift, BUILT)
    (swift.source / "kit/.env.local").write_text("x")


@says("has a name that isn't UTF-8, which GitHub's API doesn't accept")
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
    git(swift.source, "commit", "-qm", "a submodule")


@says("on disk, … differs from the commit, which is sent")
def _(swift):
    ready(swift, KIT)
    (swift.source / "kit/a.md").write_text("other")


@says("… is staged but not committed, and so not sent")
def _(swift):
    ready(swift, KIT)
    (swift.source / "kit/new.txt").write_text("new")
    git(swift.source, "add", "--intent-to-add", "kit/new.txt")


@says("has no usable blob … in the checkout's object store: …")
def _(swift):
    ready(swift, KIT)
    oid = git(swift.source, "rev-parse", "HEAD:kit/a.md").strip()
    (swift.source / "kit/a.md").unlink()
    path = swift.source / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"broken")


# Limits


@says("would lose … files, more than limits.max_deletions allows (…)")
def _(swift):
    guards.mirrored(swift, 2, more="limits: {max_deletions: 1}\n")


@says("the run would delete … files, more than limits.max_total_deletions allows (…); nothing was written")
def _(swift):
    guards.mirrored(swift, 2, more="limits: {max_total_deletions: 1}\n")


@says("waiting until …: …")
@says("slowed to one write every 2 s after a refusal, for a minute from the end of the wait")
def _(swift):
    ready(swift)
    swift.hub.fail(lambda request: request.writes, retry_after=9)


@says("GitHub keeps refusing for its limits: …")
def _(swift):
    ready(swift)
    swift.hub.fail(lambda request: request.writes, times=99, retry_after=1)


@says("GitHub's limits ask to wait until …, beyond this run's time")
def _(swift):
    ready(swift)
    swift.hub.fail(lambda request: request.writes, times=99, retry_after=99_999)


@says("no proper answer to a write: …")
def _(swift):
    ready(swift)
    swift.hub.fail(lambda request: request.writes, times=99)


@says("the cache … is corrupt and is ignored")
def _(swift):
    guards.mirrored(swift, 1)
    later(swift, cache_dir="cache")
    for path in (swift.source / "cache").iterdir():
        path.write_bytes(b"no listing")
    return {"cache_dir": "cache"}


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


@says("people closed #…")
def _(swift):
    proposed(swift).close_pull(1)


@says("the source requires what people closed in #…, and it is proposed again from … on")
def _(swift):
    swift.write({"LICENSE": "MIT\n"})
    api = proposed(swift, "files: [{src: LICENSE, required: true}]\n")
    api.close_pull(1)
    later(swift)
    api.close_pull(2)


@says("#…, which people closed, has no answer yet: …")
def _(swift):
    proposed(swift).close_pull(1)
    swift.hub.fail(lambda each: MARKER in str(each.variables), status=403)


@says("… has commits of others (…)")
def _(swift):
    proposed(swift).commit({"x": b"x\n"}, branch=OURS)
    swift.write({"kit/a.md": "new\n"})


@says("#… is the pull request of …, a config of the source with the same id")
def _(swift):
    proposed(swift)
    other = (swift.source / ".github/broadcast.yml").read_text()
    swift.write({".github/other.yml": other})
    return {"config": ".github/other.yml"}


@says("people pointed #… at …")
def _(swift):
    api = proposed(swift)
    api.set_branch("release", api.head())
    api.edit_pull(api.pulls[0], "sam", base="release")


@says("people paused #…")
def _(swift):
    proposed(swift).label_pull(1, "broadcast:pause")


@says("#… is in the merge queue")
def _(swift):
    proposed(swift).pulls[0].in_merge_queue = True


@says("undoes what people changed in … since #…")
def _(swift):
    api = proposed(swift)
    api.merge_pull(1)
    api.delete_branch(OURS)
    api.commit({"kit/a.md": None})


@says("has changed since its plan was reviewed")
def _(swift):
    api = ready(swift, f"{HEAD}files: [LICENSE, other]\n", files={"other": b"x\n"})
    reviewed = later(swift, command="plan").outputs["plan-digest"]
    swift.hub.before(lambda request: request.writes, lambda *_: api.commit({"other": b"theirs\n"}), times=1)
    swift.hub.fail(lambda request: request.writes, status=502, times=1)
    return {"expect_plan": reviewed}


# After


def without_issues(swift, settings: str, **repository) -> Mapping[str, str]:
    """The token of an App that may not see or make what is Issues' business."""
    ready(swift, f"{GOOD}{settings}\n", **repository)
    swift.hub.token("ghs_app", kind="app", permissions=WRITE)
    return {"token": "ghs_app"}


@says("label …: …")
def _(swift):
    return without_issues(swift, "pr_labels: [sync]")


@says("milestone …: this token may not see the repository's milestones")
def _(swift):
    swift.hub.unknowns.milestone_fields = "forbidden"
    return without_issues(swift, "pr_milestone: next", milestones=["next"])


@says("labels and reviewers may be missing: …")
def _(swift):
    ready(swift, f"{GOOD}pr_labels: [sync]\n", labels=["sync"])
    swift.hub.fail(lambda one: "mutation Decorate" in (one.document or ""), status=502, times=3)


@says("auto-merge: …")
def _(swift):
    ready(swift, f"{GOOD}pr_auto_merge: true\n", allow_auto_merge=True)


@says("the label broadcast:rebuild stays: …")
def _(swift):
    proposed(swift).label_pull(1, "broadcast:rebuild")
    swift.hub.fail_field(lambda request, path, *_: path == ["label"], "no")
    swift.hub.fail(lambda one: one.method == "DELETE", status=403, body={"message": "no"})


@says("the wave … comes first: …")
def _(swift):
    fleet_in_waves(swift, "targets: [acme/api]")


@says("the wave … comes first: held: …")
def _(swift):
    fleet_in_waves(swift, "targets: [acme/gone]", more="acme/gone, ")


@says("the wave … comes first: held: it has no targets")
def _(swift):
    fleet_in_waves(swift, "topic: canary".join(("targets: [{", "}]")))


@says("the commit … to send is not in the checkout")
def _(swift):
    fleet_in_waves(swift, "targets: [acme/api]", more="", advance="advance: {send: passed}\n")
    swift.run()
    (pull,) = swift.hub.find("acme/api").pulls
    swift.hub.find("acme/api").merge_pull(pull.number)
    swift.write({"kit/a.md": "new\n"})
    shallow = swift.directory / "shallow"
    git(swift.directory, "clone", "-q", "--depth=1", f"file://{swift.source}", str(shallow))
    shutil.rmtree(swift.source)
    shallow.rename(swift.source)


@says("… files that couldn't be sent")
def _(swift):
    ready(swift, f"{HEAD}files: [{{src: t, template: true}}]\n", sent={"t": "[[ UNKNOWN ]]"})


def fleet_in_waves(swift, wave: str, more: str = "", advance: str = "") -> None:
    """Two targets, of which one is in a wave of its own."""
    ready(swift)
    swift.hub.repository("acme/later", files={"README.md": b"theirs\n"})
    rollout = f"rollout: [{{name: canaries, {wave}}}, {{name: everyone}}]\n"
    config = f"version: 1\ntargets: [{more}acme/api, acme/later]\ndirectories: [kit]\n"
    swift.write({"kit/a.md": "a\n"}, f"{config}{rollout}{advance}")
