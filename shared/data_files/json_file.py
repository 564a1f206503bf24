"""Strict JSON: UTF-8, no repeated members, no NaN, not too large; each refusal is one line, Vietnamese and English."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from shared.data_files.faults import DataError, Fault

MAX_BYTES = 20_000_000


def read_json(path: Path) -> Any:
    """Return the parsed content of a UTF-8 JSON file; a byte-order mark is allowed.

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
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"không phải chữ UTF-8 (not UTF-8 text): byte {error.start}")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(f"JSON sai (not JSON): dòng (line) {error.lineno}, cột (column) {error.colno}: {error.msg}")
    except RecursionError:
        _refuse("JSON lồng nhau quá sâu (nested too deeply)")
    except ValueError as error:
        _refuse(f"JSON sai (not JSON): {error}")


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
