"""What an assessment says of an official's year: work on time, late and returned, ratings, and complaints that were found justified."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from services.rating.officials.domain import LATE, ON_TIME, RECEPTION, UNCOUNTED
from services.rating.officials.store import completed_steps, dossier_officials, returned_steps, visits
from services.rating.rankings.assessments.findings import justified_complaints
from services.rating.rankings.assessments.rules import assessment_rules
from services.rating.rankings.counting import Span, official_names, scores_of_officials
from services.rating.rankings.domain import Counted, Name, SubjectKind, shares_of
from services.rating.rankings.methods import method_on
from shared.runtime.clock import VIETNAM


def assessed_span(year: int, today: date) -> tuple[date, date]:
    """The first and the last day that count for a year, by the rules in force on a day."""
    return assessment_rules(today).span(year)


def span_of(figures: dict[str, Any]) -> Span:
    """The first moment of the days that were counted, and the first one after them."""
    first, last = (date.fromisoformat(figures[name]) for name in ("first", "last"))
    return _moment(first), _moment(last + timedelta(days=1))


def figures_text(connection: Connection, official: str, agency: str, year: int, now: datetime) -> str:
    """The JSON text of the figures of an official's year, as they are now.

    Args:
        connection: any.
        official: subject of their tokens.
        agency: where they work.
        year: that is assessed.
        now: business time.
    """
    first, last = assessed_span(year, now.astimezone(VIETNAM).date())
    span = _moment(first), _moment(last + timedelta(days=1))
    name = official_names(connection, agency, [official]).get(official, Name(official))
    found = {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "name": name.name,
        "position": name.position,
        "work": _work(connection, official, span),
        "ratings": _ratings(connection, official, span, last),
        "complaints": justified_complaints(connection, official, span),
        "counted_at": now.astimezone(VIETNAM).isoformat(timespec="minutes"),
    }
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()


def _work(connection: Connection, official: str, span: Span) -> dict[str, int]:
    done = completed_steps.c
    statement = (
        select(done.timeliness, func.count())
        .where(done.official == official, done.completed_at >= span[0], done.completed_at < span[1])
        .group_by(done.timeliness)
    )
    by_time: dict[str, int] = {row[0]: row[1] for row in connection.execute(statement)}
    back, seen, had = returned_steps.c, visits.c, dossier_officials.c
    returned = select(func.count()).where(
        back.official == official, back.returned_at >= span[0], back.returned_at < span[1]
    )
    served = select(func.count()).where(seen.official == official, seen.served_at >= span[0], seen.served_at < span[1])
    received = select(func.count()).where(
        had.official == official, had.part == RECEPTION, had.at >= span[0], had.at < span[1]
    )
    return {
        "completed": sum(by_time.values()),
        "on_time": by_time.get(ON_TIME, 0),
        "late": by_time.get(LATE, 0),
        "uncounted": by_time.get(UNCOUNTED, 0),
        "returned": int(connection.execute(returned).scalar_one()),
        "served": int(connection.execute(served).scalar_one()),
        "received": int(connection.execute(received).scalar_one()),
    }


def _ratings(connection: Connection, official: str, span: Span, last: date) -> dict[str, Any]:
    method = method_on(last)
    scores = {score: number for _, score, number in connection.execute(scores_of_officials([official], span))}
    counted, least = Counted(official, scores), method.minimum(SubjectKind.OFFICIAL)
    about = {"minimum": least, "confidence_percent": method.confidence_percent, "method": method.id}
    if counted.ratings < least:
        return about | {"ratings": counted.ratings, "enough": False}
    shares = shares_of(counted, method)
    return about | {
        "ratings": shares.ratings,
        "enough": True,
        "satisfied": shares.satisfied,
        "neutral": shares.neutral,
        "dissatisfied": shares.dissatisfied,
        "share": shares.share,
        "low": shares.low,
        "high": shares.high,
        "mean": shares.mean,
    }


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
