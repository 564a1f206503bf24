"""One dossier's whole way, from the counter through the agencies and back to the citizen, over the platform's public APIs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.client.http import ApiError, wait_for
from shared.client.people import People

OBLIGATION_VND = 12_500_000
STEPS_AT_MOST = 60

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
    """A dossier on its way.

    Attributes:
        desk: the one-stop desk that received it.
        code: its code.
        receipt: intake's answer at filing.
        obligations: amounts paid on the way, VND.
    """

    desk: str
    code: str
    receipt: dict[str, Any]
    obligations: list[int] = field(default_factory=list)


class DossierDriver:
    """Carries dossiers.

    Args:
        people: who acts.
        say: told each thing that happens: what, and the detail.
        timeout: real seconds to wait for each thing at the most.
    """

    def __init__(
        self, people: People, say: Callable[[str, str], None] = lambda _what, _detail: None, timeout: float = 60.0
    ) -> None:
        self.people = people
        self.say = say
        self.timeout = timeout

    def file(self, desk: str, dossier: dict[str, Any], key: str | None = None) -> TrackedDossier:
        """Files a dossier at a desk."""
        receipt = self.people.file(desk, dossier, key)
        self.say(
            "Tiếp nhận · received",
            f"{receipt['code']}, hẹn trả · promised {receipt['promised_at']}, phí · fee {receipt['fee']:,} đ",
        )
        return TrackedDossier(desk, receipt["code"], receipt)

    def work_through(self, tracked: TrackedDossier) -> dict[str, Any]:
        """Completes every step as an official of its agency, pays what is asked for, until the result is at the desk.

        Returns:
            Routing's view of the resolved dossier.
        """
        for _ in range(STEPS_AT_MOST):
            view = self._wait_for_turn(tracked)
            if view["state"] != "active":
                self.say("Có kết quả · resolved", f"hạn · due {view['clock']['due_at']}")
                return view
            task = open_task(view)
            if task["state"] == "awaiting_payment":
                self._pay_obligation(tracked)
            else:
                self._complete(task)
        raise TimeoutError(f"{tracked.code} is not resolved after {STEPS_AT_MOST} steps")

    def hand_back(self, tracked: TrackedDossier) -> None:
        """Returns the result to the citizen."""

        def try_it() -> Any:
            try:
                return self.people.hand_back(tracked.desk, tracked.code, f"return-{tracked.code}")
            except ApiError as error:
                if error.status == 409:
                    return None  # intake has not heard yet that the result is there, or that the citizen was told of it
                raise

        wait_for(try_it, self.timeout, f"handing back {tracked.code}")
        self.say("Trả kết quả · returned", tracked.code)

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
        self.say("Đánh giá · rated", f"{score}/5")

    def _wait_for_turn(self, tracked: TrackedDossier) -> dict[str, Any]:
        def turn() -> Any:
            try:
                view = self.people.routing_view(tracked.desk, tracked.code)
            except ApiError as error:
                if error.status == 404:
                    return None  # routing has not heard of it yet
                raise
            return view if view["state"] != "active" or open_task(view, missing_ok=True) else None

        found: dict[str, Any] = wait_for(turn, self.timeout, f"the next step of {tracked.code}")
        return found

    def _complete(self, task: dict[str, Any]) -> None:
        outcomes = task["outcomes"]
        outcome = "obligation" if "obligation" in outcomes else "completed" if "completed" in outcomes else outcomes[0]
        amount = OBLIGATION_VND if outcome == "obligation" else None
        self.people.complete(task, outcome, amount=amount, key=f"complete-{task['id']}")
        self.say("Hoàn thành bước · step done", f"{task['name']} ({task['agency']})")

    def _pay_obligation(self, tracked: TrackedDossier) -> None:
        desk = self.people.client_for("clerk", tracked.desk)

        def owed() -> Any:
            found = desk.get(f"/intake/api/dossiers/{tracked.code}")["obligations"]
            return [entry for entry in found if not entry["paid_at"]]

        for entry in wait_for(owed, self.timeout, f"the obligation of {tracked.code}"):
            self.people.pay(tracked.desk, tracked.code, entry["amount"], entry["id"], f"pay-{entry['id']}")
            tracked.obligations.append(entry["amount"])
            self.say("Nộp nghĩa vụ tài chính · obligation paid", f"{entry['amount']:,} đ")
        wait_for(
            lambda: not self._awaits_payment(tracked),
            self.timeout,
            f"the payment of {tracked.code} to reach its step",
        )

    def _awaits_payment(self, tracked: TrackedDossier) -> bool:
        task = open_task(self.people.routing_view(tracked.desk, tracked.code), missing_ok=True)
        return task is not None and task["state"] == "awaiting_payment"


def open_task(view: dict[str, Any], missing_ok: bool = False) -> Any:
    """The step that a dossier waits at.

    Raises:
        LookupError: there is none, and that is not in order.
    """
    for step in view["steps"]:
        if step["state"] in ("open", "awaiting_payment"):
            return step
    if missing_ok:
        return None
    raise LookupError(f"{view['code']} is {view['state']} but has no open step")


def token_in(text: str) -> str:
    """The one-time token in an invitation's text: the last part of its link."""
    found = re.search(r"/rating/r/([A-Za-z0-9_-]+)", text)
    if not found:
        raise LookupError("the invitation has no link")
    return found.group(1)
