"""Refunds and day closing: decided by another person, done once, and the ledger always agrees with what is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.payments.closing.domain import closing_lines
from services.intake.payments.ledger.domain import Account, Line, Posting, Unbalanced, balance
from services.intake.payments.ledger.store import balances
from shared.auth import issue_token
from tests.intake.service_fixture import DESK, OTHER_DESK, THURSDAY, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page, repeated_ids, unlabelled

FEE = 550_000
AMOUNTS = st.integers(0, 10**9)


class Person:
    """Somebody's browser at the desk."""

    def __init__(self, intake: IntakeService, role: str, subject: str, agency: str = DESK) -> None:
        self.client: Any = intake.client.application.test_client()
        self.client.set_cookie("motcua_session", issue_token(intake.context.settings.auth, subject, role, agency))
        self.keys = 0

    def get(self, path: str) -> Any:
        """Opens a page."""
        return self.client.get(path, headers={"Accept": "text/html"})

    def send(self, path: str, key: str = "", **typed: str) -> int:
        """Sends a form as a browser does; returns the status."""
        self.keys += 1
        headers = {"Accept": "text/html", "Origin": "http://localhost"}
        return int(
            self.client.post(path, data={"form_key": key or f"k-{self.keys}", **typed}, headers=headers).status_code
        )


class Desk:
    """A clerk and a leader of a desk with one paid dossier."""

    def __init__(self, intake: IntakeService) -> None:
        self.intake = intake
        self.clerk, self.leader = Person(intake, "clerk", "clerk-7"), Person(intake, "leader", "leader-1")
        self.code = str(intake.file()["code"])
        paid = intake.post(f"/dossiers/{self.code}/payments", {"amount": FEE, "method": "cash"})
        self.ask_path = f"/intake/dossiers/{self.code}/payments/{paid.json['id']}/refund"

    def ask(self, amount: int = FEE) -> int:
        """The clerk asks for a refund; returns the status."""
        return self.clerk.send(self.ask_path, amount=str(amount), reason="Thu thừa")

    def act(self, person: Person, action: str, **typed: str) -> int:
        """Somebody acts on the newest refund; returns the status."""
        refund = self.intake.rows("refund")[-1]["id"]
        return person.send(f"/intake/payments/refunds/{refund}", action=f"{action}-{refund}", **typed)

    def close(self, counted: str, day: str = "2025-11-20", person: Person | None = None, **typed: str) -> int:
        """The clerk closes a day; returns the status."""
        scope = {"action": f"close-{DESK}-{day}", "desk": DESK, "day": day}
        return (person or self.clerk).send("/intake/payments/day", counted=counted, **scope, **typed)

    def balances(self) -> dict[Account, int]:
        """The ledger; it always adds up to nothing, and fees and debts are as recorded elsewhere."""
        with self.intake.store.read() as connection:
            found = dict(balances(connection))
        refunds = self.intake.rows("refund")
        back = sum(one["amount"] for one in refunds if one["payment"] and one["state"] in ("approved", "paid"))
        assert -found[Account.FEES] == sum(one["amount"] for one in self.intake.rows("payment")) - back
        assert -found[Account.REFUNDABLE] == sum(one["amount"] for one in refunds if one["state"] == "approved")
        assert sum(found.values()) == 0
        return found


@pytest.fixture
def desk(intake: IntakeService) -> Desk:
    return Desk(intake)


@pytest.fixture
def sqlite_desk(sqlite_intake: IntakeService) -> Desk:
    return Desk(sqlite_intake)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=5))
def test_only_what_adds_up_is_a_posting(amounts: list[int]) -> None:
    lines = tuple(Line(Account.CASH, amount) for amount in amounts)
    if len(amounts) >= 2 and sum(amounts) == 0 and all(amounts):
        assert balance(Posting("k", "c", "d", "", "", THURSDAY.date(), THURSDAY, lines).lines, Account.CASH) == 0
    else:
        with pytest.raises(Unbalanced):
            Posting("k", "c", "d", "", "", THURSDAY.date(), THURSDAY, lines)


