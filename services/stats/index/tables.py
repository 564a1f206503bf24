"""The tables of the index as files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from services.stats.exports import Table
from services.stats.index.domain import Part, PartScore, Score, State, Threshold, percent, printed
from services.stats.index.periods import IndexPeriod
from services.stats.index.queries import CountedPeriod
from services.stats.index.ranking import RankedGroup, Ranking
from services.stats.index.shortened import Report
from services.stats.index.wording import GROUPS, LEVELS, STATES
from shared.web.language import text
from shared.web.pages import written_date, written_time

Name = Callable[[str], str]
"""Code of an agency → its name."""


def score_table(found: CountedPeriod, score: Score, agency: str) -> Table:
    """A score: one row for each part.

    Args:
        found: the period and its moment.
        score: of the agency.
        agency: its name.
    """
    columns = (
        *(text("Phần", "Part"), text("Nội dung", "Content"), text("Đạt", "Met"), text("Tổng số", "Of")),
        *(text("Tỷ lệ (%)", "Share (%)"), text("Đạt điểm tối đa từ (%)", "All points from (%)")),
        *(
            text("Điểm", "Points"),
            text("Điểm tối đa", "Most points"),
            text("Số liệu", "Figure"),
            text("Ghi chú", "Note"),
        ),
    )
    rows = [
        (
            *(one.part.id, text(*one.part.name)),
            *((one.count.numerator, one.count.denominator) if one.count.denominator else (None, None)),
            *(percent(one.ratio), _full_at(one.part)),
            *(None if one.points is None else printed(one.points), printed(one.part.points)),
            *(text(*STATES[one.state]), _note(found, one)),
        )
        for one in score.parts
    ]
    points, possible, total = (printed(value) for value in (score.points, score.possible, found.index.points))
    band = (
        text(*score.band.name)
        if score.band
        else text("chưa xếp loại vì còn thiếu số liệu", "no mark while figures are missing")
    )
    notes = (
        (text("Cơ quan", "Agency"), agency),
        *_about(found.period, found),
        (text("Điểm / điểm có thể / tổng điểm", "Points / possible / total"), f"{points} / {possible} / {total}"),
        (text("Xếp loại", "Mark"), band),
    )
    return Table(text(*found.index.name), columns, rows, notes)


def ranking_table(found: CountedPeriod, ranking: Ranking, group: RankedGroup, smallest: int, name: Name) -> Table:
    """A ranking: those with a place, then those without."""
    columns = (
        *(text("Hạng", "Place"), text("Mã cơ quan", "Code"), text("Cơ quan", "Agency")),
        *(
            text("Điểm trên 100 điểm có thể", "Points of 100 possible"),
            text("Điểm", "Points"),
            text("Điểm có thể", "Possible"),
        ),
        *(
            text("Hồ sơ", "Dossiers"),
            text("Tăng, giảm hạng", "Places gained"),
            text("Tăng, giảm điểm", "Points gained"),
        ),
    )
    rows = [
        (
            *(one.place, one.of.agency, name(one.of.agency), one.of.share),
            *(printed(one.of.score.points), printed(one.of.score.possible)),
            *(one.of.dossiers, one.places_gained, one.points_gained),
        )
        for one in ranking.places
    ]
    few = [(None, one.agency, name(one.agency), None, None, None, one.dossiers, None, None) for one in ranking.too_few]
    reason = text(
        "Cơ quan có dưới {number} hồ sơ không xếp hạng", "Agencies with fewer than {number} dossiers have no place"
    )
    notes = (*_about(found.period, found), (text("Cách xếp", "Rule"), reason.format(number=smallest)))
    return Table(text(*GROUPS[group]), columns, [*rows, *few], notes)


def shortened_table(report: Report, day: date) -> Table:
    """Shortened procedures: one row for each case."""
    columns = (
        *(text("Mã thủ tục", "Code"), text("Thủ tục", "Procedure"), text("Trường hợp", "Case"), text("Cấp", "Level")),
        *(text("Luật định", "Law"), text("Thực hiện", "Promised"), text("Rút ngắn (ngày)", "Days sooner")),
        *(text("Quyết định", "Decision"), text("Từ ngày", "Since")),
    )
    rows = [
        (
            *(one.procedure, one.name, case.name, ", ".join(text(*LEVELS[level]) for level in one.levels)),
            *(text(*case.law), text(*case.limit), case.days, case.decision, case.since),
        )
        for one in report.shortened
        for case in one.cases
    ]
    levels = [(text(*LEVELS[level]), str(number)) for level, number in report.by_level.items()]
    notes = [(text("Tính đến ngày", "As of"), written_date(day)), *levels]
    return Table(text("Thủ tục được rút ngắn thời gian", "Procedures with shortened limits"), columns, rows, notes)


def _about(period: IndexPeriod, found: CountedPeriod) -> tuple[tuple[str, str], ...]:
    return (
        (text("Kỳ", "Period"), text(*period.name)),
        (text("Căn cứ", "By"), text(*found.index.decision)),
        (text("Số liệu lúc", "As of"), written_time(found.as_of)),
    )


def _full_at(part: Part) -> float | None:
    return float(part.scale.full_at) if isinstance(part.scale, Threshold) else None


def _note(found: CountedPeriod, one: PartScore) -> str:
    if one.state is not State.MISSING:
        return ""
    if one.lacks:
        return text("Cần phần {part}", "Needs part {part}").format(part=one.lacks)
    return text(*one.part.missing)
