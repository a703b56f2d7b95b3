"""Which YAML nodes fit which types of the config (pure)."""

from __future__ import annotations

from typing import Any

import yaml
from msgspec import inspect

from broadcast.config.yaml_messages import tag_of, takes_text


def fits(node: yaml.Node, kind: inspect.Type) -> bool:
    """Whether a node can be read as this type."""
    if isinstance(kind, inspect.StructType):
        is_text = isinstance(node, yaml.ScalarNode) and tag_of(node) == "str"
        return isinstance(node, yaml.MappingNode) or (is_text and takes_text(kind))
    if isinstance(kind, inspect.ListType):
        return isinstance(node, yaml.SequenceNode)
    if isinstance(kind, inspect.DictType):
        return isinstance(node, yaml.MappingNode)
    if not isinstance(node, yaml.ScalarNode) or isinstance(kind, inspect.AnyType):
        return isinstance(kind, inspect.AnyType)
    if isinstance(kind, inspect.LiteralType):
        return tag_of(node) == type(kind.values[0]).__name__
    if isinstance(kind, inspect.DateType):
        return tag_of(node) in ("timestamp", "str")
    tags = {inspect.StrType: "str", inspect.IntType: "int", inspect.BoolType: "bool", inspect.NoneType: "null"}
    return tag_of(node) == tags.get(type(kind), "str")


def blank(kind: inspect.Type) -> Any:
    """A placeholder for a missing value: the rest can still be checked."""
    kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    if isinstance(kind, inspect.LiteralType):
        return kind.values[0]
    return [] if isinstance(kind, inspect.ListType) else ""
