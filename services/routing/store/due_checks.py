"""Rows whose `next_check_at` has passed, for the sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, select, tuple_

from services.routing.store.tables import dossiers, tasks


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A row to check; a sweep visits rows in the order (next_check_at, key)."""

    next_check_at: datetime
    key: str


Pages = Callable[[Connection, datetime, DueCheck | None, int], list[DueCheck]]
"""One page of rows to check by a moment, after the last row of the page before, in the order of `next_check_at`."""


def _pages(table: Table, key: Column[str]) -> Pages:
    next_check_at = table.c.next_check_at

    def page(connection: Connection, now: datetime, after: DueCheck | None, limit: int) -> list[DueCheck]:
        statement = select(next_check_at, key).where(next_check_at <= now, next_check_at.is_not(None))
        if after is not None:
            statement = statement.where(tuple_(next_check_at, key) > (after.next_check_at, after.key))
        return [DueCheck(*row) for row in connection.execute(statement.order_by(next_check_at, key).limit(limit))]

    return page


dossiers_due_for_check = _pages(dossiers, dossiers.c.code)
tasks_due_for_check = _pages(tasks, tasks.c.id)
