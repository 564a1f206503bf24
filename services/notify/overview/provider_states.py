"""How providers stand, as the page shows it: what the sending worker last wrote down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notify.channels.health.queries import MeasuredHealth
from services.notify.channels.pool.domain import BreakerState
from services.notify.overview.reasons import reason_label

SILENT_AFTER = timedelta(minutes=2)
"""The worker writes every few seconds; after this it is not running."""
LABELS: Mapping[BreakerState, tuple[tuple[str, str], str]] = {
    BreakerState.CLOSED: (("Hoạt động", "Working"), "good"),
    BreakerState.HALF_OPEN: (("Đang thử lại", "On trial"), "waiting"),
    BreakerState.OPEN: (("Tạm ngắt", "Left out"), "late"),
}
"""State of a circuit breaker → its name in Vietnamese and English, and its badge."""
SILENT = ("Không có tin từ tiến trình gửi", "The sending worker is silent"), "late"


@dataclass(frozen=True, slots=True)
class ShownProvider:
    """A provider on the page.

    Attributes:
        name: in the configuration.
        channel: whose deliveries it takes.
        label: its state in Vietnamese and English.
        badge: the state's badge.
        share: the percentage of its weight that it gets; None if nobody has said so lately.
        waits_until: until when it gets nothing, real time; None if it gets deliveries.
        last_failure: the reason in Vietnamese and English; empty if there was none.
        in_doubt: deliveries that it may have taken without our knowing, since the worker started.
        measured_at: when the worker wrote this down, real time.
    """

    name: str
    channel: str
    label: tuple[str, str]
    badge: str
    share: int | None
    waits_until: datetime | None
    last_failure: tuple[str, str] | tuple[()]
    in_doubt: int
    measured_at: datetime


def shown_providers(measured: Iterable[MeasuredHealth], at: datetime) -> list[ShownProvider]:
    """How providers stand at a time.

    Args:
        measured: what the worker wrote down.
        at: real time.
    """
    return [_shown(one, at) for one in measured]


def _shown(one: MeasuredHealth, at: datetime) -> ShownProvider:
    health = one.health
    silent = at - one.measured_at > SILENT_AFTER
    label, badge = SILENT if silent else LABELS[health.state]
    until = one.measured_at + timedelta(seconds=health.waits_seconds)
    return ShownProvider(
        name=health.name,
        channel=health.channel,
        label=label,
        badge=badge,
        share=None if silent else round(health.share * 100),
        waits_until=until if until > max(at, one.measured_at) and not silent else None,
        last_failure=reason_label(health.last_failure) if health.last_failure else (),
        in_doubt=health.in_doubt,
        measured_at=one.measured_at,
    )
