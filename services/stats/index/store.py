"""The tables of the index: counted periods, what changed since, figures entered from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)

from services.stats.database import metadata
from services.stats.index.domain import Count
from services.stats.index.periods import IndexPeriod
from shared.persistence.sql import Moment, Upsert, insert
from shared.persistence.unit_of_work import UnitOfWork

scores = Table(
    "index_score",  # what was counted for each part; points follow from it and the rules
    metadata,
    Column("period", String(7), primary_key=True),  # 2025-11, 2025-Q4, 2025
    Column("index", String(20), primary_key=True),  # version of the rules
    Column("part", String(10), primary_key=True),
    Column("agency", String(100), primary_key=True),
    Column("numerator", Integer, nullable=False),
    Column("denominator", Integer, nullable=False),
)
periods = Table(
    "index_period",  # which periods were counted, and when
    metadata,
    Column("period", String(7), primary_key=True),
    Column("index", String(20), primary_key=True),
    Column("counted_at", Moment, nullable=False),
    Column(
        "changes", Integer, nullable=False
    ),  # the sum of `index_change` up to the period's last month that it contains
)
changes = Table(
    "index_change",  # how many transactions have written facts of an ended month after its end
    metadata,
    Column("month", String(7), primary_key=True),
    Column("changes", Integer, nullable=False),
)
figures = Table(
    "index_figure",  # figures from outside; only added to, and the last one counts
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("period", String(7), nullable=False),
    Column("index", String(20), nullable=False),
    Column("part", String(10), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("value", Integer, nullable=False),  # hundredths of a percent; of a graded part, of its points
    Column("source", String(300), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Column("entered_by", String(100), nullable=False),  # subject of the token
    Index("ix_index_figure_period", "period", "index", "agency"),
)


def _mark(row: Any) -> Any:
    new = row.values(month=bindparam("month"), changes=1)
    return new.on_conflict_do_update(index_elements=["month"], set_={"changes": changes.c.changes + 1})


_MARK = Upsert(changes, _mark)


@dataclass(frozen=True, slots=True)
class Counted:
    """A period that was counted.

    Attributes:
        counted_at: up to when.
        changes: the late facts that it contains.
    """

    counted_at: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure from outside.

    Attributes:
        part, agency: of what.
        value: hundredths of a percent of the cases, or of the most points.
        source: where it is from, in words.
        entered_at, entered_by: when, and the subject who entered it.
    """

    part: str
    agency: str
    value: int
    source: str
    entered_at: datetime
    entered_by: str


def mark_changed(work: UnitOfWork, months: Iterable[str]) -> None:
    """Records that facts of ended months have come, in the transaction that writes the facts; in order, so that none waits for another."""
    statement = _MARK.on(work.connection)
    for month in sorted(months):
        work.execute(statement, {"month": month})


def mark_everything(connection: Connection) -> None:
    """Has every counted period be counted again: facts were replaced. A change in the earliest year counts in all periods since."""
    first = connection.execute(select(func.min(periods.c.period))).scalar()
    if first is not None:
        connection.execute(_MARK.on(connection), {"month": f"{first[:4]}-01"})


def changes_up_to(connection: Connection, period: IndexPeriod) -> int:
    """How many late facts there are of the period and of all before it, since a dossier in hand counts in later periods too."""
    summed = select(func.coalesce(func.sum(changes.c.changes), 0)).where(changes.c.month <= f"{period.last:%Y-%m}")
    return int(connection.execute(summed).scalar_one())


def counted(connection: Connection, period: str, index: str) -> Counted | None:
    """When a period was counted; None if it was not."""
    c = periods.c
    row = connection.execute(select(c.counted_at, c.changes).where(c.period == period, c.index == index)).first()
    return None if row is None else Counted(*row)


def all_counted(connection: Connection) -> list[tuple[str, str, Counted]]:
    """Every counted period, by key, with the index."""
    c = periods.c
    found = connection.execute(select(c.period, c.index, c.counted_at, c.changes).order_by(c.period, c.index))
    return [(period, index, Counted(at, number)) for period, index, at, number in found]


def keep_counts(
    work: UnitOfWork, period: str, index: str, new: Counted, counts: Mapping[str, Mapping[str, Count]]
) -> bool:
    """Keeps what was counted in place of the count before, unless that is newer; returns whether it was kept.

    The row of the period is written first, so that two that count at once keep one count each, whole, one after the other.
    """
    key = {"period": period, "index": index}
    row = insert(periods, work.connection).values(**key, counted_at=new.counted_at, changes=new.changes)
    written = row.on_conflict_do_update(
        index_elements=["period", "index"],
        set_={"counted_at": row.excluded.counted_at, "changes": row.excluded.changes},
        where=and_(
            periods.c.counted_at <= row.excluded.counted_at,
            or_(periods.c.changes <= row.excluded.changes, periods.c.counted_at < row.excluded.counted_at),
        ),
    )
    if work.execute(written.returning(periods.c.period)).first() is None:
        return False
    work.connection.execute(delete(scores).where(scores.c.period == period, scores.c.index == index))
    rows = [
        key | {"part": part, "agency": agency, "numerator": one.numerator, "denominator": one.denominator}
        for agency, parts in counts.items()
        for part, one in parts.items()
    ]
    if rows:
        work.connection.execute(scores.insert(), rows)
    return True


def read_counts(connection: Connection, period: str, index: str) -> dict[str, dict[str, Count]]:
    """What was counted of a period: agency → part → count."""
    c = scores.c
    found: defaultdict[str, dict[str, Count]] = defaultdict(dict)
    asked = select(c.agency, c.part, c.numerator, c.denominator).where(c.period == period, c.index == index)
    for agency, part, numerator, denominator in connection.execute(asked):
        found[agency][part] = Count(numerator, denominator)
    return dict(found)


def add_figure(work: UnitOfWork, id_: str, period: str, index: str, figure: Figure) -> None:
    """Adds a figure from outside; those before it stay."""
    names = ("part", "agency", "value", "source", "entered_at", "entered_by")
    row = {name: getattr(figure, name) for name in names}
    work.execute(figures.insert().values(id=id_, period=period, index=index, **row))


def read_figures(
    connection: Connection, period: str, index: str, agencies: Iterable[str] | None = None
) -> list[Figure]:
    """The figures of a period in the order in which they were entered: of several for one part and agency the last counts."""
    c = figures.c
    asked = select(c.part, c.agency, c.value, c.source, c.entered_at, c.entered_by)
    asked = asked.where(c.period == period, c.index == index)
    if agencies is not None:
        asked = asked.where(c.agency.in_(sorted(agencies)))
    return [Figure(*row) for row in connection.execute(asked.order_by(c.entered_at, c.id))]
