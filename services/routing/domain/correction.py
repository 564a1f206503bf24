"""The agency's own error in a result, and by when it is corrected (NĐ 118/2025, article 23.1)."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.states import DossierState
from shared.calendar import WorkingCalendar
from shared.calendar.deadlines import is_past
from shared.calendar.regulated_periods import period_end
from shared.regulations import Regulation, RuleViolation

_HAS_RESULT = frozenset({DossierState.RESOLVED, DossierState.RETURNED})


class CorrectionNotAllowed(RuleViolation):
    """The agency cannot correct this by itself."""


def check_correction(regulation: Regulation, state: DossierState, own_error: bool, is_open: bool) -> None:
    """Checks that a result may be corrected without a new dossier.

    Args:
        regulation: under which the dossier was received.
        state: of the dossier.
        own_error: whether the error is the agency's own.
        is_open: whether a correction of this dossier is open already; what is wrong besides is corrected with it.

    Raises:
        CorrectionNotAllowed: ``correction_without_result``, ``correction_of_others_error`` or ``correction_already_open``.
    """
    number = regulation.find("own_error_correction_working_days")
    if state not in _HAS_RESULT:
        raise CorrectionNotAllowed(
            "correction_without_result",
            "Hồ sơ chưa có kết quả để đính chính",
            "There is no result yet that could be corrected",
            regulation,
            number,
        )
    if not own_error:
        raise CorrectionNotAllowed(
            "correction_of_others_error",
            "Chỉ sai sót do cơ quan giải quyết mới được đính chính theo cách này",
            "Only the agency's own error is corrected in this way",
            regulation,
            number,
        )
    if is_open:
        raise CorrectionNotAllowed(
            "correction_already_open",
            "Hồ sơ đang được đính chính; nội dung cần sửa thêm được ghi vào lần đính chính này",
            "A correction of this dossier is open already; add what else is wrong to it",
        )


def correct_by(regulation: Regulation, found_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """By when a known error must be corrected; None where the regulation sets no time.

    Args:
        regulation: under which the dossier was received.
        found_at: when the agency found its error, or learned of it.
        calendar: of the agency.
    """
    number = regulation.find("own_error_correction_working_days")
    return None if number is None else period_end(number, found_at, calendar)


def corrected_on_time(correct_until: datetime | None, corrected_at: datetime) -> bool:
    """Whether an error was corrected in time; a late correction is still required, so lateness is measured and not refused.

    Args:
        correct_until: as :func:`correct_by` returned it when the error was found.
        corrected_at: when it was corrected.
    """
    return correct_until is None or not is_past(correct_until, corrected_at)
