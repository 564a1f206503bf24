"""Payments online with a bank in its own process: money that came in settles its debt once or becomes a refund, and is never lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from services.intake.payments.online.commands import record_receipt
from services.intake.payments.providers.port import Receipt
from services.intake.payments.reconciliation.commands import read_statements
from services.intake.payments.reconciliation.domain import compare
from shared.auth import issue_token
from tests.intake.payments.bank_fixture import FEE, Payments

DAYS = itertools.count()


def test_a_report_settles_the_fee_however_often_it_comes(payments: Payments, code: str) -> None:
    order = payments.order(code)
    assert order.pay_url.endswith(f"/pay/{order.reference}")
    assert payments.bank(reference=order.reference, times=3)["statuses"] == [200, 200, 200]
    assert payments.settled(code)
    assert payments.refund_causes() == []
    (payment,) = payments.intake.rows("payment")
    assert (payment["method"], payment["number"], payment["received_by"]) == ("online", 1, "gateway")


def test_a_lost_report_is_asked_for(payments: Payments, code: str) -> None:
    order = payments.order(code)
    assert payments.poll() == 1
    assert not payments.settled(code)
    payments.bank(reference=order.reference, times=0)
    assert payments.poll(3) == 1
    assert payments.settled(code)
    assert payments.poll(600) == 0, "it is not asked for any more"


def test_a_bank_that_fails_is_asked_again(payments: Payments, code: str) -> None:
    payments.bank(failing=True)
    order = payments.order(code)
    assert order.pay_url == ""
    assert payments.poll() == 1
    payments.bank(failing=False)
    order = payments.order(code)
    payments.bank(reference=order.reference)
    payments.poll(5)
    assert payments.settled(code)


@pytest.mark.parametrize(
    "lie",
    [
        {"key": "another-key-0123456789-abcdefghijklmnop"},
        {"at": "2025-11-20T07:00:00+07:00"},
        {"at": "2025-11-20T09:00:00+07:00"},
    ],
    ids=["wrong key", "kept and sent again", "from the future"],
)
def test_a_report_that_is_not_the_banks_own_changes_nothing(payments: Payments, code: str, lie: dict[str, str]) -> None:
    order = payments.order(code)
    assert payments.bank(reference=order.reference, times=1, **lie)["statuses"] == [401]
    assert not payments.settled(code)
    assert payments.intake.rows("provider_receipt") == []


def test_an_altered_report_is_refused(payments: Payments, code: str) -> None:
    order = payments.order(code)
    answer = payments.client.post(
        "/intake/api/payment-notices/gateway",
        json={"transaction": "x", "reference": order.reference, "amount": FEE, "status": "succeeded"},
        headers={"Motcua-Signature": f"t={int(payments.context.clock.wall().timestamp())},v1={'0' * 64}"},
    )
    assert answer.status_code == 401


def test_a_report_of_failure_keeps_the_order_open(payments: Payments, code: str) -> None:
    order = payments.order(code)
    receipt = {
        "transaction": "f-1",
        "reference": order.reference,
        "amount": FEE,
        "paid_at": "2025-11-20T08:15:00+07:00",
    }
    assert payments.bank(receipt=receipt, status="failed", times=1)["statuses"] == [200]
    assert not payments.settled(code)
    assert payments.order(code).id == order.id


@pytest.mark.parametrize("amount", [FEE - 1, FEE + 1, 1])
def test_a_wrong_amount_becomes_a_refund_and_the_right_one_still_settles(
    payments: Payments, code: str, amount: int
) -> None:
    order = payments.order(code)
    payments.bank(reference=order.reference, amount=amount, times=2)
    assert not payments.settled(code)
    assert payments.refund_causes() == ["wrong_amount"]
    payments.bank(reference=order.reference, times=1)
    assert payments.settled(code)


def test_paying_twice_is_refunded_once(payments: Payments, code: str) -> None:
    order = payments.order(code)
    payments.bank(reference=order.reference, times=1)
    payments.bank(reference=order.reference, times=2)
    assert payments.settled(code)
    assert payments.refund_causes() == ["paid_twice"]


def test_money_after_the_withdrawal_becomes_a_refund(payments: Payments, code: str) -> None:
    order = payments.order(code)
    assert payments.intake.post(f"/dossiers/{code}/withdraw", {"reason": ""}).status_code == 200
    payments.bank(reference=order.reference)
    payments.poll()
    assert not payments.settled(code)
    assert payments.refund_causes() == ["dossier_over"]


def test_money_of_an_unknown_reference_is_kept_for_refund(payments: Payments) -> None:
    assert payments.bank(reference="CHUYEN TIEN", amount=70_000, times=2)["statuses"] == [200, 200]
    (refund,) = payments.intake.rows("refund")
    assert (refund["cause"], refund["amount"], refund["dossier"]) == ("unknown_reference", 70_000, "")


def test_a_transaction_that_is_reported_with_another_amount_is_refused(payments: Payments, code: str) -> None:
    order = payments.order(code)
    payments.bank(reference=order.reference, transaction="one", times=1)
    assert payments.bank(reference=order.reference, transaction="one", amount=5, times=1)["statuses"] == [409]
    assert payments.settled(code)


def test_a_transfer_that_the_clerk_recorded_first_is_matched(payments: Payments, code: str) -> None:
    order = payments.order(code)
    body = {"amount": FEE, "method": "transfer", "reference": f"FT-1 {order.reference}"}
    assert payments.intake.post(f"/dossiers/{code}/payments", body).status_code == 201
    payments.bank(reference=order.reference, times=2)
    assert payments.settled(code)
    assert payments.refund_causes() == []


def test_an_obligation_paid_online_lets_processing_go_on(payments: Payments, code: str) -> None:
    payments.intake.receive_event("obligation.requested", code, obligation="tax", amount=12_500_000)
    order = payments.order(code, "tax")
    payments.bank(reference=order.reference, times=2)
    assert payments.intake.get(f"/dossiers/{code}").json["state"] == 4


def test_a_crash_before_the_commit_loses_nothing(payments: Payments, code: str) -> None:
    order = payments.order(code)
    received = payments.bank(reference=order.reference)["receipt"]
    receipt = Receipt(received["transaction"], order.reference, FEE, payments.context.clock.wall())

    class Killed(Exception):
        """The process dies."""

    def dying(work: Any) -> None:
        record_receipt(work, "gateway", receipt)
        raise Killed

    with pytest.raises(Killed):
        payments.intake.store.run(dying)
    assert payments.intake.rows("provider_receipt") == payments.intake.rows("ledger_entry") == []
    assert payments.intake.rows("receipt_number") == [], "the number is given back"
    payments.poll()
    assert payments.settled(code)
    assert [one["number"] for one in payments.intake.rows("payment")] == [1]


def test_reports_in_any_order_agree(payments: Payments) -> None:
    for order_of_events in itertools.permutations(("wrong", "right", "poll")):
        code = str(payments.intake.file()["code"])
        order = payments.order(code)
        steps: dict[str, Callable[[], Any]] = {
            "wrong": lambda order=order: payments.bank(reference=order.reference, amount=7, times=1),  # type: ignore[misc]
            "right": lambda order=order: payments.bank(reference=order.reference, times=1),  # type: ignore[misc]
            "poll": lambda: payments.poll(3),
        }
        for step in order_of_events:
            steps[step]()
        assert payments.settled(code)
    assert sorted(payments.refund_causes()) == ["paid_twice"] * 3 + ["wrong_amount"] * 3


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 3)),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 3)),
)
def test_a_comparison_finds_all_that_differs_and_nothing_else(theirs: dict[str, int], ours: dict[str, int]) -> None:
    found = {one.transaction: one for one in compare(theirs.items(), ours)}
    assert set(found) == {name for name in theirs | ours if theirs.get(name) != ours.get(name)}
    assert all((one.theirs, one.ours) == (theirs.get(name), ours.get(name)) for name, one in found.items())


def test_money_that_only_the_statement_knows_is_recorded(payments: Payments, code: str) -> None:
    payments.intake.advance(
        timedelta(days=30) + timedelta(seconds=next(DAYS) * 3 * 86_400)
    )  # other tests use this bank too
    order = payments.order(code)
    payments.bank(reference=order.reference, transaction=f"stated-{order.id}")
    leader: Any = payments.app.test_client()
    token = issue_token(payments.context.settings.auth, "leader-1", "leader", "H12.31.01")
    leader.set_cookie("motcua_session", token)
    page = leader.get("/intake/payments/reconciliation", headers={"Accept": "text/html"})
    assert "Chưa ghi nhận tại đây" in page.text
    assert read_statements(payments.context) == 1
    assert payments.settled(code)
    assert "đều khớp" in leader.get("/intake/payments/reconciliation", headers={"Accept": "text/html"}).text
    payments.bank(failing=True)
    assert read_statements(payments.context) == 0
    assert "chưa trả lời" in leader.get("/intake/payments/reconciliation", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("change", ["UPDATE ledger_entry SET amount = 1", "DELETE FROM ledger_entry"])
def test_the_ledger_refuses_changes(payments: Payments, code: str, change: str) -> None:
    assert payments.intake.post(f"/dossiers/{code}/payments", {"amount": FEE, "method": "cash"}).status_code == 201
    with pytest.raises(DatabaseError, match="append-only"), payments.intake.store.uow() as work:
        work.connection.execute(text(change))


def test_the_citizen_pays_by_the_pages(payments: Payments, code: str) -> None:
    receipt = payments.intake.file()
    browser: Any = payments.app.test_client()
    origin = {"Origin": "http://localhost", "Accept": "text/html"}
    wrong = browser.post("/intake/pay", data={"code": receipt["code"], "secret": "ABCDEFGH"}, headers=origin)
    assert (wrong.status_code, receipt["code"] in wrong.text) == (404, True)
    answer = browser.post("/intake/pay", data={"code": receipt["code"], "secret": receipt["secret"]}, headers=origin)
    assert answer.headers["Location"] == "/intake/pay"
    assert "550.000" in browser.get("/intake/pay").text
    place = browser.post("/intake/pay/start", data={"obligation": ""}, headers=origin).headers["Location"]
    assert browser.post("/intake/pay/start", data={"obligation": ""}, headers=origin).headers["Location"] == place
    page = browser.get(place).text
    assert "VietQR" in page
    assert f"http://127.0.0.1:{payments.port}/pay/MC" in page
    reference = page.partition("/pay/MC")[2][:12]
    for _ in range(8):
        assert "kiểm tra lại" in browser.get(f"{place}?asked=1").text
    assert {one["polls"] for one in payments.intake.rows("payment_order")} == {0}, "who asks does not delay the sweep"
    payments.bank(reference=f"MC{reference}")
    fresh = payments.app.test_client()
    assert "Đã nộp tiền" in fresh.get(f"{place}?asked=1").text, "the bank sends back without our cookie"
    assert "550.000" in browser.get("/intake/pay").text
    assert payments.settled(receipt["code"])
