"""The events that routing handles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.routing.commands import applications, closure, supplements
from services.routing.domain import process
from services.routing.domain.states import IN_HAND, DossierState, TaskState
from services.routing.dossier import clock, days_off, jurisdiction
from services.routing.dossier.desk_result import finish_at_desk
from services.routing.dossier.effects import carry_out
from services.routing.dossier.load import load_dossier
from services.routing.dossier.transaction import DossierTransaction
from services.routing.metrics import show_decided
from services.routing.plugins import decisions
from services.routing.store import definitions, dossiers, procedures, tasks
from services.routing.store.dossiers import Dossier
from shared.catalogue import Procedure
from shared.catalogue.condition import Facts
from shared.messaging import restored
from shared.messaging.apply import Handler
from shared.messaging.errors import Conflict, NotYet, Permanent
from shared.messaging.event import Event
from shared.messaging.records import require_same
from shared.persistence.unit_of_work import UnitOfWork


def on_procedure_published(event: Event, work: UnitOfWork) -> None:
    """Stores a procedure version for the dossiers that will pin it.

    Raises:
        Permanent: it cannot be used for routing.
        Conflict: the version was published before with other content.
    """
    code, version = event.data["procedure"], event.data["version"]
    text = definitions.canonical(event.data["definition"])
    content = definitions.digest(text)
    known = procedures.digest_of(work.connection, code, version)
    if known == content:
        return
    if known is not None:
        raise Conflict(f"procedure {code} version {version} was published before with another content")
    try:
        definitions.parse(event.data["definition"])
    except definitions.UnusableDefinition as error:
        raise Permanent(f"procedure {code} version {version}: {error}") from error
    procedures.add_procedure(work.connection, code, version, content, text)


def on_dossier_received(event: Event, work: UnitOfWork) -> None:
    """Starts the dossier's clock at its receipt and assigns its first steps.

    Raises:
        NotYet: the procedure version is not known here yet.
        Permanent: the procedure has no such case, cannot have been finished at the desk, or some step would find no agency.
        Conflict: another dossier of this code is known.
    """
    data = event.data
    known = dossiers.find(work.connection, data["dossier"])
    if known is not None:
        _check_same(known, data)
        return
    procedure = _procedure(work, data["procedure"], data["procedure_version"])
    dossier = _new_dossier(work, data, procedure)
    show_decided(dossier.handling_agency, dossier.field)
    finished_at = data.get("finished_at")
    transaction = DossierTransaction(work, dossier, dossier, finished_at)
    clock.start(transaction)
    days_off.follow_dossier(transaction)  # the receipt may have been printed before a day off was known
    carry_out(transaction, process.begin(transaction.route, transaction.facts_of([])))
    if finished_at is not None:
        finish_at_desk(transaction)


def on_fee_paid(event: Event, work: UnitOfWork) -> None:
    """Completes the step that awaits this payment; ignores a fee that is no obligation of a step.

    Raises:
        NotYet: the dossier or the obligation is not known here yet.
        Permanent: less was paid than the obligation's amount.
        Conflict: the obligation is known to be paid by another payment.
    """
    data = event.data
    if data["obligation"] is None:
        return
    task = tasks.of_obligation(work.connection, data["dossier"], data["obligation"])
    transaction = load_dossier(work, task.dossier, data["paid_at"]) if task else None
    if task is None or transaction is None:
        raise NotYet(f"obligation {data['obligation']} of {data['dossier']} is not known yet")
    task = tasks.find(work.connection, task.id) or task  # read again: this transaction may have waited for the lock
    if task.payment is not None:
        require_same(f"obligation {task.obligation}", {"payment": task.payment}, {"payment": data["payment"]})
    if task.state != TaskState.AWAITING_PAYMENT or task.outcome is None:
        return
    if data["amount"] < (task.amount or 0):
        raise Permanent(f"obligation {data['obligation']}: {data['amount']} VND paid of {task.amount}")
    tasks.change(work.connection, task.id, payment=data["payment"])
    open_steps, facts = transaction.open_steps_and_facts()
    carry_out(transaction, process.leave(transaction.route, open_steps, task.step, task.outcome, facts), task)


def on_dossier_supplemented(event: Event, work: UnitOfWork) -> None:
    """Resumes the dossier after a supplement; one that came too late closes the dossier (article 19.5).

    Raises:
        NotYet: the dossier is not known here yet, or does not wait for a supplement yet.
    """
    transaction = _load(work, event, event.data["supplemented_at"])
    if transaction.root.state == DossierState.ACTIVE and not transaction.root.supplements:
        raise NotYet(f"dossier {transaction.root.code} waits for nothing yet")
    if transaction.root.state == DossierState.SUPPLEMENT and not closure.close_unsupplemented(
        transaction, transaction.at
    ):
        supplements.resume_after_supplement(transaction)


def on_dossier_withdrawn(event: Event, work: UnitOfWork) -> None:
    """The citizen withdraws the dossier; a result that came first stands (NĐ 118/2025, article 21).

    Raises:
        NotYet: the dossier is not known here yet.
    """
    closure.withdraw(_load(work, event, event.data["withdrawn_at"]))


def on_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """Records that the citizen has the result.

    Raises:
        NotYet: the dossier is not known here, or not resolved, yet.
    """
    transaction = _load(work, event, event.data["returned_at"])
    if transaction.root.state in IN_HAND:
        raise NotYet(f"dossier {transaction.root.code} is not resolved yet")
    if transaction.root.state == DossierState.RESOLVED:
        returned_at = event.data["returned_at"]
        dossiers.move(
            work.connection,
            transaction.root.code,
            DossierState.RESOLVED,
            DossierState.RETURNED,
            returned_at=returned_at,
        )


HANDLERS: Mapping[str, Handler] = {
    **restored.HANDLERS,
    "procedure.published": on_procedure_published,
    "dossier.filed": applications.on_dossier_filed,
    "dossier.accepted_online": applications.on_dossier_accepted_online,
    "dossier.refused": applications.on_dossier_refused,
    "application.supplement_requested": applications.on_supplement_requested,
    "application.supplemented": applications.on_supplemented,
    "application.closed": applications.on_application_closed,
    "dossier.received": on_dossier_received,
    "fee.paid": on_fee_paid,
    "dossier.supplemented": on_dossier_supplemented,
    "dossier.withdrawn": on_dossier_withdrawn,
    "dossier.returned": on_dossier_returned,
    **decisions.HANDLERS,
}


def _load(work: UnitOfWork, event: Event, at: Any) -> DossierTransaction:
    transaction = load_dossier(work, event.data["dossier"], at)
    if transaction is None:
        raise NotYet(f"dossier {event.data['dossier']} is not known yet")
    return transaction


def _procedure(work: UnitOfWork, code: str, version: int) -> Procedure:
    found = definitions.find_pinned(work, code, version)
    if found is None:
        raise NotYet(f"procedure {code} version {version} is not known yet")
    return found


def _check_same(known: Dossier, data: Mapping[str, Any]) -> None:
    """Checks that a dossier was received as it is known here; nothing of this changes later (the due time does)."""
    same = ("procedure", "case", "field", "receiving_agency", "regulation", "remote", "received_at", "promised_at")
    told = {name: getattr(known, name) for name in same}
    told |= {"procedure_version": known.version, "chosen": json.loads(known.chosen)}
    given = {name: data[name] for name in same}
    given |= {"procedure_version": data["procedure_version"], "chosen": list(data["chosen"])}
    require_same(f"dossier {known.code}", told, given)


def _new_dossier(work: UnitOfWork, data: Mapping[str, Any], procedure: Procedure) -> Dossier:
    """The new dossier; finds an agency for every step first, so that no dossier starts and then gets stuck."""
    try:
        route, chosen = procedure.route(data["case"]), tuple(data["chosen"])
    except LookupError as error:
        raise Permanent(str(error)) from error
    facts = Facts(case=data["case"], chosen=frozenset(chosen))
    reference, near = work.reference, data["receiving_agency"]
    for step in route.steps:
        if step.when is None or step.when.decided_by(facts.case, facts.chosen) is not False:
            jurisdiction.agency_for(reference, step, near, work.now)
    return Dossier(
        code=data["dossier"],
        root=data["dossier"],
        parent_task=None,
        procedure=data["procedure"],
        version=data["procedure_version"],
        case=data["case"],
        chosen=json.dumps(chosen),
        field=data["field"],
        receiving_agency=near,
        handling_agency=jurisdiction.agency_for(reference, process.handling_step(route, facts), near, work.now),
        regulation=data["regulation"],
        remote=data["remote"],
        received_at=data["received_at"],
        promised_at=data["promised_at"],
        due_at=data["promised_at"],
        index_due_at=data["promised_at"],
        state=DossierState.ACTIVE,
        paused=False,
    )
