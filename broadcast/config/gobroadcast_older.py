"""Turn the forms that go-broadcast's sync.yaml had before its groups into groups (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import yaml

Pairs = Sequence[tuple[yaml.Node, yaml.Node]]

_TEXT = "tag:yaml.org,2002:str"
_SHARED = ("global", "defaults")
_ROOT = ("source", *_SHARED, "targets")  # of the form with one source
_NAME = "default"  # of its group, as newer versions name it


def is_older(root: yaml.Node | None) -> bool:
    """Whether it is one of these forms for certain, by keys that Broadcast hasn't got."""
    keys = {key.value for key, _ in _pairs(root) if isinstance(key, yaml.ScalarNode)}
    return "groups" not in keys and ("mappings" in keys or ("source" in keys and bool(keys.intersection(_SHARED))))


def grouped(root: yaml.Node | None) -> yaml.Node | None:
    """The document with groups, each value at its place; another document as it is."""
    if not isinstance(root, yaml.MappingNode) or member(root, "groups"):
        return root
    mappings = member(root, "mappings")
    if isinstance(mappings, yaml.SequenceNode):
        names = list(_names(mappings.value))
        items = [_group(root, item, name) for item, name in zip(mappings.value, names, strict=True)]
        groups = yaml.SequenceNode(mappings.tag, items, mappings.start_mark, mappings.end_mark)
        return _with(root, groups, {"mappings", "conflict_resolution", *_SHARED})
    if not mappings and (found := [pair for pair in root.value if pair[0].value in _ROOT]) and member(root, "source"):
        name = (_text("name", found[0][0]), _text(_NAME, found[0][0]))
        group = yaml.MappingNode(root.tag, [name, *map(_plain, found)], found[0][0].start_mark, found[-1][1].end_mark)
        groups = yaml.SequenceNode("tag:yaml.org,2002:seq", [group], group.start_mark, group.end_mark)
        return _with(root, groups, set(_ROOT))
    return root


def member(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a key; None for no mapping, or without it."""
    return next((value for name, value in _pairs(node) if name.value == key), None)


def _pairs(node: yaml.Node | None) -> Pairs:
    return node.value if isinstance(node, yaml.MappingNode) else ()


def _with(root: yaml.MappingNode, groups: yaml.Node, without: set[str]) -> yaml.Node:
    kept = [pair for pair in root.value if pair[0].value not in without]
    kept.append((_text("groups", groups), groups))
    return yaml.MappingNode(root.tag, kept, root.start_mark, root.end_mark)


def _names(mappings: Iterable[yaml.Node]) -> Iterable[str]:
    """The names of the groups: the ids of their sources, or what those are called."""
    taken = set[str]()
    for number, one in enumerate(mappings, 1):
        source = member(one, "source")
        said = [node.value for key in ("id", "repo") if isinstance(node := member(source, key), yaml.ScalarNode)]
        name = next((text.rpartition("/")[2] for text in said if text), "mapping")
        name = name if name not in taken else f"{name}-{number}"
        taken.add(name)
        yield name


def _group(root: yaml.MappingNode, item: yaml.Node, name: str) -> yaml.Node:
    """A mapping as a group: what the root says counts for it, too; of `defaults` its own keys win."""
    if not isinstance(item, yaml.MappingNode):
        return item
    own = [_plain(pair) for pair in item.value if pair[0].value != "defaults"]
    pairs = [(_text("name", item), _text(name, item)), *own]
    if shared := member(root, "global"):
        pairs.append((_text("global", shared), shared))
    ours, everybodys = member(item, "defaults"), member(root, "defaults")
    if ours or everybodys:
        pairs.append((_text("defaults", item), _over(ours, everybodys)))
    return yaml.MappingNode(item.tag, pairs, item.start_mark, item.end_mark)


def _over(own: yaml.Node | None, other: yaml.Node | None) -> yaml.Node:
    """Two mappings in one, where the first one's keys win."""
    first, second = (node if node and not node.tag.endswith(":null") else None for node in (own, other))
    if isinstance(first, yaml.MappingNode) and isinstance(second, yaml.MappingNode):
        keys = {key.value for key, _ in first.value if isinstance(key, yaml.ScalarNode)}
        more = [pair for pair in second.value if isinstance(pair[0], yaml.ScalarNode) and pair[0].value not in keys]
        return yaml.MappingNode(first.tag, [*first.value, *more], first.start_mark, first.end_mark)
    return first or second or own or yaml.MappingNode("tag:yaml.org,2002:map", [])


def _plain(pair: tuple[yaml.Node, yaml.Node]) -> tuple[yaml.Node, yaml.Node]:
    """A key and its value, a source without the id that it had in conflicts."""
    key, node = pair
    if key.value != "source" or not isinstance(node, yaml.MappingNode):
        return pair
    kept = [one for one in node.value if one[0].value != "id"]
    return key, yaml.MappingNode(node.tag, kept, node.start_mark, node.end_mark)


def _text(text: str, at: yaml.Node) -> yaml.ScalarNode:
    return yaml.ScalarNode(_TEXT, text, at.start_mark, at.end_mark)
