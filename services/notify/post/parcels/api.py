"""The call-back of postal providers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request
from marshmallow import EXCLUDE, Schema, fields

from services.notify.post.parcels.commands import record_reports
from services.notify.post.providers.configured import providers_of
from services.notify.post.providers.port import NoticeRefused, TrackingEvent
from services.notify.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import public
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.views import command, context

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("notify", "postal_reports", "Reports of postal providers")


class ReportSchema(Schema):
    """One report; the provider's adapter reads it, once its signature is checked."""

    class Meta:
        unknown = EXCLUDE

    number = fields.Str(metadata={"description": "Of the parcel, or the reference of a letter"})
    status = fields.Str(
        metadata={"description": "accepted, in_transit, out_for_delivery, failed_attempt, delivered, returned or lost"}
    )
    at = fields.AwareDateTime(format="iso")
    id = fields.Str(metadata={"description": "The provider's own of this report"})
    place = fields.Str()
    reason = fields.Str()
    received_by = fields.Str(metadata={"description": "Who took it, with delivered"})


class ReportsSchema(Schema):
    """A call-back."""

    class Meta:
        unknown = EXCLUDE

    events = fields.List(fields.Nested(ReportSchema))


class ReportsTakenSchema(Schema):
    """That the reports are stored; the same again gets the same."""

    taken = fields.Int(metadata={"description": "How many were in the call-back"})


def authenticated(view: View) -> View:
    """Lets only reports pass that the provider has signed."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        here = context()
        provider = providers_of(here).get(path["provider"])
        if provider is None:
            raise Problem(404, "not-found")
        try:
            g.motcua_postal_reports = provider.read_notice(dict(request.headers), request.get_data(), here.clock.wall())
        except NoticeRefused as error:
            raise Problem(401, "unauthenticated", detail_en=f"The report is refused: {error}") from error
        return view(**path)

    return cast(View, endpoint)


@api.post("/post-reports/<provider>")
@vital
@authenticated
@public
@command(ReportsSchema, ReportsTakenSchema)
@domain_errors_as_problems()
def take_reports(work: UnitOfWork, body: dict[str, Any], provider: str) -> dict[str, Any]:
    """Takes signed reports (HMAC-SHA256 over time and body), in any order. Repeat them until they are answered with 200."""
    events: Sequence[TrackingEvent] = g.motcua_postal_reports
    record_reports(work, provider, events)
    return {"taken": len(events)}
