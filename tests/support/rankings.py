"""Something to see on the pages of rankings and assessments."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from services.rating.officials.store import officials
from services.rating.rankings import store
from services.rating.rankings.assessments import commands as assessments
from services.rating.rankings.assessments import store as assessment_store
from services.rating.rankings.commands import draw_up, issue
from services.rating.rankings.domain import SubjectKind
from services.rating.rankings.store import Paper
from services.rating.ratings.commands import keep_rating
from services.rating.ratings.domain import OF_VISIT, NewRating, Rating
from services.rating.scores.periods import ScorePeriod, before, period_of
from shared.auth import Principal
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context


def rank_something(context: Context, desk: str, other_desk: str, above: str, official: str) -> dict[str, str]:
    """Last month's rankings, those of officials still to be issued in a second version, and an assessment that its official may comment on.

    Args:
        context: of rating.
        desk: whose official is ranked and assessed.
        other_desk: with which it is compared.
        above: the agency that ranks both.
        official: subject of their tokens.

    Returns:
        the identifiers `ranking`, `published` and `assessment`.
    """
    period = before(period_of("month", context.clock.now().astimezone(VIETNAM).date()))
    leader = Principal(f"leader@{above}", frozenset({"leader"}), above)
    context.store.run(lambda work: _register(work, official, desk, period))
    context.store.run(lambda work: _rate(work, official, desk, other_desk, period))
    for kind, agency in ((SubjectKind.OFFICIAL, desk), (SubjectKind.COUNTER, desk), (SubjectKind.AGENCY, above)):
        context.store.run(partial(draw_up, kind=kind, agency=agency, period=period))
    first, published = (
        _paper(context, SubjectKind.OFFICIAL, desk, period),
        _paper(context, SubjectKind.AGENCY, above, period),
    )
    for paper in (first, published):
        context.store.run(partial(issue, actor=leader, id_=paper.id, digest=paper.digest))
    context.store.run(lambda work: _rate(work, official, desk, other_desk, period))
    context.store.run(partial(draw_up, kind=SubjectKind.OFFICIAL, agency=desk, period=period))
    return {
        "ranking": _paper(context, SubjectKind.OFFICIAL, desk, period).id,
        "published": published.id,
        "assessment": _assess(context, official, desk, leader, period.first.year),
    }


def _paper(context: Context, kind: SubjectKind, agency: str, period: ScorePeriod) -> Paper:
    with context.store.read() as connection:
        found = store.latest(connection, agency, kind, period.key)
    assert found is not None
    return found


def _register(work: UnitOfWork, official: str, desk: str, period: ScorePeriod) -> None:
    row = {
        "id": str(uuid4()),
        "subject": official,
        "agency": desk,
        "valid_from": period.first,
        "name": "Nguyễn Thị Bưởi",
        "position": "Chuyên viên",
        "home_agency": desk,
        "counter": 1,
        "active": True,
        "recorded_by": "leader",
        "recorded_at": work.now,
    }
    work.connection.execute(officials.insert(), personal_values(officials, row))


def _rate(work: UnitOfWork, official: str, desk: str, other_desk: str, period: ScorePeriod) -> None:
    begins: datetime = period.begins
    for place in range(70):
        at, own = begins + timedelta(hours=9, minutes=place), place % 2 == 0
        rated = {"agency": desk, "official": official, "counter": 1} if own else {"agency": other_desk}
        rating = Rating(5 if place % 9 else 2)
        assert keep_rating(
            work, NewRating(str(uuid4()), OF_VISIT, rating=rating, channel="device", given_at=at, **rated)
        )


def _assess(context: Context, official: str, desk: str, leader: Principal, year: int) -> str:
    opened = partial(assessments.open_assessment, official=official, agency=desk, home_agency=desk, year=year)
    assert context.store.run(opened)
    with context.store.read() as connection:
        (one,) = [
            each for each in assessment_store.of_agencies(connection, [desk], year, 500) if each.official == official
        ]
    shown = partial(
        assessments.show, actor=leader, id_=one.id, remark="Hoàn thành tốt.", justified=[], revision=one.revision
    )
    context.store.run(shown)
    return one.id
