"""What is read of tickets: visitors of desks in a period, by desk and service group, with median and 90th percentile of their times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, exists, func, select

from services.stats.facts.store import tickets
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope
from services.stats.totals.reading import Reader, Where
from services.stats.totals.tables import BOUNDS, LONGER, TICKET_COUNTS, TICKETS

_T = tickets.c
Histogram = Mapping[int, int]
"""Upper bound of a bucket in seconds → how many times fell in it."""


@dataclass(frozen=True, slots=True)
class TicketTotals:
    """Visitors of a desk and service group, or of several together.

    Attributes:
        issued: who took a number; who was transferred counts once, where they took it.
        called, served, missed, cancelled: what became of the numbers.
        waits, services: seconds until the call and at the counter.
    """

    issued: int
    called: int
    served: int
    missed: int
    cancelled: int
    waits: Histogram
    services: Histogram


def quantile(histogram: Histogram, share: float) -> int | None:
    """The time below which a share of all lies, in whole seconds: linear within its bucket; None without any.

    Above the last bound it is that bound: more is not known.

    Args:
        histogram: counts by bucket.
        share: 0.5 for the median.
    """
    total = sum(histogram.values())
    if total <= 0:
        return None
    rank, below = share * total, 0
    for bucket in sorted(histogram):
        number = histogram[bucket]
        if number > 0 and below + number >= rank:
            if bucket == LONGER:
                return BOUNDS[-1]
            lower = max((bound for bound in (0, *BOUNDS) if bound < bucket), default=0)
            return round(lower + (bucket - lower) * (rank - below) / number)
        below += number
    return BOUNDS[-1]


def numbers_of(totals: TicketTotals) -> dict[str, int | None]:
    """The counts, and the median and 90th percentile of the times in seconds, as the API and the board show them."""
    return {name: getattr(totals, name) for name in TICKET_COUNTS} | {
        "wait_median": quantile(totals.waits, 0.5),
        "wait_p90": quantile(totals.waits, 0.9),
        "service_median": quantile(totals.services, 0.5),
        "service_p90": quantile(totals.services, 0.9),
    }


def totals_by_group(
    connection: Connection, period: Period, desks: Collection[str] | None, group: str = ""
) -> dict[tuple[str, str], TicketTotals]:
    """The visitors of a period by desk and group; one small read, since totals are kept.

    Args:
        connection: any.
        period: local days.
        desks: only of these; None for all.
        group: only of this one; empty for all.
    """
    reader = Reader(connection, Where({}, None if desks is None else frozenset(desks)))
    asked = [(0, *period.days)]
    kinds = {"service_group": group} if group else None
    found = reader.sums(TICKETS, asked, TICKETS.values, ("agency", "service_group"), kinds=kinds)
    return {(one.by[0], one.by[1]): _totals(one.numbers) for one in found if any(one.numbers.values())}


def read_tickets(reader: Reader, scope: Scope) -> TicketTotals:
    """The visitors of a scope together; none if it has a filter other than by the desk."""
    asked = [(0, *scope.period.days)]
    for one in reader.sums(TICKETS, asked, TICKETS.values):
        return _totals(one.numbers)
    return _totals({})


def together(totals: Iterable[TicketTotals]) -> TicketTotals:
    """The sum of several."""
    counts, waits, services = Counter[str](), Counter[int](), Counter[int]()
    for one in totals:
        counts.update({name: getattr(one, name) for name in TICKET_COUNTS})
        waits.update(one.waits)
        services.update(one.services)
    return TicketTotals(**{name: counts[name] for name in TICKET_COUNTS}, waits=waits, services=services)


def waiting_now(connection: Connection, desk: str, day: date) -> int:
    """Who have a number of a day and were not yet called. Appointments are not among them: stats do not learn who is here."""
    later = tickets.alias("later")
    gone = (_T.called_at, _T.served_at, _T.missed_at, _T.cancelled_at)
    transferred = exists().where(later.c.transferred_from == _T.ticket, later.c.day == day, later.c.desk == desk)
    waits = and_(_T.issued_at.is_not(None), _T.appointment.is_(False), *(column.is_(None) for column in gone))
    number = select(func.count()).where(_T.day == day, _T.desk == desk, waits, ~transferred)
    return int(connection.execute(number).scalar_one())


def _totals(numbers: Mapping[str, int]) -> TicketTotals:
    def histogram(what: str) -> dict[int, int]:
        found = {bound: numbers.get(f"{what}_{bound}", 0) for bound in (*BOUNDS, LONGER)}
        return {bound: number for bound, number in found.items() if number}

    counts = {name: numbers.get(name, 0) for name in TICKET_COUNTS}
    return TicketTotals(**counts, waits=histogram("waited"), services=histogram("took"))
