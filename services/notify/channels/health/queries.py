"""How providers do, for pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from services.notify.channels.domain import Channel
from services.notify.channels.health.store import health
from services.notify.channels.pool.domain import BreakerState
from services.notify.channels.pool.member import ProviderHealth


@dataclass(frozen=True, slots=True)
class MeasuredHealth:
    """The health of a provider, and the real time at which it was measured."""

    health: ProviderHealth
    measured_at: datetime


def provider_health(connection: Connection) -> Sequence[MeasuredHealth]:
    """How each provider did when the sending worker last said so, by channel and name."""
    rows = connection.execute(select(health).order_by(health.c.channel, health.c.name)).mappings()
    return [
        MeasuredHealth(
            ProviderHealth(
                name=row["name"],
                channel=Channel(row["channel"]),
                kind=row["kind"],
                state=BreakerState(row["state"]),
                share=row["share"],
                failures=row["failures"],
                waits_seconds=row["waits_seconds"],
                last_failure=row["last_failure"],
                in_doubt=row["in_doubt"],
            ),
            row["measured_at"],
        )
        for row in rows
    ]
