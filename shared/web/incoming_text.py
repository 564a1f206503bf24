"""Every text of a request, cleaned before a view sees it: JSON bodies, forms and query strings alike (:mod:`shared.text`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.http import parse_options_header

from shared.text import UnprintableText, clean_text, is_clean
from shared.web.problem import FieldError, Problem

MAX_DEPTH = 32
"""Objects and lists within each other; the deepest body of the platform, a procedure's definition, needs 8."""
MAX_ERRORS = 20
_KEY = re.compile(rb'"[ \t\r\n]*:')


def require_utf8(content_type: str) -> None:
    """Checks that a body is declared as UTF-8, or not at all, which means the same.

    Raises:
        Problem: 415, it is declared in another character set.
    """
    if "charset" not in content_type.lower():
        return
    charset = parse_options_header(content_type)[1].get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Problem(
            415, "unsupported-media-type", detail="Cần bảng mã UTF-8.", detail_en="The body must be in UTF-8."
        )


def clean_json(value: Any, raw: bytes) -> Any:
    """A JSON body with all its texts cleaned.

    Args:
        value: the body as parsed.
        raw: the same as received, to find keys that came twice: parsers silently keep one of the two values.

    Raises:
        Problem: 400, it is nested too deep or a key comes twice; 422, a text cannot be printed.
    """
    if _nothing_to_clean(raw):
        cleaned, keys = value, _count_keys(value, 0)
    else:
        cleaner = _Cleaner()
        cleaned, keys = cleaner.clean(value, "", 0), cleaner.keys
        if cleaner.errors:
            raise Problem(422, "invalid", errors=cleaner.errors)
    # Each key is followed by a colon. More of these than keys: a key came twice, or a text holds '":'.
    if len(_KEY.findall(raw)) != keys:
        json.loads(raw, object_pairs_hook=_refuse_duplicates)
    return cleaned


def _nothing_to_clean(raw: bytes) -> bool:
    """Whether no text of a JSON body needs cleaning, by one look at the whole: the usual case, and faster than one at each text."""
    try:
        return b"\\" not in raw and is_clean(raw.translate(None, b"\t\n\r").decode())  # white space between the values
    except UnicodeDecodeError:
        return False


def _count_keys(value: Any, depth: int) -> int:
    """How many keys all objects of a JSON body have together; refuses what is nested too deep."""
    inner: Iterable[Any]
    if type(value) is dict:
        keys, inner = len(value), value.values()
    elif type(value) is list:
        keys, inner = 0, value
    else:
        return 0
    if depth == MAX_DEPTH:
        raise _too_deep()
    for item in inner:
        if type(item) is dict or type(item) is list:
            keys += _count_keys(item, depth + 1)
    return keys


def _too_deep() -> Problem:
    return Problem(400, "malformed-json", detail=f"Lồng nhau quá {MAX_DEPTH} cấp.")


def clean_fields(pairs: Iterable[tuple[str, str]]) -> ImmutableMultiDict[str, str]:
    """The fields of a form or a query string with all their texts cleaned.

    Raises:
        Problem: 422, a text cannot be printed.
    """
    cleaner = _Cleaner()
    cleaned = [(name, cleaner.clean(value, name, 0)) for name, value in pairs]
    if cleaner.errors:
        raise Problem(422, "invalid", errors=cleaner.errors)
    return ImmutableMultiDict(cleaned)


class _Cleaner:
    """Cleans the texts of one request.

    Attributes:
        errors: the texts that cannot be printed, :data:`MAX_ERRORS` at most.
        keys: how many keys all objects have together.
    """

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.keys = 0

    def clean(self, value: Any, path: str, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return value if value.isascii() and value.isprintable() else self._text(value, path)
        if kind is not dict and kind is not list:
            return value
        if depth == MAX_DEPTH:
            raise _too_deep()
        prefix = f"{path}." if path else ""
        if kind is list:
            return [self.clean(item, f"{prefix}{place}", depth + 1) for place, item in enumerate(value)]
        self.keys += len(value)
        return {name: self.clean(item, f"{prefix}{name}", depth + 1) for name, item in value.items()}

    def _text(self, text: str, path: str) -> str:
        try:
            return clean_text(text)
        except UnprintableText:
            if len(self.errors) < MAX_ERRORS:
                message, english = "Có ký tự không in được.", "Holds characters that cannot be printed."
                self.errors.append({"field": path, "message": message, "message_en": english})
            return ""


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names):
        return
    doubled = next(name for place, name in enumerate(names) if name in names[:place])[:100]
    message = "Mục thông tin này xuất hiện hai lần."
    errors: list[FieldError] = [{"field": doubled, "message": message, "message_en": "This key comes twice."}]
    raise Problem(400, "malformed-json", errors=errors)
