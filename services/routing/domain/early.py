"""A result before its time: how early, and that the citizen is told before it is handed out (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.clock import WorkingTime
from services.routing.domain.rules import RuleBroken, demands
from shared.regulations import Regulation


class EarlyReturnNotAllowed(RuleBroken):
    """An early result may not be handed out yet."""


def early_minutes(due_at: datetime, resolved_at: datetime, calendar: WorkingTime) -> int:
    """How many working minutes before its due time a dossier was resolved; 0 when it was not early.

    Args:
        due_at: the due time.
        resolved_at: when the result was there.
        calendar: of the receiving agency.
    """
    return max(0, calendar.working_minutes_between(resolved_at, due_at))


def check_early_return(
    regulation: Regulation, due_at: datetime, returned_at: datetime, notified_at: datetime | None
) -> None:
    """Checks that the citizen was told before an early result is handed out.

    Args:
        regulation: under which the dossier was received.
        due_at: the due time; from then on the citizen comes as appointed.
        returned_at: when the result is handed out.
        notified_at: when the citizen was told that the result is there; None if not yet.

    Raises:
        EarlyReturnNotAllowed: ``early_result_not_notified`` (22.5).
    """
    number = demands(regulation, "early_result_notice_first")
    told = notified_at is not None and notified_at <= returned_at
    if number is not None and returned_at < due_at and not told:
        raise EarlyReturnNotAllowed(
            "early_result_not_notified",
            "Phải thông báo cho người nộp hồ sơ trước khi trả kết quả sớm hơn hẹn",
            "The citizen is told before a result is handed out earlier than promised",
            regulation,
            number,
        )
