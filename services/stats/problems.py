"""Domain error → problem details: the one table of stats."""

from __future__ import annotations

from services.stats.access import STATISTICS_READERS, NoAgency, NotStatisticsReader
from services.stats.measures.domain import BadCursor, BadPeriod
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem

PROBLEMS: ProblemTable = {
    NoAgency: lambda _: Problem(403, "wrong-agency"),
    NotStatisticsReader: lambda _: Problem(403, "forbidden", roles=sorted(STATISTICS_READERS)),
    BadCursor: lambda _: Problem(
        422, "invalid", errors=[{"field": "after", "message": "Không phải vị trí của trang trước."}]
    ),
    BadPeriod: lambda error: Problem(422, "invalid", errors=[{"field": error.field, "message": str(error)}]),
}


domain_errors_as_problems = translation(PROBLEMS)
