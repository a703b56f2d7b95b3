"""Generate the JSON Schema of the config from its types, for editors and other checkers (pure)."""

from __future__ import annotations

import json
from typing import Any

from msgspec import inspect

from broadcast.config.format import WrittenConfig
from broadcast.config.selectors import VISIBILITIES

URL = "https://raw.githubusercontent.com/org/broadcast-action/v1/docs/schema.json"
_CHOICES = {"visibility": VISIBILITIES}  # what the reader checks after the types
_SCALAR = {"type": ["string", "number", "boolean"]}


def text() -> str:
    """The text of docs/schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The schema of the whole config, JSON Schema 2020-12."""
    definitions: dict[str, Any] = {}
    root = _of(inspect.type_info(WrittenConfig), definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": URL,
        "title": "Broadcast",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _of(kind: inspect.Type, definitions: dict[str, Any], key: str = "") -> dict[str, Any]:
    if isinstance(kind, inspect.Metadata):
        said = {name: value for name, value in (kind.extra_json_schema or {}).items() if value is not None}
        return said | _of(kind.type, definitions, key)
    if isinstance(kind, inspect.UnionType):
        options = [made for one in kind.types if (made := _of(one, definitions, key)) and made != {"enum": []}]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if isinstance(kind, inspect.StructType):
        return _struct(kind, definitions)
    if isinstance(kind, inspect.ListType):
        return {"type": "array", "items": _of(kind.item_type, definitions, key)}
    if isinstance(kind, inspect.DictType):
        return {"type": "object", "additionalProperties": _item(kind.value_type, definitions)}
    if isinstance(kind, inspect.LiteralType):
        return {"enum": [value for value in kind.values if value != ""]}
    if isinstance(kind, inspect.StrType) and key in _CHOICES:
        return {"enum": list(_CHOICES[key])}
    if isinstance(kind, inspect.IntType) and kind.ge is not None:
        most = {} if kind.le is None else {"maximum": kind.le}
        return {"type": "integer", "minimum": kind.ge, **most}
    names = {
        inspect.DateType: "string",
        inspect.StrType: "string",
        inspect.IntType: "integer",
        inspect.BoolType: "boolean",
    }
    return {"type": names[type(kind)]} if type(kind) in names else {}


def _item(kind: inspect.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    """A value of a mapping whose names are free."""
    if isinstance(kind, inspect.AnyType):
        return _value(definitions)
    lists = [{"type": "array", "items": _SCALAR}] if isinstance(kind, inspect.UnionType) else []
    return {"anyOf": [_SCALAR, *lists]} if lists else _SCALAR


def _value(definitions: dict[str, Any]) -> dict[str, Any]:
    """A value that may be nested."""
    one = {"$ref": "#/$defs/Value"}
    nested = [{"type": "array", "items": one}, {"type": "object", "additionalProperties": one}]
    definitions["Value"] = {"description": "A text, number, boolean, list or mapping.", "anyOf": [_SCALAR, *nested]}
    return one


def _struct(kind: inspect.StructType, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.cls.__name__.removeprefix("Written")
    is_root = kind.cls is WrittenConfig
    if not is_root and name in definitions:
        return _reference(kind, name)
    definitions |= {} if is_root else {name: {}}  # known from here on
    fields = [field for field in kind.fields if field.name != "place"]
    made = {
        "description": (kind.cls.__doc__ or "").partition("\n")[0],
        "type": "object",
        "properties": {one.encode_name: _field(one, definitions) for one in fields},
        "required": [one.encode_name for one in fields if one.required],
        "additionalProperties": not kind.cls.__struct_config__.forbid_unknown_fields,
    }
    if is_root:
        return made | {"patternProperties": {"^x-": {"description": "A place to define anchors; not read."}}}
    definitions[name] = made
    return _reference(kind, name)


def _reference(kind: inspect.StructType, name: str) -> dict[str, Any]:
    reference = {"$ref": f"#/$defs/{name}"}
    return {"anyOf": [{"type": "string"}, reference]} if hasattr(kind.cls, "from_text") else reference


def _field(field: inspect.Field, definitions: dict[str, Any]) -> dict[str, Any]:
    made = _of(field.type, definitions, field.encode_name)
    default = field.default
    return made | {"default": default} if isinstance(default, bool | int | str) and default != "" else made
