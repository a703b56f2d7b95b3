"""The cost of the run, beside that of one call per file where that is much more (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.github.usage import Sum, Usage
from broadcast.markdown import counted, head, many, row, text
from broadcast.pipeline.run import Run
from broadcast.report.costs import FORMULA, Costs, costs, phase_sums
from broadcast.report.summary.labels import duration, size

LONG = 30.0  # seconds; shorter waits without a refusal are said in the table alone


def price(run: Run, usage: Usage) -> Iterable[str]:
    """Lines: the total, which unfolds to the phases and the calls."""
    least = run.performance.threshold
    if not (usage.calls or run.phases) or (least is not None and run.files < least):
        return
    cost = costs(run, usage)
    is_open = "" if least is None else " open"
    yield f"### What it cost\n\n<details{is_open}><summary>{_in_short(run, usage, cost)}</summary>\n"
    yield from _phases(run, usage, cost)
    yield ""
    yield from _calls(run, usage, cost)
    yield "\n</details>\n"


def _in_short(run: Run, usage: Usage, cost: Costs) -> str:
    parts = [f"{counted(cost.total, 'API call')} in {duration(sum(run.phases.values()))}"]
    if cost.is_telling and not run.failure:
        parts.append(f"one call per file would have been {many(cost.per_file)}")
    if run.performance.threshold is not None:
        parts.append(f"{counted(run.files, 'file')} in all targets, {many(run.excluded)} excluded")
    return "; ".join((*parts, *_waits(usage)))


def _waits(usage: Usage) -> Iterable[str]:
    """What GitHub's limits did to the run, where that is worth saying."""
    took = f"the run waited {duration(usage.waited)} in all"
    if usage.refusals:
        times = "once" if usage.refusals == 1 else f"{many(usage.refusals)} times"
        yield f"GitHub refused {times} for its limits" + (f", and {took}" if usage.waited >= 1 else "")
    elif usage.waited >= LONG:
        yield f"for GitHub's limits {took}"


def _phases(run: Run, usage: Usage, cost: Costs) -> Iterable[str]:
    saved = [">calls saved"] if cost.is_telling else []
    yield from head("phase", ">time", ">calls", ">points", ">sent", ">received", *saved)
    for phase, one in phase_sums(run, usage).items():  # looking again is timed with what it interrupts
        seconds = duration(run.phases[phase]) if phase in run.phases else ""
        yield row(text(phase), seconds, *_sum(one), *(str(cost.saved_by.get(phase) or "") for _ in saved))
    in_all = duration(sum(run.phases.values()))
    yield row("**in all**", in_all, *_sum(usage.total()), *(str(cost.saved or "") for _ in saved))


def _calls(run: Run, usage: Usage, cost: Costs) -> Iterable[str]:
    yield from head("API calls", ">")
    yield from (row(kind, many(count)) for kind, count in cost.by_kind.items() if count)
    yield row("**in all**", f"**{many(cost.total)}**")
    if cost.is_telling:
        yield row(f"one call per file would have been ({FORMULA})", many(cost.per_file))
    if run.listings.hits:
        yield row("directory listings found in the cache", many(run.listings.hits))
    if usage.waited:
        yield row("waited for GitHub's limits", duration(usage.waited))
    for resource, rate in sorted(usage.rates.items())[:10]:
        yield row(f"rate limit left ({text(resource)})", f"{many(rate.remaining)} of {many(rate.limit)}")


def _sum(one: Sum) -> tuple[str, str, str, str]:
    return str(one.calls or ""), str(one.points or ""), size(one.sent), size(one.received)
