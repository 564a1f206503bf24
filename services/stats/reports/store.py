"""The tables of reports: each version with its frozen content, what was done with it, its numbers, and which scheduled ones are due.

The content of a report changes only while it is a draft. A published one is corrected by another row, the next version, which names the one
that it replaces.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
    update,
)

from services.stats.database import metadata
from services.stats.reports.domain import ReportState, read_content, written_number
from shared.persistence import yearly_numbers
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

reports = Table(
    "report",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("agency", String(100), nullable=False),
    Column("kind", String(20), nullable=False),  # of the period, see data/report_periods.json
    Column("period", String(10), nullable=False),  # 2026-W48, 2026-11, 2026-Q4, 2026-H2, 2026
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("version", Integer, nullable=False),  # from 1
    Column("replaces", String(36), ForeignKey("report.id")),
    Column("state", String(10), nullable=False),
    Column("content", Text, nullable=False),  # JSON
    Column("digest", String(64), nullable=False),  # SHA-256 of the content
    Column("counted_at", Moment, nullable=False),
    Column("year", Integer),  # of the number
    Column("number", Integer),
    Column("signed_at", Moment),
    Column("signed_by", String(100)),  # subject of the token; the name stands in no table
    Column("published_at", Moment),
    Column("file_key", String(100)),  # of the signed paper in the storage
    Column("file_sha256", String(64)),
    UniqueConstraint("agency", "kind", "period", "version", name="uq_report_version"),
    UniqueConstraint("agency", "year", "number", name="uq_report_number"),
    Index("ix_report_list", "last", "id"),
    Index("ix_report_agency", "agency", "last", "id"),
    Index("ix_report_state", "state", "last", "id"),
    Index("ix_report_replaces", "replaces"),
)

entries = Table(
    "report_entry",  # what was done with a report, by whom and when
    metadata,
    Column("id", String(36), primary_key=True),
    Column("report", String(36), ForeignKey("report.id"), nullable=False),
    Column("action", String(10), nullable=False),
    Column("by", String(100), nullable=False),  # subject of the token; "schedule"
    Column("at", Moment, nullable=False),
    Index("ix_report_entry_report", "report", "at"),
)

numbers = Table(
    "report_number",  # the last number that an agency has given to a report in a year
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

due_reports = Table(
    "report_due",  # a report that is drawn up by itself
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("first", Date, primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("done_at", Moment),
    Index("ix_report_due_open", "done_at", "due_at"),
)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in a list; the table says what each column holds."""

    id: str
    agency: str
    kind: str
    period: str
    first: date
    last: date
    version: int
    replaces: str | None
    state: str
    digest: str
    counted_at: datetime
    year: int | None
    number: int | None
    signed_at: datetime | None
    signed_by: str | None
    published_at: datetime | None
    file_key: str | None
    file_sha256: str | None

    @property
    def written_number(self) -> str:
        """Its number as printed; empty before it is signed."""
        return "" if self.number is None else written_number(self.number, self.agency)

    @property
    def step(self) -> ReportState:
        """Its state."""
        return ReportState(self.state)


