"""Limits on what is sent, checked before anything is parsed or validated item by item, so that no request costs much.

Pages: 16 kB and 200 fields, unless a page states its own with :func:`accepts`. JSON: the lengths of lists and the numbers of members first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Request
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.exceptions import RequestEntityTooLarge

View = TypeVar("View", bound=Callable[..., Any])
PAGE_BYTES = 16 * 1024
PAGE_FIELDS = 200
MAX_ITEMS = 1000
"""Of a list whose field states no limit of its own."""
MAX_MEMBERS = 200
"""Of an object in a JSON body."""
_MARK = "__motcua_page_bytes__"
_UPLOADS = "__motcua_upload_bytes__"


def accepts(page_bytes: int) -> Callable[[View], View]:
    """Marks a page whose form holds longer texts.

    Args:
        page_bytes: the longest body that it accepts.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, page_bytes)
        return view

    return mark


def accepts_uploads(page_bytes: int) -> Callable[[View], View]:
    """Marks a page to which files are uploaded: its form may be longer than any other body.

    Args:
        page_bytes: the longest body that it accepts.
    """

    def mark(view: View) -> View:
        setattr(view, _UPLOADS, page_bytes)
        return view

    return mark


def limit_form(request: Request, view: Callable[..., Any]) -> None:
    """Refuses a page's form that is too long or has too many fields, before it is parsed.

    Args:
        request: the current one.
        view: the page that it is for.

    Raises:
        werkzeug.exceptions.RequestEntityTooLarge: it is too long, or has too many fields.
    """
    longest = min(getattr(view, _MARK, PAGE_BYTES), request.max_content_length or PAGE_BYTES)
    if request.mimetype == "multipart/form-data":
        longest = getattr(view, _UPLOADS, longest)
    request.max_content_length = longest
    if request.mimetype != "application/x-www-form-urlencoded":
        request.max_form_parts = PAGE_FIELDS
    elif request.get_data().count(b"&") >= PAGE_FIELDS:
        raise RequestEntityTooLarge


def check_sizes(schema: Schema, body: Any) -> None:
    """Checks lengths of lists and numbers of members, before the schema looks at each of them.

    Args:
        schema: that the body is going to be loaded with.
        body: as parsed from JSON.

    Raises:
        marshmallow.ValidationError: naming the field.
    """
    if not isinstance(body, dict):
        return
    if len(body) > MAX_MEMBERS:
        raise ValidationError(f"Không quá {MAX_MEMBERS} mục thông tin.")
    for name, value in body.items():
        if isinstance(value, dict | list) and value:
            known = schema.load_fields.get(name)
            try:
                check_field_size(known, value)
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from error


def check_field_size(field: fields.Field[Any] | None, value: Any) -> None:
    """Checks an object or a list that is the value of a field, as :func:`check_sizes` does.

    Args:
        field: None for an unknown one.
        value: as parsed from JSON.

    Raises:
        marshmallow.ValidationError: naming what is inside of the field.
    """
    if isinstance(field, fields.Nested):
        inner = field.schema
        for item in _bounded(field, value) if inner.many and isinstance(value, list) else (value,):
            check_sizes(inner, item)
    elif isinstance(field, fields.List) and isinstance(value, list):
        for place, item in enumerate(_bounded(field, value)):
            if isinstance(item, dict | list) and item:
                try:
                    check_field_size(field.inner, item)
                except ValidationError as error:
                    raise ValidationError({place: error.messages}) from error
    elif isinstance(value, dict | list) and len(value) > MAX_MEMBERS:
        raise ValidationError(f"Không quá {MAX_MEMBERS} mục thông tin.")


def _bounded(field: fields.Field[Any], value: list[Any]) -> list[Any]:
    lengths = [validator for validator in field.validators if isinstance(validator, validate.Length)]
    for length in lengths or [validate.Length(max=MAX_ITEMS)]:
        length(value)
    return value
