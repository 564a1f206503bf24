"""Signing in with a provider in a process of its own, which may answer wrongly: who gets a session, which one, and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from services.intake.app import create_app
from services.intake.sign_in.session import COOKIE
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.intake.service_fixture import IntakeService
from tests.support.processes import Proc, python, wait_port

OWN = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


class Browser:
    """A browser that signs in with a provider that answers as it is told."""

    def __init__(self, app: Any) -> None:
        self.client = app.test_client()
        self.state = self.nonce = ""

    def begin(self, goal: str = "/intake/online") -> None:
        """Goes to the provider."""
        answer = self.client.get(f"/intake/online/sign-in/start?next={quote(goal)}", headers=OWN)
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.state, self.nonce = query["state"][0], query["nonce"][0]

    def come_back(self, kind: str = "right", **changes: str) -> str:
        """Comes back from it; where that leads."""
        answer = {"code": f"{kind}.{self.nonce}", "state": self.state} | changes
        return str(self.client.get("/intake/online/sign-in/callback", query_string=answer).headers["Location"])

    @property
    def session(self) -> str:
        found = self.client.get_cookie(COOKIE, path="/intake")
        return found.value if found else ""


@pytest.fixture
def browser(
    sqlite_intake: IntakeService, spawn_process: Callable[..., Proc], monkeypatch: pytest.MonkeyPatch
) -> Browser:
    port = free_port()
    wait_port(port, process=spawn_process(python("-m", "tests.support.hostile_provider", str(port))))
    monkeypatch.setenv("MOTCUA_OIDC_ISSUER", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MOTCUA_OIDC_CLIENT_SECRET", "secret")
    return Browser(create_app(sqlite_intake.context))


def test_a_sign_in_leads_where_it_began_and_nowhere_else(browser: Browser) -> None:
    for goal, place in (
        ("/intake/online/procedures", "/intake/online/procedures"),
        ("https://evil.example/", "/intake/mine"),
        ("//evil.example/", "/intake/mine"),
        ("/\\evil.example", "/intake/mine"),
    ):
        browser.begin(goal)
        assert browser.come_back() == place


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(
    browser: Browser, sqlite_intake: IntakeService
) -> None:
    browser.client.set_cookie(COOKIE, "chosen-by-somebody-else", path="/intake")
    browser.begin()
    browser.come_back()
    first = browser.session
    assert first not in ("", "chosen-by-somebody-else")
    browser.begin()
    browser.come_back("spaced_number")
    assert browser.session != first
    assert len(sqlite_intake.rows("citizen_session")) == 1
    browser.client.set_cookie(COOKIE, first, path="/intake")
    assert "sign-in" in browser.client.get("/intake/online", headers=OWN).headers["Location"]


@pytest.mark.parametrize("kind", ["no_number", "odd_number", "other_nonce", "used", "html", "unsigned"])
def test_an_answer_that_does_not_tell_who_it_is_gives_no_session(browser: Browser, kind: str) -> None:
    browser.begin()
    assert browser.come_back(kind).endswith("/intake/online/sign-in")
    assert browser.session == ""


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(browser: Browser) -> None:
    browser.begin()
    other = Browser(browser.client.application)
    other.state, other.nonce = browser.state, browser.nonce
    assert other.come_back().endswith("/intake/online/sign-in")
    assert browser.come_back(state="another").endswith("/intake/online/sign-in")
    assert browser.come_back().endswith("/intake/online/sign-in")
    assert (browser.session, other.session) == ("", "")
