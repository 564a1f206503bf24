"""What changes data exports: a person asks, or a clerk for them; exports whose time is over are deleted."""

from __future__ import annotations

import uuid
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


def latest_own(work: UnitOfWork, person: Person) -> Export | None:
    """The person's newest export of their own, if it is too young for another one."""
    since = work.now - timedelta(hours=export_rules(work.now.date()).again_after_hours)
    own = (one for one in store.of_owner(work.connection, person.subject) if not one.desk)
    return next((one for one in own if one.requested_at > since), None)


def request_own(work: UnitOfWork, person: Person) -> tuple[Export, bool]:
    """Makes an export for the person who signed in; who asks again too soon gets the last one.

    Args:
        work: the transaction.
        person: signed in.

    Returns:
        the export, and whether it is new.
    """
    known = latest_own(work, person)
    if known is not None:
        return known, False
    made = _request(work, person, "", "", "")
    if made is not None:
        return made, True
    known = latest_own(work, person)  # asked for at the same moment, by another request
    assert known is not None
    return known, False


def request_at_desk(work: UnitOfWork, person: Person, clerk: str, desk: str, reason: str) -> Export:
    """Makes an export for a visitor whose identity a clerk has checked.

    Args:
        work: the transaction.
        person: as the identity document says.
        clerk: the subject of the clerk's token.
        desk: theirs.
        reason: as noted; it does not leave intake.
    """
    made = None
    while made is None:  # somebody else has just taken the number
        made = _request(work, person, clerk, desk, reason)
    return made


def _request(work: UnitOfWork, person: Person, clerk: str, desk: str, reason: str) -> Export | None:
    """Stores an export and asks the other services; only the applicant's contact, messages and rating are the person's own."""
    rules = export_rules(work.now.date())
    kept = timedelta(hours=rules.desk_kept_hours) if desk else timedelta(days=rules.kept_days)
    export = Export(str(uuid.uuid4()), person, work.now, work.now + kept, clerk, desk, reason)
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
