"""Chooses the transport by its URL. It imports only the chosen one, so a machine without a broker need not load the broker's clients."""

from __future__ import annotations

from pathlib import Path

from shared.messaging.port import Bus


def open_bus(url: str, name: str) -> Bus:
    """The transport that a URL names. It connects when it is first used.

    Args:
        url: ``embedded:PATH`` or ``amqp(s)://user:password@host:port/vhost``.
        name: of this process, for the broker's administrators.

    Raises:
        ValueError: the URL is invalid; the message contains no password.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "embedded" and rest:
        from shared.messaging.embedded import EmbeddedBus

        return EmbeddedBus(Path(rest))
    if scheme in ("amqp", "amqps"):
        from shared.messaging.rabbitmq import RabbitMqBus

        return RabbitMqBus(url, name)
    raise ValueError("the bus URL is neither embedded:PATH nor amqp://… nor amqps://…")
