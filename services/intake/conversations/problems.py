"""Which problem details the caller gets for errors about conversations."""

from __future__ import annotations

from services.intake.conversations.domain import AlreadyAnswered, ConversationOver, TooManyQuestions, UnknownEntry
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _unknown(_error: UnknownEntry) -> Problem:
    return Problem(
        404, "not-found", detail="Hồ sơ không có nội dung trao đổi này.", detail_en="The dossier has no such entry."
    )


def _answered(_error: AlreadyAnswered) -> Problem:
    return Problem(
        409,
        "already-answered",
        "Nội dung này đã được trả lời",
        "This was answered already",
        detail="Có người khác vừa trả lời hoặc đánh dấu đã xem.",
        detail_en="Somebody else has just answered it or marked it as seen.",
    )


def _over(_error: ConversationOver) -> Problem:
    return Problem(
        409,
        "conversation-over",
        "Không trao đổi về hồ sơ này được nữa",
        "Nothing more can be written about this dossier",
        detail="Dữ liệu cá nhân của hồ sơ đã được xóa khi hết thời hạn lưu trữ.",
        detail_en="Its personal data were erased when their retention ended.",
    )


def _too_many(error: TooManyQuestions) -> Problem:
    most = error.most
    if error.per_day:
        vi = f"Mỗi ngày gửi được {most} câu hỏi về một hồ sơ. Mời gửi tiếp vào ngày mai, hoặc gọi cho Bộ phận Một cửa."
        en = f"On one day {most} questions can be asked about a dossier. Please go on tomorrow, or call the one-stop desk."
    else:
        vi = f"Đang có {most} câu hỏi chờ trả lời. Mời gửi tiếp khi đã có trả lời."
        en = f"{most} questions wait for an answer. Please go on when there is one."
    return Problem(
        429, "too-many-questions", "Đã có nhiều câu hỏi", "There are many questions", detail=vi, detail_en=en
    )


CONVERSATION_PROBLEMS: ProblemTable = {
    UnknownEntry: _unknown,
    AlreadyAnswered: _answered,
    ConversationOver: _over,
    TooManyQuestions: _too_many,
}
"""What each error becomes."""
