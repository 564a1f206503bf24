"""A browser of somebody who complains, and of a clerk who enters for somebody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from services.rating.app import create_app
from services.rating.complaints.domain import Channel, Complainant, Kind, NewComplaint
from services.rating.complaints.public.commands import file_complaint
from services.rating.complaints.public.forms import new_form
from shared.auth import issue_token
from shared.web.session_cookie import COOKIE
from tests.support.service import ServiceUnderTest

OWN = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
DESK = "H12.31.01"
CENTRE = "H12.20"
WORDS = "Tôi chờ hai giờ ở quầy số 3 mà chưa được gọi."
FILLED = {"kind": "feedback", "topic": "delay", "agency": DESK, "text": WORDS, "phone": "0912345678"}


class Visitor:
    """A browser without a session, or that of an official.

    Args:
        rating: the service.
        role, agency: of the official; empty for anybody.
    """

    def __init__(self, rating: ServiceUnderTest, role: str = "", agency: str = DESK) -> None:
        self.client: Any = rating.app(create_app).test_client()
        if role:
            token = issue_token(rating.context.settings.auth, f"{role}-7", role, agency)
            self.client.set_cookie(COOKIE, token)

    def get(self, path: str) -> Any:
        """Opens a page."""
        return self.client.get(f"/rating/{path}", headers=OWN)

    def post(self, path: str, typed: Mapping[str, str], files: Sequence[tuple[str, bytes]] = ()) -> Any:
        """Sends a form, with files where it has any."""
        data: dict[str, Any] = dict(typed)
        if files:
            data["file"] = [(BytesIO(content), name) for name, content in files]
        kind = "multipart/form-data" if files else None
        return self.client.post(f"/rating/{path}", data=data, headers=OWN, content_type=kind)

    def form(self, path: str = "feedback/new") -> str:
        """The identifier of a form that is opened now."""
        return hidden(self.get(path).text, "id")

    def file(self, **typed: str) -> tuple[str, str]:
        """Files a complaint; returns its code and secret, as the next page tells them."""
        answer = self.post("feedback/new", FILLED | {"id": self.form()} | typed)
        assert answer.status_code == 303, answer.text
        page = self.get("feedback/lodged").text
        return codes(page)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def codes(page: str) -> tuple[str, str]:
    """Code and secret that a page tells."""
    code, secret = re.search(r"PA-[\w.]+-\d{4}-\d{5}", page), re.search(r"<dd>([A-Z2-9]{8})</dd>", page)
    assert code
    assert secret
    return code[0], secret[1]


def lodge(rating: ServiceUnderTest, **changes: Any) -> tuple[str, str]:
    """Lodges a complaint without a browser; returns code and secret."""
    given = {"id": new_form(), "kind": Kind.FEEDBACK, "channel": Channel.WEB, "agency": DESK, "text": WORDS}
    new = NewComplaint(**given | {"by": Complainant(phone="0912345678")} | changes)
    found = rating.store.run(lambda work: file_complaint(work, new))
    return found.code, found.secret
