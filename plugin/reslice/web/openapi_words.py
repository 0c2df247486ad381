"""The words in which schemas are written."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
POSITIVE: Schema = {"type": "integer", "minimum": 1}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
PART: Schema = {"type": "number", "minimum": 0, "maximum": 1}


LIMITS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""How models tell the limits of what one of our own validators reads, and how schemas do."""


def as_schema(told: Any) -> Any:
    """What a model tells of itself, as we write it: without titles made of names, limits by their names."""
    if isinstance(told, list):
        return [as_schema(part) for part in told]
    if not isinstance(told, dict):
        return told
    kept = {key: value for key, value in told.items() if not (key == "title" and isinstance(value, str))}
    schema = {LIMITS.get(key, key) if _is_number(value) else key: as_schema(value) for key, value in kept.items()}
    parts = schema.get("prefixItems", [])
    if parts and all(part == parts[0] for part in parts):
        schema["items"] = schema.pop("prefixItems")[0]
    return schema


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def ref(name: str) -> Schema:
    """A schema of the document by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def said(schema: Schema, description: str) -> Schema:
    """A schema with a sentence."""
    return {**schema, "description": description}


def listed(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def so_many(count: int, items: Schema) -> Schema:
    """A list of so many."""
    return {"type": "array", "items": items, "minItems": count, "maxItems": count}


def one_of(*words: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(words)}


def or_null(schema: Schema) -> Schema:
    """That, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def by_name(values: Schema) -> Schema:
    """An object whose keys aren't known before."""
    return {"type": "object", "additionalProperties": values}


def shape(description: str, keys: Mapping[str, Schema], *, is_open: bool = False) -> Schema:
    """An object with these keys; one that ends with `?` may be missing. Clients must expect others, always.

    `is_open`: there are others today, and which depends on the case.
    """
    properties = {key.removesuffix("?"): schema for key, schema in keys.items()}
    required = [key for key in keys if not key.endswith("?")]
    found: Schema = {"type": "object", "description": description, "properties": properties}
    if required:
        found["required"] = required
    if is_open:
        found["additionalProperties"] = True
    return found


POINT: Schema = said(so_many(3, NUMBER), "x, y, z in LPS millimetres")
SIZE: Schema = said(so_many(2, POSITIVE), "Rows and columns")
LATTICE: Schema = said(so_many(3, POSITIVE), "Slices, rows and columns")
AFFINE: Schema = said(so_many(4, so_many(4, NUMBER)), "Takes (slice, row, column, 1) to LPS millimetres")
GAPS: Schema = said(so_many(3, NUMBER), "Millimetres between slices, rows and columns")
FUNCTION: Schema = one_of("LINEAR", "LINEAR_EXACT", "SIGMOID")
