"""The JSON API of the index: scores with the cases behind each number, rankings, and procedures with shortened limits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.stats import access
from services.stats.facts.procedures import procedures_on
from services.stats.index.counting import list_cases
from services.stats.index.domain import UnknownPart, printed
from services.stats.index.formulas import listed_sides
from services.stats.index.queries import last_day, read_ranking
from services.stats.index.ranking import RankedGroup
from services.stats.index.rules import ranking_rule
from services.stats.index.schemas import (
    CasesSchema,
    IndexCasesQuerySchema,
    IndexQuerySchema,
    IndexSchema,
    RankingQuerySchema,
    RankingSchema,
    ShortenedQuerySchema,
    ShortenedSchema,
)
from services.stats.index.shortened import report
from services.stats.index.shown import (
    Asked,
    asked_counts,
    asked_period,
    asked_score,
    window_behind,
    written_score,
)
from services.stats.problems import domain_errors_as_problems
from shared.web.authorization import roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

api = ApiBlueprint(
    "stats",
    "index",
    description="Agencies' scores by the 766 index and the nine indices, rankings, procedures with shortened limits",
)
CURSOR = " "
"""Between the code and the agency of a cursor; neither contains it."""


@api.get("/index")
@roles(*access.STATISTICS_READERS, agency="record")
@query(IndexQuerySchema, IndexSchema, snapshot=True)
def index(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The score of an agency in a month, quarter or year, with every part: counted, entered from outside, or missing and why."""
    with domain_errors_as_problems():
        asked = _asked(arguments)
        found, score = asked_counts(connection, asked)
    return written_score(found, asked, score)


@api.get("/index/cases")
@roles(*access.STATISTICS_READERS, agency="record")
@query(IndexCasesQuerySchema, CasesSchema, snapshot=True)
def cases(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The cases behind a part's numbers, in pages: those that meet it, those that do not, or all."""
    limit, side = arguments["limit"], arguments["side"]
    code, _, agency = arguments["after"].partition(CURSOR)
    with domain_errors_as_problems():
        asked = _asked(arguments)
        found, _score = asked_counts(connection, asked)
        part = found.index.part(arguments["part"])
        if side not in listed_sides(part.formula):
            raise UnknownPart(part.id)
    listed = list_cases(connection, part, side, window_behind(found), asked.own, (code, agency), limit + 1)
    page = listed[:limit]
    following = f"{page[-1].code}{CURSOR}{page[-1].agency}" if len(listed) > limit else None
    return {"as_of": found.as_of, "part": part.id, "side": side, "cases": page, "next": following}


@api.get("/index/ranking")
@roles(*access.STATISTICS_READERS, agency="any")
@query(RankingQuerySchema, RankingSchema, snapshot=True)
def ranking(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """Departments, districts or communes by their share of the possible points. Who reads statistics sees all places of a ranking."""
    here = context()
    group = RankedGroup(arguments["group"])
    with domain_errors_as_problems():
        period, now = asked_period(arguments["month"]), here.clock.now()
        found, ranked = read_ranking(connection, group, period, now, here.reference.agencies, arguments["index"])
    return {
        "as_of": found.as_of,
        "period": period.key,
        "index": found.index.id,
        "group": group.value,
        "smallest_sample": ranking_rule(last_day(period, now)).smallest_sample,
        "places": [
            {
                "place": one.place,
                "agency": one.of.agency,
                "share": one.of.share,
                "points": printed(one.of.score.points),
                "possible": printed(one.of.score.possible),
                "dossiers": one.of.dossiers,
                "places_gained": one.places_gained,
                "points_gained": one.points_gained,
            }
            for one in ranked.places
        ],
        "too_few": [{"agency": one.agency, "dossiers": one.dossiers} for one in ranked.too_few],
    }


@api.get("/index/procedures")
@roles(*access.STATISTICS_READERS, agency="any")
@query(ShortenedQuerySchema, ShortenedSchema, snapshot=True)
def procedures(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The procedures whose time limit is shorter than the law's, by level, as of a day."""
    day = arguments["day"] or context().clock.now().date()
    found = report(procedures_on(connection, day), day)
    listed = report(procedures_on(connection, day), day, arguments["level"])
    return {
        "as_of": day,
        "total": found.total,
        "shortened": len(found.shortened),
        "several_levels": found.several_levels,
        "by_level": [{"level": level, "procedures": number} for level, number in found.by_level.items()],
        "procedures": [
            {
                "procedure": one.procedure,
                "name": one.name,
                "levels": one.levels,
                "cases": [
                    {
                        "name": case.name,
                        "law": case.law[0],
                        "limit": case.limit[0],
                        "days": case.days,
                        "decision": case.decision,
                        "since": case.since,
                    }
                    for case in one.cases
                ],
            }
            for one in listed.shortened
        ],
    }


def _asked(arguments: dict[str, Any]) -> Asked:
    return asked_score(arguments["month"], arguments["agency"], arguments["index"])
