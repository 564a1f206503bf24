"""Records that events bring, each once: the same again is a duplicate, other contents under a known key contradict what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.messaging.errors import Conflict


def require_same(record: str, known: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Checks that an event says the same of a record as is known.

    Leave out what may change in good faith, such as the time at which work was done again after a restored backup.

    Args:
        record: which, for people, without personal data.
        known: field → value as it is known.
        given: field → value as the event says; all its fields are compared.

    Raises:
        Conflict: something differs. The error names the fields, not their values, which may be personal data.
    """
    differing = [name for name, value in given.items() if known[name] != value]
    if differing:
        raise Conflict(f"{record} is known with another {', '.join(differing)}")


def add_once(
    connection: Connection, table: Table, values: Mapping[str, Any], same: Sequence[str] | None = None
) -> bool:
    """Writes a row, unless its primary key is known with the same contents.

    Args:
        connection: inside a transaction.
        table: into which.
        values: column → value, among them the primary key.
        same: the columns that are compared; all those of `values` by default.

    Returns:
        whether it is new.

    Raises:
        Conflict: the key is known with other contents; nothing was written.
    """
    if connection.execute(_add(table, connection.dialect.name), values).first() is not None:
        return True
    keys = {f"of_{column.name}": values[column.name] for column in table.primary_key}
    known = connection.execute(_find(table), keys).mappings().one()
    record = " ".join([table.name, *(str(value) for value in keys.values())])
    require_same(record, dict(known), {name: values[name] for name in (values if same is None else same)})
    return False


# Built once for each table: building a statement takes ten times as long as running it.
@cache
def _add(table: Table, dialect: str) -> Any:
    row = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return row.on_conflict_do_nothing(index_elements=list(table.primary_key)).returning(*table.primary_key)


@cache
def _find(table: Table) -> Select[Any]:
    return select(table).where(*(column == bindparam(f"of_{column.name}") for column in table.primary_key))
