"""A clerk's and a citizen's browser, without a browser: opens pages, fills their forms in and sends them."""

from __future__ import annotations

from typing import Any

from shared.auth import issue_token
from tests.intake.service_fixture import DESK, IntakeService
from tests.support.html import Element, broken_references, read_page, repeated_ids, unlabelled


class Visitor:
    """A browser with its own cookies; pages that it sees are checked for ids, labels and references."""

    def __init__(self, intake: IntakeService) -> None:
        self.client = intake.client.application.test_client()

    def get(self, path: str) -> Any:
        """Opens a page."""
        return self._looked_at(self.client.get(path, headers={"Accept": "text/html"}))

    def send(self, path: str, **typed: Any) -> Any:
        """Sends a form as a browser does."""
        headers = {"Accept": "text/html", "Origin": "http://localhost"}
        return self._looked_at(self.client.post(path, data=typed, headers=headers))

    def confirm(self, path: str, **typed: Any) -> Any:
        """Sends a form and confirms what it asks."""
        return self.send(path, **confirmation(self.send(path, **typed)))

    @staticmethod
    def _looked_at(answer: Any) -> Any:
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            page = read_page(answer.text)
            assert (repeated_ids(page), unlabelled(page), broken_references(page)) == ([], [], [])
        return answer


class Clerk(Visitor):
    """A clerk's browser at a desk."""

    def __init__(
        self, intake: IntakeService, agency: str = DESK, role: str = "clerk", subject: str = "clerk-7"
    ) -> None:
        super().__init__(intake)
        self.client.set_cookie("motcua_session", issue_token(intake.context.settings.auth, subject, role, agency))


def holder(intake: IntakeService, receipt: dict[str, str]) -> Visitor:
    """The browser of one who holds a receipt and has looked the dossier up."""
    visitor = Visitor(intake)
    answer = visitor.send("/intake/", code=receipt["code"], secret=receipt["secret"])
    assert answer.headers["Location"] == "/intake/dossier"
    return visitor


def confirmation(asked: Any) -> dict[str, Any]:
    """The hidden fields of the form that confirms; those that come several times as lists."""
    assert asked.status_code == 200, asked.text
    (form,) = [one for one in read_page(asked.text).all("form") if "confirmed" in _names(one)]
    found: dict[str, Any] = {}
    for box in form.all("input"):
        found.setdefault(box.get("name"), []).append(box.get("value"))
    return found


def faulty_fields(answer: Any) -> list[str]:
    """The fields to which the alert of a refused form leads."""
    assert answer.status_code == 422, (answer.status_code, answer.text)
    (alert,) = [one for one in read_page(answer.text).all() if one.get("role") == "alert"]
    return [link.get("href").removeprefix("#f-") for link in alert.all("a")]


def _names(form: Element) -> set[str]:
    return {box.get("name") for box in form.all("input")}
