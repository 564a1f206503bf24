"""What changes batches: closing, printing, handing to the post; and what comes back of their letters."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from services.notify.channels.receipts import ReceiptStatus, record_receipt
from services.notify.post.batches import store
from services.notify.post.batches.domain import (
    TRANSITIONS,
    Batch,
    BatchState,
    NothingToPrint,
    UnknownBatch,
    WrongBatchState,
)
from services.notify.post.batches.rules import batch_rules, calendar_of, last_cut_off
from services.notify.post.letters import store as letters
from services.notify.post.letters.domain import LetterState, UnknownLetter, WrongLetterState
from services.notify.post.numbers import BATCH, take_number
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

RECEIPTS = {
    LetterState.DELIVERED: ReceiptStatus.DELIVERED,
    LetterState.RETURNED: ReceiptStatus.RETURNED,
    LetterState.LOST: ReceiptStatus.FAILED,
}
"""State of a letter → what is reported of its delivery."""


def close_batch(work: UnitOfWork, agency: str, until: datetime | None, by: str) -> Batch:
    """Puts the letters of an agency that wait into a new batch; each letter is in one batch at most.

    Args:
        work: the transaction.
        agency: its code.
        until: only letters queued until then; None for all.
        by: the subject of the clerk's token; empty for the cut-off.

    Raises:
        NothingToPrint: none waits.
    """
    day = work.now.astimezone(VIETNAM).date()
    ids = letters.lock_waiting(work.connection, agency, until, batch_rules(day).most_letters)
    if not ids:
        raise NothingToPrint
    number, year = take_number(work, agency, BATCH)
    id = new_id()
    letters.put_into_batch(work.connection, ids, id, work.now, by)
    found = letters.of_batch(work.connection, id)
    sums = (len(found), sum(one.pages for one in found), sum(one.fee for one in found))
    batch = Batch(id, agency, number, year, BatchState.CLOSED, *sums, work.now, by)
    store.add(work.connection, batch)
    return batch


def close_due(context: Context) -> int:
    """Closes the batches whose cut-off has passed, one transaction for each agency; the worker's sweep."""
    now, closed = context.clock.now(), 0
    day = now.astimezone(VIETNAM).date()
    with context.store.read() as connection:
        waiting = letters.agencies_waiting(connection)
    for agency, _, oldest in waiting:
        at = last_cut_off(now, batch_rules(day).cut_off_of(agency), calendar_of(context.reference, agency, day))
        if at is None or oldest > at:
            continue
        closed += _close_at_cut_off(context, agency, at)
    return closed


def _close_at_cut_off(context: Context, agency: str, at: datetime) -> bool:
    try:
        context.store.run(lambda work: close_batch(work, agency, at, ""))
    except NothingToPrint:
        return False  # a clerk was faster
    return True


def mark_printed(work: UnitOfWork, id: str, agencies: Collection[str], by: str) -> dict[str, Any]:
    """Records that the file of a batch was printed; again, it changes nothing.

    Args:
        work: the transaction.
        id: of the batch.
        agencies: the actor's.
        by: the subject of the actor's token.

    Raises:
        UnknownBatch: there is none at these agencies.
    """
    batch = _locked(work, id, agencies)
    if BatchState.PRINTED in TRANSITIONS[BatchState(batch.state)]:
        store.mark(work.connection, batch, BatchState.PRINTED, work.now, by)
    return {"batch": id}


def mark_posted(work: UnitOfWork, id: str, agencies: Collection[str], by: str) -> dict[str, Any]:
    """Records that the post has taken a batch, and reports that for each letter; again, it changes nothing.

    Args:
        work, id, agencies, by: as for :func:`mark_printed`.

    Raises:
        UnknownBatch: there is none at these agencies.
        WrongBatchState: it was not printed.
    """
    batch = _locked(work, id, agencies)
    state = BatchState(batch.state)
    if state is BatchState.POSTED:
        return {"batch": id}
    if BatchState.POSTED not in TRANSITIONS[state]:
        raise WrongBatchState(state)
    store.mark(work.connection, batch, BatchState.POSTED, work.now, by)
    for row in letters.of_batch(work.connection, id):
        if letters.change_state(work.connection, row, LetterState.POSTED, work.now, changed_by=by):
            record_receipt(work, row.provider, row.reference, ReceiptStatus.ACCEPTED, work.now)
    return {"batch": id}


def record_arrival(
    work: UnitOfWork, reference: str, state: LetterState, at: datetime, reason: str = "", by: str = ""
) -> bool:
    """Records what became of a letter at the post, and reports it for the delivery.

    Args:
        work: the transaction.
        reference: of the letter.
        state: ``delivered``, ``returned`` or ``lost``.
        at: when.
        reason: of a return, without the address.
        by: the subject of the clerk's token; empty: the post reported it.

    Returns:
        false where there is no such letter, or where the table of states does not allow it.
    """
    row = letters.lock(work.connection, reference=reference)
    if row is None or not letters.change_state(work.connection, row, state, at, changed_by=by, reason=reason):
        return False
    record_receipt(work, row.provider, row.reference, RECEIPTS[state], at, reason)
    return True


def mark_returned(work: UnitOfWork, id: str, agencies: Collection[str], reason: str, by: str) -> dict[str, Any]:
    """Records that a letter came back to the desk; again, it changes nothing.

    Args:
        work: the transaction.
        id: of the letter.
        agencies, by: as for :func:`mark_printed`.
        reason: as the post has written on it.

    Raises:
        UnknownLetter: there is none at these agencies.
        WrongLetterState: the post does not have it.
    """
    row = letters.lock(work.connection, id=id)
    if row is None or row.agency not in agencies:
        raise UnknownLetter(id)
    if row.state != LetterState.RETURNED and not record_arrival(
        work, row.reference, LetterState.RETURNED, work.now, reason, by
    ):
        raise WrongLetterState(LetterState(row.state))
    return {"letter": id, "batch": row.batch}


def _locked(work: UnitOfWork, id: str, agencies: Collection[str]) -> Batch:
    batch = store.find(work.connection, id, lock=True)
    if batch is None or batch.agency not in agencies:
        raise UnknownBatch(id)
    return batch
