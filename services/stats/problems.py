"""Domain error → problem details: the one table of stats."""

from __future__ import annotations

from services.stats.access import (
    STATISTICS_READERS,
    NoAgency,
    NotStatisticsReader,
    NotYourUnit,
    OtherAgency,
    UnknownUnit,
)
from services.stats.index.commands import BadFigure, MeasuredHere, NotBegun
from services.stats.index.domain import NoIndex, UnknownPart
from services.stats.index.shown import NotYet
from services.stats.measures.domain import BadCursor, BadPeriod
from services.stats.reports.problems import REPORT_PROBLEMS
from shared.agencies import UnknownAgency
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem


def _invalid(field: str, vi: str, en: str) -> Problem:
    return Problem(422, "invalid", errors=[{"field": field, "message": vi, "message_en": en}])


PROBLEMS: ProblemTable = {
    **REPORT_PROBLEMS,
    NoAgency: lambda _: Problem(403, "wrong-agency"),
    OtherAgency: lambda _: Problem(403, "wrong-agency"),
    NotYourUnit: lambda _: Problem(403, "wrong-agency"),
    UnknownUnit: lambda _: Problem(404, "not-found"),
    NotStatisticsReader: lambda _: Problem(403, "forbidden", roles=sorted(STATISTICS_READERS)),
    BadCursor: lambda _: Problem(
        422, "invalid", errors=[{"field": "after", "message": "Không phải vị trí của trang trước."}]
    ),
    BadPeriod: lambda error: Problem(422, "invalid", errors=[{"field": error.field, "message": str(error)}]),
    UnknownAgency: lambda _: _invalid("agency", "Không có cơ quan này.", "There is no such agency."),
    NotYet: lambda error: _invalid(error.field, "Kỳ này chưa bắt đầu.", "This period has not begun."),
    NoIndex: lambda _: _invalid(
        "index", "Không có bộ chỉ số này trong kỳ.", "This index was not in force in the period."
    ),
    UnknownPart: lambda _: _invalid("part", "Không có danh sách của phần này.", "There is no such list of this part."),
    MeasuredHere: lambda _: _invalid(
        "part", "Phần này do hệ thống đo, không nhập.", "The platform measures this part."
    ),
    NotBegun: lambda _: _invalid("month", "Kỳ này chưa bắt đầu.", "This period has not begun."),
    BadFigure: lambda error: _invalid(error.field, *error.message),
}


domain_errors_as_problems = translation(PROBLEMS)
