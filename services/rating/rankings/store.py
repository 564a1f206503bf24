"""The tables of rankings: papers with their frozen contents, numbers, who stands in which paper, and which periods were counted today.

A paper is a draft until a leader issues it. From then on its row never changes: another count is another row, the next version, which
names the one that it replaces.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    update,
)

from services.rating.database import metadata
from services.rating.rankings.domain import BrokenPaper, SubjectKind, digest_of, written_number
from services.rating.ratings.store import rating_corrections, ratings
from shared.persistence import yearly_numbers
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

OVERLAP = timedelta(minutes=1)
"""No transaction lasts so long."""


class PaperState(StrEnum):
    """draft: waits for a leader. issued: has its number, and does not change any more."""

    DRAFT = "draft"
    ISSUED = "issued"


papers = Table(
    "ranking_paper",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("kind", String(10), nullable=False),  # official, counter, agency
    Column("period", String(8), nullable=False),  # 2026-W48, 2026-11, 2026-Q4, 2026
    Column("period_kind", String(8), nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("ends_before", Moment, nullable=False),
    Column("agency", String(100), nullable=False),  # the issuer
    Column("version", Integer, nullable=False),  # from 1
    Column("replaces", String(36), ForeignKey("ranking_paper.id")),
    Column("state", String(10), nullable=False),
    Column("content", PersonalText("ranking_paper.content", row="id"), nullable=False),  # JSON; it names officials
    Column("digest", String(64), nullable=False),  # SHA-256 of the content
    Column("drawn_up_at", Moment, nullable=False),
    Column("checked_at", Moment, nullable=False),  # corrections from then on may not be in it
    Column("year", Integer),  # of the number
    Column("number", Integer),
    Column("issued_at", Moment),
    Column("issued_by", String(100)),
    UniqueConstraint("agency", "kind", "period", "version", name="uq_ranking_paper_version"),
    UniqueConstraint("agency", "year", "number", name="uq_ranking_paper_number"),
    Index("ix_ranking_paper_list", "agency", "ends_before", "id"),
    Index("ix_ranking_paper_kind", "kind", "state", "ends_before"),
    Index("ix_ranking_paper_replaces", "replaces"),
)

numbers = Table(
    "ranking_number",  # the last number that an agency has given to a ranking in a year
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

places = Table(
    "ranking_place",  # which official stands in which issued paper
    metadata,
    Column("official", String(100), primary_key=True),
    Column("paper", String(36), ForeignKey("ranking_paper.id"), primary_key=True),
)

counts = Table(
    "ranking_count",  # the last local day on which the rankings of a period were counted
    metadata,
    Column("period", String(8), primary_key=True),
    Column("counted_on", Date, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A row of `ranking_paper`; the table says what each column holds."""

    id: str
    kind: str
    period: str
    period_kind: str
    begins_at: datetime
    ends_before: datetime
    agency: str
    version: int
    replaces: str | None
    state: str
    content: str
    digest: str
    drawn_up_at: datetime
    checked_at: datetime
    year: int | None = None
    number: int | None = None
    issued_at: datetime | None = None
    issued_by: str | None = None

    @property
    def is_issued(self) -> bool:
        """Whether it has its number."""
        return self.state == PaperState.ISSUED

    @property
    def written_number(self) -> str:
        """Its number as printed; empty before it is issued."""
        return "" if self.number is None else written_number(self.number, self.agency)

    def read(self) -> dict[str, Any]:
        """Its content, as :func:`services.rating.rankings.domain.content_of` made it.

        Raises:
            BrokenPaper: the stored text is another one than that of the digest.
        """
        if digest_of(self.content) != self.digest:
            raise BrokenPaper(self.id)
        content: dict[str, Any] = orjson.loads(self.content)
        return content


_C = papers.c
_COLUMNS = [_C[name] for name in Paper.__slots__]
_BY_ID = select(*_COLUMNS).where(_C.id == bindparam("of_id"))
_LATEST = (
    select(*_COLUMNS)
    .where(_C.agency == bindparam("of_agency"), _C.kind == bindparam("of_kind"), _C.period == bindparam("of_period"))
    .order_by(_C.version.desc())
    .limit(1)
)
_SUCCESSOR = select(*_COLUMNS).where(_C.replaces == bindparam("of_id"), _C.state == PaperState.ISSUED)


def find(connection: Connection, id_: str) -> Paper | None:
    """A paper by its id; None when there is none."""
    row = connection.execute(_BY_ID, {"of_id": id_}).first()
    return Paper(*row) if row else None


def latest(connection: Connection, agency: str, kind: SubjectKind, period: str) -> Paper | None:
    """The newest version of a ranking, issued or not; None when there is none."""
    asked = {"of_agency": agency, "of_kind": kind.value, "of_period": period}
    row = connection.execute(_LATEST, asked).first()
    return Paper(*row) if row else None


def successor(connection: Connection, id_: str) -> Paper | None:
    """The issued paper that replaces a paper; None while there is none."""
    row = connection.execute(_SUCCESSOR, {"of_id": id_}).first()
    return Paper(*row) if row else None


def add(work: UnitOfWork, paper: Paper) -> bool:
    """Stores a new draft; returns whether nobody else has just stored one."""
    values = personal_values(papers, {name: getattr(paper, name) for name in Paper.__slots__})
    statement = work.insert(papers).values(**values).on_conflict_do_nothing().returning(_C.id)
    return work.execute(statement).first() is not None


