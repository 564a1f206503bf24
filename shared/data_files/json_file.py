"""Strict JSON: UTF-8, no repeated members, no NaN, not too large; each refusal is one line, Vietnamese and English.

UTF-16 and UTF-32 are read too where a byte-order mark says so: some editors on Windows write them as "Unicode".

Every text is cleaned as in forms (:mod:`shared.text`). One that cannot be printed is left as it is: the reader names its place.
"""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any, NoReturn

from shared.data_files.faults import DataError, Fault
from shared.text import clean_line, has_unprintable

MAX_BYTES = 20_000_000

_TOO_DEEP = "JSON lồng nhau quá sâu (nested too deeply)"

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_json(path: Path) -> Any:
    """Return the parsed content of a JSON file, as :func:`parse_json` reads it.

    Raises:
        DataError: with one fault.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(f"không đọc được tệp (cannot read the file): {error.strerror or error}")
    return parse_json(content)


def parse_json(content: bytes) -> Any:
    """Return the parsed content of a file, as uploaded; errors as for :func:`read_json`."""
    if len(content) > MAX_BYTES:
        _refuse(f"tệp lớn hơn {MAX_BYTES // 1_000_000} MB (the file is larger than {MAX_BYTES // 1_000_000} MB)")
    text = decode_text(content)
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(f"JSON sai (not JSON): dòng (line) {error.lineno}, cột (column) {error.colno}: {error.msg}")
    except RecursionError:
        _refuse(_TOO_DEEP)
    except ValueError as error:
        _refuse(f"JSON sai (not JSON): {error}")
    return clean_data(data)


def clean_data(data: Any) -> Any:
    """Return parsed JSON with each text as one clean line; names of members, and texts that cannot be printed, are left as they are.

    Raises:
        DataError: it is nested too deeply.
    """
    try:
        return _clean(data)
    except RecursionError:
        _refuse(_TOO_DEEP)


def _clean(data: Any) -> Any:
    if isinstance(data, str):
        return data if has_unprintable(data) else clean_line(data)
    if isinstance(data, dict):
        return {name: _clean(member) for name, member in data.items()}
    if isinstance(data, list):
        return [_clean(entry) for entry in data]
    return data


def decode_text(content: bytes) -> str:
    """Return the text of a file: UTF-8 with or without a byte-order mark, or UTF-16 or UTF-32 with one.

    Raises:
        DataError: with one fault, which names the line.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8-sig")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(
            f"không phải chữ {name}; hãy lưu lại tệp dạng UTF-8 (not {name} text; save the file as UTF-8): "
            f"dòng (line) {line}, byte {error.start}"
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"mục {ascii(twice)[:60]} có hai lần trong một đối tượng (a member stands twice in an object)")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} không phải là số (is not a number)")


def _refuse(message: str) -> NoReturn:
    raise DataError([Fault("", message)])
