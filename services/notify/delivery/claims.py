"""The queue of each channel's sender: which deliveries are due, who has claimed them, and what became of the attempt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Connection, bindparam, case, exists, null, select, update

from services.notify.channels.domain import Channel
from services.notify.delivery.states import PENDING, State, states_before
from services.notify.delivery.store import deliveries
from shared.persistence.sql import WithList


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this worker alone may send until the claim expires."""

    id: str
    message: str
    dossier: str
    kind: str
    agency: str
    channel: str
    language: str
    wait_seconds: int | None
    address: str
    text: str
    parts: str | None
    secret_parts: str | None
    failures: int
    doubts: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim holds.

    Attributes:
        deliveries: in the order in which they are to be sent.
        expired: how many of them another worker had claimed before, and may have sent.
    """

    deliveries: tuple[ClaimedDelivery, ...]
    expired: int


Group = tuple[bool, State]
"""Deliveries that are urgent, or not, and have the same state."""

GROUPS: Sequence[Group] = tuple(
    (urgent, state) for urgent in (True, False) for state in (State.SENDING, State.RETRYING, State.QUEUED)
)
"""In the order in which they are claimed."""
_DUE_GROUPS = select(
    *(
        exists()
        .where(
            deliveries.c.channel == bindparam("channel"),
            deliveries.c.state == state,
            deliveries.c.urgent == urgent,
            deliveries.c.due_at <= bindparam("at"),
        )
        .label(f"group_{number}")
        for number, (urgent, state) in enumerate(GROUPS)
    )
)
_DUE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.channel == bindparam("channel"),
        deliveries.c.state == bindparam("state"),
        deliveries.c.urgent == bindparam("urgent"),
        deliveries.c.due_at <= bindparam("at"),
    )
    .order_by(deliveries.c.due_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


_EXPIRED = case((deliveries.c.state == State.SENDING, 1), else_=0)
_CLAIM = WithList(
    lambda among: (
        update(deliveries)
        .where(among(deliveries.c.id, "ids"), deliveries.c.state.in_(states_before(State.SENDING)))
        .values(
            state=State.SENDING,
            claim=bindparam("new_claim"),
            due_at=bindparam("expires_at"),
            attempts=deliveries.c.attempts + 1,
            failures=deliveries.c.failures + _EXPIRED,
            doubts=deliveries.c.doubts + _EXPIRED,
        )
        .returning(*(deliveries.c[field.name] for field in fields(ClaimedDelivery)))
    )
)


def due_groups(connection: Connection, channel: Channel, at: datetime) -> Sequence[Group]:
    """The groups in which there is a delivery to claim; it locks nothing."""
    has_any = connection.execute(_DUE_GROUPS, {"channel": channel, "at": at}).one()
    return [group for group, due in zip(GROUPS, has_any, strict=True) if due]


def claim_due(
    connection: Connection,
    channel: Channel,
    claim: str,
    at: datetime,
    expires_at: datetime,
    limit: int,
    groups: Sequence[Group] = GROUPS,
) -> Claimed:
    """Claims due deliveries of a channel: urgent ones first; of these, those whose last claim has expired, those that are tried
    again, and new ones, each by their due time.

    Args:
        connection: inside a transaction.
        channel: of which.
        claim: id of this claim; results are recorded under it.
        at: real time.
        expires_at: real time after which another worker may claim them.
        limit: the most to claim.
        groups: of which.
    """
    ids: list[str] = []
    again = 0
    for urgent, state in groups:
        if room := limit - len(ids):
            where = {"channel": channel, "state": state, "urgent": urgent, "at": at, "limit": room}
            found = connection.execute(_DUE, where).scalars().all()
            ids += found
            again += len(found) if state is State.SENDING else 0
    if not ids:
        return Claimed((), 0)
    taken = connection.execute(_CLAIM.on(connection), {"ids": ids, "new_claim": claim, "expires_at": expires_at})
    claimed = {row.id: ClaimedDelivery(*row) for row in taken}
    return Claimed(tuple(claimed[id_] for id_ in ids if id_ in claimed), again)


_HOLD = (
    update(deliveries)
    .where(
        deliveries.c.channel == bindparam("of_channel"),
        deliveries.c.state.in_(PENDING),
        ~deliveries.c.urgent,
        deliveries.c.due_at <= bindparam("at"),
    )
    .values(due_at=bindparam("until"))
)


def hold_due(connection: Connection, channel: Channel, at: datetime, until: datetime) -> None:
    """Lets all due deliveries of a channel that are not urgent wait; called again and again, so that failed attempts wait too.

    Args:
        connection: inside a transaction.
        channel: of which.
        at: real time.
        until: real time until which they wait.
    """
    connection.execute(_HOLD, {"of_channel": channel, "at": at, "until": until})


_HELD = WithList(
    lambda among: (
        select(deliveries.c.id, deliveries.c.state)
        .where(
            among(deliveries.c.id, "ids"),
            deliveries.c.claim == bindparam("claim"),
            deliveries.c.state.in_((State.SENDING, State.SKIPPED)),
        )
        .order_by(deliveries.c.id)
        .with_for_update()
    )
)


def held_under(connection: Connection, ids: Collection[str], claim: str) -> dict[str, State]:
    """Which deliveries are still held under a claim, by id: `sending`, or `skipped` because they were cancelled meanwhile.

    They are locked until the transaction ends.
    """
    rows = connection.execute(_HELD.on(connection), {"ids": list(ids), "claim": claim})
    return {id_: State(state) for id_, state in rows}


_RECORDED = ("state", "provider", "reference", "segments", "reason", "failures", "doubts", "due_at")
_RECORD = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_id"))
    .values(
        {name: bindparam(f"new_{name}") for name in (*_RECORDED, "fallback_at", "sent_at", "finished_at")}
        | {
            "claim": None,
            "secret_parts": case((bindparam("is_over", type_=Boolean), null()), else_=deliveries.c.secret_parts),
        }
    )
)


def record_results(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Writes what became of attempts, and ends their claims; of what is sent no more, the secrets are deleted.

    Args:
        connection: inside a transaction; the rows are held (:func:`held_under`).
        rows: `id`, the columns that an attempt changes, and `fallback_at`, `sent_at` and `finished_at`.
    """
    values = [
        {"of_id": row["id"], "is_over": row["state"] not in PENDING}
        | {f"new_{name}": row[name] for name in row if name != "id"}
        for row in rows
    ]
    if values:
        connection.execute(_RECORD, values)