def change_draft(connection: Connection, id_: str, known_digest: str, **values: Any) -> bool:
    """Changes columns of a draft; returns whether it was still the draft with this digest."""
    sealed = personal_values(papers, values, row=id_)
    statement = update(papers).where(_C.id == id_, _C.state == PaperState.DRAFT, _C.digest == known_digest)
    return connection.execute(statement.values(**sealed)).rowcount == 1


def checked_from(now: datetime) -> datetime:
    """The time that is kept of a count: a little earlier, since a transaction that began before it may commit after it."""
    return now - OVERLAP


def mark_checked(connection: Connection, id_: str, at: datetime) -> None:
    """Keeps when the ratings were last counted for a paper."""
    connection.execute(update(papers).where(_C.id == id_).values(checked_at=at))


def drop_draft(connection: Connection, id_: str) -> None:
    """Removes a draft that nothing is left to say in; it never had a number."""
    connection.execute(delete(papers).where(_C.id == id_, _C.state == PaperState.DRAFT))


def take_number(work: UnitOfWork, agency: str, year: int) -> int:
    """Takes the next number of an agency's rankings; a rollback gives it back."""
    return yearly_numbers.take_number(work, numbers, year, agency=agency)


def add_places(connection: Connection, paper: str, officials: Sequence[str]) -> None:
    """Keeps which officials stand in a paper that is being issued."""
    if officials:
        connection.execute(places.insert(), [{"official": one, "paper": paper} for one in officials])


def papers_of_official(connection: Connection, official: str, limit: int) -> list[Paper]:
    """The issued papers in which an official stands, the newest period first, of each ranking the newest version."""
    statement = (
        select(*_COLUMNS)
        .join(places, places.c.paper == _C.id)
        .where(places.c.official == official, _C.state == PaperState.ISSUED, ~_replaced())
        .order_by(_C.ends_before.desc(), _C.id)
        .limit(limit)
    )
    return [Paper(*row) for row in connection.execute(statement)]


def current_papers(connection: Connection, kind: SubjectKind, limit: int) -> list[Paper]:
    """The issued papers of a kind of which there is no newer version, the newest period first."""
    statement = select(*_COLUMNS).where(_C.kind == kind, _C.state == PaperState.ISSUED, ~_replaced())
    ordered = statement.order_by(_C.ends_before.desc(), _C.begins_at, _C.id).limit(limit)
    return [Paper(*row) for row in connection.execute(ordered)]


def list_papers(
    connection: Connection,
    agencies: Collection[str] | None,
    state: PaperState,
    limit: int,
    after: tuple[datetime, str] | None = None,
    kind: SubjectKind | None = None,
) -> list[Paper]:
    """A page of papers, the newest period first; of issued ones also those that were replaced.

    Args:
        connection: any.
        agencies: whose papers; None for all.
        state: of the papers.
        limit: the most papers.
        after: end and id of the last paper of the page before.
        kind: of the subjects; None for all.
    """
    statement = select(*_COLUMNS).where(_C.state == state)
    if agencies is not None:
        statement = statement.where(_C.agency.in_(sorted(agencies)))
    if kind is not None:
        statement = statement.where(_C.kind == kind)
    if after is not None:
        ends, id_ = after
        statement = statement.where((_C.ends_before < ends) | ((_C.ends_before == ends) & (_C.id > id_)))
    return [Paper(*row) for row in connection.execute(statement.order_by(_C.ends_before.desc(), _C.id).limit(limit))]


def papers_to_check(connection: Connection, limit: int) -> list[tuple[str, str, str]]:
    """Kind, issuer and period of the rankings with a rating that was corrected since they were last counted.

    A correction carries the time at which its transaction began, so one that was not yet seen may be a little older than the count:
    :func:`checked_from` allows for that.
    """
    corrected, newer = rating_corrections.c, papers.alias("newer")
    later = select(newer.c.id).where(newer.c.replaces == _C.id).exists()
    within = (ratings.c.given_at >= _C.begins_at, ratings.c.given_at < _C.ends_before)
    touched = (
        select(corrected.id)
        .join(ratings, ratings.c.id == corrected.rating)
        .where(*within, corrected.corrected_at >= _C.checked_at)
        .exists()
    )
    statement = select(_C.kind, _C.agency, _C.period).where(touched, ~later).order_by(_C.checked_at).limit(limit)
    return [(row.kind, row.agency, row.period) for row in connection.execute(statement)]


def count_drafts(connection: Connection, agencies: Collection[str]) -> int:
    """How many papers wait for the leaders of some agencies."""
    statement = select(func.count()).where(_C.agency.in_(sorted(agencies)), _C.state == PaperState.DRAFT)
    return int(connection.execute(statement.select_from(papers)).scalar_one())


def counted_on(connection: Connection, period: str) -> date | None:
    """The last local day on which a period's rankings were counted; None if never."""
    found: date | None = connection.execute(select(counts.c.counted_on).where(counts.c.period == period)).scalar()
    return found


def keep_counted(work: UnitOfWork, period: str, day: date) -> None:
    """Keeps that a period's rankings were counted on a local day."""
    statement = work.insert(counts).values(period=period, counted_on=day)
    work.execute(statement.on_conflict_do_update(index_elements=[counts.c.period], set_={"counted_on": day}))


def _replaced() -> Any:
    newer = papers.alias("newer")
    return select(newer.c.id).where(newer.c.replaces == _C.id, newer.c.state == PaperState.ISSUED).exists()
