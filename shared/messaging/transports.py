"""Chooses the carrier by its URL. Only the chosen one is imported: a machine without a broker need not hold the broker's clients."""

from __future__ import annotations

from pathlib import Path

from shared.messaging.port import Bus


def open_bus(url: str, name: str) -> Bus:
    """The carrier that a URL names. Nothing is connected yet.

    Args:
        url: ``embedded:PATH`` or ``amqp(s)://user:password@host:port/vhost``.
        name: of this process, for the broker's administrators.

    Raises:
        ValueError: the URL cannot be used; the message holds no password.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "embedded" and rest:
        from shared.messaging.embedded import EmbeddedBus

        return EmbeddedBus(Path(rest))
    if scheme in ("amqp", "amqps"):
        from shared.messaging.rabbitmq import RabbitMqBus

        return RabbitMqBus(url, name)
    raise ValueError("the bus URL is neither embedded:PATH nor amqp://… nor amqps://…")
