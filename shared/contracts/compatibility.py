"""Whether messages that agencies and the platform exchange still mean what an adapter was written for.

An adapter that was written from a release of the contract must go on working without a change. So what the platform sends may only become
narrower: each message must be one that the old schema allows, with all fields that it had; new fields may be added, since readers ignore
those they do not know. What the platform accepts may only become wider. Everything else needs a new major version of the event beside the
old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

Schema = Mapping[str, Any]

LOWER, UPPER = ("minLength", "minItems", "minimum"), ("maxLength", "maxItems", "maximum")
SAME = ("const", "pattern", "format")
ANYTHING: Schema = {}


class Direction(Enum):
    """Who sends a message."""

    TO_AGENCY = "to agency"
    FROM_AGENCY = "from agency"


def breaking_changes(released: Schema, present: Schema, direction: Direction) -> list[str]:
    """What an adapter that knows the released schema would not survive.

    Args:
        released: the JSON Schema of a message in the last release, self-contained.
        present: the same of today.
        direction: who sends it.

    Returns:
        a sentence for each change, with the path of its field.
    """
    before, now = _Node(released, released), _Node(present, present)
    if direction is Direction.TO_AGENCY:
        return list(_excess(now, before, "", "is sent", "was not"))
    return list(_excess(before, now, "", "was accepted", "is not any more"))


class _Node:
    """A schema within a whole one, which its references lead into."""

    def __init__(self, schema: Schema, root: Schema) -> None:
        self.root = root
        self.schema = _resolved(schema, root)

    def get(self, name: str) -> Any:
        return self.schema.get(name)

    @property
    def types(self) -> frozenset[str]:
        """The JSON types that it allows; empty for all."""
        types = self.schema.get("type", ())
        return frozenset([types] if isinstance(types, str) else types)

    @property
    def properties(self) -> Mapping[str, Schema]:
        return self.schema.get("properties") or {}

    @property
    def required(self) -> frozenset[str]:
        return frozenset(self.schema.get("required") or ())

    def child(self, schema: Schema) -> _Node:
        return _Node(schema, self.root)


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _excess(wide: _Node, narrow: _Node, path: str, is_: str, is_not: str) -> Iterator[str]:
    """What `wide` allows and `narrow` does not, where a field that only `wide` has does no harm."""
    name = path or "the message"
    yield from _values(wide, narrow, name, is_, is_not)
    for field in sorted(narrow.required - wide.required):
        yield f"{_join(path, field)}: a message without it {is_}, and {is_not}"
    known = wide.properties if is_ == "is sent" else narrow.properties
    other = narrow.properties if is_ == "is sent" else wide.properties
    for field in sorted(other.keys() - known.keys()):
        yield f"{_join(path, field)}: the field is gone"
    for field in sorted(wide.properties.keys() & narrow.properties.keys()):
        children = wide.child(wide.properties[field]), narrow.child(narrow.properties[field])
        yield from _excess(*children, _join(path, field), is_, is_not)
    if narrow.get("items") is not None:
        items = wide.child(wide.get("items") or ANYTHING), narrow.child(narrow.get("items"))
        yield from _excess(*items, f"{path}[]", is_, is_not)


def _values(wide: _Node, narrow: _Node, name: str, is_: str, is_not: str) -> Iterator[str]:
    more = sorted(wide.types - narrow.types) if wide.types else ["any type"]
    if narrow.types and more:
        yield f"{name}: {' and '.join(more)} {is_}, and {is_not}"
    for rule in SAME:
        if narrow.get(rule) is not None and wide.get(rule) != narrow.get(rule):
            yield f"{name}: {rule} {_shown(wide.get(rule))} {is_}, and {is_not}"
    if narrow.get("enum") is not None:
        extra = [value for value in wide.get("enum") or ["any value"] if value not in narrow.get("enum")]
        if extra:
            yield f"{name}: {', '.join(map(str, extra))} {is_}, and {is_not}"
    for rule in LOWER:
        if (limit := narrow.get(rule)) is not None and (wide.get(rule) is None or wide.get(rule) < limit):
            yield f"{name}: less than {rule} {limit} {is_}, and {is_not}"
    for rule in UPPER:
        if (limit := narrow.get(rule)) is not None and (wide.get(rule) is None or wide.get(rule) > limit):
            yield f"{name}: more than {rule} {limit} {is_}, and {is_not}"


def _shown(value: Any) -> str:
    return "any" if value is None else f"'{value}'"


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field
