"""A paired kiosk of the desk, for tests without a browser."""

from __future__ import annotations

import re
from typing import Any

from services.intake.kiosk.commands import new_pairing_code
from tests.intake.service_fixture import DESK, IntakeService

OWN = {"Origin": "http://localhost", "Accept": "text/html"}
HOME = f"/intake/kiosk/{DESK}"
START = f"{HOME}?lang=vi"


def pairing_code(intake: IntakeService, number: int = 1, desk: str = DESK) -> str:
    """A code that pairs a browser."""
    return intake.store.run(lambda work: new_pairing_code(work, desk, number, "clerk-7"))


class KioskBrowser:
    """The browser of a kiosk."""

    def __init__(self, intake: IntakeService, number: int = 1) -> None:
        self.client: Any = intake.client.application.test_client()
        answer = self.client.post("/intake/kiosk-pairing", data={"code": pairing_code(intake, number)}, headers=OWN)
        assert (answer.status_code, answer.headers["Location"]) == (303, HOME)
        self.visit = ""

    def begin(self) -> str:
        """The first page, with which the next person's visit begins."""
        page: str = self.client.get(START).text
        found = re.search(f"{HOME}/([\\w-]+)/ticket", page)
        assert found
        self.visit = found[1]
        return page

    def get(self, path: str, **query: str) -> Any:
        """A page of the visit."""
        return self.client.get(f"{HOME}/{self.visit}{path}", query_string=query)

    def post(self, path: str, **typed: str) -> Any:
        """A form of the visit."""
        return self.client.post(f"{HOME}/{self.visit}{path}", data=typed, headers=OWN)

    def take(self, group: str = "land", priority: str = "", key: str = "key") -> Any:
        """Takes a number; the answer to the form."""
        return self.post(f"/ticket/{group}", priority=priority, form_key=key)
