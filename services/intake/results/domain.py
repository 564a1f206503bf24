"""Handing a result over before its time: the citizen is told first (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

from datetime import datetime

from shared.regulations import Regulation, RuleViolation


class EarlyReturnNotAllowed(RuleViolation):
    """An early result may not be handed over yet."""


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
    if number is None or not number.boolean or returned_at >= due_at:
        return
    if told_at is None or told_at > returned_at:
        raise EarlyReturnNotAllowed(
            "early_result_not_notified",
            "Phải thông báo cho người nộp hồ sơ trước khi trả kết quả sớm hơn hẹn",
            "The citizen is told before a result is handed over earlier than promised",
            regulation,
            number,
        )
