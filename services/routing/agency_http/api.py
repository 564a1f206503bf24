"""The API for agencies' own software: events that wait for it, and its decisions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import orjson
from flask import Response, current_app, request
from sqlalchemy import Connection

from services.routing.agency_http import commands, store
from services.routing.agency_http.decisions import Decided, decide, read_decision
from services.routing.agency_http.long_poll import WaitingPlaces, wait_for
from services.routing.agency_http.schemas import (
    MAX_WAIT,
    AcknowledgedSchema,
    AcknowledgementSchema,
    DecidedSchema,
    DecisionSchema,
    EventsQuerySchema,
    EventsSchema,
)
from services.routing.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.draining import DRAINING
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context, query

View = TypeVar("View", bound=Callable[..., Any])
RETRY_SECONDS = 5
EXTENSION = "motcua-agency-waiting-places"

api = ApiBlueprint("routing", "agency_http", "What agencies' own software gets and sends over HTTPS")


def waits_for_events(view: View) -> View:
    """Lets a request that asks for it wait until there is an event; one that may not wait is told when to ask again."""

    @wraps(view)
    def endpoint(**path: Any) -> Response:
        agency, seconds = principal().agency, request.args.get("wait", "")
        if not (seconds.isascii() and seconds.isdigit() and 0 < int(seconds[:9]) <= MAX_WAIT):
            return cast(Response, view(**path))
        after = request.args.get("after", "")
        least = int(after) if after.isascii() and after.isdigit() and len(after) <= 15 else 0
        with _places().take(agency) as may_wait:
            there = wait_for(lambda: _any_event(agency, least), int(seconds) if may_wait else 0, DRAINING.is_set)
        answer = cast(Response, view(**path))
        if not there and not may_wait:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    return cast(View, endpoint)


@api.get("/agency/events")
@roles("agency", agency="record")
@waits_for_events
@query(EventsQuerySchema, EventsSchema)
@domain_errors_as_problems()
def list_events(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Lists the events that wait for the agency, of each dossier only the first: the next one is given when it is acknowledged."""
    agency = principal().agency
    scope_checked()  # only the caller's own
    commands.require_pull(connection, agency)
    found = store.heads(connection, agency, asked["after"], asked["limit"] + 1)
    shown = found[: asked["limit"]]
    return {
        "items": [orjson.loads(event.body) for event in shown],
        "next": shown[-1].number if shown else asked["after"],
        "more": len(found) > len(shown),
    }


@api.post("/agency/events/ack")
@roles("agency", agency="record")
@command(AcknowledgementSchema, AcknowledgedSchema)
@domain_errors_as_problems()
def acknowledge_events(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Takes events off the list; one that was acknowledged before may be named again."""
    agency = principal().agency
    scope_checked()  # only the caller's own
    commands.require_pull(work.connection, agency)
    known = set(store.acknowledge(work.connection, agency, body["ids"], work.clock.wall()))
    ids = list(dict.fromkeys(body["ids"]))
    return {
        "acknowledged": [id_ for id_ in ids if id_ in known],
        "unknown_ids": [id_ for id_ in ids if id_ not in known],
    }


@api.post("/agency/decisions")
@roles("agency", agency="record")
@command(DecisionSchema, DecidedSchema)
@domain_errors_as_problems()
def decide_step(work: UnitOfWork, body: dict[str, Any]) -> Decided:
    """Takes a decision on a step. The same id takes effect once; a rejected decision is also told by an event."""
    event = read_decision(body, principal().agency)
    scope_checked()  # the sender is the caller
    return decide(work, event)


def _any_event(agency: str, after: int) -> bool:
    with context().store.read() as connection:
        return bool(store.heads(connection, agency, after, 1))


def _places() -> WaitingPlaces:
    places = current_app.extensions.get(EXTENSION)
    if places is None:
        places = current_app.extensions.setdefault(EXTENSION, WaitingPlaces(context().settings.web_threads))
    return cast(WaitingPlaces, places)
