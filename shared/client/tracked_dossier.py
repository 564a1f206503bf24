"""Takes one dossier through the whole process over the public APIs: filing, every agency's step, payment, hand-over, rating."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.client.http import ApiError, wait_for
from shared.client.people import People
from shared.runtime.clock import VIETNAM

OBLIGATION_VND = 12_500_000
MAX_STEPS = 60

LAND_TRANSFER: dict[str, Any] = {
    "procedure": "1.013831",
    "case": "Chuyển đổi, chuyển nhượng, thừa kế, tặng cho, góp vốn",
    "applicant": {
        "name": "Nguyễn Thị Bưởi",
        "id_number": "095185001234",
        "phone": "0912 345 678",
        "address": "Ấp Long Thành",
    },
    "papers": ["application", "certificate", "contract"],
}
"""The sample: a gift of land, filed at a commune's one-stop desk."""


@dataclass
class TrackedDossier:
    """A dossier that a program takes through the process.

    Attributes:
        desk: the one-stop desk that received it.
        code: its code.
        receipt: intake's answer at filing.
        obligations: the financial obligations paid so far, VND.
    """

    desk: str
    code: str
    receipt: dict[str, Any]
    obligations: list[int] = field(default_factory=list)


class DossierDriver:
    """Takes dossiers through the process.

    Args:
        people: the people who act.
        report: called for each event with its title and a detail.
        timeout: the longest wait for each next state, real seconds.
    """

    def __init__(
        self, people: People, report: Callable[[str, str], None] = lambda _title, _detail: None, timeout: float = 60.0
    ) -> None:
        self.people = people
        self.report = report
        self.timeout = timeout

    def file(self, desk: str, filing: dict[str, Any], key: str | None = None) -> TrackedDossier:
        """Files a dossier at a desk."""
        receipt = self.people.file(desk, filing, key)
        self.report(
            "Tiếp nhận · received",
            f"{receipt['code']}, hẹn trả · promised {shown_time(receipt['promised_at'])}, phí · fee {receipt['fee']:,} đ",
        )
        return TrackedDossier(desk, receipt["code"], receipt)

    def work_through(self, tracked: TrackedDossier) -> dict[str, Any]:
        """Completes every step as an official of its agency and pays the obligations, until the result is at the desk.

        Returns:
            Routing's view of the resolved dossier.
        """
        for _ in range(MAX_STEPS):
            view = self._wait_for_next_step(tracked)
            if view["state"] != "active":
                self.report("Có kết quả · resolved", f"hạn · due {shown_time(view['clock']['due_at'])}")
                return view
            task = open_task(view)
            if task["state"] == "awaiting_payment":
                self._pay_obligation(tracked)
            else:
                self._complete(task)
        raise TimeoutError(f"{tracked.code} is not resolved after {MAX_STEPS} steps")

    def hand_back(self, tracked: TrackedDossier) -> None:
        """Returns the result to the citizen."""

        def attempt() -> Any:
            try:
                return self.people.hand_back(tracked.desk, tracked.code, f"return-{tracked.code}")
            except ApiError as error:
                if error.status == 409:
                    return (
                        None  # intake does not know yet that the result is at the desk or that the citizen was notified
                    )
                raise

        wait_for(attempt, self.timeout, f"handing back {tracked.code}")
        self.report("Trả kết quả · returned", tracked.code)

    def rate(self, tracked: TrackedDossier, score: int) -> None:
        """The citizen rates, with the one-time token of the invitation SMS."""

        text = wait_for(
            lambda: self.people.received_text(tracked.code, "rating_invitation"),
            self.timeout,
            f"the rating invitation of {tracked.code}",
        )
        self.people.public().post(
            "/rating/api/ratings", {"token": token_in(text), "score": score}, f"rate-{tracked.code}"
        )
        self.report("Đánh giá · rated", f"{score}/5")

    def _wait_for_next_step(self, tracked: TrackedDossier) -> dict[str, Any]:
        def next_state() -> Any:
            try:
                view = self.people.routing_view(tracked.desk, tracked.code)
            except ApiError as error:
                if error.status == 404:
                    return None  # routing has not received the event yet
                raise
            return view if view["state"] != "active" or open_task(view, missing_ok=True) else None

        found: dict[str, Any] = wait_for(next_state, self.timeout, f"the next step of {tracked.code}")
        return found

    def _complete(self, task: dict[str, Any]) -> None:
        outcomes = task["outcomes"]
        outcome = "obligation" if "obligation" in outcomes else "completed" if "completed" in outcomes else outcomes[0]
        amount = OBLIGATION_VND if outcome == "obligation" else None
        self.people.complete(task, outcome, amount=amount, key=f"complete-{task['id']}")
        self.report("Hoàn thành bước · step done", f"{task['name']} ({task['agency']})")

    def _pay_obligation(self, tracked: TrackedDossier) -> None:
        desk = self.people.client_for("clerk", tracked.desk)

        def owed() -> Any:
            found = desk.get(f"/intake/api/dossiers/{tracked.code}")["obligations"]
            return [entry for entry in found if not entry["paid_at"]]

        for entry in wait_for(owed, self.timeout, f"the obligation of {tracked.code}"):
            self.people.pay(tracked.desk, tracked.code, entry["amount"], entry["id"], f"pay-{entry['id']}")
            tracked.obligations.append(entry["amount"])
            self.report("Nộp nghĩa vụ tài chính · obligation paid", f"{entry['amount']:,} đ")
        wait_for(
            lambda: not self._awaits_payment(tracked),
            self.timeout,
            f"the payment of {tracked.code} to reach its step",
        )

    def _awaits_payment(self, tracked: TrackedDossier) -> bool:
        task = open_task(self.people.routing_view(tracked.desk, tracked.code), missing_ok=True)
        return task is not None and task["state"] == "awaiting_payment"


def shown_time(moment: str) -> str:
    """An ISO 8601 time as people read it, in Vietnam's time."""
    return f"{datetime.fromisoformat(moment).astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def open_task(view: dict[str, Any], missing_ok: bool = False) -> Any:
    """The open step of a dossier.

    Args:
        view: the dossier as routing shows it.
        missing_ok: return None when there is no open step.

    Raises:
        LookupError: there is no open step.
    """
    for step in view["steps"]:
        if step["state"] in ("open", "awaiting_payment"):
            return step
    if missing_ok:
        return None
    raise LookupError(f"{view['code']} is {view['state']} but has no open step")


def token_in(text: str) -> str:
    """The one-time token in the text of a rating invitation: the last part of its link.

    Raises:
        LookupError: the text has no such link.
    """
    found = re.search(r"/rating/r/([A-Za-z0-9_-]+)", text)
    if not found:
        raise LookupError("the invitation has no link")
    return found.group(1)
