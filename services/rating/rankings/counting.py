"""Counts the ratings that a ranking rests on, from the ratings as they stand after their corrections.

A rating counts for an official whose name was on the agency's register on the day of the rating, once whatever their part in it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, String, cast, func, select

from services.rating.officials.store import officials
from services.rating.rankings.domain import Counted, Name, SubjectKind
from services.rating.ratings.corrections import counted_score, last_corrections
from services.rating.ratings.store import rating_officials, ratings
from services.rating.scores.periods import ScorePeriod
from shared.agencies import Agencies
from shared.agencies.roles import ONE_STOP_DESK
from shared.runtime.clock import VIETNAM

Span = tuple[datetime, datetime]
"""The first moment, and the first one after."""
_DAY = timedelta(days=1)


def count(
    connection: Connection, kind: SubjectKind, agency: str, period: ScorePeriod, agencies: Agencies
) -> list[Counted]:
    """The ratings of a period for each official, counter or agency that an agency ranks.

    Args:
        connection: any.
        kind: who is ranked.
        agency: the issuer.
        period: when the ratings were given.
        agencies: all of them; who stands below whom is that of the period's last day.
    """
    if kind == SubjectKind.OFFICIAL:
        return _counted(_official_scores(connection, agency, period))
    column: ColumnElement[str] = ratings.c.agency if kind == SubjectKind.AGENCY else cast(ratings.c.counter, String)
    among = agencies.descendants(agency, period.last) if kind == SubjectKind.AGENCY else {agency}
    statement = _scores(column, ratings, (period.begins, period.ends)).where(ratings.c.agency.in_(sorted(among)))
    if kind == SubjectKind.COUNTER:
        statement = statement.where(ratings.c.counter.is_not(None))
    return _counted(connection.execute(statement))


def issuers(connection: Connection, kind: SubjectKind, period: ScorePeriod, agencies: Agencies) -> list[str]:
    """The agencies that may have something to rank in a period.

    Args:
        connection, period, agencies: as for :func:`count`.
        kind: who is ranked; agencies are ranked by those above at least two rated desks.
    """
    given = (ratings.c.given_at >= period.begins, ratings.c.given_at < period.ends)
    rated = set(connection.execute(select(ratings.c.agency).where(*given).distinct()).scalars())
    if kind == SubjectKind.OFFICIAL:
        return registered_agencies(connection) if rated else []
    if kind == SubjectKind.COUNTER:
        return sorted(rated)
    above = [one.code for one in agencies.all(period.last) if ONE_STOP_DESK not in one.roles]
    return [code for code in above if len(agencies.descendants(code, period.last) & rated) > 1]


def names_of(
    connection: Connection,
    kind: SubjectKind,
    agency: str,
    subjects: Collection[str],
    period: ScorePeriod,
    agencies: Agencies,
) -> dict[str, Name]:
    """How subjects are printed.

    Args:
        connection, kind, agency, period, agencies: as for :func:`count`.
        subjects: of the counted.
    """
    if kind == SubjectKind.AGENCY:
        return {code: Name(agencies.name_of(code, period.last)) for code in subjects}
    if kind == SubjectKind.COUNTER:
        return {number: Name(f"Quầy số {number}") for number in subjects}
    return official_names(connection, agency, subjects)


def official_names(connection: Connection, agency: str, subjects: Collection[str]) -> dict[str, Name]:
    """Name and position of officials, by their newest entry on an agency's register."""
    statement = (
        select(officials.c.subject, officials.c.name, officials.c.position)
        .where(officials.c.agency == agency, officials.c.subject.in_(sorted(subjects)))
        .order_by(officials.c.valid_from, officials.c.recorded_at)
    )
    return {row.subject: Name(row.name, row.position) for row in connection.execute(statement)}


def registered_agencies(connection: Connection) -> list[str]:
    """The agencies that have a register of officials."""
    return sorted(connection.execute(select(officials.c.agency).distinct()).scalars())


