"""Asking for a waiver of the filing fee, and deciding it. All is done under the lock of the dossier, as payments are."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import PAYABLE, Dossier
from services.intake.filing.domain.fee_reductions import WaiverCategory, waiver_categories
from services.intake.online.rules import draft_rules
from services.intake.payments.domain import Debt, check_payment
from services.intake.payments.waivers import store
from services.intake.payments.waivers.domain import (
    ASKED,
    BEGUN,
    BY_CITIZEN,
    GRANTED,
    REFUSED,
    Claim,
    Decision,
    UnknownCategory,
    UnknownWaiver,
    Waiver,
    WaiverMovedOn,
    check_decision,
    waived_part,
)
from services.intake.uploads.store import rows as uploads
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.runtime.keyed_hash import keyed_hash

ITEM = "waiver"
"""The code of the item of the fee that takes away what is waived."""
SWEPT_AT_ONCE = 100


def begin_waiver(work: UnitOfWork, dossier: Dossier, claim: Claim, owner: str) -> Waiver:
    """Keeps what a citizen says, so that files of the evidence can be added before it is sent; what was said before is replaced.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        claim: what the citizen says.
        owner: who may go on with it.

    Raises:
        As :func:`ask_waiver`.
    """
    debt = _check_askable(work, dossier, claim)
    known = store.begun(work.connection, dossier.code, owner)
    if known is not None:
        store.change(work.connection, known.id, asked_at=work.now, fee=debt.amount, **asdict(claim))
    else:
        store.add(work.connection, _new(work, dossier, claim, debt, BEGUN, BY_CITIZEN, owner))
    return _begun(work, dossier, owner)


def touch_waiver(work: UnitOfWork, dossier: Dossier, owner: str) -> str:
    """The id under which files of a waiver that was begun are kept; it is not deleted soon.

    Raises:
        UnknownWaiver: none was begun, or it was sent.
    """
    known = _begun(work, dossier, owner)
    store.change(work.connection, known.id, asked_at=work.now)
    return known.id


def send_waiver(work: UnitOfWork, dossier: Dossier, owner: str) -> Waiver:
    """Asks for what a citizen has begun to ask for; a clerk decides.

    Raises:
        UnknownWaiver: none was begun.
        Others as :func:`ask_waiver`.
    """
    known = _begun(work, dossier, owner)
    debt = _check_askable(work, dossier, Claim(known.category, known.evidence, known.number))
    store.change(work.connection, known.id, state=ASKED, asked_at=work.now, fee=debt.amount, owner=None)
    return _of(work, dossier, known.id)


def ask_waiver(work: UnitOfWork, dossier: Dossier, claim: Claim, by: str) -> Waiver:
    """Asks for a waiver at the desk.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        claim: for whom, and by which paper.
        by: the clerk's subject.

    Raises:
        UnknownCategory: there is none of this code.
        WaiverMovedOn: one is asked for or granted already.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid: nothing is to be waived.
    """
    debt = _check_askable(work, dossier, claim)
    waiver = _new(work, dossier, claim, debt, ASKED, by, None)
    store.add(work.connection, waiver)
    return waiver


def decide_waiver(work: UnitOfWork, dossier: Dossier, identifier: str, decision: Decision, clerk: str) -> Waiver:
    """A clerk's decision. What is granted is taken off the fee at once; what was paid before is a matter of refunds.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        identifier: of the waiver.
        decision: as the clerk says.
        clerk: the subject of the clerk's token.

    Raises:
        UnknownWaiver: the dossier has no such waiver.
        WaiverMovedOn: it was decided before.
        services.intake.payments.waivers.domain.EvidenceNotSeen, .NoEvidenceFile, .RefusalUnexplained: the decision lacks something.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid: it is granted, and nothing is left to be waived.
    """
    waiver = _of(work, dossier, identifier)
    if waiver.state != ASKED:
        raise WaiverMovedOn(identifier)
    check_decision(decision, len(uploads.of_draft(work.connection, identifier)))
    waived = _take_off(work, dossier, category_of(work, waiver.category)) if decision.grant else 0
    values = {"decided_at": work.now, "decided_by": clerk, "reason": decision.reason, "seen": decision.seen or None}
    state = GRANTED if decision.grant else REFUSED
    store.change(work.connection, identifier, state=state, waived=waived, **values)
    _announce(work, dossier, waiver, decision.grant, waived)
    return _of(work, dossier, identifier)


def check_open(connection: Connection, dossier: Dossier, identifier: str) -> None:
    """Whether there is something to decide, before it counts how well it was typed.

    Args:
        connection: any.
        dossier: as read.
        identifier: of the waiver that was asked for; empty for a new one.

    Raises:
        WaiverMovedOn: it was decided, or another was asked for or granted.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid: nothing is to be waived.
    """
    found = store.of_dossier(connection, dossier.code)
    asked = next((one.id for one in found if one.state == ASKED), "")
    if identifier != asked or any(one.state == GRANTED for one in found):
        raise WaiverMovedOn(dossier.code)
    if not asked:
        _debt(dossier)


def category_of(work: UnitOfWork, code: str) -> WaiverCategory:
    """A category of people.

    Raises:
        UnknownCategory: there is none of this code today.
    """
    found = next((one for one in waiver_categories(work.now.date()) if one.code == code), None)
    if found is None:
        raise UnknownCategory(code)
    return found


def delete_unsent(context: Context) -> int:
    """Deletes what was begun and never sent, with its files, as long after its last change as drafts are kept; returns how many."""
    now = context.clock.now()
    before = now - timedelta(days=draft_rules(now.date()).kept_days)
    with context.store.read() as connection:
        ids = store.unsent(connection, before, SWEPT_AT_ONCE)
    return sum(context.store.run(lambda work, id=id: _delete(work, id, before)) for id in ids)  # type: ignore[misc]


def _delete(work: UnitOfWork, id: str, before: datetime) -> int:
    if not store.remove_unsent(work.connection, id, before):
        return 0
    uploads.discard(work, id)
    return 1


def _new(
    work: UnitOfWork, dossier: Dossier, claim: Claim, debt: Debt, state: str, by: str, owner: str | None
) -> Waiver:
    return Waiver(
        id=new_id(),
        dossier=dossier.code,
        desk=dossier.receiving_agency,
        category=claim.category,
        evidence=claim.evidence,
        number=claim.number,
        state=state,
        fee=debt.amount,
        waived=0,
        asked_at=work.now,
        asked_by=by,
        owner=owner,
    )


def _check_askable(work: UnitOfWork, dossier: Dossier, claim: Claim) -> Debt:
    category_of(work, claim.category)
    debt = _debt(dossier)
    if any(one.state in (ASKED, GRANTED) for one in store.of_dossier(work.connection, dossier.code)):
        raise WaiverMovedOn(dossier.code)
    return debt


def _begun(work: UnitOfWork, dossier: Dossier, owner: str) -> Waiver:
    known = store.begun(work.connection, dossier.code, owner)
    if known is None:
        raise UnknownWaiver(dossier.code)
    return known


def _of(work: UnitOfWork, dossier: Dossier, identifier: str) -> Waiver:
    found = next((one for one in store.of_dossier(work.connection, dossier.code) if one.id == identifier), None)
    if found is None:
        raise UnknownWaiver(identifier)
    return found


def _debt(dossier: Dossier) -> Debt:
    debt = Debt(dossier.fee, dossier.fee_paid_at)
    check_payment(dossier.state, debt, debt.amount)
    return debt


def _take_off(work: UnitOfWork, dossier: Dossier, category: WaiverCategory) -> int:
    """The dossier's papers name that something was waived, and not to whom: that tells of poverty or disability."""
    waived = waived_part(_debt(dossier), category)
    item = {"code": ITEM, "name": "Miễn, giảm", "amount": -waived}
    items = orjson.dumps([*orjson.loads(dossier.fee_items), item]).decode()
    dossiers.change(work, dossier, fee=dossier.fee - waived, fee_items=items)
    return waived


def _announce(work: UnitOfWork, dossier: Dossier, waiver: Waiver, granted: bool, waived: int) -> None:
    """Tells the citizen who has asked; and statistics, which learn to what people fees were waived, but not for which dossier or when.

    What they know the waiver by is made from the dossier's code by the hash key, so that it is the same when it is granted again after this
    database was restored from a backup, and nobody else can tell which dossier it is.
    """
    if waiver.asked_by == BY_CITIZEN:
        owed = 0 if dossier.fee_paid_at or dossier.state not in PAYABLE else dossier.fee - waived
        decided: dict[str, Any] = {"dossier": dossier.code, "waiver": waiver.id, "granted": granted}
        work.emit("fee.waiver_decided", decided | {"waived": waived, "owed": owed, "decided_at": work.now})
    if not granted:
        return
    about = {"agency": dossier.receiving_agency, "field": dossier.field, "procedure": dossier.procedure}
    day = work.now.astimezone(VIETNAM).date().isoformat()
    counted = {
        "waiver": keyed_hash(work.hash_key, "fee_waiver", dossier.code),
        "category": waiver.category,
        "amount": waived,
        "day": day,
    }
    work.emit("fee.waived", about | counted)
