"""What staff read about deliveries: failed ones, what channels and providers have done, and costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from services.notify.delivery.states import PENDING, State
from services.notify.delivery.store import deliveries
from services.notify.messages.queries import COLUMNS, DeliveryRow

PAGE_SIZE = 50
TEST = "test"
"""The kind of a message that staff have sent to try a text."""


@dataclass(frozen=True, slots=True)
class ChannelLoad:
    """What waits in a channel, of all agencies.

    Attributes:
        channel: which one.
        waiting: deliveries to be sent.
        retrying: of these, those that have failed before.
        oldest: when the oldest of them was queued, business time.
    """

    channel: str
    waiting: int
    retrying: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """What a provider has done since a moment, for all agencies.

    Attributes:
        channel: of which channel.
        provider: its name.
        taken: deliveries that it took, those that arrived among them.
        delivered: of these, those that have arrived by a receipt.
        failed: deliveries that it refused, gave up or returned.
        retrying: deliveries that wait for another attempt after it failed.
        doubts: how often it may have taken one without our knowing.
        last_taken: when it last took one, business time.
    """

    channel: str
    provider: str
    taken: int
    delivered: int
    failed: int
    retrying: int
    doubts: int
    last_taken: datetime | None


@dataclass(frozen=True, slots=True)
class CostRow:
    """What was sent for an agency by a channel's provider in a month.

    Attributes:
        agency: whose act the messages tell; empty for appointments.
        channel: which one.
        provider: its name.
        messages: how many it took.
        segments: how many segments of SMS, or messages of other channels, are paid for.
    """

    agency: str
    channel: str
    provider: str
    messages: int
    segments: int


def troubled(
    connection: Connection, agencies: Collection[str], after: tuple[datetime, str] | None, limit: int = PAGE_SIZE
) -> list[DeliveryRow]:
    """Deliveries that failed, came back or wait for another attempt, newest first.

    Args:
        connection: of the store.
        agencies: whose.
        after: time and id of the last one of the page before.
        limit: the most.
    """
    states = (State.FAILED, State.RETURNED, State.RETRYING)
    found = select(*COLUMNS).where(deliveries.c.agency.in_(agencies), deliveries.c.state.in_(states))
    if after is not None:
        at, id_ = after
        found = found.where(
            (deliveries.c.created_at < at) | ((deliveries.c.created_at == at) & (deliveries.c.id < id_))
        )
    found = found.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc()).limit(limit)
    return [DeliveryRow(**dict(row) | {"state": State(row["state"])}) for row in connection.execute(found).mappings()]


def channel_loads(connection: Connection) -> list[ChannelLoad]:
    """What waits in each channel."""
    retrying = func.sum(case((deliveries.c.state == State.RETRYING, 1), else_=0))
    found = (
        select(deliveries.c.channel, func.count(), retrying, func.min(deliveries.c.created_at))
        .where(deliveries.c.state.in_(PENDING))
        .group_by(deliveries.c.channel)
        .order_by(deliveries.c.channel)
    )
    return [ChannelLoad(*row) for row in connection.execute(found)]


def provider_records(connection: Connection, since: datetime) -> list[ProviderRecord]:
    """What each provider has done since a moment."""

    def total(*states: State) -> Any:
        return func.sum(case((deliveries.c.state.in_(states), 1), else_=0))

    found = (
        select(
            deliveries.c.channel,
            deliveries.c.provider,
            total(State.SENT, State.DELIVERED),
            total(State.DELIVERED),
            total(State.FAILED, State.RETURNED),
            total(State.RETRYING),
            func.sum(deliveries.c.doubts),
            func.max(deliveries.c.sent_at),
        )
        .where(deliveries.c.created_at >= since, deliveries.c.provider != "")
        .group_by(deliveries.c.channel, deliveries.c.provider)
        .order_by(deliveries.c.channel, deliveries.c.provider)
    )
    return [ProviderRecord(*row) for row in connection.execute(found)]


def costs(connection: Connection, agencies: Collection[str], begins: datetime, ends: datetime) -> list[CostRow]:
    """What was sent for agencies in a period.

    Args:
        connection: of the store.
        agencies: whose.
        begins, ends: the period; `ends` is not part of it.
    """
    by = (deliveries.c.agency, deliveries.c.channel, deliveries.c.provider)
    found = (
        select(*by, func.count(), func.sum(deliveries.c.segments))
        .where(
            deliveries.c.agency.in_(agencies),
            deliveries.c.created_at >= begins,
            deliveries.c.created_at < ends,
            deliveries.c.sent_at.is_not(None),
        )
        .group_by(*by)
        .order_by(*by)
    )
    return [CostRow(*row) for row in connection.execute(found)]
