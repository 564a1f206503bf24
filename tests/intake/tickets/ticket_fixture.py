"""Tickets for tests: one in any state, and a clerk who works with them by the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.states import Channel, State
from tests.intake.service_fixture import DESK, THURSDAY, IntakeService


def ticket(number: int = 1, at: datetime = THURSDAY, **changes: Any) -> Ticket:
    """A ticket that waits since a moment."""
    values: dict[str, Any] = dict.fromkeys(Ticket.__slots__)
    values |= {"id": f"{number:032x}", "visit": f"{number:032x}", "desk": DESK, "group": "land", "day": local_day(at)}
    values |= {"letter": "A", "number": number, "leg": 0, "channel": Channel.KIOSK, "state": State.ISSUED, "calls": 0}
    values |= {"priority": "", "rank": 0, "clerk": "", "transferred_from": "", "reason": ""}
    values |= {"issued_at": at, "arrived_at": at, "waits_since": at}
    return Ticket(**values | changes)


class CounterClerk:
    """A clerk of the desk who works by the API."""

    def __init__(self, intake: IntakeService, subject: str = "clerk-7", agency: str = DESK) -> None:
        self.intake = intake
        self._headers = intake.token("clerk", agency, subject)

    def post(self, path: str, body: Any = None) -> Any:
        """An answer to a POST below the desk's address."""
        where = f"/intake/api/desks/{DESK}/{path}"
        return self.intake.client.post(where, json=body, headers=self._headers)

    def get(self, path: str) -> Any:
        """An answer to a GET below the desk's address."""
        return self.intake.client.get(f"/intake/api/desks/{DESK}/{path}", headers=self._headers)

    def issue(self, group: str = "land", priority: str = "") -> dict[str, Any]:
        """The ticket of a new visitor."""
        answer = self.post("tickets", {"group": group, "priority": priority})
        assert answer.status_code == 201, answer.json
        issued: dict[str, Any] = answer.json
        return issued

    def open(self, counter: int = 1, take_over: bool = False) -> Any:
        """Opens a counter."""
        return self.post(f"counters/{counter}/open", {"take_over": take_over})

    def call(self, counter: int = 1) -> dict[str, Any] | None:
        """Whom the counter calls next."""
        answer = self.post(f"counters/{counter}/call-next")
        assert answer.status_code == 200, answer.json
        called: dict[str, Any] | None = answer.json["ticket"]
        return called

    def act(self, action: str, ticket: dict[str, Any], counter: int = 1, body: Any = None) -> Any:
        """The answer to what is done with the counter's visitor."""
        return self.post(f"counters/{counter}/tickets/{ticket['id']}/{action}", body)
