"""Refunds that go back through the provider: once, whatever it answers and however often it is asked; what it cannot do the desk does."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from services.intake.payments.ledger.domain import Account
from services.intake.payments.ledger.store import balances
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.refunds.commands import send_refunds
from shared.auth import issue_token
from tests.intake.payments.bank_fixture import FEE, Payments
from tests.intake.service_fixture import DESK


def act(payments: Payments, role: str, action: str, **typed: str) -> int:
    """A leader or clerk acts on the newest refund by the page; returns the status."""
    browser: Any = payments.app.test_client()
    browser.set_cookie("motcua_session", issue_token(payments.context.settings.auth, f"{role}-1", role, DESK))
    refund = payments.intake.rows("refund")[-1]["id"]
    typed |= {"action": f"{action}-{refund}", "form_key": secrets.token_urlsafe()}
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    return int(browser.post(f"/intake/payments/refunds/{refund}", data=typed, headers=headers).status_code)


def sweep(payments: Payments, minutes: float = 0) -> int:
    """The sweep, some minutes later."""
    payments.intake.advance(timedelta(minutes=minutes))
    return send_refunds(payments.context, provider_of(payments.context))


def state(payments: Payments) -> tuple[str, str, int]:
    """The only refund: its state, the provider's failure, and what is owed back by the ledger."""
    (row,) = payments.intake.rows("refund")
    with payments.intake.store.read() as connection:
        found = balances(connection)
    assert sum(found.values()) == 0
    return row["state"], row["failure"], -found[Account.REFUNDABLE]


@pytest.fixture
def approved(payments: Payments, code: str) -> Payments:
    """A dossier that was paid twice; the second payment goes back."""
    order = payments.order(code)
    payments.bank(reference=order.reference, times=1)
    payments.bank(reference=order.reference, times=1)
    payments.bank(refunds=[])
    assert act(payments, "leader", "approve", reason="Nộp hai lần") == 303
    assert state(payments) == ("sending", "", FEE)
    return payments


def test_the_provider_pays_back_once_and_in_its_own_time(approved: Payments) -> None:
    assert act(approved, "clerk", "pay", method="cash", handed_to="applicant") == 409, "the provider pays it back"
    assert sweep(approved) == 1
    assert state(approved) == ("sending", "", FEE)
    assert sweep(approved, 0.5) == 0, "it is not asked all the time"
    assert sweep(approved, 1) == 1
    assert state(approved) == ("paid", "", 0)
    assert sweep(approved, 600) == 0
    (row,) = approved.intake.rows("refund")
    assert (row["method"], row["number"], row["paid_by"]) == ("online", 1, "gateway")
    assert row["reference"] == row["transaction"]
    assert [one["data"]["amount"] for one in approved.intake.emitted("fee.refunded")] == [FEE]
    assert act(approved, "clerk", "pay", method="cash", handed_to="applicant") == 409


def test_what_the_provider_cannot_pay_back_is_sent_again_or_paid_by_the_desk(approved: Payments) -> None:
    approved.bank(refunds=["failed", "failed"])
    assert sweep(approved) == 1
    assert state(approved) == ("approved", "account closed", FEE)
    assert sweep(approved, 600) == 0, "somebody decides what to do"
    assert act(approved, "clerk", "resend") == 303
    assert state(approved) == ("sending", "", FEE)
    assert sweep(approved) == 1
    assert state(approved) == ("approved", "account closed", FEE)
    assert act(approved, "clerk", "pay", method="transfer", reference="FT-9") == 303
    assert state(approved) == ("paid", "", 0)
    known = [one for one in approved.bank(refunds=[]).values() if one["state"] == "failed"]
    assert len({one["id"] for one in known}) >= 2, "each attempt is another refund at the bank"


def test_a_provider_that_does_not_answer_is_asked_again(approved: Payments) -> None:
    approved.bank(failing=True)
    assert [sweep(approved), sweep(approved, 1), sweep(approved, 1), sweep(approved, 1)] == [1, 1, 0, 1]
    approved.bank(failing=False)
    approved.bank(refunds=["succeeded"])
    assert sweep(approved, 5) == 1
    assert state(approved) == ("paid", "", 0)


def test_a_crash_after_the_providers_answer_pays_nothing_twice(
    approved: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved.bank(refunds=["succeeded"])
    store = approved.context.store

    class Killed(Exception):
        """The process dies."""

    def dying(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "run", dying)
        with pytest.raises(Killed):
            sweep(approved)
    assert state(approved) == ("sending", "", FEE)
    assert sweep(approved) == 1
    assert state(approved) == ("paid", "", 0)
    refund = approved.intake.rows("refund")[0]["id"]
    assert [one["calls"] for key, one in approved.bank(refunds=[]).items() if key.startswith(refund)] == [2]
