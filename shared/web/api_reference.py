"""The API reference of a service for people, built from its OpenAPI document; the page is ``templates/api_reference.html``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]
"""An object of the OpenAPI document."""

METHODS = ("get", "post", "put", "patch", "delete")
REFERENCE = "#/components/schemas/"
RULES = {
    "default": "default",
    "minimum": "≥",
    "maximum": "≤",
    "exclusiveMinimum": ">",
    "exclusiveMaximum": "<",
    "minLength": "min. length",
    "maxLength": "max. length",
    "minItems": "min. items",
    "maxItems": "max. items",
    "pattern": "pattern",
}
"""Keywords of JSON Schema, and how the page writes them before their value."""
SAMPLES: Mapping[str, Any] = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "object": {}, "null": None}
DATE_SAMPLES = {"date": "2026-01-31", "date-time": "2026-01-31T08:00:00+07:00"}
MAX_SAMPLE_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or one field of a schema.

    Attributes:
        name: with dots for objects inside objects.
        type: in words, such as ``array of``.
        schema: the schema that the type ends with; empty for none.
        place: path, query or header for a parameter; empty for a field of a schema.
        rules: limits, default and the like, as text.
    """

    name: str
    type: str
    schema: str
    required: bool
    rules: list[str]
    description: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body, or the answer of one status.

    Attributes:
        status: of the answer; empty for a request body.
        content_type: empty when there is no content.
        type: in words when the content is no object, such as ``array of``.
        schema: the schema's name; empty for none.
        fields: of the schema.
    """

    status: str
    description: str
    content_type: str
    type: str
    schema: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path; `roles` is empty on a public one."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    roles: list[str]
    agency_scope: str
    audited: bool
    parameters: list[Field]
    request: Body | None
    answers: list[Body]
    curl: str


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    name: str
    description: str
    operations: list[Operation]


@dataclass(frozen=True, slots=True)
class ApiReference:
    """What the page shows.

    Attributes:
        title: the API's.
        groups: all operations, by tag.
        schemas: fields by schema, of those schemas that other schemas or the errors refer to.
    """

    title: str
    groups: list[Group]
    schemas: dict[str, list[Field]]


def api_reference(document: Node, address: str) -> ApiReference:
    """Builds the reference.

    Args:
        document: an OpenAPI 3.1 document.
        address: where the service answers, for the examples; without a slash at the end.
    """
    return _Builder(document, address).build()


class _Builder:
    def __init__(self, document: Node, address: str) -> None:
        self._document = document
        self._address = address
        self._schemas: Node = document.get("components", {}).get("schemas", {})

    def build(self) -> ApiReference:
        descriptions = {tag["name"]: tag.get("description", "") for tag in self._document.get("tags", ())}
        groups: dict[str, list[Operation]] = {name: [] for name in descriptions}
        for path, item in self._document["paths"].items():
            for method in METHODS:
                if method in item:
                    tag = next(iter(item[method].get("tags", ())), "")
                    groups.setdefault(tag, []).append(self._operation(path, method, item))
        tables = {name: list(self._fields(schema)) for name, schema in self._schemas.items()}
        nested = {field.schema for fields in tables.values() for field in fields} | {"Problem"}
        return ApiReference(
            self._document["info"]["title"],
            [Group(name, descriptions.get(name, ""), found) for name, found in groups.items() if found],
            {name: tables[name] for name in sorted(nested & tables.keys())},
        )

    def _operation(self, path: str, method: str, item: Node) -> Operation:
        found = item[method]
        parameters = [self._parameter(one) for one in (*item.get("parameters", ()), *found.get("parameters", ()))]
        body = found.get("requestBody")
        request = self._body("", body) if body else None
        roles = list(found.get("x-roles", ()))
        return Operation(
            id=found["operationId"],
            method=method.upper(),
            path=path,
            summary=found.get("summary", ""),
            description=found.get("description", ""),
            roles=roles,
            agency_scope=found.get("x-agency-scope", ""),
            audited=found.get("x-reading-audited", False),
            parameters=parameters,
            request=request,
            answers=[self._body(status, found["responses"][status]) for status in sorted(found["responses"])],
            curl=self._curl(method.upper(), path, parameters, body, bool(roles)),
        )

    def _parameter(self, found: Node) -> Field:
        schema = found.get("schema", {})
        type_, name = self._type(schema)
        description = found.get("description") or schema.get("description", "")
        return Field(found["name"], type_, name, found.get("required", False), _rules(schema), description, found["in"])

    def _body(self, status: str, found: Node) -> Body:
        description = found.get("description", "")
        for content_type, media in found.get("content", {}).items():
            schema = media.get("schema", {})
            type_, name = self._type(schema)
            target = self._schemas.get(name) if name else schema
            return Body(status, description, content_type, type_, name, list(self._fields(target or {})))
        return Body(status, description, "", "", "", [])

    def _fields(self, schema: Node, prefix: str = "") -> Iterator[Field]:
        """The fields of an object's schema; those of an object without a name of its own follow it, with a dotted path."""
        required = schema.get("required", ())
        for name, found in schema.get("properties", {}).items():
            type_, target = self._type(found)
            path = f"{prefix}{name}"
            yield Field(path, type_, target, name in required, _rules(found), found.get("description", ""))
            yield from self._fields(found, f"{path}.")

    def _type(self, schema: Node) -> tuple[str, str]:
        """A schema's type in words, and the named schema that it ends with."""
        if "$ref" in schema:
            return "", str(schema["$ref"]).removeprefix(REFERENCE)
        for combined in ("allOf", "anyOf", "oneOf"):
            if combined in schema:
                return self._combined(schema[combined])
        type_ = schema.get("type", "any")
        types = [type_] if isinstance(type_, str) else list(type_)
        if "array" in types:
            inner, target = self._type(schema.get("items", {}))
            return f"{_nullable('array', types)} of {inner}".rstrip(), target
        if "object" in types and isinstance(schema.get("additionalProperties"), Mapping):
            inner, target = self._type(schema["additionalProperties"])
            return f"{_nullable('object', types)} with values of {inner}".rstrip(), target
        words = " or ".join(str(one) for one in types)
        return f"{words} ({schema['format']})" if "format" in schema else words, ""

    def _combined(self, choices: list[Node]) -> tuple[str, str]:
        found = [self._type(choice) for choice in choices]
        targets = [target for _, target in found if target]
        words = [type_ for type_, target in found if type_ and not target]
        return " or ".join(words) + (" or" if words and targets else ""), targets[0] if targets else ""

    def _curl(self, method: str, path: str, parameters: list[Field], body: Node | None, token: bool) -> str:
        """A command line to copy; capitals in braces are to be filled in."""
        for parameter in parameters:
            path = path.replace(f"{{{parameter.name}}}", f"{{{parameter.name.upper()}}}")
        needed = [f"{one.name}={{{one.name.upper()}}}" for one in parameters if one.place == "query" and one.required]
        url = self._address + path + ("?" + "&".join(needed) if needed else "")
        lines = [f"curl -X {method} {shlex.quote(url)}" if method != "GET" else f"curl {shlex.quote(url)}"]
        if token:
            lines.append('-H "Authorization: Bearer $TOKEN"')
        if any(one.name == "Idempotency-Key" for one in parameters):
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        for content_type, media in (body or {}).get("content", {}).items():
            sample = json.dumps(self._sample(media.get("schema", {})), ensure_ascii=False)
            lines += [f"-H {shlex.quote(f'Content-Type: {content_type}')}", f"-d {shlex.quote(sample)}"]
        return " \\\n  ".join(lines)

    def _sample(self, schema: Node, depth: int = 0) -> Any:
        """A value that shows a schema's required fields."""
        if "$ref" in schema:
            schema = self._schemas.get(str(schema["$ref"]).removeprefix(REFERENCE), {})
        for combined in ("allOf", "anyOf", "oneOf"):
            if combined in schema:
                return self._sample(schema[combined][0], depth)
        for given in ("example", "default"):
            if given in schema:
                return schema[given]
        if schema.get("enum"):
            return schema["enum"][0]
        types = schema.get("type", "object")
        type_ = types if isinstance(types, str) else types[0]
        if type_ == "array":
            return (
                [self._sample(schema["items"], depth + 1)] if schema.get("items") and depth < MAX_SAMPLE_DEPTH else []
            )
        if type_ == "object" and depth < MAX_SAMPLE_DEPTH:
            properties = schema.get("properties", {})
            return {
                name: self._sample(properties[name], depth + 1)
                for name in properties
                if name in schema.get("required", ())
            }
        if type_ in ("integer", "number") and "minimum" in schema:
            return schema["minimum"]
        return DATE_SAMPLES.get(schema.get("format", ""), SAMPLES.get(type_))


def _nullable(word: str, types: list[Any]) -> str:
    return f"{word} or null" if "null" in types else word


def _rules(schema: Node) -> list[str]:
    rules = [f"{words} {_plain(schema[keyword])}" for keyword, words in RULES.items() if keyword in schema]
    if "enum" in schema:
        rules.append("one of " + ", ".join(_plain(value) for value in schema["enum"] if value is not None))
    if "example" in schema:
        rules.append(f"example {_plain(schema['example'])}")
    return rules


def _plain(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
