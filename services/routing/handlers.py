"""All that routing listens to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.routing import definitions, store
from services.routing.domain import clock, process
from services.routing.domain.states import DossierState, TaskState
from services.routing.execution import Journey, resolve_agency
from services.routing.store import Dossier
from shared.bus.apply import Handler
from shared.bus.errors import NotYet, Permanent
from shared.bus.event import Event
from shared.catalogue.route import Route
from shared.store import UnitOfWork


def on_procedure_published(event: Event, work: UnitOfWork) -> None:
    """Keeps a procedure version for the dossiers that will pin it.

    Raises:
        Permanent: it cannot be routed by, or the version was published before with another content.
    """
    code, version = event.data["procedure"], event.data["version"]
    text = definitions.canonical(event.data["definition"])
    content = definitions.digest(text)
    known = store.digest_of(work.connection, code, version)
    if known == content:
        return
    if known is not None:
        raise Permanent(f"procedure {code} version {version} was published before with another content")
    try:
        definitions.parse(event.data["definition"])
    except definitions.UnusableDefinition as error:
        raise Permanent(f"procedure {code} version {version}: {error}") from error
    store.add_procedure(work.connection, code, version, content, text)


def on_dossier_received(event: Event, work: UnitOfWork) -> None:
    """Starts the dossier's clock at its receipt and gives its first step to an agency.

    Raises:
        NotYet: the procedure version is not known here yet.
        Permanent: the procedure has no such case, or some step of the route would find no agency.
    """
    data = event.data
    if store.find_dossier(work.connection, data["dossier"]) is not None:
        return
    route = _route_of(work, data["procedure"], data["procedure_version"], data["case"])
    dossier = _new_dossier(data, _agencies(work, route, data["receiving_agency"]), route)
    store.add_dossier(work.connection, dossier)
    store.add_interval(work.connection, dossier.code, 1, clock.started(dossier.received_at))
    Journey(work, dossier, route, work.now).carry_out(process.begin(route))


def on_fee_paid(event: Event, work: UnitOfWork) -> None:
    """Completes the step that awaits this payment; a fee that is no obligation of a step is none of routing's business.

    Raises:
        NotYet: the dossier or the obligation is not known here yet.
        Permanent: less was paid than was asked for.
    """
    data = event.data
    if data["obligation"] is None:
        return
    dossier = store.find_dossier(work.connection, data["dossier"], lock=True)
    task = store.task_of_obligation(work.connection, data["dossier"], data["obligation"])
    if dossier is None or task is None:
        raise NotYet(f"obligation {data['obligation']} of {data['dossier']} is not known yet")
    if task.state != TaskState.AWAITING_PAYMENT or task.outcome is None:
        return
    if data["amount"] < (task.amount or 0):
        raise Permanent(f"obligation {data['obligation']}: {data['amount']} VND paid of {task.amount}")
    route = _route_of(work, dossier.procedure, dossier.version, dossier.case)
    standing = [other.step for other in store.open_tasks_of(work.connection, dossier.code)]
    effects = process.leave(route, standing, task.step, task.outcome)
    Journey(work, dossier, route, data["paid_at"]).carry_out(effects, task)


def on_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """Notes that the citizen has the result.

    Raises:
        NotYet: the dossier is not known, or not resolved, yet.
    """
    code = event.data["dossier"]
    dossier = store.find_dossier(work.connection, code, lock=True)
    if dossier is None or dossier.state == DossierState.ACTIVE:
        raise NotYet(f"dossier {code} is not {'known' if dossier is None else 'resolved'} yet")
    if dossier.state == DossierState.RESOLVED:
        returned_at = event.data["returned_at"]
        store.move_dossier(work.connection, code, DossierState.RESOLVED, DossierState.RETURNED, returned_at=returned_at)


HANDLERS: Mapping[str, Handler] = {
    "procedure.published": on_procedure_published,
    "dossier.received": on_dossier_received,
    "fee.paid": on_fee_paid,
    "dossier.returned": on_dossier_returned,
}


def _route_of(work: UnitOfWork, procedure: str, version: int, case: str) -> Route:
    try:
        route = definitions.find_route(work.connection, procedure, version, case)
    except LookupError as error:
        raise Permanent(str(error)) from error
    if route is None:
        raise NotYet(f"procedure {procedure} version {version} is not known yet")
    return route


def _agencies(work: UnitOfWork, route: Route, near: str) -> dict[str, str]:
    """Who plays each role of the route today: found before the way begins, so that no dossier starts out and gets stuck."""
    return {role: resolve_agency(work, role, near, work.now) for role in process.agency_roles(route)}


def _new_dossier(data: Mapping[str, Any], agencies: Mapping[str, str], route: Route) -> Dossier:
    return Dossier(
        code=data["dossier"],
        procedure=data["procedure"],
        version=data["procedure_version"],
        case=data["case"],
        field=data["field"],
        receiving_agency=data["receiving_agency"],
        handling_agency=agencies[process.handling_step(route).agency_role],
        regulation=data["regulation"],
        received_at=data["received_at"],
        promised_at=data["promised_at"],
        due_at=data["promised_at"],
        state=DossierState.ACTIVE,
        paused=False,
    )
