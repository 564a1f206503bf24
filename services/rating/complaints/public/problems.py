"""Domain errors of filing and looking up complaints → problem details; part of rating's one table."""

from __future__ import annotations

from services.rating.complaints.entry.domain import PaperKnown
from services.rating.complaints.public.throttle import TooManyFilings
from shared.persistence.wrong_tries import TooManyTries
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _too_many_tries(error: TooManyTries) -> Problem:
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Mã nhập vào không đúng, và đã có quá nhiều lần nhập sai. Sau {minutes} phút, số lần nhập sai được tính lại từ đầu.",
        detail_en=f"The codes do not fit, and there were too many wrong tries. They are counted anew in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def _too_many_filings(error: TooManyFilings) -> Problem:
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Có quá nhiều phản ánh gửi từ mạng này. Nội dung vẫn còn trong mẫu; xin gửi lại sau {minutes} phút.",
        detail_en=f"Too much was sent from this network. The form still has it; please send it again in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def _paper_known(error: PaperKnown) -> Problem:
    vi, en = f"Số phiếu này đã nhập: {error.code}.", f"A paper of this number was entered: {error.code}."
    fault = {"field": "number", "message": vi, "message_en": en}
    return Problem(
        409,
        "paper-known",
        "Phiếu đã được nhập",
        "The paper was entered before",
        errors=[fault],  # type: ignore[list-item]
    )


FEEDBACK_PROBLEMS: ProblemTable = {
    TooManyFilings: _too_many_filings,
    TooManyTries: _too_many_tries,
    PaperKnown: _paper_known,
}
