"""Sample runs, built by hand, to render summaries of; one function each, listed in RUNS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from broadcast.errors import ConfigError, FileError, Problem, Unreachable
from broadcast.git.distances import Distance
from broadcast.git.objects import Entry
from broadcast.github.usage import MUTATION, QUERY, REST_READ, REST_WRITE, Call, Rate, Usage
from broadcast.observe.change import Change
from broadcast.pipeline.estimate import Estimate
from broadcast.pipeline.run import Run
from broadcast.plan.comparison import compare
from broadcast.plan.outcome import FileDiff, Name, Outcome
from broadcast.plan.reason import Closing, Reason, not_sent, said
from broadcast.plan.standing import LastMerge, OpenPull, Standing, Version
from broadcast.runner.context import Context
from broadcast.runner.inputs import Inputs
from broadcast.snapshot.snapshot import Wanted

NOW = 1_790_000_000.0  # 2026-09-21
COMMIT = "1f0c9a6e2b7d4c55a0e9d3b8f6a7c1e2d4b5a697"
CONTEXT = Context(
    "acme/templates", COMMIT, "refs/heads/main", "push", "main", ".github/workflows/broadcast.yml", "https://github.com",
    "https://api.github.com", "", "https://github.com/acme/templates/actions/runs/42",
)  # fmt: skip
PHASES = {"config": 0.012, "snapshot": 0.034, "targets": 0.001, "observe": 1.4, "plan": 0.006, "apply": 2.6}
GONE = "check the name; give the token access to it (GITHUB_TOKEN only reaches the repository of its workflow)"
BIG = FileError(
    "assets/logo.psd", "has 41.3 MiB, more than GitHub's API takes", "exclude it, or publish it another way"
)
LINK = FileError(
    "docs/latest", "the target has a directory at docs/latest", "remove the directory, or exclude the path"
)
OPTED_OUT = Reason("left_out", name="docs/style.md", why=Reason("opted_out", name=".broadcastignore"))
OLD_BLOB, NEW_BLOB = "0" * 40, "1" * 40


def added(*paths: str) -> tuple[Change, ...]:
    return tuple(Change(path, None, Wanted(0o100644, NEW_BLOB, path)) for path in paths)


def changed(*paths: str) -> tuple[Change, ...]:
    return tuple(Change(path, Entry(0o100644, OLD_BLOB), Wanted(0o100644, NEW_BLOB, path)) for path in paths)


def deleted(*paths: str) -> tuple[Change, ...]:
    return tuple(Change(path, Entry(0o100644, OLD_BLOB), None) for path in paths)


def outcome(
    target: str, name: Name, changes: tuple[Change, ...] = (), pull: int = 0, *, reason: Reason | str = "",
    remedy: str = "", **more,
) -> Outcome:  # fmt: skip
    """An outcome; a reason in words is one that an error gave."""
    why = reason if isinstance(reason, Reason) else said(reason, remedy) if reason else None
    url = f"https://github.com/{target.partition('@')[0]}/pull/{pull}" if pull else ""
    seconds = 0.5 if name in ("created", "updated") else 0.0
    return Outcome(
        target, "main", name, reason=why, changes=changes, pull_request=url, files=149, seconds=seconds, **more
    )


def declined(pull: int, by: str = "", on: str = "") -> Reason:
    return Reason("all_declined", closings=(Closing(pull, by, on),))


def made(outcomes: Sequence[Outcome], inputs: Inputs | None = None, **more) -> Run:
    run = Run(inputs or Inputs(), CONTEXT, outcomes=list(outcomes), targets=len(outcomes), **more)
    run.files = sum(one.files for one in run.outcomes)
    run.phases = dict(PHASES) if run.failure is None else {"config": 0.012}
    return run


def usage(run: Run, queries: int = 2, waited: float = 0.0) -> Usage:
    """As many calls as the outcomes would have taken."""
    found = Usage(waited=waited)
    rates = {"core": Rate(5000, 4987, 0), "graphql": Rate(5000, 4811, 0)}
    for _ in range(queries):
        found.add(Call(QUERY, "observe", "", 200, 0.4, 3_100, 22_000, 1), rates)
    for one in run.outcomes:
        if one.name in ("created", "updated"):
            found.add(Call(MUTATION, "apply", one.target, 200, 0.4, 9_000, 700, 5), rates)
    return found


def one_target() -> tuple[Run, Usage]:
    run = made([outcome("acme/api", "created", changed(".github/workflows/ci.yml") + added("LICENSE"), 7)])
    return run, usage(run)


DOCS = tuple(f"docs/handbook/{n:02}.md" for n in range(1, 25))
WORKFLOW = changed(".github/workflows/ci.yml") + added(".github/workflows/release.yml", ".github/CODEOWNERS")


def twenty_targets() -> tuple[Run, Usage]:
    """Every outcome, every section."""
    run = made(
        [
            outcome("acme/api", "created", WORKFLOW, 7),
            outcome("acme/billing", "created", WORKFLOW, 12),
            outcome("acme/gateway", "created", WORKFLOW, 3),
            outcome("acme/docs", "created", added(*DOCS) + deleted(".travis.yml"), 1, joined=True),
            outcome("acme/mobile", "updated", WORKFLOW + deleted(".travis.yml", "ci/travis.sh"), 31,
                    notes=(Reason("opt_out_bad_pattern", name=".broadcastignore", other="[a-"),)),
            outcome("acme/search", "open", WORKFLOW, 5, opened_at="2026-09-20T08:00:00Z"),
            outcome("acme/ledger", "open", WORKFLOW, 9, opened_at="2026-08-29T08:00:00Z"),
            outcome("acme/payments", "paused", WORKFLOW, 14, opened_at="2026-07-03T08:00:00Z",
                    reason=Reason("paused", pull=14)),
            outcome("acme/legacy", "edited", WORKFLOW, 22, opened_at="2026-09-01T08:00:00Z",
                    reason=Reason("edited", name="broadcast/acme/templates", commit="9ab81c2f04")),
            outcome("acme/website@next", "declined", reason=declined(8, "octocat", "2026-09-14")),
            outcome("acme/intranet", "declined", reason=declined(2, "hubot", "2026-09-17")),
            outcome("acme/tools", "in_sync", notes=(OPTED_OUT,)),
            outcome("acme/infra", "incomplete", file_errors=(BIG,), reason=not_sent([BIG]), notes=(OPTED_OUT,)),
            outcome("acme/status", "incomplete", file_errors=(BIG, LINK), reason=not_sent([BIG, LINK])),
            outcome("acme/prototype", "closed", pull=4, reason=Reason("nothing_left")),
            outcome("acme/sold", "closed", pull=6, reason=Reason("dropped")),
            outcome("acme/attic", "skipped", reason=Reason("archived")),
            outcome("acme/queue", "deferred", WORKFLOW, 11, reason=Reason("queued", pull=11)),
            outcome("acme/gone", "failed", reason="acme/gone doesn't exist or the token can't see it", remedy=GONE),
            outcome("acme/odd", "failed", reason="unexpected KeyError: 'head'", traceback="Traceback: …"),
        ],
        warnings=[".github/broadcast.yml:9:5: the exclude '*.tmp' matches nothing"],
        excluded=3,
    )  # fmt: skip
    run.listings.hits, run.phases["apply"] = 41, 16.1
    return run, usage(run, waited=12.0)


def many_targets() -> tuple[Run, Usage]:
    """A fleet that gets one change, but for a few."""
    names = [f"acme/service-{n:03}" for n in range(500)]
    outcomes = [outcome(name, "in_sync") for name in names[:80]]
    outcomes += [outcome(name, "created", WORKFLOW, 1 + n % 40) for n, name in enumerate(names[80:470])]
    outcomes += [outcome(name, "updated", changed("LICENSE"), 3) for name in names[470:492]]
    outcomes += [outcome(name, "skipped", reason=Reason("archived")) for name in names[492:499]]
    outcomes.append(outcome(names[499], "failed", reason=f"{names[499]} doesn't exist or the token can't see it",
                            remedy=GONE))  # fmt: skip
    run = made(outcomes)
    run.phases["apply"] = 2_801.0
    return run, usage(run, queries=11, waited=2_460.0)


def bad_night() -> tuple[Run, Usage]:
    """Limits, refusals, people and files, in a fleet of sixty."""
    limit = "GitHub keeps refusing for its limits: HTTP 403: You have exceeded a secondary rate limit"
    rule = "GitHub answered HTTP 422: Repository rule violations found (Commits must have verified signatures)"
    signed = "the target wants signed commits: use a GitHub App token, or let write-strategy be auto or graphql"
    names = [f"acme/{kind}-{n}" for n in range(12) for kind in ("app", "lib", "site", "job", "bot")]
    outcomes = [outcome(name, "created", WORKFLOW, 2 + n) for n, name in enumerate(names[:9])]
    outcomes += [outcome(name, "failed", reason=rule, remedy=signed) for name in names[9:23]]
    outcomes += [
        outcome(name, "failed", reason=f"{name} doesn't exist or the token can't see it", remedy=GONE)
        for name in names[23:27]
    ]
    outcomes += [
        outcome(name, "edited", WORKFLOW, 40 + n, opened_at="2026-08-11T00:00:00Z",
                reason=Reason("edited", name="broadcast/acme/templates", commit=f"{n:010x}"))
        for n, name in enumerate(names[27:30])
    ]  # fmt: skip
    outcomes += [
        outcome(name, "declined", reason=declined(n + 5, "octocat", f"2026-09-1{n}"))
        for n, name in enumerate(names[30:37])
    ]
    outcomes += [outcome(name, "open", WORKFLOW, 8, opened_at=f"2026-08-{n:02}T00:00:00Z")
                 for n, name in enumerate(names[37:42], 11)]  # fmt: skip
    outcomes += [outcome(name, "deferred", reason=limit, remedy="a later run goes on") for name in names[42:58]]
    outcomes += [outcome(name, "in_sync") for name in names[58:]]
    run = made([replace(one, file_errors=(BIG,)) for one in outcomes])
    run.phases["apply"] = 4_212.0
    run.warnings.append("the cache .broadcast-cache/listings-1.msgpack has a corrupt entry, which is ignored")
    found = usage(run, waited=3_965.0)
    found.refusals = 3
    for one in run.outcomes[9:23]:
        found.add(Call(REST_WRITE, "apply", one.target, 422, 0.2, 800, 300, 1), {"core": Rate(5000, 3, 0)})
    found.add(Call(REST_READ, "look again", "", 403, 0.2, 0, 120, 1), {})
    return run, found


def _fleet() -> list[Outcome]:
    diffs = {
        ".github/workflows/ci.yml": FileDiff(3, 1, ""), ".github/workflows/release.yml": FileDiff(24, 0, ""),
        ".github/CODEOWNERS": FileDiff(1, 0, ""),
    }  # fmt: skip
    return [
        *(outcome(f"acme/{name}", "created", WORKFLOW, diffs=diffs) for name in ("api", "billing")),
        outcome("acme/mobile", "updated", deleted(".travis.yml"), 31, opened_at="2026-09-20T08:00:00Z"),
        *(outcome(f"acme/{name}", "in_sync") for name in ("docs", "tools", "infra")),
        outcome("acme/sold", "closed", pull=6, reason=Reason("dropped")),
    ]


def plan() -> tuple[Run, Usage]:
    run = made(
        _fleet(),
        Inputs(command="plan"),
        plan_digest="6d1f0c2a9b44e7816d1f0c2a9b44e7816d1f0c2a9b44e7816d1f0c2a9b44e781",
        matrix=["1/2", "2/2"],
    )
    run.estimate = Estimate(5, 180.0)
    return run, _reads(2)


def compared() -> tuple[Run, Usage]:
    """A plan, and what of it one change brings."""
    run, found = plan()
    before = {one.target: replace(one, name="in_sync", changes=()) for one in run.outcomes[:6]}
    before |= {"acme/mobile": replace(run.outcomes[2], name="open", changes=deleted("ci/old.sh"))}
    before |= {"acme/bot": outcome("acme/bot", "in_sync"), "acme/sold": outcome("acme/sold", "open", WORKFLOW, 6)}
    del before["acme/billing"]
    named = {one.target for one in run.outcomes} - {"acme/sold"}
    after = {one.target: one for one in run.outcomes}
    run.comparison = compare("HEAD^1", "5ba0c0d4" * 5, before, after, named)
    return run, found


def check() -> tuple[Run, Usage]:
    run = made(
        _fleet(),
        Inputs(command="check", only_targets=("acme/*",)),
        plan_digest="6d1f0c2a9b44e7816d1f0c2a9b44e7816d1f0c2a9b44e7816d1f0c2a9b44e781",
    )
    return run, _reads(2)


def status() -> tuple[Run, Usage]:
    """Every state of a version and of a pull request."""
    held, lost = "7c41d0e92a3b5c6d7e8f90123456789abcdef012", "0badc0de" * 5
    merge = LastMerge(4, "https://github.com/acme/x/pull/4", "2026-09-16T08:00:00Z", "octocat")
    here, behind = Version(COMMIT, Distance("known")), Version(held, Distance("known", 14, 5 * 86_400))
    day = "2026-09-12T08:00:00Z"

    def opened(number: int, **more) -> OpenPull:
        return OpenPull(number, f"https://github.com/acme/x/pull/{number}", day, **more)

    def stands(name: str, what: Name, pull: OpenPull | None = None, **more) -> Outcome:
        known = {"opened_at": day if pull else "", "reason": more.pop("reason", "")}
        if last := more.pop("merged", None):
            more["merged"] = last._replace(url=f"https://github.com/acme/{name.partition('@')[0]}/pull/4")
        own = Standing(**{"open_pull": pull, "is_known": True, **more})
        changes = () if what in ("in_sync", "failed", "declined") else WORKFLOW
        return outcome(f"acme/{name}", what, changes, pull.number if pull else 0, standing=own, **known)

    reviewed = opened(7, checks="passed", review="missing")
    red = opened(12, checks="failed", failed=("build / linux", "lint"), running=("e2e",), review="approved")
    hidden = opened(3, checks="failed", hides_checks=True, review="changes_requested", conflicting=True)
    run = made(
        [
            stands("api", "in_sync", version=here, merged=merge),
            stands("billing", "open", reviewed, version=behind, merged=merge),
            stands("docs", "open", red, version=behind, merged=merge._replace(by="")),
            stands("gateway", "updated", hidden, version=Version(lost, Distance("elsewhere")), merged=merge),
            stands("mobile", "paused", opened(31, checks="none", review="not_required", draft=True),
                   version=Version(held, Distance("unknown")), merged=merge, reason=Reason("paused", pull=31)),
            stands("search", "created"),
            stands("website@next", "declined", version=behind, merged=merge, reason=declined(8, "octocat", "2026-09-14")),
            replace(outcome("acme/gone", "failed", reason="acme/gone can't be seen", remedy=GONE), standing=None),
            outcome("acme/attic", "skipped", reason=Reason("archived"), standing=Standing()),
        ],
        Inputs(command="status"),
        freeze="until the end of 2026-09-28 (Europe/Berlin): launch", disabled=("acme/old", "acme/lab-*"),
    )  # fmt: skip
    return run, _reads(4)


def explained() -> tuple[Run, Usage]:
    lines = [
        "docs/a.md",
        "  acme/api, acme/web: sent from kit/a.md, as a file",
        "    by the mapping at .github/broadcast.yml:8:5, mode mirror",
        "    content: byte by byte",
    ]
    return made((), Inputs(command="plan", explain="docs/a.md"), explanation=lines), Usage()


def validate() -> tuple[Run, Usage]:
    run = made((), Inputs(command="validate"))
    run.targets, run.files = 12, 1788
    return run, Usage()


def config_error() -> tuple[Run, Usage]:
    file = ".github/broadcast.yml"
    found = [
        Problem(file, 2, 1, "unknown key 'targts'", "did you mean 'targets'?", "targts: [acme/api]\n^"),
        Problem(file, 5, 12, "'../docs' leaves the repository", "give a path inside it", "  - {src: ../docs}\n     ^"),
        Problem(file, 0, 0, "there are no targets", "name at least one, such as acme/api"),
    ]
    return made((), failure=ConfigError(found)), Usage()


def unreachable() -> tuple[Run, Usage]:
    failure = Unreachable(
        "https://api.github.com gave no usable answer: ConnectTimeoutError: timed out",
        "check api-url, the network and https://www.githubstatus.com, then run again",
    )
    run, found = made((), failure=failure), Usage(waited=14.0)
    run.phases["observe"] = 44.0
    for _ in range(4):
        found.add(Call(QUERY, "observe", "", 0, 10.0, 3_100, 0, 1), {})
    return run, found


def _reads(count: int) -> Usage:
    return usage(made(()), queries=count)


RUNS: dict[str, Callable[[], tuple[Run, Usage]]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        one_target, twenty_targets, many_targets, bad_night, plan, compared, check, status, explained, validate, config_error, unreachable,
    )
}  # fmt: skip
