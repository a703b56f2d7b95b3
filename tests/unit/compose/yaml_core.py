"""A loader of YAML 1.2 values that shares no code with ours but the parser."""

import re

import yaml


class Core(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """PyYAML's loader with the core schema of YAML 1.2: keys are text, unknown tags stay."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 # as PyYAML has it

    def text_keys(self, node):
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def unknown(self, node):
        if isinstance(node, yaml.MappingNode):
            return (node.tag, self.text_keys(node))
        return (
            node.tag,
            self.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value,
        )


for tag, pattern in {
    "null": "~|null|Null|NULL|",
    "bool": "true|True|TRUE|false|False|FALSE",
    "int": "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    "merge": "<<",
}.items():
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)
Core.add_constructor("tag:yaml.org,2002:map", Core.text_keys)
Core.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(node.value, 0) if node.value[:2] in {"0x", "0o"} else int(node.value),
)
Core.add_constructor(
    "tag:yaml.org,2002:float", lambda loader, node: float(node.value.replace(".inf", "inf").replace(".nan", "nan"))
)
Core.add_constructor("tag:yaml.org,2002:binary", Core.unknown)
Core.add_constructor(None, Core.unknown)


def independent(text):
    return yaml.load(text.removeprefix("\ufeff"), Core) or {}


def shown(value):
    """A value in a form that tells texts, numbers and truth apart, and in which not-a-number is itself."""
    if isinstance(value, dict):
        return {str(key): shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    names = [kind.__name__ for kind in (bool, int, float, str) if isinstance(value, kind)]
    return f"{names[:1]} {float(value) if names[:1] in (['int'], ['float']) else value}"
