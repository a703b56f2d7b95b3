"""Parts of the dashboard on the fleet: how many targets stand how, the waves, the boxes for the whole run (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from broadcast.markdown import head, many, row, text
from broadcast.observe.boxes import Box, spelled
from broadcast.plan.outcome import NAMES, Name
from broadcast.plan.waves import Trouble, WaveState
from broadcast.report.dashboard.view import Entry, View
from broadcast.report.outcomes import WORDS, further_spoken, plain, spoken
from broadcast.report.waves import SIGNS, happened, listed, moment

_NEEDED = {"merged": "merged", "green": "with green checks", "opened": "opened"}


def headline(view: View) -> str:
    """The fleet in one sentence."""
    seen, total = Counter(one.name for one in view.every), len(view.every)
    if not total:
        return "No targets"
    (first, *rest) = [name for name in NAMES if seen[name]]
    noun = "target" if total == 1 else "targets"
    lead = f"{'The only' if total == 1 else f'All {many(total)}'} {noun}"
    lead = lead if seen[first] == total else f"{many(seen[first])} of {many(total)} {noun}"
    more = (further_spoken(name, "stands", seen[name]) for name in rest)
    return "; ".join((f"{lead} {spoken(first, 'stands', seen[first])}", *more))


def sign(view: View) -> str:
    """What the fleet needs, at a glance."""
    if view.run.frozen:
        return "🧊"
    if any(one.needs_people for one in view.every) or any(one.standing == "held" for one in view.run.waves):
        return "⚠️"
    return "✅" if all(one.name in ("in_sync", "skipped") for one in view.every) else "🔷"


def table(view: View) -> Iterable[str]:
    """The numbers of targets by wave and outcome; nothing where there are no waves."""
    if not view.run.waves:
        return
    found = Counter((one.wave, one.name) for one in view.every)
    names = [name for name in NAMES if any(one.name == name for one in view.every)]
    yield from head("wave", *(f">{WORDS[name].sign} {_label(name)}" for name in names))
    for wave in dict.fromkeys([*(one.name for one in view.run.waves), *(one.wave for one in view.every)]):
        cells = (many(found[wave, name]) if found[wave, name] else "" for name in names)
        yield row(text(wave) or "none", *cells)
    yield ""


def _label(name: Name) -> str:
    words = WORDS[name].label
    return words.of("stands") if words else plain(name)


def controls(view: View) -> Iterable[str]:
    """The boxes that are for the whole run: each wave, and a freeze."""
    freeze, waves = Box("freeze"), view.run.waves
    yield spelled(freeze, f"**freeze**: runs read and report, and write to no target{_by(view, freeze)}", view.ticks)
    for at, wave in enumerate(waves):
        yield f"- {SIGNS[wave.standing]} **{text(wave.name)}**: {_stands(view, wave)}"
        box = Box("wave", wave.name)
        if box in view.ticks or (wave.standing in ("open", "soaking", "held") and at + 1 < len(waves)):
            yield f"  {spelled(box, f'let {text(wave.name)} pass, whatever it waits for{_by(view, box)}', view.ticks)}"
    yield ""


def _by(view: View, box: Box) -> str:
    login = view.ticks.get(box)
    return f" (ticked by {text(login)})" if login else ""


def _stands(view: View, wave: WaveState) -> str:
    """How a wave stands, in words that stay as they are as long as it does."""
    if wave.standing == "closed" and not wave.by_hand:
        return "waits for the wave before it"
    passed = f"{many(wave.passed)} of {many(wave.needed)} {_NEEDED[wave.advance.when]}"
    if wave.standing == "held":
        return f"held: {_troubles(view, wave)}"
    if wave.standing == "soaking":
        return f"{passed}; it soaks until {moment(wave.until)}"
    lacks = f"; it waits for {_listed(view, wave.missing)}" if wave.standing == "open" and wave.missing else ""
    return passed + lacks


def _troubles(view: View, wave: WaveState) -> str:
    if not wave.troubles:
        return "it has no targets"
    first = [view.text(_happened(view, one)) for one in wave.troubles[:3]]
    more = len(wave.troubles) - len(first)
    return ", ".join(first) + (f" and {many(more)} more" if more > 0 else "")


def _happened(view: View, trouble: Trouble) -> str:
    return happened(trouble if view.board.shows(trouble.target) else trouble._replace(text=""))


def _listed(view: View, names: Sequence[str]) -> str:
    return view.text(listed(names))


def private(view: View) -> Iterable[str]:
    """How many targets are not named, and how they stand."""
    if not view.hidden:
        return
    seen = Counter(one.name for one in view.hidden)
    parts = ", ".join(f"{many(seen[name])} {_label(name)}" for name in NAMES if seen[name])
    noun = "repository" if len(view.hidden) == 1 else "repositories"
    yield f"{many(len(view.hidden))} {noun} that not all readers of this one can see: {parts}."
    yield ""


def entries_of(view: View, *names: Name) -> list[Entry]:
    """The entries that stand so, those with a ticked box first."""
    asked = {box.name for box in view.ticks}
    return sorted((one for one in view.entries if one.name in names), key=lambda one: one.label not in asked)
