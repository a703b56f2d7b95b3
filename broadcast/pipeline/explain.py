"""What decides about one path: mapping, pattern, mode and content, for every target (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from broadcast.compose.parts import Block, BlockRemoval, Keys
from broadcast.config.mappings import Mapping, Transform
from broadcast.config.targets import Target
from broadcast.config.yaml_reader import Place, Text
from broadcast.git import paths
from broadcast.git.objects import SYMLINK
from broadcast.markdown import counted
from broadcast.pipeline.desired import Prepared, Source
from broadcast.snapshot.snapshot import Shared, Snapshot, Wanted, relative

_NAMES = 5  # targets that are named where many have the same answer

UNCHANGED = "byte by byte"


def explain(wanted: Prepared, path: str) -> list[str]:
    """Lines that explain `path` in each target; for a path of the source, each of its destinations."""
    goals = _destinations(wanted, path) or [path]
    lines = []
    for goal in goals:
        answers: dict[tuple[str, ...], list[Target]] = defaultdict(list)
        for target, snapshot in wanted.snapshots.items():
            answers[tuple(_answer(wanted.source, target, snapshot, goal))].append(target)
        lines.append(goal if goal == path else f"{path} → {goal}")
        for answer, those in answers.items():
            lines.append(f"  {_listed(those)}: {answer[0]}")
            lines += [f"    {line}" for line in answer[1:]]
    return lines


def _destinations(wanted: Prepared, path: str) -> list[str]:
    """Where the mappings send a path of the source, even if an exclude leaves it out."""
    if not wanted.source.checkout.exists(path, untracked=True):
        return []
    mappings = {mapping for target in wanted.snapshots for mapping in target.mappings}
    found = {_dest(mapping, path) for mapping in mappings if paths.is_below(path, mapping.src)}
    return sorted(found)


def _dest(mapping: Mapping, path: str) -> str:
    below = relative(path, mapping.src)
    if path == mapping.src:
        return mapping.dest
    return paths.join(mapping.dest, below.rpartition("/")[2] if mapping.flat else below)


def _answer(source: Source, target: Target, snapshot: Snapshot, path: str) -> Iterable[str]:
    """The verdict first, then its reasons."""
    file = snapshot.files.get(path)
    error = next((error for error in snapshot.errors if error.path == path), None)
    removal = next((one for one in target.removals if path in snapshot.removals and one.path == path), None)
    sending = {one.wanted.mapping for one in snapshot.shared.get(path, ()) if one.wanted} | {file and file.mapping}
    if error:
        yield f"left as it is: {error.reason}; {error.remedy}"
    elif path in snapshot.shared:
        yield "the target's own file, with parts of ours"
        for part in snapshot.shared[path]:
            yield from _part(source, target, part)
    elif file:
        yield from _sent(source, target, file)
    elif removal:
        yield f"removed, by `remove` at {_at(source, removal.place)}"
    else:
        yield _unsent(source, target, snapshot, path)
    for mapping in target.mappings:
        if mapping not in sending:
            yield from _others(source, mapping, path, is_sent=sending != {None})


def _sent(source: Source, target: Target, file: Wanted) -> Iterable[str]:
    kinds = {0o100644: "a file", 0o100755: "an executable", SYMLINK: "a symlink"}
    yield f"sent from {file.source}, as {kinds[file.mode]}"
    if file.mapping:
        yield f"by the mapping at {_at(source, file.mapping.place)}, mode {file.mapping.mode}"
        yield f"content: {_content(target, file.mapping)}"
        if file.mapping.unless_exists:
            yield f"unless the target has {' or '.join(file.mapping.unless_exists)}"


def _part(source: Source, target: Target, one: Shared) -> Iterable[str]:
    """One part of a shared file."""
    match one.part:
        case BlockRemoval() as gone:
            removals = (removal for removal in target.removals if removal.block == gone)
            yield f"the block {gone.id} is taken out, by `remove` at {_at(source, next(removals).place)}"
            return
        case Block() as block:
            what = f"the block {block.id}"
        case Keys():
            what = "some keys"
        case _:
            what = "the changes since the version that it had last"
    if one.wanted and one.wanted.mapping:
        yield f"{what} from {one.wanted.source}, by the mapping at {_at(source, one.wanted.mapping.place)}"
        content = _content(target, one.wanted.mapping)
        if content != UNCHANGED or not isinstance(one.part, Keys):
            yield f"content: {content}"


def _content(target: Target, mapping: Mapping) -> str:
    given = target.content(mapping.group)
    rules: Transform = mapping.transform.over(given.transform)
    said = [
        f"a template with {', '.join(name for name, _ in target.vars) or 'no vars'}" if mapping.template else "",
        f"{', '.join(name for name, _ in rules.variables)} replaced" if rules.variables else "",
        "the source's name replaced by the target's" if rules.repo_name else "",
        f"{', '.join(old for old, _ in given.emails)} replaced" if given.emails else "",
    ]
    return "; ".join(filter(None, said)) or UNCHANGED


def _unsent(source: Source, target: Target, snapshot: Snapshot, path: str) -> str:
    for one in snapshot.territories:
        if one.covers(path) and not _is_directory(snapshot, path):
            return "deleted where the target has it" + (", if the source once had it so" if one.past else "")
    for mapping in (one for one in target.mappings if one.mode in ("mirror", "prune") and one.dest != path):
        below = relative(path, mapping.dest)
        is_below = paths.is_below(path, mapping.dest)
        if is_below and (reason := _left_out_there(source, mapping, paths.join(mapping.src, below), below)):
            return f"kept: {reason}"
    if _is_directory(snapshot, path):
        many = sum(paths.is_below(one, path) for one in snapshot.paths)
        return f"a directory; {counted(many, 'file')} below it {'is' if many == 1 else 'are'} sent"
    return "not sent"


def _is_directory(snapshot: Snapshot, path: str) -> bool:
    return any(paths.is_below(one, path) for one in snapshot.paths)


def _others(source: Source, mapping: Mapping, path: str, *, is_sent: bool) -> Iterable[str]:
    """Why other mappings don't send the path."""
    where = _at(source, mapping.place)
    if mapping.dest == path and not mapping.directory:
        yield f"not by the mapping at {where}, which is less specific" if is_sent else f"not by the mapping at {where}"
    elif paths.is_below(path, mapping.dest) and not mapping.flat and path != mapping.dest:
        below = relative(path, mapping.dest)
        file = paths.join(mapping.src, below)
        reason = _left_out(source, mapping, file, below)
        yield f"not by the mapping at {where}: {reason or 'it is less specific'}"


def _left_out(source: Source, mapping: Mapping, file: str, below: str) -> str:
    if not source.checkout.exists(file, untracked=mapping.untracked):
        return f"the source has no {file}"
    return _left_out_there(source, mapping, file, below)


def _left_out_there(source: Source, mapping: Mapping, file: str, below: str) -> str:
    """Why a mapping leaves out a path, whether the source has it or not; empty if it doesn't."""
    if file in source.builder.never_sent:
        return "it is Broadcast's own config or workflow, which only a `files:` entry sends"
    left_out = source.builder.filter_of(mapping)
    pattern = left_out.excludes.decisive(below)
    if left_out.reason(below) or pattern is None:
        return left_out.reason(below)
    place = f" at {_at(source, pattern.place)}" if isinstance(pattern, Text) else ", one of the default excludes"
    return f"excluded by {str(pattern)!r}{place}"


def _at(source: Source, place: Place) -> str:
    return f"{source.config.file}:{place.line}:{place.column}"


def _listed(targets: list[Target]) -> str:
    names = ", ".join(target.label for target in targets[:_NAMES])
    return names if len(targets) <= _NAMES else f"{names} and {len(targets) - _NAMES} more"
