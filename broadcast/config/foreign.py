"""Refuse configs of other tools, with the command that converts them (pure)."""

from __future__ import annotations

import re

import yaml

from broadcast.config.gobroadcast_older import is_older
from broadcast.config.yaml_reader import Place, Reader, node_place

_FOREIGN = re.compile(r"(?:[\w.-]+/){1,2}[\w.-]+(?:@\S+)?|group|patterns")  # of the tools that `migrate` knows


def refuse_another_tools(reader: Reader) -> None:
    """Raise ConfigError for a config in which repositories are keys, or that has another tool's own key."""
    root = reader.root
    keys = (
        [key for key, _ in root.value if isinstance(key, yaml.ScalarNode)] if isinstance(root, yaml.MappingNode) else []
    )
    foreign = next((key for key in keys if _FOREIGN.fullmatch(key.value)), None)
    if foreign and not any(key.value == "version" for key in keys):
        message = f"this is another tool's config: it has the key {foreign.value!r}"
        reader.problem(node_place(foreign), message, f"`broadcast migrate --config {reader.file}` converts it")
        raise reader.refusal()
    if is_older(root):
        message = "this is a config of an older go-broadcast, without `groups:`"
        reader.problem(Place(1, 1), message, f"`broadcast migrate --config {reader.file}` converts it")
        raise reader.refusal()
