"""What a browser gets when the platform is busy: a page that keeps what was typed and sends it again."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Request
from werkzeug.exceptions import HTTPException

from shared.web.problem import Problem
from shared.web.session_cookie import SAFE, from_own_origin

MAX_BYTES = 256 * 1024
"""The longest form that the page keeps; no form of a page is longer, but for files."""
PATH_SAFE = "/:@!$&'()*+,;=-._~"
SECRETS = frozenset({"token", "password", "secret"})
"""Fields whose values stand on no page."""


@dataclass(frozen=True, slots=True)
class FormAgain:
    """A request that can be sent again.

    Attributes:
        address: the same.
        fields: of its form, in their order; None for a request without a form.
        typed: whether it was sent with something typed, kept or not.
    """

    address: str
    fields: list[tuple[str, str]] | None
    typed: bool


def form_again(request: Request) -> FormAgain:
    """What the page offers.

    A form is repeated only if a page of ours has sent it: our button would make a stranger's form look like our own.

    Args:
        request: the one that was not carried out.
    """
    query = request.query_string.decode("latin-1")
    # the path has one slash in front, also if two were sent: `//elsewhere/` would lead away
    address = quote(request.path, safe=PATH_SAFE) + (f"?{query}" if query else "")
    if request.method in SAFE:
        return FormAgain(address, None, False)
    return FormAgain(address, _fields(request), True)


def _fields(request: Request) -> list[tuple[str, str]] | None:
    plain = request.mimetype == "application/x-www-form-urlencoded"
    if not plain or (request.content_length or 0) > MAX_BYTES or not from_own_origin(request):
        return None
    try:
        fields = list(request.form.items(multi=True))
    except (Problem, HTTPException):  # it would be refused anyway
        return None
    return None if any(name in SECRETS for name, _ in fields) else fields
