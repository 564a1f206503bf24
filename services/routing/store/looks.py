"""What a sweep must look at: rows that have written down when something may happen to them by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, select, tuple_

from services.routing.store.tables import dossiers, tasks


@dataclass(frozen=True, slots=True)
class Look:
    """Something that a sweep must look at; its place in the order of the sweep is (look_at, key)."""

    look_at: datetime
    key: str


Pages = Callable[[Connection, datetime, Look | None, int], list[Look]]
"""One page of what must be looked at by a moment, after the last one of the page before, in the order of their times."""


def _pages(table: Table, key: Column[str]) -> Pages:
    look_at = table.c.look_at

    def page(connection: Connection, now: datetime, after: Look | None, most: int) -> list[Look]:
        statement = select(look_at, key).where(look_at <= now, look_at.is_not(None))
        if after is not None:
            statement = statement.where(tuple_(look_at, key) > (after.look_at, after.key))
        return [Look(*row) for row in connection.execute(statement.order_by(look_at, key).limit(most))]

    return page


dossiers_to_look_at = _pages(dossiers, dossiers.c.code)
tasks_to_look_at = _pages(tasks, tasks.c.id)