@given(AMOUNTS, AMOUNTS)
def test_a_closing_empties_the_drawer(recorded: int, counted: int) -> None:
    lines = closing_lines(recorded, counted)
    assert recorded + balance(lines, Account.CASH) == 0
    assert balance(lines, Account.TREASURY) == counted
    assert balance(lines, Account.CASH_DIFFERENCE) == recorded - counted
    assert sum(line.amount for line in lines) == 0


def test_a_refund_is_asked_for_approved_by_another_and_paid_out_once(desk: Desk) -> None:
    assert desk.ask(200_000) == 303
    assert desk.act(desk.leader, "approve", reason="Đúng") == 303
    assert desk.balances()[Account.REFUNDABLE] == -200_000
    refund = desk.intake.rows("refund")[0]["id"]
    for _ in range(2):
        path = f"/intake/payments/refunds/{refund}"
        assert desk.clerk.send(path, key="same", action=f"pay-{refund}", method="cash", handed_to="applicant") == 303
    assert desk.act(desk.clerk, "pay", method="cash", handed_to="applicant") == 409
    assert desk.balances()[Account.CASH] == FEE - 200_000
    (announced,) = desk.intake.emitted("fee.refunded")
    assert (announced["data"]["amount"], announced["data"]["refund"]) == (200_000, refund)
    (row,) = desk.intake.rows("refund")
    assert (row["state"], row["series"], row["number"], row["handed_to"]) == ("paid", "2025", 1, "applicant")
    assert "PC 2025/000001" in desk.clerk.get("/intake/payments/refunds").text
    printed = desk.clerk.get(f"/intake/payments/refunds/{refund}/voucher")
    assert printed.status_code == 200
    assert "200.000" in printed.text
    stranger = Person(desk.intake, "clerk", "clerk-9", OTHER_DESK)
    assert stranger.get(f"/intake/payments/refunds/{refund}/voucher").status_code == 403


