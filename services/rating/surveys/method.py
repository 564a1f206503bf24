"""How a campaign was done, in words, for its published page and file."""

from __future__ import annotations

from services.rating.surveys.domain import Population
from services.rating.surveys.store import Survey

_INDEX = (
    "Chỉ số hài lòng là tỷ lệ câu trả lời “Hài lòng” và “Rất hài lòng” trong các câu hỏi theo thang điểm của mỗi phiếu, lấy trung bình có "
    "trọng số trên các phiếu.",
    "The index is the share of the answers “Satisfied” and “Very satisfied” among the questions with the scale of each answer sheet, as a "
    "weighted mean over the sheets.",
)
_DRAWN = (
    "Mẫu được chọn ngẫu nhiên trong số hồ sơ đã trả kết quả, phân tầng theo thủ tục và cơ quan tiếp nhận; số phiếu mỗi tầng tỷ lệ với số "
    "hồ sơ, có mức tối thiểu, làm tròn theo số dư lớn nhất.",
    "The sample was drawn at random from the returned dossiers, in strata by procedure and receiving agency; each stratum’s part is "
    "proportional to its dossiers, with a minimum, rounded by the largest remainders.",
)
_WEIGHTED = (
    "Ước lượng phân tầng: ȳ = Σ(Nₕ/N)·ȳₕ; phương sai v = Σ(Nₕ/N)²·(1 − nₕ/Nₕ)·sₕ²/nₕ (Cochran 1977, chương 5); khoảng tin cậy 95% theo "
    "Wilson (1927) với cỡ mẫu hiệu dụng ȳ(1 − ȳ)/v.",
    "Stratified estimate: ȳ = Σ(Nₕ/N)·ȳₕ; variance v = Σ(Nₕ/N)²·(1 − nₕ/Nₕ)·sₕ²/nₕ (Cochran 1977, chapter 5); interval of 95% by Wilson "
    "(1927) with the effective sample size ȳ(1 − ȳ)/v.",
)
_MISSING = (
    "Người không trả lời được coi như người trả lời cùng tầng; tỷ lệ trả lời thấp làm kết quả kém chắc chắn hơn khoảng tin cậy cho thấy.",
    "Those who did not answer are taken to be like those of the same stratum who did; with few answers the result is less sure than its "
    "interval says.",
)
_OPEN = (
    "Khảo sát mở cho mọi người, không chọn mẫu: kết quả là của những người đã trả lời, không có trọng số và không có khoảng tin cậy.",
    "Anybody could answer; nobody was drawn. The result is that of those who answered, without weights and without an interval.",
)


def method(survey: Survey) -> list[tuple[str, str]]:
    """The sentences in Vietnamese and English."""
    least = survey.plan.shown_least
    shown = (
        f"Kết quả của từng phần chỉ được nêu khi có ít nhất {least} phiếu.",
        f"The result of a part is shown only if it has at least {least} answers.",
    )
    drawn = survey.plan.population is Population.DOSSIERS
    return [_INDEX, *((_DRAWN, _WEIGHTED, _MISSING) if drawn else (_OPEN,)), shown]


def method_text(survey: Survey) -> list[str]:
    """The sentences in Vietnamese."""
    return [vi for vi, _ in method(survey)]
