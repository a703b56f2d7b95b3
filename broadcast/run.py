"""The pipeline: config → targets → snapshots → observe → plan → apply, one outcome per target."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from broadcast import config as configs
from broadcast import targets
from broadcast.api.client import GitHub, Scope
from broadcast.api.pace import Throttled
from broadcast.checkout import Checkout
from broadcast.config import Config
from broadcast.context import Context
from broadcast.errors import Failure, UsageError
from broadcast.inputs import Inputs
from broadcast.listings import Listings
from broadcast.observe import Observer, Sight
from broadcast.outcome import Outcome
from broadcast.plan import Plan, Rules, decide
from broadcast.snapshot import Builder, Snapshot
from broadcast.sync import Syncer
from broadcast.targets import Target

PERMISSIONS_THAT_READ = ("READ", "TRIAGE")


@dataclass
class Run:
    """Everything a report needs; filled as the pipeline goes, so that a failure half-way still has a report."""

    inputs: Inputs
    context: Context
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)  # seconds
    targets: int = 0
    files: int = 0  # wanted, over all targets
    excluded: int = 0
    listings: Listings = field(default_factory=Listings)
    failure: Failure | None = None  # what ended the run before its targets

    @contextmanager
    def phase(self, name: str):  # type: ignore[no-untyped-def]
        """Time a phase."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - started


def execute(
    run: Run, root: Path, github: Callable[[], GitHub], report: Callable[[Outcome], None] = lambda _: None
) -> None:
    """Run the command; every problem ends in `run`, none is raised. `report` hears of each outcome as it comes."""
    try:
        wanted = _prepare(run, root)
        if run.inputs.command != "validate":
            for outcome in _outcomes(run, wanted, github()):
                run.outcomes.append(outcome)
                report(outcome)
    except Failure as failure:
        run.failure = failure
    finally:
        run.listings.save()
        run.warnings += run.listings.warnings


@dataclass(frozen=True)
class _Prepared:
    config: Config
    checkout: Checkout
    snapshots: dict[Target, Snapshot]
    rules: Rules


def _prepare(run: Run, root: Path) -> _Prepared:
    with run.phase("config"):
        config = configs.parse(_read(root, run.inputs.config), run.inputs.config, run.context.source)
        chosen, warnings = targets.resolve(config, run.context.source, run.inputs.only_targets)
        run.warnings += warnings
        run.targets = len(chosen)
    with run.phase("snapshot"):
        checkout = Checkout.open(root)
        builder = Builder(config, checkout, frozenset({run.inputs.config, run.context.workflow}))
        builder.check_sources()
        snapshots = {target: builder.snapshot(target.mappings, target.removals) for target in chosen}
        run.warnings += builder.warnings
        run.files = sum(len(snapshot.files) for snapshot in snapshots.values())
        run.excluded = sum(snapshot.excluded for snapshot in snapshots.values())
    return _Prepared(config, checkout, snapshots, _rules(config, run.inputs))


def _rules(config: Config, inputs: Inputs) -> Rules:
    return Rules(
        sync_id=config.id,
        max_deletions=config.max_deletions,
        overwrite=inputs.overwrite,
        rebase=inputs.rebase,
        repropose=config.on_decline == "repropose",
        ignored_authors=config.ignored_authors,
    )


def _outcomes(run: Run, wanted: _Prepared, github: GitHub) -> Iterable[Outcome]:
    observer = Observer(github, run.context.source, wanted.config.id, run.listings)
    with run.phase("observe"):
        sights = observer.observe(wanted.snapshots, Scope("observe"))
    with run.phase("plan"):
        plans = _plans(run, wanted, sights)
    with run.phase("apply"):
        syncer = Syncer(github, observer, run.inputs, run.context, wanted.config, wanted.checkout, wanted.rules)
        for target in wanted.snapshots:
            yield _one(run, syncer, target, wanted.snapshots[target], sights[target], plans[target])
        syncer.decorator.flush()
        for label, warning in syncer.decorator.warnings:
            at = next(at for at, one in enumerate(run.outcomes) if one.target == label)
            run.outcomes[at] = replace(run.outcomes[at], warnings=(*run.outcomes[at].warnings, warning))


