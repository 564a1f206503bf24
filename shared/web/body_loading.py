"""Loads JSON bodies through their schemas, valid ones by a short cut.

Marshmallow collects all faults of a body, and the work for that is done for valid bodies too; for a filing it takes as long as the rules of
filing. Here a schema is turned into functions that accept what the schema accepts and give what the schema gives. At the first thing
that is unusual or wrong they give up, and the schema itself decides and names the faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, missing, validate

from shared.web.input_bounds import MAX_ITEMS, MAX_MEMBERS, check_field_size, check_sizes

Load = Callable[[Any], Any]
_PLAIN: dict[type[fields.Field[Any]], type] = {fields.String: str, fields.Boolean: bool, fields.Integer: int}
"""Fields that give a value of this very type as it is."""
_LOADING = ("load", "_do_load", "_deserialize", "handle_error")
"""What a schema must not change to take the short cut."""


class _Unusual(Exception):
    """The schema must decide."""


def body_loader(schema: Schema) -> Load:
    """A function that loads a body as ``schema.load`` does, within the bounds of :func:`shared.web.input_bounds.check_sizes`.

    The function raises marshmallow.ValidationError, with the messages of the schema, for a body that is not valid or too large.

    Args:
        schema: not changed afterwards.
    """
    compiled: list[Load | None] = []

    def load(body: Any) -> Any:
        if not compiled:  # at the first use: few schemas of a process are ever used
            compiled.append(_compile(schema))
        short_cut = compiled[0]
        if short_cut is not None:
            try:
                return short_cut(body)
            except (_Unusual, ValidationError):
                pass
        check_sizes(schema, body)
        return schema.load(body)

    return load


def _compile(schema: Schema) -> Load | None:
    """The short cut of one schema; None if it does more than load its fields one by one."""
    known = schema.load_fields
    changed = any(getattr(type(schema), name) is not getattr(Schema, name) for name in _LOADING)
    renamed = any(field.attribute is not None or field.data_key is not None for field in known.values())
    plain = schema.unknown in (RAISE, EXCLUDE) and schema.dict_class is dict and not schema.many and not schema.partial
    if (
        changed or renamed or not plain or any(schema._hooks.values())
    ):  # hooks: before and after loading, and of several fields
        return None
    members = [(name, _member(name, field), field.required, _default(field)) for name, field in known.items()]
    strict = schema.unknown == RAISE

    def load(body: Any) -> dict[str, Any]:
        if type(body) is not dict or len(body) > MAX_MEMBERS:
            raise _Unusual
        loaded: dict[str, Any] = {}
        found = 0
        for name, member, required, default in members:
            value = body.get(name, missing)
            if value is not missing:
                found += 1
                loaded[name] = member(value, body)
            elif required:
                raise _Unusual
            elif default is not None:
                loaded[name] = default()
        if strict and found < len(body):
            raise _Unusual
        return loaded

    return load


def _default(field: fields.Field[Any]) -> Callable[[], Any] | None:
    default: Any = field.load_default
    if default is missing:
        return None
    return default if callable(default) else lambda: default


def _member(name: str, field: fields.Field[Any]) -> Callable[[Any, Mapping[str, Any]], Any]:
    """What loads the value of one member; it also gets the whole object."""
    inner = _value(field)
    if inner is not None:
        return lambda value, body: inner(value)

    def load(value: Any, body: Mapping[str, Any]) -> Any:
        if isinstance(value, dict | list) and value:
            check_field_size(field, value)
        return field.deserialize(value, name, body)

    return load


def _value(field: fields.Field[Any]) -> Load | None:
    """What loads one value; None if only the field itself can."""
    kind = type(field)
    if field.pre_load or field.post_load:
        return None
    if isinstance(field, fields.Boolean) and not (True in field.truthy and False in field.falsy):
        return None
    if kind in _PLAIN:
        return _checked(field, _of_type(_PLAIN[kind]))
    if isinstance(field, fields.Nested) and kind is fields.Nested and field.unknown is None:
        return _checked(field, _nested(field))
    if isinstance(field, fields.List) and kind is fields.List:
        return _checked(field, _list(field))
    return None


def _checked(field: fields.Field[Any], convert: Load) -> Load:
    validators, nullable = tuple(field.validators), field.allow_none

    def load(value: Any) -> Any:
        if value is None:
            if nullable:
                return None
            raise _Unusual
        value = convert(value)
        for validator in validators:
            validator(value)
        return value

    return load


def _of_type(wanted: type) -> Load:
    def same(value: Any) -> Any:
        if type(value) is not wanted:
            raise _Unusual
        return value

    return same


def _nested(field: fields.Nested) -> Load:
    compiled: list[Load | None] = []

    def load(value: Any) -> Any:
        if not compiled:  # at the first use: a schema may contain itself
            compiled.append(_compile(field.schema))
        if compiled[0] is None:
            raise _Unusual
        return compiled[0](value)

    return load


def _list(field: fields.List[Any]) -> Load:
    inner = field.inner
    item = _value(inner)
    lengths = [one.max for one in field.validators if isinstance(one, validate.Length)] or [MAX_ITEMS]

    def load(value: Any) -> Any:
        if type(value) is not list or any(most is not None and len(value) > most for most in lengths):
            raise _Unusual
        if item is not None:
            return [item(one) for one in value]
        for one in value:
            if isinstance(one, dict | list) and one:
                check_field_size(inner, one)
        return [inner.deserialize(one) for one in value]

    return load
