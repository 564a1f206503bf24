"""A fast validity check of event data, and a fast way to read it from JSON, compiled from the event's schema.

Loading a schema copies the data and explains each fault; that costs as much as all the rules of filing a dossier, and half of what a
worker needs to apply an event. Our own code fills events with Python's own types, so checking these types and running the schema's
validators accepts nearly every event. What the check rejects goes through the schema, which decides.

Only str, int, bool, aware datetime and lists of these take the fast path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

Check = Callable[[Any], bool]
Read = Callable[[Any], Any]
"""Returns a field's value in Python's types, or `_REJECTED`."""

_MINUTE = timedelta(minutes=1)
_MISSING = object()
_REJECTED = object()


def _is_aware_datetime(value: Any) -> bool:
    offset = value.utcoffset() if type(value) is datetime else None
    return offset is not None and not offset % _MINUTE  # the schema reads no seconds in an offset


_TYPE_CHECKS: dict[type[fields.Field[Any]], Check] = {
    fields.String: lambda value: type(value) is str,
    fields.Integer: lambda value: type(value) is int,
    fields.Boolean: lambda value: type(value) is bool,
    fields.AwareDateTime: _is_aware_datetime,
}


def compile_fast_validator(schema: Schema) -> Callable[[Mapping[str, Any]], bool]:
    """Return a function that checks data in Python's types.

    It returns True only if the schema would load the data's JSON form; False means that the schema must be asked.
    """
    checks: list[tuple[str, bool, bool, Check]] = []
    for name, field in schema.fields.items():
        check = _compile(field)
        if check is None or any(schema._hooks.values()):
            return lambda data: False
        checks.append((name, field.required, field.allow_none, check))

    def is_valid(data: Mapping[str, Any]) -> bool:
        for name, required, nullable, check in checks:
            value = data.get(name, _MISSING)
            if value is _MISSING:
                if required:
                    return False
            elif value is None:
                if not nullable:
                    return False
            elif not check(value):
                return False
        return True

    return is_valid


def compile_fast_reader(schema: Schema) -> Callable[[Mapping[str, Any]], dict[str, Any] | None]:
    """Return a function that reads data from its JSON form.

    It returns what the schema would load, or None; None means that the schema must be asked.
    """
    readers: list[tuple[str, fields.Field[Any], bool, Read]] = []
    for name, field in schema.fields.items():
        read_field = _compile_reader(field)
        if read_field is None or any(schema._hooks.values()) or schema.unknown != EXCLUDE:
            return lambda data: None
        readers.append((name, field, field.allow_none, read_field))

    def read(data: Mapping[str, Any]) -> dict[str, Any] | None:
        loaded: dict[str, Any] = {}
        for name, field, nullable, read_field in readers:
            value = data.get(name, _MISSING)
            if value is _MISSING:
                if field.required:
                    return None
                default = field.load_default
                if default is not missing:
                    loaded[name] = default() if callable(default) else default
                continue
            if value is None:
                if not nullable:
                    return None
            elif (value := read_field(value)) is _REJECTED:
                return None
            loaded[name] = value
        return loaded

    return read


def _compile_reader(field: fields.Field[Any]) -> Read | None:
    """Return the reader of one field; None if it cannot take the fast path."""
    check = _compile(field)
    if check is None or field.attribute is not None:
        return None
    if type(field) is fields.AwareDateTime:
        return _read_time if field.format == "iso" and not field.validators else None
    if type(field) is fields.List:
        return lambda value: value.copy() if check(value) else _REJECTED
    return lambda value: value if check(value) else _REJECTED


def _read_time(value: Any) -> Any:
    """Only the form in which we write a moment, of which there is one meaning."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return _REJECTED
    return moment if _is_aware_datetime(moment) and moment.isoformat() == value else _REJECTED


def _compile(field: fields.Field[Any]) -> Check | None:
    """Return the check of one field; None if it cannot take the fast path."""
    if field.dump_only or field.data_key is not None:
        return None
    has_type = _list_check(field) if type(field) is fields.List else _TYPE_CHECKS.get(type(field))
    validators = field.validators
    if has_type is None or not validators:
        return has_type

    def check(value: Any) -> bool:
        if not has_type(value):
            return False
        try:
            for validator in validators:
                validator(value)
        except ValidationError:
            return False
        return True

    return check


def _list_check(field: fields.List[Any]) -> Check | None:
    check = None if field.inner.allow_none else _compile(field.inner)
    return None if check is None else lambda value: type(value) is list and all(map(check, value))
