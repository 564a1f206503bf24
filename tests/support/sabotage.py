"""Deletes parts of a bus by hand, behind the platform's back: bindings, queues, the exchange, everything."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pika
from pika.adapters.blocking_connection import BlockingChannel

from shared.contracts import REGISTRY, platform_topology
from shared.messaging import entities
from shared.messaging.rabbitmq.admin import connected
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.topology import EVENTS_EXCHANGE

SERVICES = tuple(REGISTRY.subscriptions())


class Sabotage:
    """Somebody who deletes parts of a bus by hand, behind the platform's back.

    Args:
        bus_url: the bus.
    """

    def __init__(self, bus_url: str) -> None:
        self._url = bus_url

    def delete_binding(self, service: str, topic: str) -> None:
        """Deletes the binding of a service to a topic."""
        if self._file:
            self._sql("DELETE FROM subscription WHERE queue = ? AND topic = ?", f"motcua.{service}", topic)
            return
        with self._channel() as channel:
            channel.exchange_unbind(f"motcua.{service}", EVENTS_EXCHANGE, topic)

    def delete_queue(self, service: str) -> None:
        """Deletes a service's queue with its messages and bindings."""
        if self._file:
            self._sql("DELETE FROM subscription WHERE queue = ?", f"motcua.{service}")
            self._sql("DELETE FROM message WHERE queue = ?", f"motcua.{service}")
            return
        with self._channel() as channel:
            channel.queue_delete(f"motcua.{service}")

    def make_queue_anew(self, service: str) -> None:
        """Deletes a service's queue with its messages, and makes it again in the same moment."""
        if self._file:
            self._sql("DELETE FROM message WHERE queue = ?", f"motcua.{service}")
            return
        subscription = platform_topology().of(service)
        with connected(parse_endpoint(self._url), "test") as connection, connection.channel() as channel:
            bound = entities.service_queue(subscription)(channel)
            bound.delete(nowait=True)
            bound.queue_declare(nowait=True)
            bound.declare()

    def delete_exchange(self) -> None:
        """Deletes the exchange of events with all its bindings; in a file, all bindings."""
        if self._file:
            self._sql("DELETE FROM subscription")
            return
        with self._channel() as channel:
            channel.exchange_delete(EVENTS_EXCHANGE)

    def lose_everything(self) -> None:
        """Deletes the file, or everything in the virtual host."""
        if self._file:
            Path(self._file).unlink()
            return
        with self._channel() as channel:
            for service in SERVICES:
                channel.queue_delete(f"motcua.{service}")
                channel.exchange_delete(f"motcua.{service}")
            channel.exchange_delete(EVENTS_EXCHANGE)

    @property
    def _file(self) -> str:
        return self._url.removeprefix("embedded:") if self._url.startswith("embedded:") else ""

    def _sql(self, statement: str, *values: str) -> None:
        connection = sqlite3.connect(self._file, timeout=15)
        with connection:
            connection.execute(statement, values)
        connection.close()

    @contextlib.contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        try:
            yield connection.channel()
        finally:
            connection.close()
