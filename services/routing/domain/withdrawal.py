"""Ends without a result: the citizen withdraws before the result notice (NĐ 118/2025, article 21), or the agency stops (form 05)."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.rules import required, shown
from services.routing.domain.states import DOSSIER_MOVES, DossierState
from shared.regulations import Regulation, RuleViolation


class EndNotAllowed(RuleViolation):
    """A dossier may not be withdrawn or stopped any more, or not in this way."""


def check_withdrawal(
    regulation: Regulation, state: DossierState, asked_at: datetime, result_noticed_at: datetime | None = None
) -> None:
    """Checks that the citizen may still withdraw the dossier.

    Args:
        regulation: under which the dossier was received.
        state: of the dossier now.
        asked_at: when the citizen asked.
        result_noticed_at: when the notice of the result went out, if it did.

    Raises:
        EndNotAllowed: ``withdrawal_after_result`` (21) or ``dossier_ended``.
    """
    noticed = result_noticed_at is not None and asked_at >= result_noticed_at
    if noticed or state in (DossierState.RESOLVED, DossierState.RETURNED):
        when = "" if result_noticed_at is None else f" ({shown(result_noticed_at)})"
        raise EndNotAllowed(
            "withdrawal_after_result",
            f"Đã có thông báo kết quả{when}, không rút hồ sơ được nữa",
            f"The result has been announced{when}: the dossier can no longer be withdrawn",
            regulation,
            required(regulation, "withdrawal_until_result"),
        )
    _check_not_ended(state, DossierState.WITHDRAWN)


def check_stop(state: DossierState, reason: str) -> None:
    """Checks that an agency may stop the dossier.

    Args:
        state: of the dossier now.
        reason: as the notice of stopping (form 05) gives it.

    Raises:
        EndNotAllowed: ``stop_without_reason`` or ``dossier_ended``.
    """
    _check_not_ended(state, DossierState.STOPPED)
    if not reason.strip():
        raise EndNotAllowed(
            "stop_without_reason",
            "Thông báo dừng giải quyết phải nêu lý do",
            "The notice of stopping must give the reason",
            missing="reason",
        )


def _check_not_ended(state: DossierState, after: DossierState) -> None:
    if after not in DOSSIER_MOVES[state]:
        raise EndNotAllowed(
            "dossier_ended", "Hồ sơ đã kết thúc hoặc đã có kết quả", "The dossier has ended or has its result"
        )
