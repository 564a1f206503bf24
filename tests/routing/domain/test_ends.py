"""The other ends of a dossier: refusal, withdrawal, stopping, and the correction of a result."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.routing.domain.correction import CorrectionNotAllowed, check_correction, correct_by, corrected_on_time
from services.routing.domain.refusal import RefusalNotAllowed, check_refusal
from services.routing.domain.states import DossierState
from services.routing.domain.withdrawal import EndNotAllowed, check_stop, check_withdrawal
from shared.regulations import Regulation
from tests.routing.domain.rule_fixtures import (
    BOTH,
    ND61,
    ND118,
    OFFICE,
    QD09,
    THURSDAY,
    at,
)

ACTIVE, SUPPLEMENT, RESOLVED = DossierState.ACTIVE, DossierState.SUPPLEMENT, DossierState.RESOLVED
RETURNED, WITHDRAWN, STOPPED = DossierState.RETURNED, DossierState.WITHDRAWN, DossierState.STOPPED


@pytest.mark.parametrize(("regulation", "article"), [(ND118, "19.3"), (ND61, "19")], ids=["nd118_19_3", "nd61_19"])
@pytest.mark.parametrize(
    ("reason", "document", "code"),
    [
        ("Không đủ điều kiện", "12/TB-UBND", None),
        ("Không đủ điều kiện", " ", "refusal_not_in_writing"),
        ("", "12/TB-UBND", "refusal_without_reason"),
    ],
)
def test_nd118_19_3_refusal_in_writing_with_its_reason(
    regulation: Regulation, article: str, reason: str, document: str, code: str | None
) -> None:
    if code is None:
        check_refusal(regulation, reason, document)
        return
    with pytest.raises(RefusalNotAllowed) as refused:
        check_refusal(regulation, reason, document)
    assert (refused.value.code, refused.value.article) == (code, article)


def test_qd09_a_version_that_wants_no_writing_still_wants_a_reason() -> None:
    check_refusal(QD09, "Không đủ điều kiện", "")
    with pytest.raises(RefusalNotAllowed, match="refusal_without_reason"):
        check_refusal(QD09, "", "")


WITHDRAWALS = [
    # state, when the result was announced, refused with
    (ACTIVE, None, None),
    (SUPPLEMENT, None, None),
    (ACTIVE, "2025-11-21 09:01", None),  # announced after the citizen had asked
    (ACTIVE, "2025-11-21 09:00", "withdrawal_after_result"),
    (RESOLVED, "2025-11-21 08:00", "withdrawal_after_result"),
    (RESOLVED, None, "withdrawal_after_result"),
    (RETURNED, "2025-11-21 08:00", "withdrawal_after_result"),
    (WITHDRAWN, None, "dossier_ended"),
    (STOPPED, None, "dossier_ended"),
]


@pytest.mark.parametrize("regulation", [*BOTH, QD09], ids=lambda regulation: regulation.id)
@pytest.mark.parametrize(("state", "noticed", "code"), WITHDRAWALS)
def test_nd118_21_withdrawal_until_the_result_notice(
    regulation: Regulation, state: DossierState, noticed: str | None, code: str | None
) -> None:
    noticed_at = at(noticed) if noticed else None
    if code is None:
        check_withdrawal(regulation, state, at("2025-11-21 09:00"), noticed_at)
        return
    with pytest.raises(EndNotAllowed) as refused:
        check_withdrawal(regulation, state, at("2025-11-21 09:00"), noticed_at)
    assert refused.value.code == code
    cited = "21" if regulation is ND118 and code == "withdrawal_after_result" else ""
    assert refused.value.article == cited


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        (ACTIVE, "Có tranh chấp", None),
        (SUPPLEMENT, "Không bổ sung", None),
        (ACTIVE, " ", "stop_without_reason"),
        (RESOLVED, "Có tranh chấp", "dossier_ended"),
        (RETURNED, "Có tranh chấp", "dossier_ended"),
        (WITHDRAWN, "Có tranh chấp", "dossier_ended"),
        (STOPPED, "Có tranh chấp", "dossier_ended"),
    ],
)
def test_form_05_stopping_needs_a_dossier_in_hand_and_a_reason(
    state: DossierState, reason: str, code: str | None
) -> None:
    if code is None:
        check_stop(state, reason)
        return
    with pytest.raises(EndNotAllowed) as refused:
        check_stop(state, reason)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("found", "until"),
    [("2025-11-20 08:15", "2025-11-25 17:30"), ("2025-11-22 10:00", "2025-11-26 17:30")],
)
def test_nd118_23_1_own_error_corrected_within_3_working_days(found: str, until: str) -> None:
    assert correct_by(ND118, at(found), OFFICE) == at(until)
    assert corrected_on_time(at(until), at(until))
    assert not corrected_on_time(at(until), at(until) + timedelta(minutes=1))


def test_nd61_sets_no_time_for_corrections_so_none_is_late() -> None:
    assert correct_by(ND61, THURSDAY, OFFICE) is None
    assert corrected_on_time(None, at("2026-11-20 08:00"))


@pytest.mark.parametrize(
    ("state", "own", "code"),
    [
        (RESOLVED, True, None),
        (RETURNED, True, None),
        (RETURNED, False, "correction_of_others_error"),
        (ACTIVE, True, "correction_without_result"),
        (STOPPED, True, "correction_without_result"),
    ],
)
def test_nd118_23_1_only_a_results_own_error_is_corrected(state: DossierState, own: bool, code: str | None) -> None:
    if code is None:
        check_correction(ND118, state, own, is_open=False)
        return
    with pytest.raises(CorrectionNotAllowed) as refused:
        check_correction(ND118, state, own, is_open=False)
    assert (refused.value.code, refused.value.article) == (code, "23.1")


def test_one_correction_is_open_at_a_time() -> None:
    with pytest.raises(CorrectionNotAllowed) as refused:
        check_correction(ND118, RETURNED, own_error=True, is_open=True)
    assert (refused.value.code, refused.value.article) == ("correction_already_open", "")
