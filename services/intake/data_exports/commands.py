"""What changes data exports: a person asks, or a clerk for them; exports whose time is over are deleted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from services.intake.data_exports import store
from services.intake.data_exports.queries import MOST, entries_of
from services.intake.data_exports.redaction import Person
from services.intake.data_exports.rules import export_rules
from services.intake.data_exports.store import Export
from services.intake.mine.domain import Part
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

SWEPT_AT_ONCE = 100


def request_own(work: UnitOfWork, person: Person) -> tuple[Export, bool]:
    """Makes an export for the person who signed in; who asks again too soon gets the last one.

    Args:
        work: the transaction.
        person: signed in.

    Returns:
        the export, and whether it is new.
    """
    since = work.now - timedelta(hours=export_rules(work.now.date()).again_after_hours)
    while True:
        known = store.of_owner(work.connection, person.subject)
        young = next((one for one in known if not one.desk and one.requested_at > since), None)
        if young is not None:
            return young, False
        made = _request(work, person, _next(known))
        if made is not None:
            return made, True  # else somebody has asked at the same moment, and it is there now


def request_at_desk(work: UnitOfWork, person: Person, clerk: str, desk: str, reason: str) -> Export:
    """Makes an export for a visitor whose identity a clerk has checked.

    Args:
        work: the transaction.
        person: as the identity document says.
        clerk: the subject of the clerk's token.
        desk: theirs.
        reason: as noted; it does not leave intake.
    """
    while True:
        known = store.of_owner(work.connection, person.subject)
        made = _request(work, person, _next(known), clerk, desk, reason)
        if made is not None:
            return made


def _next(known: Sequence[Export]) -> int:
    """The number after those of a read: whoever has read the same makes no second export."""
    return known[0].number + 1 if known else 1


def _request(
    work: UnitOfWork, person: Person, number: int, clerk: str = "", desk: str = "", reason: str = ""
) -> Export | None:
    """Stores an export and asks the other services; only the applicant's contact, messages and rating are the person's own.

    Returns:
        the export; None where there is one of this number.
    """
    rules = export_rules(work.now.date())
    kept = timedelta(hours=rules.desk_kept_hours) if desk else timedelta(days=rules.kept_days)
    export = Export(str(uuid.uuid4()), number, person, work.now, work.now + kept, clerk, desk, reason)
    entries = entries_of(work.connection, person, work.now)[:MOST]
    requests = [(str(uuid.uuid4()), entry.code) for entry in entries if entry.part is Part.APPLICANT]
    if not store.add(work, export, requests):
        return None
    for request, dossier in requests:
        work.emit("personal_data.requested", {"dossier": dossier, "request": request, "requested_at": work.now})
    return export


def delete_expired(context: Context) -> int:
    """Deletes the exports whose time is over; returns how many."""
    now = context.clock.now()
    with context.store.read() as connection:
        ids = store.expired(connection, now, SWEPT_AT_ONCE)
    return sum(context.store.run(lambda work, id=id: store.remove(work, id)) for id in ids)  # type: ignore[misc]