def registered_officials(connection: Connection, agency: str, first: date, last: date) -> dict[str, str | None]:
    """Who stood on an agency's register on any of some days, with the department that had sent them; None without one."""
    among = registered_spans(connection, agency, first, last)
    statement = (
        select(officials.c.subject, officials.c.home_agency)
        .where(officials.c.agency == agency, officials.c.valid_from <= last, officials.c.active)
        .order_by(officials.c.valid_from, officials.c.recorded_at)
    )
    newest = {row.subject: row.home_agency for row in connection.execute(statement)}
    return {subject: newest[subject] for subject in among}


def registered_spans(
    connection: Connection, agency: str, first: date, last: date
) -> dict[str, list[tuple[date, date]]]:
    """When officials stood on an agency's register, within some days.

    Args:
        connection: any.
        agency: whose register.
        first, last: the days, both included.

    Returns:
        subject → spans of days, both ends included; who never stood there is left out.
    """
    statement = (
        select(officials.c.subject, officials.c.valid_from, officials.c.active)
        .where(officials.c.agency == agency, officials.c.valid_from <= last)
        .order_by(officials.c.subject, officials.c.valid_from, officials.c.recorded_at)
    )
    known: dict[str, dict[date, bool]] = defaultdict(dict)
    for subject, valid_from, active in connection.execute(statement):
        known[subject][valid_from] = active  # of two entries of one day the later one counts
    found = {subject: _spans(entries, first, last) for subject, entries in known.items()}
    return {subject: spans for subject, spans in found.items() if spans}


def _spans(entries: Mapping[date, bool], first: date, last: date) -> list[tuple[date, date]]:
    """The active spans of one official within some days."""
    begins = list(entries)
    ends = [*(day - _DAY for day in begins[1:]), last]
    spans: list[tuple[date, date]] = []
    for begin, end in zip(begins, ends, strict=True):
        span = max(begin, first), min(end, last)
        if not entries[begin] or span[0] > span[1]:
            continue
        if spans and spans[-1][1] + _DAY == span[0]:
            span = spans.pop()[0], span[1]
        spans.append(span)
    return spans


def _official_scores(connection: Connection, agency: str, period: ScorePeriod) -> Iterable[Any]:
    """Subject, score and number, counted span by span: most officials have the whole period."""
    by_span: dict[tuple[date, date], list[str]] = defaultdict(list)
    for subject, spans in registered_spans(connection, agency, period.first, period.last).items():
        for span in spans:
            by_span[span].append(subject)
    for (first, last), subjects in by_span.items():
        yield from connection.execute(scores_of_officials(subjects, (_begin(first), _begin(last + _DAY))))


def scores_of_officials(subjects: Collection[str], span: Span) -> Select[str, int, int]:
    """A query: subject, score and number of ratings of officials in a span, each rating once for each official."""
    whose = (
        select(rating_officials.c.rating, rating_officials.c.official)
        .where(rating_officials.c.official.in_(sorted(subjects)))
        .distinct()
        .subquery()
    )
    return _scores(whose.c.official, ratings.join(whose, whose.c.rating == ratings.c.id), span)


def _scores(subject: ColumnElement[str], among: FromClause, span: Span) -> Select[str, int, int]:
    """A query: subject, score and number of the ratings of a span that count."""
    correction = last_corrections()
    score = counted_score(correction).label("counted")
    return (
        select(subject.label("subject"), score, func.count())
        .select_from(among.outerjoin(correction, correction.c.rating == ratings.c.id))
        .where(ratings.c.given_at >= span[0], ratings.c.given_at < span[1], score.is_not(None))
        .group_by("subject", "counted")
    )


def _counted(rows: Iterable[Any]) -> list[Counted]:
    scores: dict[str, dict[int, int]] = defaultdict(dict)
    for subject, score, number in rows:
        scores[subject][score] = scores[subject].get(score, 0) + number
    return [Counted(subject, found) for subject, found in scores.items()]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
