"""Keeps one link at hand: opened when first needed, again after a loss, afresh after a fork, not too often."""

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
    """The current link and its flow.

    Args:
        connect: opens a link with its flow; raises BusUnavailable.
    """

    def __init__(self, connect: Callable[[], tuple[BrokerConnection, HandlerT]]) -> None:
        self._connect = connect
        self._current: tuple[BrokerConnection, HandlerT] | None = None
        self._pid = os.getpid()
        self._delay = 0.0
        self._not_before = 0.0

    def held(self) -> tuple[BrokerConnection, HandlerT] | None:
        """The link that is there, lost or not; ``None`` when there is none, or when it belongs to the process we were forked from."""
        if self._pid != os.getpid():  # its thread and its broker's ear are our parent's: forget it without a word
            self._pid, self._current, self._delay, self._not_before = os.getpid(), None, 0.0, 0.0
        return self._current

    def open(self, seconds: float) -> tuple[BrokerConnection, HandlerT]:
        """The link, opened if there is none.

        Args:
            seconds: how long to wait at most before an attempt is due again.

        Raises:
            BusUnavailable: the attempt failed, or none is due yet.
        """
        current = self.held()
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
        """Closes the link if there is one."""
        current, self._current = self.held(), None
        if current is not None:
            current[0].close()

    def _wait(self, seconds: float) -> None:
        remaining = self._not_before - time.monotonic()
        time.sleep(max(0.0, min(remaining, seconds)))
        if remaining > seconds:
            raise BusUnavailable("RabbitMQ was not reachable; the next attempt is not due yet")
