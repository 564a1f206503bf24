"""What changes parcels: requests, cancellations, numbers that the desk has typed, the post's answers and reports."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notify.post.batches.commands import record_arrival
from services.notify.post.letters.domain import LetterState
from services.notify.post.parcels import store
from services.notify.post.parcels.domain import (
    CANCELLABLE,
    POLL_EVERY,
    TRACKED,
    TRANSITIONS,
    WORRYING,
    Contents,
    ParcelState,
    UnknownParcel,
    WrongParcelState,
    pause_after,
    progress_of,
)
from services.notify.post.providers.port import RegisteredParcel, TrackingEvent, TrackingStatus
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork

NUMBER = re.compile(r"[A-Z0-9]{8,20}")
EVENT_OF = {
    ParcelState.REGISTERED: "parcel.registered",
    ParcelState.IN_TRANSIT: "parcel.progressed",
    ParcelState.OUT_FOR_DELIVERY: "parcel.progressed",
    ParcelState.ATTEMPTED: "parcel.progressed",
    ParcelState.DELIVERED: "parcel.delivered",
    ParcelState.RETURNED: "parcel.returned",
    ParcelState.LOST: "parcel.lost",
}
_LETTERS = {
    TrackingStatus.DELIVERED: LetterState.DELIVERED,
    TrackingStatus.RETURNED: LetterState.RETURNED,
    TrackingStatus.LOST: LetterState.LOST,
}


def request_parcel(
    work: UnitOfWork,
    *,
    dossier: str,
    agency: str,
    contents: Contents,
    provider: str,
    name: str,
    phone: str,
    address: Sequence[str],
    grams: int,
    by: str,
) -> str:
    """Records that a parcel is to be registered with the post, which a worker does at once; returns its id.

    Args:
        work: the transaction.
        dossier, agency, contents, provider: as in the table.
        name, phone, address: of the citizen, checked.
        grams: its weight.
        by: the subject of the clerk's token.
    """
    parcel = store.Parcel(
        id=new_id(),
        dossier=dossier,
        agency=agency,
        contents=contents,
        state=ParcelState.REQUESTED,
        revision=0,
        provider=provider,
        number=None,
        grams=grams,
        fee=None,
        name=name,
        phone=phone,
        address="\n".join(address),
        received_by="",
        state_at=work.now,
        reason="",
        attempts=0,
        due_at=work.clock.wall(),
        poll_at=None,
        created_at=work.now,
        created_by=by,
    )
    store.add(work.connection, parcel)
    work.hint(store.REGISTER_HINT)
    return parcel.id


def note_posted(
    work: UnitOfWork, dossier: str, agency: str, contents: Contents, typed_number: str, provider: str, at: datetime
) -> None:
    """Begins to follow a parcel whose number the desk has typed; again, or one that was registered here, changes nothing.

    Args:
        work: the transaction.
        dossier, agency, contents: as in the table.
        typed_number: a number of another form, which no provider has given, is not followed.
        provider: which one is asked.
        at: when it was handed to the post.
    """
    number = typed_number.strip().upper()
    if not NUMBER.fullmatch(number) or store.is_known(work.connection, dossier, number):
        return
    parcel = store.Parcel(
        id=new_id(),
        dossier=dossier,
        agency=agency,
        contents=contents,
        state=ParcelState.REGISTERED,
        revision=1,
        provider=provider,
        number=number,
        grams=0,
        fee=None,
        name="",
        phone="",
        address="",
        received_by="",
        state_at=at,
        reason="",
        attempts=0,
        due_at=None,
        poll_at=work.now + POLL_EVERY,
        created_at=work.now,
        created_by="",
    )
    store.add(work.connection, parcel)
    _emit(work, parcel, ParcelState.REGISTERED, 1, at)
    _apply_reports(work, parcel)


def cancel_parcel(work: UnitOfWork, id: str, agencies: Collection[str]) -> dict[str, Any]:
    """Asks the post to cancel a parcel that it does not have yet; again, it changes nothing.

    Args:
        work: the transaction.
        id: of the parcel.
        agencies: the actor's.

    Raises:
        UnknownParcel: there is none at these agencies.
        WrongParcelState: the post has it.
    """
    parcel = _locked(work, id, agencies)
    state = ParcelState(parcel.state)
    if state in (ParcelState.CANCELLING, ParcelState.CANCELLED):
        return {"parcel": id}
    if state not in CANCELLABLE or not parcel.created_by:
        raise WrongParcelState(state)
    # a call that registers it may be under way: its claim ends before the cancellation is sent
    due = parcel.due_at if parcel.due_at is not None else work.clock.wall()
    store.change(
        work.connection, id, state=ParcelState.CANCELLING, state_at=work.now, due_at=due, attempts=0, reason=""
    )
    work.hint(store.REGISTER_HINT)
    return {"parcel": id}


def mark_handled(work: UnitOfWork, id: str, agencies: Collection[str], by: str) -> dict[str, Any]:
    """Records that the desk has dealt with a parcel that was lost, returned or refused; again, it changes nothing.

    Args:
        work, id, agencies: as for :func:`cancel_parcel`.
        by: the subject of the clerk's token.

    Raises:
        UnknownParcel: there is none at these agencies.
        WrongParcelState: there is nothing to deal with.
    """
    parcel = _locked(work, id, agencies)
    if ParcelState(parcel.state) not in WORRYING:
        raise WrongParcelState(ParcelState(parcel.state))
    if parcel.handled_at is None:
        store.change(work.connection, id, handled_at=work.now, handled_by=by)
    return {"parcel": id}


def record_registered(work: UnitOfWork, id: str, registered: RegisteredParcel) -> None:
    """Records the post's answer, and applies the reports that came before it. A cancelled parcel stays so."""
    parcel = store.find(work.connection, id, lock=True)
    if parcel is None or parcel.state != ParcelState.REQUESTED:
        return
    values: dict[str, Any] = {"number": registered.number, "fee": registered.fee}
    if parcel.address:  # else its personal data were erased meanwhile
        values["label"] = base64.b64encode(registered.label).decode()
    values |= {"due_at": None, "poll_at": work.now + POLL_EVERY, "attempts": parcel.attempts + 1, "reason": ""}
    _change_state(work, parcel, ParcelState.REGISTERED, work.now, **values)
    following = store.find(work.connection, id)
    if following is not None:
        _apply_reports(work, following)


