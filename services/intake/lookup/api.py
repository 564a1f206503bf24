"""The JSON API of the public look-up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.applications.queries import public_application
from services.intake.components import components
from services.intake.lookup.queries import WrongCodeOrSecret, find_filed_by_secret, public_view
from services.intake.lookup.schemas import LookupQuerySchema, LookupSchema
from services.intake.lookup.throttle import count_wrong_try
from services.intake.problems import domain_errors_as_problems
from shared.web.authorization import public
from shared.web.client_address import client_address
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("intake", "lookup", "The public look-up by code and secret")


SHARED = ("code", "procedure", "state", "state_label", "state_label_en", "receiving_agency", "receiving_agency_name")
NOT_RECEIVED: dict[str, Any] = {
    **dict.fromkeys(
        ("received_at", "promised_at", "due_at", "overdue", "resolved_at", "returned_at", "place", "stop", "refusal")
    ),
    **{name: [] for name in ("chosen", "supplement_requests", "reappointments", "moved_deadlines", "history")},
    "obligations_unpaid": [],
    "paused": False,
    "fee_unpaid": 0,
}
"""What the look-up says of a dossier that is not received yet, besides its application."""


def counting_failures(view: View) -> View:
    """Counts a failed look-up after the look-up's own transaction, which only reads, is over."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        try:
            return view(**path)
        except WrongCodeOrSecret as error:
            count_wrong_try(context().store, error.code, client_address(), context().settings.hash_key)
            raise

    return cast(View, endpoint)


@api.get("/lookup")
@domain_errors_as_problems()
@counting_failures
@public
@query(LookupQuerySchema, LookupSchema)
def look_up(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """A dossier's progress, for the holder of its receipt. People use the page, whose form keeps the secret out of the address."""
    here, catalogue = context(), components().catalogue
    now = here.clock.now()
    found = find_filed_by_secret(connection, arguments["code"], arguments["secret"], here.settings.hash_key)
    if isinstance(found, Application):
        view = public_application(connection, found, catalogue, here.reference, now)
        return NOT_RECEIVED | {name: value for name, value in view.items() if name in SHARED} | {"application": view}
    return public_view(connection, found, catalogue, here.reference, now) | {"application": None}
