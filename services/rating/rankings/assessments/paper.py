"""The assessment as the official paper, and the register of an agency's assessments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.rating.rankings.assessments.store import Assessment
from services.rating.rankings.paper import decimal
from shared.agencies import Agencies
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.runtime.clock import VIETNAM

FORMS = Path(__file__).parent.parent / "templates" / "forms"
DRAFT = "DỰ THẢO"
NONE = "Không có ý kiến."


def assessment_pdf(one: Assessment, agencies: Agencies) -> bytes:
    """The assessment as PDF; one that is not signed says that it is a draft.

    Args:
        one: as stored.
        agencies: for names and the head.
    """
    at = one.sent_at or one.shown_at or one.opened_at
    day, figures = at.astimezone(VIETNAM).date(), one.figures
    sent = one.sent_at is not None
    data = issuer_fields(agencies, one.agency, day) | {
        "title": f"Phiếu đánh giá cán bộ năm {one.year}",
        "year": str(one.year),
        "number": one.written_number or "        /",
        "mark": "" if sent else DRAFT,
        "to": agencies.name_of(one.home_agency, day),
        "name": figures["name"],
        "position": figures["position"],
        "workplace": agencies.name_of(one.agency, day),
        "span": f"từ ngày {_written(figures['first'])} đến hết ngày {_written(figures['last'])}",
        "rows": figure_rows(figures),
        "remark": one.remark or "Chưa có.",
        "comment": one.comment or NONE if one.commented_at is not None else _no_comment(one),
        "answer": one.answer,
        "digest": one.digest,
    }
    return render_pdf(_template("assessment"), data, at)


def register_pdf(items: Sequence[Assessment], agency: str, year: int, agencies: Agencies, now: datetime) -> bytes:
    """The register of an agency's assessments of a year of numbers, to be signed.

    Args:
        items: in the order of their numbers.
        agency: the issuer.
        year: of the numbers.
        agencies: for names and the head.
        now: business time.
    """
    day = now.astimezone(VIETNAM).date()
    data = issuer_fields(agencies, agency, day) | {
        "title": f"Sổ phiếu đánh giá cán bộ năm {year}",
        "year": str(year),
        "rows": [_register_row(one, agencies) for one in items],
        "total": f"Tổng số: {len(items)} phiếu.",
    }
    return render_pdf(_template("assessment_register"), data, now)


def figure_rows(figures: dict[str, Any]) -> list[list[str]]:
    """What was counted, as pairs of a label and a number in Vietnamese."""
    work, rated, complaints = figures["work"], figures["ratings"], figures["complaints"]
    rows = [
        ["Lượt khách đã phục vụ tại quầy", _whole(work["served"])],
        ["Hồ sơ đã tiếp nhận, trả kết quả", _whole(work["received"])],
        ["Bước xử lý đã hoàn thành", _whole(work["completed"])],
        ["– trước hạn, đúng hạn", _with_share(work["on_time"], work["on_time"] + work["late"])],
        ["– quá hạn", _with_share(work["late"], work["on_time"] + work["late"])],
        ["– không tính thời hạn", _whole(work["uncounted"])],
        ["Lượt công việc bị trả lại để làm lại", _whole(work["returned"])],
        ["Lượt đánh giá của người dân", _whole(rated["ratings"])],
    ]
    if rated["enough"]:
        interval = f"{decimal(rated['low'], 1)} – {decimal(rated['high'], 1)}%"
        rows += [
            ["– hài lòng", f"{_whole(rated['satisfied'])} ({decimal(rated['share'], 1)}%)"],
            ["– bình thường", _whole(rated["neutral"])],
            ["– không hài lòng", _whole(rated["dissatisfied"])],
            [f"– khoảng tin cậy {rated['confidence_percent']}% của tỷ lệ hài lòng (Wilson)", interval],
            ["– điểm trung bình (thang 5)", decimal(rated["mean"], 2)],
        ]
    else:
        rows.append(["– tỷ lệ hài lòng", f"chưa đủ {rated['minimum']} lượt để kết luận"])
    label = "Phản ánh, kiến nghị về cán bộ được kết luận là đúng, trong số đã trả lời"
    return [*rows, [label, f"{_whole(complaints['justified'])} / {_whole(complaints['answered'])}"]]


def _register_row(one: Assessment, agencies: Agencies) -> list[str]:
    figures, sent = one.figures, one.sent_at or one.opened_at
    home = agencies.name_of(one.home_agency, sent.astimezone(VIETNAM).date())
    acknowledged = _moment(one.acknowledged_at) if one.acknowledged_at else ""
    return [one.written_number, _moment(sent), figures["name"], figures["position"], str(one.year), home, acknowledged]


def _no_comment(one: Assessment) -> str:
    if one.sent_at is None:
        return "Chưa có."
    until = f"đến {_moment(one.comment_until)}" if one.comment_until else ""
    return f"Không có ý kiến trong thời hạn {until}.".replace(" .", ".")


def _with_share(part: int, whole: int) -> str:
    return f"{_whole(part)} ({decimal(100 * part / whole, 1)}%)" if whole else _whole(part)


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _written(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


@cache
def _template(name: str) -> Template:
    return read_template(FORMS / f"{name}.typ")
