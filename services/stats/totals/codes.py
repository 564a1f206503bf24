"""The numbers of codes in the cells of totals: of agencies, fields, procedures, channels, kinds and parts.

Cells are many and their keys are codes, so a cell keeps the number of each code. Numbers are given once and stay; a rebuild uses the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from sqlalchemy import Column, Connection, Integer, String, Table

from services.stats.database import metadata


def code(length: int) -> String:
    """A code: compared byte by byte, which is several times faster than by the rules of a language."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


codes = Table(
    "total_code",
    metadata,
    Column("id", Integer, primary_key=True),  # from 1
    Column("code", code(200), nullable=False, unique=True),  # "" for what is not known
)


def numbers_of(connection: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """Code → its number; codes that are new get one.

    Args:
        connection: in the transaction that writes the cells.
        wanted: codes.
    """
    left = set(wanted)
    found = _known(connection, left)
    left -= found.keys()
    if left:
        connection.exec_driver_sql(_ADD[connection.dialect.name], (_json(left),))
        found |= _known(connection, left)
    return found


def _known(connection: Connection, wanted: set[str]) -> dict[str, int]:
    rows = connection.exec_driver_sql(_READ[connection.dialect.name], (_json(wanted),))
    return {row[0]: row[1] for row in rows}


def _json(wanted: set[str]) -> str:
    return orjson.dumps(sorted(wanted)).decode()


_GIVEN = {"postgresql": "SELECT value FROM json_array_elements_text(%s)", "sqlite": "SELECT value FROM json_each(?)"}
_READ = {name: f"SELECT code, id FROM total_code WHERE code IN ({given})" for name, given in _GIVEN.items()}
_ADD = {
    name: f"INSERT INTO total_code (code) {given} WHERE true ORDER BY value ON CONFLICT DO NOTHING"
    for name, given in _GIVEN.items()
}
