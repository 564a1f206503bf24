"""Asking for a waiver of the filing fee, and deciding it. All is done under the lock of the dossier, as payments are."""

from __future__ import annotations

import orjson

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.fee_reductions import WaiverCategory, waiver_categories
from services.intake.payments.domain import Debt, check_payment
from services.intake.payments.waivers import store
from services.intake.payments.waivers.domain import (
    ASKED,
    GRANTED,
    REFUSED,
    UnknownCategory,
    UnknownWaiver,
    Waiver,
    WaiverMovedOn,
    waived_part,
)
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork

ITEM = "waiver"
"""The code of the item of the fee that takes away what is waived."""


def ask_waiver(work: UnitOfWork, dossier: Dossier, category: str, evidence: str, by: str) -> Waiver:
    """Asks for a waiver; a clerk decides.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        category: code of the category of people.
        evidence: the paper that proves it, and its number.
        by: the clerk's subject; ``citizen`` if the citizen asks.

    Raises:
        UnknownCategory: there is none of this code.
        WaiverMovedOn: one is asked for or granted already.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid: nothing is to be waived.
    """
    category_of(work, category)
    debt = _debt(dossier)
    if any(one.state in (ASKED, GRANTED) for one in store.of_dossier(work.connection, dossier.code)):
        raise WaiverMovedOn(dossier.code)
    waiver = Waiver(new_id(), dossier.code, category, evidence, ASKED, debt.amount, 0, work.now, by)
    store.add(work.connection, waiver)
    return waiver


def decide_waiver(work: UnitOfWork, dossier: Dossier, identifier: str, grant: bool, reason: str, clerk: str) -> Waiver:
    """A clerk's decision. What is granted is taken off the fee at once; what was paid before is a matter of refunds.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        identifier: of the waiver.
        grant: whether the fee is waived; the clerk has seen the paper.
        reason: in words; needed to refuse.
        clerk: the subject of the clerk's token.

    Raises:
        UnknownWaiver: the dossier has no such waiver.
        WaiverMovedOn: it was decided before.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid: it is granted, and nothing is left to be waived.
    """
    waiver = next((one for one in store.of_dossier(work.connection, dossier.code) if one.id == identifier), None)
    if waiver is None:
        raise UnknownWaiver(identifier)
    if waiver.state != ASKED:
        raise WaiverMovedOn(identifier)
    waived = _take_off(work, dossier, category_of(work, waiver.category)) if grant else 0
    values = {"decided_at": work.now, "decided_by": clerk, "reason": reason, "waived": waived}
    store.change(work.connection, identifier, state=GRANTED if grant else REFUSED, **values)
    return next(one for one in store.of_dossier(work.connection, dossier.code) if one.id == identifier)


def category_of(work: UnitOfWork, code: str) -> WaiverCategory:
    """A category of people.

    Raises:
        UnknownCategory: there is none of this code today.
    """
    found = next((one for one in waiver_categories(work.now.date()) if one.code == code), None)
    if found is None:
        raise UnknownCategory(code)
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
    dossiers.change(work.connection, dossier, fee=dossier.fee - waived, fee_items=items)
    return waived
