"""How an agency's own software gets its events and sends its decisions."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """AMQP: a queue at the broker. WEBHOOK: the platform posts to the agency. PULL: the agency asks the platform, over HTTPS."""

    AMQP = "amqp"
    WEBHOOK = "webhook"
    PULL = "pull"


OVER_HTTP = frozenset({Way.WEBHOOK, Way.PULL})