@dataclass(frozen=True, slots=True)
class Report(ReportRow):
    """A report with the text of its content."""

    content: str

    def read(self) -> dict[str, Any]:
        """Its content, as :func:`services.stats.reports.content.count_content` made it.

        Raises:
            services.stats.reports.domain.BrokenReport: the stored text is another one than that of the digest.
        """
        return read_content(self.content, self.digest)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done with a report."""

    action: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that is drawn up by itself, by agency, kind and first day of its period."""

    agency: str
    kind: str
    first: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which reports a list shows.

    Attributes:
        agencies: whose; None for all.
        kind: of their periods; empty for all.
        states: in which they are; empty for all.
    """

    agencies: Collection[str] | None = None
    kind: str = ""
    states: tuple[ReportState, ...] = ()


_C = reports.c
_ROW = [_C[field.name] for field in fields(ReportRow)]
_WHOLE = [*_ROW, _C.content]


def find(connection: Connection, id_: str) -> Report | None:
    """A report by its id; None when there is none."""
    row = connection.execute(select(*_WHOLE).where(_C.id == id_)).first()
    return Report(*row) if row else None


def versions(connection: Connection, agency: str, kind: str, period: str) -> list[ReportRow]:
    """All versions of a report, the newest first."""
    own = (_C.agency == agency, _C.kind == kind, _C.period == period)
    found = connection.execute(select(*_ROW).where(*own).order_by(_C.version.desc()))
    return [ReportRow(*row) for row in found]


def list_reports(
    connection: Connection, wanted: ListFilter, limit: int, after: tuple[date, str] | None = None
) -> list[ReportRow]:
    """A page of reports, the newest period first.

    Args:
        connection: reads.
        wanted: which.
        limit: the most.
        after: last day of the period and id of the last report of the page before.
    """
    conditions: list[ColumnElement[bool]] = []
    if wanted.agencies is not None:
        conditions.append(_C.agency.in_(sorted(wanted.agencies)))
    if wanted.kind:
        conditions.append(_C.kind == wanted.kind)
    if wanted.states:
        conditions.append(_C.state.in_([str(state) for state in wanted.states]))
    if after is not None:
        last, id_ = after
        conditions.append(or_(_C.last < last, and_(_C.last == last, _C.id < id_)))
    ordered = select(*_ROW).where(*conditions).order_by(_C.last.desc(), _C.id.desc()).limit(limit)
    return [ReportRow(*row) for row in connection.execute(ordered)]


def published_agencies(connection: Connection) -> list[str]:
    """The agencies that have published a report, by code."""
    found = select(_C.agency).where(_C.state == ReportState.PUBLISHED).distinct().order_by(_C.agency)
    return list(connection.execute(found).scalars())


def reported_before(connection: Connection, agency: str, first: date) -> bool:
    """Whether there is a report of an agency on a period that ended before a day."""
    earlier = select(_C.id).where(_C.agency == agency, _C.last < first).limit(1)
    return connection.execute(earlier).first() is not None


def add(work: UnitOfWork, report: Report) -> bool:
    """Stores a new draft; returns whether nobody else has just stored this version."""
    values = {field.name: getattr(report, field.name) for field in fields(Report)}
    statement = work.insert(reports).values(**values).on_conflict_do_nothing().returning(_C.id)
    return work.execute(statement).first() is not None


def change(connection: Connection, known: ReportRow, **values: Any) -> bool:
    """Changes columns of a report; returns whether it still was in the known state with the known content."""
    same = (_C.id == known.id, _C.state == known.state, _C.digest == known.digest)
    return connection.execute(update(reports).where(*same).values(**values)).rowcount == 1


def keep_paper(connection: Connection, id_: str, key: str, sha256: str) -> bool:
    """Keeps where the signed paper of a report is; returns whether that was not known yet."""
    unknown = (_C.id == id_, _C.file_key.is_(None))
    changed = update(reports).where(*unknown).values(file_key=key, file_sha256=sha256)
    return connection.execute(changed).rowcount == 1


def without_paper(connection: Connection, limit: int) -> list[str]:
    """The signed reports whose papers are not kept yet."""
    found = select(_C.id).where(_C.state == ReportState.SIGNED, _C.file_key.is_(None)).order_by(_C.signed_at)
    return list(connection.execute(found.limit(limit)).scalars())


def take_number(work: UnitOfWork, agency: str, year: int) -> int:
    """Takes the next number of an agency's reports; a rollback gives it back."""
    return yearly_numbers.take_number(work, numbers, year, agency=agency)


def add_entry(connection: Connection, id_: str, report: str, entry: Entry) -> None:
    """Keeps what was done with a report."""
    values = {"id": id_, "report": report, "action": entry.action, "by": entry.by, "at": entry.at}
    connection.execute(entries.insert().values(**values))


def entries_of(connection: Connection, report: str) -> list[Entry]:
    """What was done with a report, in order."""
    c = entries.c
    found = select(c.action, c.by, c.at).where(c.report == report).order_by(c.at, c.id)
    return [Entry(*row) for row in connection.execute(found)]


def add_due(work: UnitOfWork, due: Iterable[DueReport]) -> int:
    """Keeps which reports are due, those that are not known yet; returns how many."""
    number = 0
    for one in due:
        values = {field.name: getattr(one, field.name) for field in fields(DueReport)}
        number += work.execute(work.insert(due_reports).values(**values).on_conflict_do_nothing()).rowcount
    return number


def known_due(connection: Connection, since: date) -> set[tuple[str, str, date]]:
    """Agency, kind and first day of the reports that are known to be due, of periods that begin on a day or later."""
    c = due_reports.c
    return {
        (row[0], row[1], row[2])
        for row in connection.execute(select(c.agency, c.kind, c.first).where(c.first >= since))
    }


def open_due(connection: Connection, now: datetime, limit: int) -> list[DueReport]:
    """The reports that are due and not drawn up yet, the oldest first."""
    c = due_reports.c
    found = select(*(c[field.name] for field in fields(DueReport))).where(c.done_at.is_(None), c.due_at <= now)
    return [DueReport(*row) for row in connection.execute(found.order_by(c.due_at, c.agency, c.kind).limit(limit))]


def close_due(connection: Connection, due: DueReport, at: datetime) -> bool:
    """Keeps that a due report was drawn up, or has nothing to say; returns whether it was still open."""
    c = due_reports.c
    own = (c.agency == due.agency, c.kind == due.kind, c.first == due.first, c.done_at.is_(None))
    return connection.execute(update(due_reports).where(*own).values(done_at=at)).rowcount == 1
