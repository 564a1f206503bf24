"""JSON by orjson; every time has a UTC offset."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
from flask import Request, Response
from flask.json.provider import JSONProvider

from shared.web.incoming_text import clean_json, require_utf8
from shared.web.problem import Problem

OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


def dumps(value: Any) -> bytes:
    """Writes JSON.

    Raises:
        TypeError: a value has no JSON form. Naive times have none: a reader would take them as UTC, seven hours off.
    """
    return orjson.dumps(value, _to_json, OPTIONS)


def _to_json(value: Any) -> str:
    if isinstance(value, datetime | time) and value.tzinfo is None:
        raise TypeError("a time without an offset has no JSON form here")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def read_json(request: Request) -> Any:
    """The request's body, its texts cleaned.

    Raises:
        Problem: 415 when it is not declared as JSON in UTF-8, 400 when it is not JSON or a key comes twice, 422 when a text cannot be
            printed.
        werkzeug.exceptions.RequestEntityTooLarge: it is longer than the app's limit.
    """
    if not request.is_json:
        raise Problem(
            415, "unsupported-media-type", detail="Cần application/json.", detail_en="application/json is needed."
        )
    require_utf8(request.content_type or "")
    raw = request.get_data()
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "malformed-json", line=error.lineno, column=error.colno) from error
    return clean_json(value, raw)


class OrjsonProvider(JSONProvider):
    """Makes Flask's own JSON the same."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Text of a value; see :func:`dumps`."""
        return dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a text."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """An answer with a JSON body."""
        return Response(dumps(self._prepare_response_obj(args, kwargs)), content_type="application/json")