def test_cash_is_paid_back_only_when_somebody_has_signed_for_it(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(200_000)
    sqlite_desk.act(sqlite_desk.leader, "approve", reason="Đúng")
    assert sqlite_desk.act(sqlite_desk.clerk, "pay", method="cash", handed_to="nobody") == 422
    assert sqlite_desk.act(sqlite_desk.clerk, "pay", method="transfer", reference="") == 422
    assert sqlite_desk.act(sqlite_desk.clerk, "resend") == 409, "the money was never with a provider"
    assert sqlite_desk.balances()[Account.CASH] == FEE


def test_no_more_is_refunded_than_was_paid(desk: Desk) -> None:
    assert desk.ask(FEE + 1) == 422
    assert desk.ask(300_000) == 303
    assert desk.ask(250_001) == 422
    assert desk.ask(250_000) == 303
    assert desk.act(desk.leader, "refuse", reason="Không đúng") == 303
    assert desk.ask(250_000) == 303, "what was refused can be asked for again"
    desk.balances()


@pytest.mark.parametrize(
    "typed", [{"amount": "", "reason": "x"}, {"amount": "-5", "reason": "x"}, {"amount": "5", "reason": " "}]
)
def test_a_refund_needs_an_amount_and_a_reason(sqlite_desk: Desk, typed: dict[str, str]) -> None:
    assert sqlite_desk.clerk.send(sqlite_desk.ask_path, **typed) == 422
    assert sqlite_desk.intake.rows("refund") == []


def test_who_asked_does_not_approve_and_others_see_nothing(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.ask()
    both = Person(desk.intake, ["clerk", "leader"], "clerk-7")  # type: ignore[arg-type]
    assert desk.act(both, "approve", reason="Đúng") == 403
    assert desk.act(desk.clerk, "approve", reason="Đúng") == 403
    assert desk.act(Person(desk.intake, "leader", "leader-9", OTHER_DESK), "approve", reason="Đúng") == 404
    assert desk.act(desk.leader, "approve", reason="") == 422
    assert desk.act(desk.clerk, "pay", method="cash", handed_to="applicant") == 409, "not approved yet"
    assert [one["state"] for one in desk.intake.rows("refund")] == ["open"]


def test_a_day_is_closed_for_good_and_later_cash_opens_the_next_day(desk: Desk) -> None:
    assert desk.close("540.000") == 422, "a difference needs a reason"
    assert desk.close("540.000", reason="Thối nhầm") == 303
    found = desk.balances()
    assert (found[Account.CASH], found[Account.TREASURY], found[Account.CASH_DIFFERENCE]) == (0, 540_000, 10_000)
    assert desk.close("0") == 409
    other = desk.intake.file()["code"]
    body = {"amount": FEE, "method": "cash"}
    assert desk.intake.post(f"/dossiers/{other}/payments", body).status_code == 201, "nobody is sent away"
    (closing,) = desk.intake.rows("day_closing")
    assert desk.close(str(FEE), day="2025-11-21") == 409, "tomorrow has not come"
    assert desk.leader.send("/intake/payments/day", action="reopen", desk=DESK, day="2025-11-20") == 403
    desk.intake.advance(timedelta(days=1))
    page = desk.clerk.get("/intake/payments/day").text
    assert "Số dư đầu ngày" in page
    assert "550.000" in page
    assert desk.close(str(FEE), day="2025-11-21") == 303
    assert desk.balances()[Account.TREASURY] == 540_000 + FEE
    assert closing in desk.intake.rows("day_closing"), "a closing never changes"
    printed = f"/intake/payments/day/closings/{closing['id']}"
    assert "BL 2025/000001" in desk.clerk.get(printed).text
    assert "BL 2025/000002" not in desk.clerk.get(printed).text
    assert desk.leader.get(printed).status_code == 200
    for stranger in (Person(desk.intake, "clerk", "clerk-8"), Person(desk.intake, "leader", "x", OTHER_DESK)):
        assert stranger.get(printed).status_code == 403


def test_the_pages_name_their_fields(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.ask(1)
    desk.ask(2)
    desk.act(desk.leader, "approve", reason="Đúng")
    for person, path in (
        (desk.clerk, desk.ask_path),
        (desk.clerk, "/intake/payments/refunds"),
        (desk.leader, "/intake/payments/refunds"),
        (desk.clerk, "/intake/payments/day"),
    ):
        page = read_page(person.get(path).text)
        assert (repeated_ids(page), unlabelled(page)) == ([], [])


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_leader_approves_and_a_clerk_closes_the_day(
    sqlite_desk: Desk, address: str, page_at: PageAt, width: int
) -> None:
    sqlite_desk.ask(200_000)
    auth = sqlite_desk.intake.context.settings.auth

    def browser_of(role: str, subject: str) -> Any:
        page = page_at(width)
        token = issue_token(auth, subject, role, DESK)
        page.context.add_cookies([{"name": "motcua_session", "value": token, "url": address}])
        return page

    leader = browser_of("leader", "leader-1")
    leader.goto(f"{address}/intake/payments/refunds")
    screenshot(leader, f"refunds-{width}")
    leader.get_by_label("Ý kiến duyệt").fill("Đúng")
    leader.get_by_role("button", name="Duyệt hoàn trả").click()
    leader.get_by_role("status").wait_for()
    clerk = browser_of("clerk", "clerk-7")
    clerk.goto(f"{address}/intake/payments/day")
    clerk.get_by_label("Tiền mặt đếm được").fill("500.000")
    clerk.keyboard.press("Enter")
    clerk.get_by_role("alert").wait_for()
    assert clerk.get_by_label("Tiền mặt đếm được").input_value() == "500.000"
    screenshot(clerk, f"day-closing-{width}")
    clerk.get_by_label("Lý do").fill("Thối nhầm")
    clerk.get_by_role("button", name="Khóa sổ").click()
    clerk.get_by_role("status").wait_for()
    assert page_width(clerk) <= width
    screenshot(clerk, f"day-closed-{width}")
