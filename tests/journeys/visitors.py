"""Everybody who looks at the pages of a platform, and what they see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any

from flask import Flask, request, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from werkzeug.test import TestResponse

from services.intake.sign_in.session import COOKIE
from shared.client.people import own_tokens
from shared.runtime.context import Context
from shared.web.authorization import routes_with_roles
from tests.intake.online_fixture import CitizenBrowser
from tests.journeys.actors import DESK, LAND_REGISTRY
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.html import Element, read_page

Cookies = dict[tuple[str, str], str]
"""What a browser holds, by name and path."""
HTML = "text/html"
OWN = {"Origin": "http://localhost", "Accept": HTML}
"""What a browser sends with a form of the platform's own page."""

NOT_PAGES = re.compile(
    r"/api/|/health/|/metrics$|\.js(on)?$|/static/|/assets|/files/|\.pdf$|\.xlsx$|\.csv$|\.zip$|\.ics$|\.svg$|/manifest\.<|/report\.<"
    r"|^/intake(/dossier)?/documents/<"
)
"""What is no page: data, and files to be kept or printed."""
ELSEWHERE = {
    "/intake/a/<code>",
    "/notify/dossiers",
    "/intake/online",
    "/intake/online/sign-in/start",
    "/intake/online/sign-in/callback",
    "/intake/online/drafts/<id>",
}
"""Addresses that only lead on to others."""
CITIZEN = ("citizen", "")
READERS = (
    ("", ""),
    CITIZEN,
    ("clerk", DESK),
    ("officer", LAND_REGISTRY),
    ("leader", LAND_REGISTRY),
    ("leader", DESK),
    ("leader", "H12.20"),
    ("auditor", ""),
    ("device", DESK),
)


RENDERED = "tests.rendered"
"""Where a request's environment keeps the names of the templates from which pages were made for its browser."""


def _note(_app: Flask, template: Template, **_context: object) -> None:
    if RENDERED in request.environ:
        request.environ[RENDERED].append(template.name)


@dataclass(frozen=True)
class Intake:
    """Intake as the browser of a citizen needs it."""

    context: Context
    client: Any


class Visitors:
    """Everybody who looks at the pages of a platform on which nothing has happened yet."""

    def __init__(self, platform: InProcessPlatform) -> None:
        self.platform = platform
        self._intake = Intake(platform.context("intake"), platform.apps["intake"].test_client())
        self.citizen = CitizenBrowser(self._intake)
        self._tokens = cache(own_tokens(platform.settings))
        self._visits: dict[tuple[str, str], list[Visit]] = {}
        self._templates: dict[str, str] = {}
        template_rendered.connect(_note)

    def rules(self, name: str) -> list[str]:
        """The routes whose pages can be looked at."""
        return [rule for rule in page_rules(self.app(name)) if "<" not in rule]

    def app(self, name: str) -> Flask:
        """A service's app, or that of the home page."""
        return self.platform.home if name == "home" else self.platform.apps[name]

    def browser(self, name: str, cookies: Cookies) -> FlaskClient:
        """A browser that holds cookies."""
        client = self.app(name).test_client()
        client.environ_base[RENDERED] = []  # type: ignore[assignment]  # an environment holds whatever it is given
        for (cookie, path), value in cookies.items():
            client.set_cookie(cookie, value, path=path)
        return client

    def client(self, name: str, role: str = "", agency: str = "") -> FlaskClient:
        """A browser of somebody."""
        return self.browser(name, self.session(role, agency))

    def session(self, role: str, agency: str) -> Cookies:
        """The cookie of a session."""
        if role == "citizen":
            return {(COOKIE, "/intake"): self.citizen.token}
        return {("motcua_session", "/"): self._tokens(role, agency)} if role else {}

    def cookies(self, _rule: str, reader: tuple[str, str]) -> Cookies:
        """What a reader's browser holds before it opens a page."""
        return self.session(*reader)

    def send(self, name: str, reader: tuple[str, str], path: str, /, **typed: str) -> TestResponse:
        """Sends a form as a browser does, and follows the redirect."""
        return self.client(name, *reader).post(path, data=typed, headers=OWN, follow_redirects=True)

    def template(self, answer: TestResponse) -> str:
        """The template of a page that a browser has just got."""
        path, made = answer.request.path, answer.request.environ[RENDERED]
        if made:
            self._templates[path] = made[-1]
            made.clear()
        return self._templates[path]  # a page that is the same for all is made once, and kept

    def opened(self, rule: str) -> list[str]:
        """The addresses at which the page of a route shows what it is for."""
        return [rule]

    def visits(self, name: str, language: str = "vi") -> list[Visit]:
        """What everybody gets who asks for a page of a service, or is refused it; asked for once."""
        if (name, language) not in self._visits:
            self._visits[name, language] = list(self.walk(name, language))
        return self._visits[name, language]

    def walk(
        self, name: str, language: str, asks: Callable[[str, tuple[str, str]], bool] = lambda _rule, _reader: True
    ) -> Iterator[Visit]:
        """Asks for the pages of a service.

        Args:
            name: of the service.
            language: of the pages.
            asks: whether a reader asks for a route.
        """
        for rule in self.rules(name):
            readers = [reader for reader in READERS if asks(rule, reader)]
            for path, reader in product(self.opened(rule), readers):
                cookies = self.cookies(rule, reader) | {("motcua_language", "/"): language}
                answer = self.browser(name, cookies).get(path, headers=OWN)
                html = answer.text if answer.mimetype == HTML and answer.status_code != 303 else ""
                template = self.template(answer) if html else ""
                yield Visit(rule, reader, path, cookies, answer.status_code, html, template)


def page_rules(app: Flask) -> list[str]:
    """The routes that show a page."""
    rules = sorted({route.path for route in routes_with_roles(app) if route.method == "GET"})
    return [rule for rule in rules if not NOT_PAGES.search(rule) and rule not in ELSEWHERE]


@dataclass(frozen=True)
class Visit:
    """What somebody gets who asks for a page.

    Attributes:
        rule: the route.
        reader: role and agency.
        path: with the query.
        cookies: of the browser.
        status: of the answer.
        html: of the answer; empty for a redirect or a file.
        template: from which it was made.
    """

    rule: str
    reader: tuple[str, str]
    path: str
    cookies: Cookies
    status: int
    html: str
    template: str

    @property
    def place(self) -> str:
        """The route and who asks."""
        return f"{self.rule} as {self.reader[0] or 'anybody'} {self.reader[1]}"

    @property
    def shown(self) -> bool:
        """Whether it is the page, and not a refusal, a redirect or a file."""
        return self.status == 200 and bool(self.html)

    @cached_property
    def page(self) -> Element:
        """The page, read."""
        return read_page(self.html)


def pages(visitors: Visitors, name: str, language: str = "vi") -> Iterator[tuple[str, Element]]:
    """Every page of a service as everybody sees it who may: its place, and the page."""
    return ((visit.place, visit.page) for visit in visitors.visits(name, language) if visit.shown)
