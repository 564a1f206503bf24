"""Whatever bank, clerks, clock and crashes do: money that came in settles its debt once or is owed back, and all books agree."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from services.intake.dossiers import store as dossiers
from services.intake.payments.closing.commands import close_day
from services.intake.payments.commands import NewPayment, take_payment
from services.intake.payments.ledger.domain import Account
from services.intake.payments.ledger.store import balances
from services.intake.payments.online.commands import record_receipt
from services.intake.payments.providers.port import Receipt
from services.intake.payments.reconciliation.commands import read_statements
from tests.intake.payments.bank_fixture import FEE, Payments
from tests.intake.service_fixture import DESK, THURSDAY, IntakeService

CLERKS = 20
STEPS = (
    "paid",
    "reported twice",
    "lost",
    "too little",
    "too much",
    "failed",
    "forged",
    "expired",
    "cash",
    "transfer",
    "asked",
    "statement",
    "restarted",
    "withdrawn",
)
SERIAL = itertools.count()


class Killed(Exception):
    """The process dies."""


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Runs all at once; returns what each returned.

    Raises:
        Exception: what one of them raised.
    """
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


def do(payments: Payments, step: str, code: str, reference: str) -> None:
    """One thing that happens."""
    receipt = f"{reference}-{next(SERIAL)}"
    match step:
        case "paid":
            payments.bank(reference=reference, transaction=receipt, times=1)
        case "reported twice":
            payments.bank(reference=reference, transaction=receipt, times=2)
        case "lost":
            payments.bank(reference=reference, transaction=receipt)
        case "too little":
            payments.bank(reference=reference, transaction=receipt, amount=FEE - 1, times=1)
        case "too much":
            payments.bank(reference=reference, transaction=receipt, amount=FEE + 1, times=1)
        case "failed":
            at = payments.context.clock.wall().isoformat()
            what = {"transaction": receipt, "reference": reference, "amount": FEE, "paid_at": at}
            payments.bank(receipt=what, status="failed", times=1)
        case "forged":
            at = payments.context.clock.wall().isoformat()
            what = {"transaction": receipt, "reference": reference, "amount": FEE, "paid_at": at}
            answer = payments.bank(receipt=what, key="not-the-key-0123456789-abcdefghijklm", times=1)
            assert answer["statuses"] == [401]
        case "expired":
            payments.intake.advance(timedelta(hours=1))
        case "cash" | "transfer":
            body = {"amount": FEE, "method": step, "reference": reference if step == "transfer" else ""}
            payments.intake.post(f"/dossiers/{code}/payments", body)
        case "asked":
            payments.poll(7)
        case "statement":
            read_statements(payments.context)
        case "restarted":
            payments.bank(failing=True)
            payments.poll(2)
            payments.bank(failing=False)
        case "withdrawn":
            payments.intake.post(f"/dossiers/{code}/withdraw", {"reason": ""})


@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_story_ends_with_books_that_agree(payments: Payments, steps: list[str]) -> None:
    code = str(payments.intake.file()["code"])
    reference = payments.order(code).reference
    for step in steps:
        do(payments, step, code, reference)
    for _ in range(3):
        payments.poll(400)
    read_statements(payments.context)
    settled = payments.settled(code)
    told = payments.bank(receipts=reference)["receipts"]
    mine = [one for one in payments.intake.rows("provider_receipt") if one["dossier"] == code]
    assert {one["transaction"] for one in mine} == {one["transaction"] for one in told}, "no money is forgotten"
    right = [one for one in told if one["amount"] == FEE]
    if right and "withdrawn" not in steps:
        assert settled
    owed_back = sum(one["amount"] for one in payments.intake.rows("refund") if one["dossier"] == code)
    kept = sum(one["amount"] for one in payments.intake.rows("payment") if one["dossier"] == code)
    at_desk = 0 if any(one["outcome"] == "paid" for one in mine) else kept
    matched = sum(one["amount"] for one in mine if one["outcome"] == "matched")
    assert kept + owed_back == at_desk + sum(one["amount"] for one in told) - matched


