"""What is read of tickets: visitors of desks in a period, by desk and service group, with median and 90th percentile of their times."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from services.stats.facts.store import tickets
from services.stats.facts.ticket_totals import BOUNDS, COUNTS, LONGER, TOOK, WAITED, ticket_totals
from services.stats.measures.domain import Period

_C = ticket_totals.c
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
    return {name: getattr(totals, name) for name in COUNTS} | {
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
    conditions: list[ColumnElement[bool]] = [_C.day.between(period.first, period.last)]
    conditions += [] if desks is None else [_C.desk.in_(sorted(desks))]
    conditions += [_C.group == group] if group else []
    keys = (_C.desk, _C.group, _C.what, _C.bucket)
    found: defaultdict[tuple[str, str], Counter[tuple[str, int]]] = defaultdict(Counter)
    for desk, of_group, what, bucket, number in connection.execute(
        select(*keys, func.sum(_C.tickets)).where(*conditions).group_by(*keys).order_by(*keys)
    ):
        found[desk, of_group][what, bucket] += int(number)
    return {key: _totals(counted) for key, counted in found.items()}


def together(totals: Iterable[TicketTotals]) -> TicketTotals:
    """The sum of several."""
    counted = Counter[tuple[str, int]]()
    for one in totals:
        counted.update({(name, 0): getattr(one, name) for name in COUNTS})
        counted.update({(WAITED, bucket): number for bucket, number in one.waits.items()})
        counted.update({(TOOK, bucket): number for bucket, number in one.services.items()})
    return _totals(counted)


def waiting_now(connection: Connection, desk: str, day: date) -> int:
    """Who have a number of a day and were not yet called. Appointments are not among them: stats do not learn who is here."""
    later = tickets.alias("later")
    gone = (_T.called_at, _T.served_at, _T.missed_at, _T.cancelled_at)
    transferred = exists().where(later.c.transferred_from == _T.ticket, later.c.day == day, later.c.desk == desk)
    waits = and_(_T.issued_at.is_not(None), _T.appointment.is_(False), *(column.is_(None) for column in gone))
    number = select(func.count()).where(_T.day == day, _T.desk == desk, waits, ~transferred)
    return int(connection.execute(number).scalar_one())


def _totals(counted: Mapping[tuple[str, int], int]) -> TicketTotals:
    def histogram(what: str) -> dict[int, int]:
        return {bucket: number for (name, bucket), number in counted.items() if name == what and number}

    numbers = {name: counted.get((name, 0), 0) for name in COUNTS}
    return TicketTotals(**numbers, waits=histogram(WAITED), services=histogram(TOOK))
