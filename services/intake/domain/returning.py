"""Handing a result over before its time: the citizen is told first (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

from datetime import datetime

from shared.regulations import Number, Regulation


class EarlyReturnNotAllowed(ValueError):
    """An early result may not be handed over yet.

    Args:
        regulation, number: where the rule stands.

    Attributes:
        code: for programs.
        regulation: the regulation's id.
        article: its article.
        vi, en: for people, with the citation.
    """

    code = "early_result_not_notified"

    def __init__(self, regulation: Regulation, number: Number) -> None:
        self.regulation, self.article = regulation.id, number.article
        self.vi = (
            "Phải thông báo cho người nộp hồ sơ trước khi trả kết quả sớm hơn hẹn"
            f" ({regulation.title_vi}, Điều {number.article})."
        )
        self.en = (
            "The citizen is told before a result is handed over earlier than promised"
            f" ({regulation.title_en}, article {number.article})."
        )
        super().__init__(f"{self.code}: {self.en}")


def check_early_return(
    regulation: Regulation, due_at: datetime, returned_at: datetime, told_at: datetime | None
) -> None:
    """Checks that the citizen was told before an early result is handed over.

    Args:
        regulation: under which the dossier was received; one without the rule allows it at once.
        due_at: the due time; from then on the citizen comes as appointed.
        returned_at: when the result is handed over.
        told_at: when the citizen was told that the result is there; None if not yet.

    Raises:
        EarlyReturnNotAllowed: he was not (22.5).
    """
    number = regulation.find("early_result_notice_first")
    if number is None or not number.truth or returned_at >= due_at:
        return
    if told_at is None or told_at > returned_at:
        raise EarlyReturnNotAllowed(regulation, number)
