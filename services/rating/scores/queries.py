"""What ratings add up to, counted in the database: by agency, procedure, official or period. No row tells of one rating."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, or_, select

from services.rating.officials.domain import COUNTER, RECEPTION
from services.rating.ratings.corrections import counted_score, last_corrections
from services.rating.ratings.domain import COURTESIES
from services.rating.ratings.form import forms
from services.rating.ratings.store import rating_officials, ratings
from services.rating.scores.domain import ScoreRules, Tally
from services.rating.scores.periods import ScorePeriod

_C = ratings.c
_O = rating_officials.c


@dataclass(frozen=True, slots=True)
class About:
    """Whose ratings are counted; what is None does not narrow them.

    Attributes:
        agencies: the desks that were rated.
        procedure: code of the procedure.
    """

    agencies: Collection[str] | None = None
    procedure: str | None = None


def total(connection: Connection, about: About, period: ScorePeriod, rules: ScoreRules) -> Tally:
    """All ratings of a period together, with the contents of the forms."""
    row = connection.execute(_narrowed(_tallied(rules, further=_criteria_columns()), about, period)).one()
    courtesy_end = 3 + 2 * len(COURTESIES)
    tally = _tally(row[:courtesy_end])
    return Tally(tally.ratings, tally.satisfied, tally.points, tally.courtesy, _criteria(row[courtesy_end:]))


def by_agency(connection: Connection, about: About, period: ScorePeriod, rules: ScoreRules) -> dict[str, Tally]:
    """Desk → what its ratings add up to."""
    return _grouped(connection, _C.agency, _tallied(rules, _C.agency), about, period)


def by_procedure(connection: Connection, about: About, period: ScorePeriod, rules: ScoreRules) -> dict[str, Tally]:
    """Procedure → what the ratings of its dossiers add up to."""
    found = _tallied(rules, _C.procedure).where(_C.procedure.is_not(None))
    return _grouped(connection, _C.procedure, found, about, period)


def by_channel(connection: Connection, about: About, period: ScorePeriod, rules: ScoreRules) -> dict[str, Tally]:
    """Channel → what the ratings that came by it add up to."""
    return _grouped(connection, _C.channel, _tallied(rules, _C.channel), about, period)


def by_official(
    connection: Connection,
    agencies: Collection[str] | None,
    registered: Collection[str],
    period: ScorePeriod,
    rules: ScoreRules,
) -> dict[str, Tally]:
    """Official → what the ratings of visits and dossiers in which they had a part add up to; each rating once for each official.

    Args:
        connection: reads.
        agencies: desks whose officials at the counter are counted; None for all.
        registered: officials who are counted wherever the dossier was received.
        period: when the ratings were given.
        rules: in force.
    """
    parts = select(_O.rating, _O.official).distinct()
    if agencies is not None:
        at_desk = and_(_C.agency.in_(agencies), _O.part.in_((COUNTER, RECEPTION)))
        parts = parts.join(ratings, _C.id == _O.rating).where(or_(at_desk, _O.official.in_(registered)))
    of = parts.subquery()
    found = _tallied(rules, of.c.official).join(of, of.c.rating == _C.id)
    return _grouped(connection, of.c.official, found, About(), period)


def of_official(connection: Connection, official: str, period: ScorePeriod, rules: ScoreRules) -> Tally:
    """What the ratings add up to in whose dossier or visit an official had a part."""
    found = _tallied(rules).where(_is_about(official))
    return _tally(connection.execute(_narrowed(found, About(), period)).one())


def comments_about(connection: Connection, official: str, period: ScorePeriod) -> list[str]:
    """What citizens wrote in ratings that are about an official, in an order that tells nothing of when or who."""
    source, score = _counted()
    found = select(_C.comment).select_from(source).where(score.is_not(None), _is_about(official))
    found = _narrowed(found, About(), period).order_by(_C.id)
    return [text for (text,) in connection.execute(found) if text]


def _tallied(rules: ScoreRules, *keys: Any, further: Sequence[Any] = ()) -> Select[Any]:
    """The columns of a tally of the ratings that count, between keys by which they are grouped and further columns."""
    source, score = _counted()
    courtesies = [_C.courtesy[name].as_boolean() for name in COURTESIES]
    columns = [
        func.count(),
        _number(score >= rules.satisfied_from),
        func.sum(score),
        *(_number(said) for said in courtesies),
        *(_number(said.is_not(None)) for said in courtesies),
    ]
    return select(*keys, *columns, *further).select_from(source).where(score.is_not(None))


def _counted() -> tuple[FromClause, ColumnElement[int]]:
    """The ratings with their last corrections, and the score with which each counts; NULL where it does not."""
    correction = last_corrections()
    return ratings.outerjoin(correction, correction.c.rating == _C.id), counted_score(correction)


def _number(when: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((when, 1), else_=0))


def _narrowed(found: Select[Any], about: About, period: ScorePeriod) -> Select[Any]:
    found = found.where(_C.given_at >= period.begins, _C.given_at < period.ends)
    if about.agencies is not None:
        found = found.where(_C.agency.in_(about.agencies))
    if about.procedure is not None:
        found = found.where(_C.procedure == about.procedure)
    return found


def _grouped(
    connection: Connection, by: ColumnElement[str], found: Select[Any], about: About, period: ScorePeriod
) -> dict[str, Tally]:
    rows = connection.execute(_narrowed(found, about, period).group_by(by).order_by(by))
    return {row[0]: _tally(row[1:]) for row in rows}


def _is_about(official: str) -> ColumnElement[bool]:
    return _C.id.in_(select(_O.rating).where(_O.official == official))


def _tally(row: Sequence[Any]) -> Tally:
    ratings_, satisfied, points, *said = (value or 0 for value in row)
    number = len(COURTESIES)
    courtesy = {
        name: (int(yes), int(asked))
        for name, yes, asked in zip(COURTESIES, said[:number], said[number:], strict=True)
        if asked
    }
    return Tally(int(ratings_), int(satisfied), int(points), courtesy)


def _contents() -> list[tuple[str, str]]:
    return [(form.version, name) for form in forms() for name in form.criteria]


def _criteria_columns() -> list[Any]:
    columns: list[Any] = []
    for version, name in _contents():
        points = case((_C.form == version, _C.criteria[name].as_integer()))
        columns += [func.sum(points), func.count(points)]
    return columns


def _criteria(row: Sequence[Any]) -> dict[tuple[str, str], tuple[int, int]]:
    pairs = zip(_contents(), row[::2], row[1::2], strict=True)
    return {content: (int(points), int(answers)) for content, points, answers in pairs if answers}
