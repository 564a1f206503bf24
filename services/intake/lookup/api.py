"""The JSON API of the public look-up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from services.intake.components import components
from services.intake.lookup.queries import WrongCodeOrSecret, find_by_secret, public_view
from services.intake.lookup.schemas import LookupQuerySchema, LookupSchema
from services.intake.lookup.throttle import count_wrong_try
from services.intake.problems import domain_errors_as_problems
from shared.web.authorization import public
from shared.web.client_address import client_address
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("intake", "lookup", "The public look-up by code and secret")


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
    clock = context().clock
    dossier = find_by_secret(connection, arguments["code"], arguments["secret"], context().settings.hash_key)
    return public_view(connection, dossier, components().catalogue, context().reference, clock.now())
