"""Comparing JSON data with a JSON Schema: one line for each difference, Vietnamese or English, with its path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from shared.data_files.faults import printable
from shared.text import has_unprintable

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Language = Literal["vi", "en"]
JsonPath = tuple[str | int, ...]
"""The member names and list indexes that lead to a value."""
Finding = tuple[JsonPath, str]
"""Where something is wrong, and what."""

_PLAIN_KEY = re.compile(r"\w[\w-]*")
_UNPRINTABLE = {"vi": "có ký tự không in được", "en": "holds characters that cannot be printed"}
_TYPES = {
    "object": {"vi": "một đối tượng {…}", "en": "an object"},
    "array": {"vi": "một danh sách […]", "en": "a list"},
    "string": {"vi": "chữ", "en": "text"},
    "integer": {"vi": "số nguyên", "en": "a whole number"},
    "number": {"vi": "số", "en": "a number"},
    "boolean": {"vi": "true hoặc false", "en": "true or false"},
}
_WORDS: dict[str, dict[Language, str]] = {
    "required": {"vi": "thiếu {missing}", "en": "lacks {missing}"},
    "additionalProperties": {"vi": "có mục lạ {extra}", "en": "has unknown members {extra}"},
    "type": {"vi": "phải là {type}, không phải {given}", "en": "must be {type}, not {given}"},
    "pattern": {"vi": "phải là {description}, không phải {given}", "en": "must be {description}, not {given}"},
    "enum": {"vi": "phải là một trong {limit}, không phải {given}", "en": "must be one of {limit}, not {given}"},
    "const": {"vi": "phải là {limit}, không phải {given}", "en": "must be {limit}, not {given}"},
    "minimum": {"vi": "phải từ {limit} trở lên, không phải {given}", "en": "must be {limit} or more, not {given}"},
    "maximum": {"vi": "phải từ {limit} trở xuống, không phải {given}", "en": "must be {limit} or less, not {given}"},
    "minItems": {"vi": "phải có ít nhất {limit} mục", "en": "must have at least {limit} entries"},
    "maxItems": {"vi": "chỉ được có tối đa {limit} mục", "en": "must have at most {limit} entries"},
    "uniqueItems": {"vi": "có mục bị lặp lại", "en": "has an entry twice"},
    "minProperties": {"vi": "phải có ít nhất {limit} mục", "en": "must have at least {limit} members"},
    "maxProperties": {"vi": "chỉ được có tối đa {limit} mục", "en": "must have at most {limit} members"},
    "maxLength": {"vi": "dài quá {limit} ký tự", "en": "is longer than {limit} characters"},
}


@cache
def _validator(schema: Path) -> Draft202012Validator:
    # Imported lazily: processes that only serve requests check no files and need not load jsonschema.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def schema_faults(data: Any, schema: Path, language: Language) -> Iterator[Finding]:
    """Yield path and message of each difference between parsed JSON and a schema, in the order of the data.

    Args:
        data: as ``json.loads`` returns it.
        schema: the file with the JSON Schema; the description of a pattern serves as its error message.
        language: of the messages.
    """
    found: dict[Finding, None] = {}
    for error in _validator(schema).iter_errors(data):
        found[tuple(error.absolute_path), _message(error, language)] = None
    for path in _unprintable_places(data):
        found[path, _UNPRINTABLE[language]] = None
    yield from sorted(found, key=lambda item: [(isinstance(part, str), part) for part in item[0]])


def position(path: Iterable[str | int]) -> str:
    """Write a path as ``procedures[3].routes.default``; a key that is no plain word is quoted in brackets."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{_short(part)}]"
    return text


def _message(error: ValidationError, language: Language) -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    keyword, limit, given = str(error.validator), error.validator_value, error.instance
    details = {
        "limit": ", ".join(map(_short, limit)) if isinstance(limit, list) else _short(limit),
        "given": _short(given),
        "description": schema.get("description", ""),
        "type": _kinds(limit, language),
        "missing": "",
        "extra": "",
    }
    if isinstance(given, dict):
        known = schema.get("properties", {})
        details["missing"] = ", ".join(_short(key) for key in schema.get("required", ()) if key not in given)
        details["extra"] = ", ".join(_short(key) for key in given if key not in known)
    words = _WORDS.get(keyword)
    return words[language].format(**details) if words else error.message


def _kinds(types: Any, language: Language) -> str:
    names = [_TYPES.get(str(name), {}).get(language, "") for name in (types if isinstance(types, list) else [types])]
    return {"vi": " hoặc ", "en": " or "}[language].join(names)


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= 60 else text[:57] + "…"
    return printable(text)


def _unprintable_places(data: Any) -> Iterator[JsonPath]:
    waiting: list[tuple[JsonPath, Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and has_unprintable(value):
            yield path
        elif isinstance(value, dict):
            if any(has_unprintable(key) for key in value):
                yield path
            waiting.extend(((*path, key), member) for key, member in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), member) for index, member in enumerate(value))
