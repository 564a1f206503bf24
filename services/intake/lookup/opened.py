"""The dossier or application that a browser has opened: looked up by code and secret, or as one's own after signing in.

Which one it is travels in a cookie that other sites cannot send. It proves nothing: the secret, or the sign-in, is checked each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import quote

from flask import Response, g, make_response, redirect, request, url_for
from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.dossiers.domain import Dossier
from services.intake.lookup.queries import WrongCodeOrSecret, find_filed_by_secret
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.mine.domain import Part
from services.intake.mine.queries import find_own
from services.intake.sign_in.session import SIGN_IN, signed_in_citizen
from shared.web.carried_form import carried, carry
from shared.web.client_address import client_address
from shared.web.session_cookie import SignIn
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])

MAX_TEXT = 200
TRIED, PLACE = "motcua_lookup", "/intake/"
"""The cookie, and the path of the pages that read it."""
OWN = "own"
"""Says in the cookie that the dossier was opened by signing in."""
OF_FORM = "dossier"
"""The field of a form that names the dossier that the citizen saw when it was made."""


def opened_filed(connection: Connection) -> Dossier | Application | None:
    """The dossier, or the application that is not one yet, that the browser has opened; None if it has opened none.

    Raises:
        WrongCodeOrSecret: code and secret do not fit (any more); the caller counts it by :func:`counted`.
        SignIn: it was opened by signing in, and the session is over.
    """
    tried = carried(request, TRIED)
    code = tried.get("code", "")[:MAX_TEXT]
    if "secret" in tried:
        return find_filed_by_secret(connection, code, tried["secret"][:MAX_TEXT], context().settings.hash_key)
    if OWN not in tried:
        return None
    citizen = signed_in_citizen()
    if citizen is None:
        raise SignIn(f"{SIGN_IN}?next={quote(f'/intake/mine/{code}')}")
    found = find_own(connection, citizen, code)
    if found is None:
        return None
    g.intake_part = found[1]
    return found[0]


def may_act() -> bool:
    """Whether who has opened the dossier may withdraw it and choose how the result comes: with its secret, or as :attr:`Part.acts` says."""
    part: Part | None = g.get("intake_part")
    return part is None or part.acts


def owner_of(filed: Dossier | Application) -> str:
    """Who uploads for the dossier that the browser has opened: the signed-in person, or the present secret."""
    citizen = signed_in_citizen() if OWN in carried(request, TRIED) else None
    return citizen.subject if citizen else f"secret:{filed.secret_hash.partition(':')[0]}"


def open_own(response: Response, code: str) -> None:
    """Lets the browser's next pages be about a dossier of who is signed in."""
    secure = context().settings.public_url.startswith("https:")
    carry(response, TRIED, PLACE, {"code": code, OWN: "1"}, secure)


def keep_open(response: Response) -> Response:
    """Lets the dossier stay open for as long again: uploading takes its time."""
    secure = context().settings.public_url.startswith("https:")
    if known := carried(request, TRIED):
        carry(response, TRIED, PLACE, known, secure)
    return response


def counted(error: WrongCodeOrSecret) -> WrongCodeOrSecret | TooManyTries:
    """Counts a wrong try; what the citizen is told."""
    try:
        count_wrong_try(context().store, error.code, client_address(), context().settings.hash_key)
    except TooManyTries as too_many:
        return too_many
    return error


def back_to_form() -> Response:
    """The redirect to the look-up form."""
    return make_response(redirect(url_for("lookup_pages.lookup_form"), 303))


def of_opened(view: View) -> View:
    """Gives a view what the browser has opened; without it, leads to the look-up form.

    A form that was made for another dossier, in another window, changes nothing: it leads to the one that is open now.
    """

    @wraps(view)
    def endpoint(**path: Any) -> Response:
        try:
            with context().store.read() as connection:
                filed = opened_filed(connection)
        except WrongCodeOrSecret as error:
            counted(error)
            filed = None
        if filed is None:
            return back_to_form()
        if request.method == "POST" and request.form.get(OF_FORM, filed.code) != filed.code:
            return make_response(redirect(url_for("lookup_pages.found"), 303))
        return make_response(view(filed, **path))

    return cast(View, endpoint)
