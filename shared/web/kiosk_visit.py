"""The visit of one person at a kiosk: what pages of all services need to know of it, and forget with it.

A visit begins with the kiosk's first page and ends when that page is shown again: by itself after a pause, or by *Start over*. Its
number is in the address of every page of the visit. A page of an earlier visit, to which the browser goes back, leads to the first page.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from flask import Response, g, request

from shared.web.carried_form import carried, carry
from shared.web.current_context import context
from shared.web.language import ARGUMENT, DEFAULT

COOKIE = "motcua_visit"
PATH = "/"
VIEWS = ("large", "contrast", "low")
"""How the pages may be shown: large letters, strong contrast, all controls in the lower part of the screen."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's visit.

    Attributes:
        id: given only once.
        desk: of the kiosk.
        view: which of :data:`VIEWS` the visitor chose.
        rating: a hash of the code with which the visitor rates; empty for none.
    """

    id: str
    desk: str
    view: frozenset[str] = frozenset()
    rating: str = ""

    @property
    def home(self) -> str:
        """The path of the kiosk's first page."""
        return f"/intake/kiosk/{self.desk}"

    @property
    def start(self) -> str:
        """The address of the first page for the next person, whichever language this one has chosen."""
        return f"{self.home}?{ARGUMENT}={DEFAULT}"

    def toggled(self, name: str) -> Visit:
        """The visit with one of :data:`VIEWS` changed."""
        return replace(self, view=self.view ^ ({name} & set(VIEWS)))

    def rates(self, token: str) -> Visit:
        """The visit of somebody who rates with a code."""
        return replace(self, rating=_mark(token))

    def may_rate(self, token: str) -> bool:
        """Whether a rating code was entered in this visit."""
        return self.rating == _mark(token)


def new_visit(desk: str) -> Visit:
    """The visit of the next person."""
    return Visit(secrets.token_urlsafe(9), desk)


def current_visit() -> Visit | None:
    """The visit of the browser's present user; None for a browser that is no kiosk."""
    if "motcua_visit" not in g:
        known = carried(request, COOKIE)
        g.motcua_visit = (
            Visit(known["id"], known["desk"], frozenset(known.get("view", "").split()), known.get("rating", ""))
            if known.get("id") and known.get("desk", "").replace(".", "").isalnum()
            else None
        )
    found: Visit | None = g.motcua_visit
    return found


def keep_visit(response: Response, visit: Visit) -> Response:
    """Lets the visit last; called with each page of it."""
    secure = context().settings.public_url.startswith("https:")
    carry(response, COOKIE, PATH, asdict(visit) | {"view": " ".join(sorted(visit.view))}, secure)
    response.headers["Cache-Control"] = "no-store"
    return response


def _mark(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:16]
