"""When a result may be handed over: an early one only after the citizen was notified (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

from datetime import datetime

from services.intake.dossiers.domain import State
from shared.regulations import Regulation, RuleViolation


class NotReturnable(ValueError):
    """There is no result to hand over: not yet, or it was handed over before."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no result to return in state {state.value}")
        self.state = state


class EarlyReturnNotAllowed(RuleViolation):
    """An early result may not be handed over yet."""


def check_early_return(
    regulation: Regulation, due_at: datetime, returned_at: datetime, notified_at: datetime | None
) -> None:
    """Checks that the citizen was notified before an early result is handed over.

    Args:
        regulation: of the dossier; a version without the rule allows any early result.
        due_at: the due time; from then on no notice is needed.
        returned_at: when the result is handed over.
        notified_at: when the citizen was notified of the result; None if not yet.

    Raises:
        EarlyReturnNotAllowed: the citizen was not notified (article 22.5).
    """
    number = regulation.find("early_result_notice_first")
    if number is None or not number.boolean or returned_at >= due_at:
        return
    if notified_at is None or notified_at > returned_at:
        raise EarlyReturnNotAllowed(
            "early_result_not_notified",
            "Phải thông báo cho người nộp hồ sơ trước khi trả kết quả sớm hơn hẹn",
            "The citizen must be notified before a result is handed over earlier than promised",
            regulation,
            number,
        )
