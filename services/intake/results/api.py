"""The JSON API of handing over results."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.results import commands
from services.intake.results.domain import make_hand_over
from services.intake.results.one_time_code import VALID, counting_wrong_codes, issue_code
from services.intake.results.schemas import CodeIssuedSchema, ReturnedSchema, ReturnSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("intake", "results", "Results handed over to citizens")


def counting_failures(view: View) -> View:
    """Counts a wrong one-time code after the hand-over's own transaction was rolled back."""

    @wraps(view)
    def endpoint(code: str) -> Any:
        with counting_wrong_codes(context().store, code):
            return view(code=code)

    return cast(View, endpoint)


@api.post("/dossiers/<code>/return")
@domain_errors_as_problems()
@counting_failures
@roles("clerk", agency="record")
@command(ReturnSchema, ReturnedSchema)
def return_result(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Hands the result over to the right person; before the promised time only after the citizen was notified."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    one_time_code = body.pop("one_time_code")
    hand_over, faults = make_hand_over(**body | {"originals": tuple(body["originals"])})
    if hand_over is None:
        raise invalid_fields(faults)
    return commands.return_result(work, dossier, hand_over, principal().subject, one_time_code)


@api.post("/dossiers/<code>/return/code")
@roles("clerk", agency="record")
@command(None, CodeIssuedSchema)
@domain_errors_as_problems()
def send_code(work: UnitOfWork, code: str) -> dict[str, Any]:
    """Sends a one-time code to the applicant's telephone; whoever reads it to the clerk may take the result."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    issue_code(work, dossier, principal().subject)
    return {"code": code, "minutes": int(VALID.total_seconds()) // 60}
