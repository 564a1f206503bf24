"""Whether data plainly keeps a schema: a short cut for what is nearly always right, made from the schema itself.

Loading a schema builds everything anew and can explain each fault; that costs as much as all the rules of a filing. What says events is
our own code with Python's own types, so a look at the types and the schema's own validators is enough to let them pass. Whatever
does not pass is left to the schema, which has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields

Check = Callable[[Any], bool]

_MINUTE = timedelta(minutes=1)


def _is_moment(value: Any) -> bool:
    offset = value.utcoffset() if type(value) is datetime else None
    return offset is not None and not offset % _MINUTE


_TYPES: dict[type[fields.Field[Any]], Check] = {
    fields.String: lambda value: type(value) is str,
    fields.Integer: lambda value: type(value) is int,
    fields.Boolean: lambda value: type(value) is bool,
    fields.AwareDateTime: _is_moment,
}


def make_fast_validator(schema: Schema) -> Callable[[Mapping[str, Any]], bool]:
    """What tells of data in Python's types whether it plainly keeps a schema.

    Args:
        schema: of an event. Fields of other kinds than texts, whole numbers, truths, times and lists of these are never plain.

    Returns:
        True: loading the data's JSON form would accept it. False: it would refuse it, or has to be asked.
    """
    checks = [(name, field.required, field.allow_none, _check(field)) for name, field in schema.fields.items()]
    if any(check is None for *_, check in checks) or any(schema._hooks.values()):
        return lambda data: False
    known = [(name, required, nullable, check) for name, required, nullable, check in checks if check is not None]

    def keeps(data: Mapping[str, Any]) -> bool:
        for name, required, nullable, check in known:
            if name not in data:
                if required:
                    return False
            elif (value := data[name]) is None:
                if not nullable:
                    return False
            elif not check(value):
                return False
        return True

    return keeps


def _check(field: fields.Field[Any]) -> Check | None:
    if field.dump_only or field.data_key is not None:
        return None
    if type(field) is fields.List:
        inner = _check(field.inner)
        is_type: Check | None = None if inner is None or field.inner.allow_none else _all(inner)
    else:
        is_type = _TYPES.get(type(field))
    if is_type is None or not field.validators:
        return is_type
    return _with_validators(is_type, field.validators)


def _all(inner: Check) -> Check:
    return lambda value: type(value) is list and all(map(inner, value))


def _with_validators(is_type: Check, validators: list[Callable[[Any], Any]]) -> Check:
    def check(value: Any) -> bool:
        if not is_type(value):
            return False
        try:
            for validator in validators:
                validator(value)
        except ValidationError:
            return False
        return True

    return check
