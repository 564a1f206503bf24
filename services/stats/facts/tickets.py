"""The writers of facts about tickets: visitors of desks, how long they waited and were served. Their events may come in any order.

A visitor who missed the call may be called again, and intake, restored from a backup, may have it done again: the first call and the last
end count; who was served counts as served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Table, and_, case
from sqlalchemy.dialects import postgresql, sqlite

from services.stats.facts.store import tickets
from services.stats.facts.ticket_totals import add_difference
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

_C = tickets.c
_SAME = ("desk", "group", "day", "number", "channel", "priority")


def _upsert(moment: str, *beside: str, latest: bool = False) -> Mapping[str, Any]:
    """Writes a moment and what belongs to it: of several the first, or the latest. Writes nothing for another ticket of the same id."""

    def build(insert: Callable[[Table], Any]) -> Any:
        row = insert(tickets)
        known, given = _C[moment], row.excluded[moment]
        stays = known >= given if latest else known <= given  # a moment not yet known never stays
        changes = {name: case((stays, _C[name]), else_=row.excluded[name]) for name in (moment, *beside)}
        alike = and_(*(_C[name] == row.excluded[name] for name in _SAME))
        changed = row.on_conflict_do_update(index_elements=[_C.ticket], set_=changes, where=alike)
        return changed.returning(tickets)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _known(insert: Callable[[Table], Any]) -> Any:
    """The ticket's row as it is, locked until the transaction ends; an empty one is made for a ticket not yet known."""
    row = insert(tickets)
    same = row.on_conflict_do_update(index_elements=[_C.ticket], set_={"ticket": row.excluded.ticket})
    return same.returning(tickets)


_KNOWN: Mapping[str, Any] = {"sqlite": _known(sqlite.insert), "postgresql": _known(postgresql.insert)}

_ISSUED = _upsert("issued_at", "appointment", "transferred_from")
_CALLED = _upsert("called_at", "called_to", "waited")
_SERVED = _upsert("served_at", "counter", "served", latest=True)
_MISSED = _upsert("missed_at", "missed_cause", latest=True)
_CANCELLED = _upsert("cancelled_at", "cancel_cause", latest=True)


def record_ticket_issued(event: Event, work: UnitOfWork) -> None:
    """A visitor took a number, or was transferred with it.

    Raises:
        Conflict: another ticket of this id is known.
    """
    names = ("issued_at", "appointment", "transferred_from")
    _write(event, work, _ISSUED, {name: event.data[name] for name in names})


def record_ticket_called(event: Event, work: UnitOfWork) -> None:
    """A visitor was called; errors as for :func:`record_ticket_issued`."""
    data = event.data
    _write(
        event, work, _CALLED, {"called_at": data["called_at"], "called_to": data["counter"], "waited": data["waited"]}
    )


def record_ticket_served(event: Event, work: UnitOfWork) -> None:
    """A visitor was served; errors as for :func:`record_ticket_issued`."""
    _write(event, work, _SERVED, {name: event.data[name] for name in ("served_at", "counter", "served")})


def record_ticket_missed(event: Event, work: UnitOfWork) -> None:
    """A visitor did not come; errors as for :func:`record_ticket_issued`."""
    _write(event, work, _MISSED, {"missed_at": event.data["missed_at"], "missed_cause": event.data["cause"]})


def record_ticket_cancelled(event: Event, work: UnitOfWork) -> None:
    """A ticket was cancelled; errors as for :func:`record_ticket_issued`."""
    row = {"cancelled_at": event.data["cancelled_at"], "cancel_cause": event.data["cause"]}
    _write(event, work, _CANCELLED, row)


def _write(event: Event, work: UnitOfWork, statement: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    data, connection = event.data, work.connection
    row = {name: data[name] for name in ("ticket", *_SAME)} | {"day": date.fromisoformat(data["day"])}
    before = connection.execute(_KNOWN[connection.dialect.name], row).one()
    after = connection.execute(statement[connection.dialect.name], row | dict(values)).first()
    if after is None:
        raise Conflict(f"ticket {data['ticket']} is known with other contents")
    add_difference(connection, before, after)