def test_a_process_that_dies_at_any_statement_loses_and_doubles_nothing(payments: Payments) -> None:
    code = str(payments.intake.file()["code"])
    order = payments.order(code)
    receipt = Receipt(f"kill-{order.id}", order.reference, FEE, payments.context.clock.wall())
    engine, died = payments.intake.store.engine, 0
    for last in itertools.count(1):
        done = itertools.count(1)

        def before(*_: Any, last: int = last, done: Any = done) -> None:
            if next(done) == last:
                raise Killed

        event.listen(engine, "before_cursor_execute", before)
        try:
            payments.intake.store.run(lambda work: record_receipt(work, "gateway", receipt))
        except Killed:
            died += 1
            event.remove(engine, "before_cursor_execute", before)
            assert not payments.settled(code)
            assert payments.intake.rows("provider_receipt") == payments.intake.rows("fee_transfer") == []
            assert payments.intake.rows("receipt_number") == []
        else:
            event.remove(engine, "before_cursor_execute", before)
            break
    assert died > 8, "the test has killed it at many places"
    assert payments.settled(code)
    assert len(payments.intake.rows("fee_transfer")) == 1


def test_cash_at_the_desk_and_the_banks_report_at_once_pay_once(payments: Payments) -> None:
    body = {"amount": FEE, "method": "cash"}
    for _ in range(3):
        code = str(payments.intake.file()["code"])
        reference = payments.order(code).reference
        desk, bank = together(
            lambda code=code: payments.intake.post(f"/dossiers/{code}/payments", body).status_code,  # type: ignore[misc]
            lambda reference=reference: payments.bank(reference=reference, times=1)["statuses"],  # type: ignore[misc]
        )
        assert (desk, bank) in ((201, [200]), (409, [200]))
        assert payments.settled(code)
        causes = [one["cause"] for one in payments.intake.rows("refund") if one["dossier"] == code]
        assert causes == (["paid_twice"] if desk == 201 else [])


def test_twenty_clerks_and_crashes_leave_no_gap_in_the_receipts(intake: IntakeService) -> None:
    codes = [str(intake.file()["code"]) for _ in range(CLERKS)]

    def clerk(number: int) -> None:
        def take(work: Any) -> None:
            dossier = dossiers.lock(work.connection, codes[number])
            take_payment(work, dossier, NewPayment(None, FEE, "cash", "", f"clerk-{number}"))
            if dying.pop(number, False):
                raise Killed

        dying = {number: number % 3 == 0}
        for _ in range(2 if number % 3 == 0 else 1):
            try:
                intake.store.run(take)
            except Killed:
                continue

    results = together(*(lambda number=number: clerk(number) for number in range(CLERKS)))
    assert results == [None] * CLERKS
    assert sorted(one["number"] for one in intake.rows("payment")) == list(range(1, CLERKS + 1))
    with intake.store.read() as connection:
        assert balances(connection)[Account.CASH] == CLERKS * FEE


def test_cash_that_comes_while_the_day_is_closed_stands_in_one_days_books(intake: IntakeService) -> None:
    codes = [str(intake.file()["code"]) for _ in range(7)]
    assert intake.post(f"/dossiers/{codes[0]}/payments", {"amount": FEE, "method": "cash"}).status_code == 201

    def close() -> Any:
        return intake.store.run(
            lambda work: close_day(work, DESK, "clerk-7", THURSDAY.date(), FEE, "Đếm trong khi thu").recorded
        )

    body = {"amount": FEE, "method": "cash"}
    pay = [lambda code=code: intake.post(f"/dossiers/{code}/payments", body).status_code for code in codes[1:]]
    recorded, *paid = together(close, *pay)
    assert paid == [201] * 6
    days = [one["day"] for one in intake.rows("ledger_entry") if one["kind"] == "payment" and one["account"] == "cash"]
    assert days.count(THURSDAY.date()) * FEE == recorded
    assert days.count(THURSDAY.date() + timedelta(days=1)) == 7 - recorded // FEE
    with intake.store.read() as connection:
        assert balances(connection, day=THURSDAY.date())[Account.CASH] == 0


@pytest.mark.parametrize("amount", [-1, 0, 0.5, 550_000.0, "550000", 10**16, 2**63, True, None])
def test_amounts_that_are_no_amounts_are_refused_everywhere(payments: Payments, code: str, amount: Any) -> None:
    assert payments.intake.post(f"/dossiers/{code}/payments", {"amount": amount, "method": "cash"}).status_code == 422
    at = payments.context.clock.wall().isoformat()
    lie = {"transaction": "odd", "reference": payments.order(code).reference, "amount": amount, "paid_at": at}
    assert payments.bank(receipt=lie, times=1)["statuses"] == [401]
    assert not payments.settled(code)
    assert payments.intake.rows("provider_receipt") == []
