"""The tables of flags: what looked unusual, which ratings it is about, and what people decided. Decisions are only appended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Index, Integer, String, Table, Text, bindparam, func, select, update

from services.rating.database import metadata
from services.rating.scores.flags.domain import Finding, Kind, Outcome, UnknownFlag
from shared.persistence.sql import Moment, insert

flags = Table(
    "rating_flag",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("counter", Integer),
    Column("official", String(100), nullable=False),  # empty for a streak
    Column("begins", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("numbers", JSON, nullable=False),
    Column("found_at", Moment, nullable=False),
    Index("ix_rating_flag_agency", "agency", "found_at"),
)

flag_ratings = Table(
    "rating_flag_rating",
    metadata,
    Column("flag", String(36), primary_key=True),
    Column("rating", String(36), primary_key=True),
    Column("score_before", Integer),  # the score that this flag took out; NULL where it took none out
    Index("ix_rating_flag_rating_rating", "rating"),
)

flag_decisions = Table(
    "rating_flag_decision",
    metadata,
    Column("flag", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1; the last one counts
    Column("outcome", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", String(100), nullable=False),
    Column("decided_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as it is kept; see :class:`services.rating.scores.flags.domain.Finding`."""

    id: str
    kind: Kind
    agency: str
    counter: int | None
    official: str
    begins: datetime
    ends: datetime
    numbers: dict[str, int]
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided."""

    number: int
    outcome: Outcome
    reason: str
    decided_by: str
    decided_at: datetime


_F, _R, _D = flags.c, flag_ratings.c, flag_decisions.c
_ROWS = select(*(_F[name] for name in Flag.__slots__))
_FIND = _ROWS.where(_F.id == bindparam("of_id"))
_DECISIONS = (
    select(_D.number, _D.outcome, _D.reason, _D.decided_by, _D.decided_at)
    .where(_D.flag == bindparam("of_flag"))
    .order_by(_D.number)
)
_LAST = select(_D.flag, func.max(_D.number).label("number")).group_by(_D.flag).subquery()
_OUTCOMES = (
    select(_D.flag, _D.outcome).join(_LAST, (_LAST.c.flag == _D.flag) & (_LAST.c.number == _D.number)).subquery()
)


def add_flag(connection: Connection, found: Finding, now: datetime) -> bool:
    """Writes a finding; false if it is known."""
    values = {
        "id": found.id,
        "kind": str(found.kind),
        "agency": found.agency,
        "counter": found.counter,
        "official": found.official,
        "begins": found.begins,
        "ends": found.ends,
        "numbers": dict(found.numbers),
        "found_at": now,
    }
    new = insert(flags, connection).values(values).on_conflict_do_nothing(index_elements=[_F.id])
    return connection.execute(new.returning(_F.id)).first() is not None


def add_ratings(connection: Connection, flag: str, ids: Iterable[str]) -> None:
    """Writes that ratings belong to a flag; those that are known stay."""
    rows = [{"flag": flag, "rating": id_} for id_ in ids]
    if rows:
        connection.execute(insert(flag_ratings, connection).on_conflict_do_nothing(), rows)


def widen(connection: Connection, flag: str, found: Finding) -> None:
    """Lets a flag be about a longer streak than was known when it was found."""
    values = {"begins": found.begins, "ends": found.ends, "numbers": dict(found.numbers)}
    connection.execute(update(flags).where(_F.id == flag).values(values))


def find_flag(connection: Connection, id_: str) -> Flag:
    """A flag.

    Raises:
        UnknownFlag: there is none.
    """
    return _flag(connection.execute(_FIND, {"of_id": id_}).first())


def lock_flag(connection: Connection, id_: str) -> Flag:
    """A flag, which nobody else decides until the transaction ends.

    Raises:
        UnknownFlag: there is none.
    """
    return _flag(connection.execute(_FIND.with_for_update(), {"of_id": id_}).first())


def decisions_of(connection: Connection, flag: str) -> list[Decision]:
    """What people decided about a flag, the last decision last."""
    rows = connection.execute(_DECISIONS, {"of_flag": flag})
    return [Decision(number, Outcome(outcome), *others) for number, outcome, *others in rows]


def add_decision(connection: Connection, flag: str, decision: Decision) -> None:
    """Appends a decision."""
    values = {"flag": flag, "number": decision.number, "outcome": str(decision.outcome), "reason": decision.reason}
    values |= {"decided_by": decision.decided_by, "decided_at": decision.decided_at}
    connection.execute(flag_decisions.insert().values(values))


def flags_of(connection: Connection, agencies: Collection[str] | None, limit: int) -> list[tuple[Flag, Outcome | None]]:
    """Flags with their last outcome, None while nobody has decided: those that wait first, then the newest.

    Args:
        connection: reads.
        agencies: whose; None for all.
        limit: the most.
    """
    found = _ROWS.add_columns(_OUTCOMES.c.outcome).outerjoin(_OUTCOMES, _OUTCOMES.c.flag == _F.id)
    if agencies is not None:
        found = found.where(_F.agency.in_(agencies))
    found = found.order_by(_OUTCOMES.c.outcome.is_not(None), _F.found_at.desc(), _F.id).limit(limit)
    return [(_flag(row[:-1]), None if row[-1] is None else Outcome(row[-1])) for row in connection.execute(found)]


def ratings_of(connection: Connection, flag: str) -> dict[str, int | None]:
    """Rating → the score that the flag took out; None where it took none out."""
    found = select(_R.rating, _R.score_before).where(_R.flag == flag).order_by(_R.rating)
    return {row[0]: row[1] for row in connection.execute(found)}


def flags_with(connection: Connection, ids: Collection[str], kind: Kind) -> dict[str, str]:
    """Rating → the flag of a kind that it belongs to."""
    found = select(_R.rating, _R.flag).join(flags, _F.id == _R.flag).where(_R.rating.in_(ids), _F.kind == str(kind))
    return {row[0]: row[1] for row in connection.execute(found)}


def set_score_before(connection: Connection, flag: str, rating: str, score: int | None) -> None:
    """Keeps which score a flag took out."""
    where = (_R.flag == flag, _R.rating == rating)
    connection.execute(update(flag_ratings).where(*where).values(score_before=score))


def others_that_exclude(connection: Connection, flag: str, ids: Collection[str]) -> dict[str, str]:
    """Rating → another flag because of which it does not count."""
    found = (
        select(_R.rating, _R.flag)
        .join(_OUTCOMES, _OUTCOMES.c.flag == _R.flag)
        .where(_R.rating.in_(ids), _R.flag != flag, _OUTCOMES.c.outcome == str(Outcome.EXCLUDED))
        .order_by(_R.flag.desc())
    )
    return {row[0]: row[1] for row in connection.execute(found)}


def _flag(row: Any) -> Flag:
    if row is None:
        raise UnknownFlag
    id_, kind, *others = row
    return Flag(id_, Kind(kind), *others)
