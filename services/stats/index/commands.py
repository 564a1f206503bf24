"""What changes the index: a figure from outside, and the count of a period."""

from __future__ import annotations

import re
from functools import partial

from services.stats.index import store
from services.stats.index.counting import count, window_of
from services.stats.index.domain import Index
from services.stats.index.periods import IndexPeriod
from services.stats.index.queries import VALUE_OF_ALL
from services.stats.index.store import Counted, Figure
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.text import clean_line, has_unprintable, prints_something

MAX_SOURCE = 300
_NUMBER = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")


class BadFigure(ValueError):
    """A figure from outside cannot be entered like this.

    Attributes:
        field: ``value`` or ``source``.
    """

    def __init__(self, field: str, message: tuple[str, str]) -> None:
        super().__init__(message[0])
        self.field = field
        self.message = message


class MeasuredHere(ValueError):
    """The platform counts this part; nobody enters it."""


class NotBegun(ValueError):
    """The period has not begun."""


def enter_figure(
    work: UnitOfWork, index: Index, period: IndexPeriod, agency: str, part: str, value: str, source: str, by: str
) -> None:
    """Enters a figure from outside. Earlier ones are kept; the same again changes nothing.

    Args:
        work: the transaction.
        index: in force in the period.
        period: of the figure.
        agency: whose figure it is; the caller has been checked.
        part: an outside part.
        value: as typed: percent, or points of a graded part; at most two decimals.
        source: where it is from, in words.
        by: subject of the token.

    Raises:
        services.stats.index.domain.UnknownPart: no such part.
        MeasuredHere: the platform measures it.
        NotBegun: the period lies in the future.
        BadFigure: a field is wrong.
    """
    of = index.part(part)
    if not of.is_outside:
        raise MeasuredHere(part)
    if period.first > work.now.astimezone(VIETNAM).date():
        raise NotBegun(period.key)
    most = int(of.points) if of.is_graded else 100
    hundredths = _hundredths(value.strip(), most)
    words = "" if has_unprintable(source) else clean_line(source)
    if not prints_something(words) or len(words) > MAX_SOURCE:
        raise BadFigure(
            "source", ("Ghi nguồn số liệu, tối đa 300 ký tự.", "Say where it is from, 300 characters at most.")
        )
    figure = Figure(part, agency, round(hundredths * VALUE_OF_ALL / (100 * most)), words, work.now, by)
    known = [one for one in store.read_figures(work.connection, period.key, index.id, {agency}) if one.part == part]
    if not known or (known[-1].value, known[-1].source) != (figure.value, figure.source):
        store.add_figure(work, new_id(), period.key, index.id, figure)


def count_period(context: Context, period: IndexPeriod, index: Index) -> bool:
    """Counts a period and keeps the counts; returns whether they were kept. What comes meanwhile makes it count again."""
    now = context.clock.now()
    with context.store.read() as connection:
        changes = store.changes_up_to(connection, period)
        counts = count(connection, index, window_of(period, index, now))
    new = Counted(now, changes)
    return context.store.run(partial(store.keep_counts, period=period.key, index=index.id, new=new, counts=counts))


def _hundredths(typed: str, most: int) -> int:
    found = _NUMBER.fullmatch(typed)
    hundredths = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 100 * most + 1
    if hundredths > 100 * most:
        words = (
            f"Nhập một số từ 0 đến {most}, tối đa hai chữ số thập phân.",
            f"Type a number from 0 to {most}, two decimals at most.",
        )
        raise BadFigure("value", words)
    return hundredths
