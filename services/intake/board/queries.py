"""What a board shows of a desk: the last calls, the counters, who is next, how long one waits, results that wait for their holders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from services.intake.board.domain import masked_code
from services.intake.dossiers.domain import State as DossierState
from services.intake.dossiers.store import dossiers
from services.intake.results.delivery import delivery_choices
from services.intake.tickets import queries as tickets
from services.intake.tickets.domain import Ticket
from services.intake.tickets.estimate import Estimate
from services.intake.tickets.groups import DeskServices, Group
from services.intake.tickets.states import CounterState, State

CALLS = 6
NEXT = 5
RESULTS = 10
RESULT_AGE = timedelta(days=7)
"""Results that have waited longer are no news."""

_RESULTS = (
    select(dossiers.c.code)
    .outerjoin(delivery_choices, delivery_choices.c.dossier == dossiers.c.code)
    .where(
        dossiers.c.receiving_agency == bindparam("desk"),
        dossiers.c.state == DossierState.RESOLVED,
        dossiers.c.resolved_at >= bindparam("since"),
        delivery_choices.c.by_post.is_not(True),
    )
    .order_by(dossiers.c.resolved_at.desc(), dossiers.c.code)
    .limit(RESULTS)
)


@dataclass(frozen=True, slots=True)
class Call:
    """A number that was called to a counter.

    Attributes:
        key: of this call; calling again has another.
        number: as visitors see it.
        counter: its number.
        at: when, the last time.
        present: whether its holder has not yet come, so that the call still stands.
    """

    key: str
    number: str
    counter: int
    at: datetime
    present: bool


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A counter: its number, what it does (``open``, ``break``, ``closed``), and whose number is there; empty for nobody's."""

    number: int
    state: str
    ticket: str
    called: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A service group: how many wait, who are next, and how long somebody who comes now will probably wait; None if unknown."""

    group: Group
    waiting: int
    next: tuple[str, ...]
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class BoardView:
    """All that a board shows of a desk's visitors."""

    calls: Sequence[Call]
    counters: Sequence[CounterRow]
    groups: Sequence[GroupRow]


def board_view(connection: Connection, services: DeskServices, now: datetime) -> BoardView:
    """What the board of a desk shows now."""
    waiting = tickets.waiting(connection, services.desk, now)
    estimates = tickets.wait_estimates(connection, services, now)
    calls = tickets.recent_calls(connection, services.desk, now, CALLS)
    counters = tickets.counters(connection, services, now)
    return BoardView(
        calls=[_call(one) for one in calls if one.counter is not None],
        counters=[
            CounterRow(
                one.number,
                str(one.state),
                one.ticket.shown if one.ticket else "",
                bool(one.ticket and one.ticket.state is State.CALLED),
            )
            for one in counters
            if one.state is not CounterState.CLOSED or one.ticket
        ],
        groups=[
            _group(one, [t for t in waiting if t.group == one.code], estimates[one.code]) for one in services.groups
        ],
    )


def ready_results(connection: Connection, desk: str, now: datetime) -> list[str]:
    """Masked codes of dossiers whose results wait at the desk, the newest first; not those that go by post."""
    found = connection.execute(_RESULTS, {"desk": desk, "since": now - RESULT_AGE}).scalars()
    return [masked_code(code) for code in found]


def _call(ticket: Ticket) -> Call:
    assert ticket.counter is not None
    assert ticket.called_at is not None
    key = f"{ticket.day:%Y%m%d}.{ticket.shown}.{ticket.leg}.{ticket.calls}"
    at = ticket.recalled_at or ticket.called_at
    return Call(key, ticket.shown, ticket.counter, at, ticket.state is State.CALLED)


def _group(group: Group, waiting: Sequence[Ticket], estimate: Estimate | None) -> GroupRow:
    return GroupRow(group, len(waiting), tuple(one.shown for one in waiting[:NEXT]), estimate)
