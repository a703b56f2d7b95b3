"""Random merges into YAML documents give the values wanted, and leave all other lines."""

import random
import re

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.compose import yaml_keys
from broadcast.compose.keys import Drop, Put, edits, is_same
from broadcast.compose.parts import Keys, Lists, Unmergeable
from tests.unit.compose.yaml_core import Core, independent, shown
from tests.unit.compose.yaml_corpus import TEXTS


def naive(value, changes):
    """The value after each edit in turn."""
    for change in changes:
        value = _after(value, change.place, change)
    return value


def _after(value, place, change):
    if not place:
        return change.value
    first, rest = place[0], place[1:]
    made = dict(value) if isinstance(value, dict) else list(value)
    if isinstance(change, Drop) and not rest:
        del made[first]
    elif isinstance(made, list) and first >= len(made):
        made.append(change.value)
    else:
        made[first] = _after(made[first] if rest else None, rest, change)
    return made


DONORS = [yaml_keys.load(text) for name, text in TEXTS.items() if name.endswith("as it is")]


def nested(value):
    yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nested(one)


VALUES = [one for donor in DONORS for one in nested(donor)]


def made_source(draw: random.Random, value, depth=0):
    """A mapping of some of a target's keys, with other values here and there, and of new keys."""
    found = {}
    for key, one in value.items():
        choice = draw.random()
        if choice < 0.4:
            continue
        if isinstance(one, dict) and choice < 0.85:
            found[key] = made_source(draw, one, depth + 1)
        elif isinstance(one, list) and choice < 0.7:
            some = [
                item if draw.random() < 0.7 or not isinstance(item, dict) else made_source(draw, item) for item in one
            ]
            found[key] = [*draw.sample(some, draw.randint(0, len(some))), *draw.sample(VALUES, draw.randint(0, 2))]
        else:
            found[key] = one if choice < 0.75 else draw.choice(VALUES)
    for _ in range(draw.choice([0, 0, 1, 2])):
        found[draw.choice(["new", "on", "3.10", "a b", "x: y", "true"])] = draw.choice(VALUES)
    return found


def made_keys(draw: random.Random, value):
    """Options with patterns of places that the target has."""
    remove = []
    for _ in range(draw.choice([0, 1, 3])):
        at, pattern = value, []
        while isinstance(at, dict | list) and at and (not pattern or draw.random() < 0.6):
            key = draw.choice(list(at) if isinstance(at, dict) else range(len(at)))
            pattern.append("*" if isinstance(at, list) or draw.random() < 0.1 else key)
            at = at[key]
        remove.append(tuple(pattern))
    lists = draw.choice(
        [Lists(), Lists("unite"), Lists("by", ("name", "uses", "id", "repo", "package-ecosystem", "type"))]
    )
    return Keys(lists, tuple(remove), draw.choice([False, False, False, True, (("jobs",), ("new",))]))


def follows_keys(changes):
    """Whether no edit lies in a list of which items were dropped: their places are others in the text."""
    lists = {change.place[:-1] for change in changes if isinstance(change, Drop) and isinstance(change.place[-1], int)}
    puts = [change.place for change in changes if isinstance(change, Put)]
    return not any(place[:at] in lists for place in puts for at in range(len(place)))


def lines_of(text, changes):
    """The numbers of the lines that the edits may change."""
    lines, root = text.splitlines(), yaml.compose(text.removeprefix("\ufeff"), Core)
    found = set()
    for change in changes:
        node, within, spot, outer = root, None, (0, 0), 0
        for key in change.place:
            pairs = node.value if isinstance(node.value, list) else []
            hits = (
                [pair for pair in pairs if pair[0].value == key]
                if isinstance(node, yaml.MappingNode)
                else [(one, one) for one in pairs[key : key + 1]]
                if isinstance(key, int)
                else []
            )
            within, outer = node, spot[0]
            if not hits:
                is_new = True
                break
            first, after = hits[0]
            is_new, node = False, after
            is_alias = after.start_mark.index < (within if first is after else first).start_mark.index
            spot = (first.start_mark.line, first.start_mark.line + 1 if is_alias else after.end_mark.line + 1)
            if is_alias:
                break
        if node is root or (is_new and (within.flow_style or not within.value)):
            found |= set(range(within.start_mark.line - 1, within.end_mark.line + 1))
        elif not is_new:
            # an item's dash may stand above it, and what goes empties what is around it
            found |= set(range(spot[0] - 1, spot[1]))
            below = spot[1] - 1
            while below < len(lines) and (
                below < spot[1] or re.match(f"(?:$| {{{first.start_mark.column + 1},}}#)", lines[below])
            ):
                found.add(below)
                below += 1
            if isinstance(change, Drop):
                found |= set(range(outer, within.end_mark.line + 1))
                above = spot[0] - 1
                while above >= 0 and lines[above].lstrip().startswith("#"):
                    found.add(above)
                    above -= 1
    return found


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 2**32))
def test_a_merge_gives_the_value_wanted_and_leaves_all_other_lines(name, seed):
    draw = random.Random(seed)
    text = TEXTS[name]
    target = yaml_keys.load(text)
    source, keys = made_source(draw, target), made_keys(draw, target)
    try:
        changes = edits(target, source, keys)
    except Unmergeable:  # a source that names an item twice
        return
    try:
        made = yaml_keys.apply(text, changes)
    except Unmergeable:
        if not any(sign in text for sign in ("&", "? ", "|+")):
            raise
        return
    assert shown(independent(made)) == shown(naive(independent(text), changes)), made
    assert is_same(yaml_keys.load(made), naive(target, changes))
    assert yaml_keys.apply(made, edits(yaml_keys.load(made), source, keys)) == made
    if not follows_keys(changes):
        return
    before, after = text.splitlines(), made.splitlines()
    allowed = lines_of(text, changes)
    rest = iter(after)
    strays = [line for at, line in enumerate(before) if at not in allowed and line.strip() and line not in rest]
    assert not strays, (changes, made)