def record_cancelled(work: UnitOfWork, id: str) -> None:
    """Records that the post has cancelled a parcel."""
    parcel = store.find(work.connection, id, lock=True)
    if parcel is not None and parcel.state == ParcelState.CANCELLING:
        store.change(
            work.connection, id, state=ParcelState.CANCELLED, state_at=work.now, due_at=None, poll_at=None, reason=""
        )


def record_refused(work: UnitOfWork, id: str, reason: str) -> None:
    """Records that the post will not do what was asked: not take the parcel, or not cancel it."""
    parcel = store.find(work.connection, id, lock=True)
    if parcel is None:
        return
    if parcel.state == ParcelState.REQUESTED:
        values: dict[str, Any] = {"due_at": None, "reason": reason, "attempts": parcel.attempts + 1}
        store.change(work.connection, id, state=ParcelState.REFUSED, state_at=work.now, **values)
    elif parcel.state == ParcelState.CANCELLING:
        values = {"reason": reason, "state_at": work.now, "attempts": 0}
        if parcel.number is None:  # the answer to its registration was lost; asked again, the post gives the number
            values |= {"state": ParcelState.REQUESTED, "due_at": work.clock.wall()}
        else:
            values |= {"state": ParcelState.REGISTERED, "due_at": None}
        store.change(work.connection, id, **values)


def record_unavailable(work: UnitOfWork, id: str, reason: str) -> None:
    """Records a call that failed for a time; after too many the post counts as refusing."""
    parcel = store.find(work.connection, id, lock=True)
    if parcel is None or parcel.state not in (ParcelState.REQUESTED, ParcelState.CANCELLING):
        return
    pause: timedelta | None = pause_after(parcel.attempts + 1)
    if pause is None:
        record_refused(work, id, reason)
        return
    due = work.clock.wall() + pause
    store.change(work.connection, id, attempts=parcel.attempts + 1, due_at=due, reason=reason)


def record_reports(work: UnitOfWork, provider: str, events: Sequence[TrackingEvent]) -> int:
    """Stores reports of the post in any order, and moves the parcels and letters that they are about; returns how many are new.

    Args:
        work: the transaction.
        provider: its name in the configuration.
        events: of any parcels and letters; those about unknown ones wait for the registration.
    """
    new = [one for one in events if store.add_tracking(work.connection, provider, one, work.now)]
    for number in sorted({one.number for one in new}):
        for parcel in store.lock_by_number(work.connection, provider, number):
            _apply_reports(work, parcel)
    for one in sorted(new, key=lambda event: event.at):
        if one.status in _LETTERS:
            record_arrival(work, one.number, _LETTERS[one.status], one.at, one.reason)
    return len(new)


def _apply_reports(work: UnitOfWork, parcel: store.Parcel) -> None:
    if parcel.number is None:
        return
    progress = progress_of(store.tracking_of(work.connection, parcel.provider, parcel.number))
    if progress.at is None or progress.state not in TRACKED:
        return
    erased = bool(parcel.created_by) and not parcel.address
    received_by = "" if erased else progress.received_by
    if progress.state == parcel.state:
        if (received_by, progress.reason, progress.at) != (parcel.received_by, parcel.reason, parcel.state_at):
            values = {"received_by": received_by, "reason": progress.reason, "state_at": progress.at}
            store.change(work.connection, parcel.id, **values)
        return
    if progress.state in TRANSITIONS[ParcelState(parcel.state)]:
        over = progress.state in (ParcelState.DELIVERED, ParcelState.RETURNED)
        values = {"received_by": received_by, "reason": progress.reason, "due_at": None}
        values["poll_at"] = None if over else parcel.poll_at
        _change_state(work, parcel, progress.state, progress.at, **values)


def _change_state(work: UnitOfWork, parcel: store.Parcel, state: ParcelState, at: datetime, **values: Any) -> None:
    revision = parcel.revision + 1
    store.change(work.connection, parcel.id, state=state, state_at=at, revision=revision, **values)
    number = values.get("number", parcel.number)
    _emit(work, parcel, state, revision, at, number)


def _emit(
    work: UnitOfWork, parcel: store.Parcel, state: ParcelState, revision: int, at: datetime, number: str | None = None
) -> None:
    work.emit(
        EVENT_OF[state],
        {
            "dossier": parcel.dossier,
            "agency": parcel.agency,
            "parcel": number or parcel.number,
            "contents": str(parcel.contents),
            "state": str(state),
            "revision": revision,
            "at": at,
        },
    )


def _locked(work: UnitOfWork, id: str, agencies: Collection[str]) -> store.Parcel:
    parcel = store.find(work.connection, id, lock=True)
    if parcel is None or parcel.agency not in agencies:
        raise UnknownParcel(id)
    return parcel
