"""How papers and pages say what a ranking is and how it was made, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.rating.rankings.domain import SubjectKind
from services.rating.rankings.periods import label_of
from services.rating.scores.periods import parse_period

TITLES = {
    SubjectKind.OFFICIAL: ("Bảng xếp hạng cán bộ, công chức, viên chức", "Ranking of officials"),
    SubjectKind.COUNTER: ("Bảng xếp hạng quầy giao dịch", "Ranking of counters"),
    SubjectKind.AGENCY: ("Bảng xếp hạng cơ quan, đơn vị", "Ranking of agencies"),
}
SUBJECTS = {
    SubjectKind.OFFICIAL: ("Cán bộ", "Official"),
    SubjectKind.COUNTER: ("Quầy", "Counter"),
    SubjectKind.AGENCY: ("Cơ quan, đơn vị", "Agency"),
}
PERIOD_KINDS = {
    "week": ("Tuần", "Week"),
    "month": ("Tháng", "Month"),
    "quarter": ("Quý", "Quarter"),
    "year": ("Năm", "Year"),
}
_FEW = {
    SubjectKind.OFFICIAL: ("cán bộ", "officials"),
    SubjectKind.COUNTER: ("quầy", "counters"),
    SubjectKind.AGENCY: ("cơ quan, đơn vị", "agencies"),
}


def period_label(key: str) -> tuple[str, str]:
    """The name of a period of a paper."""
    return label_of(parse_period(key))


def unranked_in_words(content: Mapping[str, Any]) -> tuple[str, str]:
    """How many are not ranked, in Vietnamese and English; empty when all are.

    Args:
        content: of the paper.
    """
    number, ratings, least = content["unranked"], content["unranked_ratings"], content["method"]["minimum"]
    if not number:
        return "", ""
    vi, en = _FEW[SubjectKind(content["kind"])]
    return (
        f"Chưa xếp hạng {number} {vi} có dưới {least} lượt đánh giá (tổng cộng {ratings} lượt).",
        f"Not ranked: {number} {en} with fewer than {least} ratings ({ratings} ratings in all).",
    )


def method_in_words(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The method as the paper states it, sentence by sentence, in Vietnamese and English.

    Args:
        content: of the paper.
    """
    method, kind = content["method"], SubjectKind(content["kind"])
    first, last = (date.fromisoformat(content[name]) for name in ("first", "last"))
    span = f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}"
    whose_vi, whose_en = _WHOSE[kind]
    return [
        (f"{method['decision_vi']}.", f"{method['decision_en']}."),
        (
            f"Tính các lượt đánh giá gửi từ ngày {span[0]} đến hết ngày {span[1]}, {whose_vi}, theo điểm sau đính chính; lượt bị loại bỏ "
            "khi đính chính thì không tính; lượt đang được rà soát vẫn tính.",
            f"Counted: ratings given from {span[0]} to {span[1]}, {whose_en}, with their corrected scores; those that a correction "
            "excludes do not count, those under review do.",
        ),
        (
            f"Hài lòng: từ {method['satisfied_from']} đến 5 điểm; không hài lòng: từ 1 đến {method['dissatisfied_to']} điểm.",
            f"Satisfied: scores {method['satisfied_from']} to 5; dissatisfied: 1 to {method['dissatisfied_to']}.",
        ),
        (
            f"Chỉ xếp hạng khi có ít nhất {method['minimum']} lượt đánh giá.",
            f"Ranked with at least {method['minimum']} ratings.",
        ),
        (
            f"Khoảng tin cậy {method['confidence_percent']}% của tỷ lệ hài lòng tính theo công thức Wilson. Thứ hạng xếp theo cận dưới của "
            "khoảng này, nếu bằng nhau thì theo điểm trung bình, đều lấy số đã làm tròn như trong bảng; bằng nhau cả hai thì đồng hạng.",
            f"The {method['confidence_percent']}% interval of the satisfied share is Wilson's. Places follow its lower end, of equals the "
            "mean score, both as printed; who is equal in both shares a place.",
        ),
    ]


_WHOSE = {
    SubjectKind.OFFICIAL: (
        "của cán bộ có tên trong danh sách của cơ quan vào ngày đánh giá, mỗi lượt tính một lần cho mỗi cán bộ",
        "of officials on the agency's register on the day of the rating, each rating once for each official",
    ),
    SubjectKind.COUNTER: (
        "có ghi số quầy tại nơi tiếp nhận",
        "with the number of a counter of the desk",
    ),
    SubjectKind.AGENCY: (
        "theo nơi tiếp nhận hồ sơ hoặc lượt giao dịch",
        "by the desk that received the dossier or the visitor",
    ),
}
