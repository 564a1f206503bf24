"""Records that events bring, each once: what was recorded first stays, and what contradicts it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from services.stats.facts.rows import Row
from shared.messaging.records import require_same


def once(table: Table, row: Row, given: Mapping[str, Any], told: str, same: Sequence[str] | None = None) -> Row:
    """The row of a record after an event.

    Args:
        table: of the record.
        row: as it is.
        given: column → value, as the event says.
        told: a column that is never empty in a record that is known.
        same: the columns in which the event must agree with what is known; all those of `given` by default.

    Raises:
        Conflict: it does not.
    """
    if row[told] is None:
        return {**row, **given}
    record = " ".join([table.name, *(str(row[column.name]) for column in table.primary_key)])
    require_same(record, row, {name: given[name] for name in (given if same is None else same)})
    return row


def columns_of(table: Table, data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a table that an event's fields of the same names fill."""
    return {str(column.name): data[column.name] for column in table.columns if column.name in data}
