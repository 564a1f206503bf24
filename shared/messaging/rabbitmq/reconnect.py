"""Keeps one open connection: opens it when it is first needed, after a loss and after a fork, with a growing delay between attempts."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from shared.messaging.port import BusUnavailable
from shared.messaging.rabbitmq.connection import BrokerConnection, ChannelHandler

FIRST_DELAY = 0.1
LONGEST_DELAY = 5.0

HandlerT = TypeVar("HandlerT", bound=ChannelHandler)


class Reconnector(Generic[HandlerT]):
    """The current connection with its channel's handler.

    Args:
        connect: opens a connection; raises BusUnavailable.
    """

    def __init__(self, connect: Callable[[], tuple[BrokerConnection, HandlerT]]) -> None:
        self._connect = connect
        self._current: tuple[BrokerConnection, HandlerT] | None = None
        self._pid = os.getpid()
        self._delay = 0.0
        self._not_before = 0.0

    def current(self) -> tuple[BrokerConnection, HandlerT] | None:
        """The current connection, lost or not; ``None`` if there is none, or if it belongs to the process that forked this one."""
        if self._pid != os.getpid():  # the parent still uses its socket: forget the connection without closing it
            self._pid, self._current, self._delay, self._not_before = os.getpid(), None, 0.0, 0.0
        return self._current

    def open(self, seconds: float) -> tuple[BrokerConnection, HandlerT]:
        """Returns the current connection; opens one if there is none or it is lost.

        Args:
            seconds: how long to wait at most for the time of the next attempt.

        Raises:
            BusUnavailable: the attempt failed, or it is too early for the next one.
        """
        current = self.current()
        if current is not None and current[0].lost is None:
            return current
        self.close()
        self._wait(seconds)
        try:
            self._current = self._connect()
        except BusUnavailable:
            self._delay = min(LONGEST_DELAY, 2 * self._delay or FIRST_DELAY)
            self._not_before = time.monotonic() + self._delay * random.uniform(0.5, 1.0)
            raise
        self._delay = 0.0
        return self._current

    def close(self) -> None:
        """Closes the connection, if there is one."""
        current, self._current = self.current(), None
        if current is not None:
            current[0].close()

    def _wait(self, seconds: float) -> None:
        remaining = self._not_before - time.monotonic()
        time.sleep(max(0.0, min(remaining, seconds)))
        if remaining > seconds:
            raise BusUnavailable("RabbitMQ was not reachable; it is too early for the next attempt")