def _plans(run: Run, wanted: _Prepared, sights: dict[Target, Sight | Failure]) -> dict[Target, Plan | Failure]:
    plans: dict[Target, Plan | Failure] = {}
    seen: dict[tuple[str, str], Target] = {}
    for target, sight in sights.items():
        if isinstance(sight, Failure):
            plans[target] = sight
            continue
        plan = _plan(run, wanted, target, sight)
        base = sight.state.base
        twin = seen.setdefault((sight.state.repository_id, base.name if base else ""), target)
        if twin is not target:
            where = f"{wanted.config.file}:{twin.place.line}"
            plan = Failure(f"is the same repository and branch as {twin.label} ({where})", "remove one of the two")
        plans[target] = plan
    return _within_total(plans, wanted.config)


def _plan(run: Run, wanted: _Prepared, target: Target, sight: Sight) -> Plan | Failure:
    state = sight.state
    if state.base is None and target.base and not state.archived:
        return Failure(f"has no branch {target.base}", "create it, or correct the name in the config")
    plan = decide(state, wanted.snapshots[target], sight.drift, sight.branch_drift, wanted.rules)
    if run.inputs.writes and plan.step not in ("nothing", "sweep") and state.permission in PERMISSIONS_THAT_READ:
        return Failure(
            f"the token may read {target.full_name} but not write to it",
            "give it Contents: write and Pull requests: write there",
        )
    return plan


def _within_total(plans: dict[Target, Plan | Failure], config: Config) -> dict[Target, Plan | Failure]:
    total = sum(c.after is None for plan in plans.values() if isinstance(plan, Plan) for c in plan.changes)
    if total <= config.max_total_deletions:
        return plans
    guard = Failure(
        f"the run would delete {total} files, more than limits.max_total_deletions allows "
        f"({config.max_total_deletions}); nothing was written",
        "check the mappings; raise limits.max_total_deletions if they are meant to go",
    )
    return {target: guard if isinstance(plan, Plan) and plan.changes else plan for target, plan in plans.items()}


def _one(
    run: Run, syncer: Syncer, target: Target, snapshot: Snapshot, sight: Sight | Failure, plan: Plan | Failure
) -> Outcome:
    started = time.perf_counter()
    outcome = Outcome(target.label, target.base or "", "failed", file_errors=snapshot.errors, files=len(snapshot.files))
    try:
        if isinstance(sight, Sight) and isinstance(plan, Plan):
            base = sight.state.base.name if sight.state.base else ""
            outcome = syncer.sync(replace(outcome, base=base), target, snapshot, sight, plan)
        else:
            failure = plan if isinstance(plan, Failure) else sight
            if isinstance(failure, Failure):
                raise failure
    except Throttled as failure:
        outcome = replace(outcome, name="deferred", reason=failure.message, remedy=failure.remedy)
    except Failure as failure:
        outcome = replace(outcome, name="failed", reason=failure.message, remedy=failure.remedy)
    except Exception as error:  # a bug in one target must not stop the others
        reason = f"unexpected {type(error).__name__}: {error}"
        outcome = replace(outcome, name="failed", reason=reason, traceback=traceback.format_exc())
    return replace(outcome, seconds=time.perf_counter() - started)


def _read(root: Path, config: str) -> str:
    path = root / config
    if not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"the config {config} lies outside of the repository", "give a path inside it")
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        remedy = f"create {config} (the README shows four lines that do), or set the input `config`"
        if not (root / ".git").exists():
            remedy += "; is there an actions/checkout step before this one?"
        raise UsageError(f"there is no config at {config}", remedy) from None
    except UnicodeDecodeError:
        raise UsageError(f"{config} isn't UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{config} can't be read: {error.strerror}", "check the file") from None
