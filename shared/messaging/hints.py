"""Hints that there is work: from the process that has committed it to the processes that wait for it.

A process at rest should not ask its database forty times a second whether there is something to do. So who commits work sends a hint
afterwards, outside the transaction: a NOTIFY inside it would take a lock that all commits of the server share. A hint may be lost, come
late or come twice. Whoever waits for one therefore also looks by itself, but seldom.

In PostgreSQL hints are notifications (`postgres_hints`), beside an SQLite file they are bytes in named pipes (`pipes`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Protocol

OUTBOX = "outbox"
"""Events wait to be published."""
PUBLISHED = "published"
"""Events were published, which subscribers must confirm."""
RETRY = "retry"
"""Events were put into the retry queue, or became due."""
PARTITIONS = "partitions"
"""The number of the service's partitions changes."""


class HintChannel(Protocol):
    """Carries hints between the processes that use one database.

    Attributes:
        works: whether hints of other processes arrive here, unless one is lost.
    """

    works: bool

    def send(self, names: Iterable[str]) -> None:
        """Sends hints to all other processes. Returns at once and never fails: a hint that cannot be sent is lost."""
        ...

    def receive(self, seconds: float) -> set[str] | None:
        """Waits for hints of other processes; ``None`` if some may have been lost, as before the first call.

        Raises:
            Exception: the channel is broken; the next call opens it again.
        """
        ...

    def interrupt(self) -> None:
        """Ends a `receive` that waits in another thread."""
        ...

    def close(self) -> None:
        """Ends receiving."""
        ...


class Hints:
    """Hints about the work in one service's database, as one process sends and gets them.

    Args:
        channel: carries them to other processes and from them.
    """

    def __init__(self, channel: HintChannel) -> None:
        self._channel = channel
        self._subscribers: dict[str, list[Callable[[], None]]] = {}

    @property
    def work(self) -> bool:
        """Whether hints of other processes arrive here, unless one is lost."""
        return self._channel.works

    def subscribe(self, name: str, callback: Callable[[], None]) -> None:
        """Calls a function at each hint of a name; it must return at once and not fail."""
        self._subscribers.setdefault(name, []).append(callback)

    def send(self, names: Iterable[str]) -> None:
        """Sends hints to the subscribers of this process and to all other processes. Never fails."""
        self._deliver(names)
        self._channel.send(names)

    def receive(self, seconds: float) -> int:
        """Waits up to some seconds for hints of other processes and delivers them; returns how many there were.

        Raises:
            Exception: the channel is broken; the next call opens it again.
        """
        names = self._channel.receive(seconds)
        self._deliver(self._subscribers if names is None else names)
        return len(names or ())

    def interrupt(self) -> None:
        """Ends a `receive` that waits in another thread."""
        self._channel.interrupt()

    def close(self) -> None:
        """Ends receiving."""
        self._channel.close()

    def _deliver(self, names: Iterable[str]) -> None:
        for name in names:
            for callback in self._subscribers.get(name, ()):
                callback()


def new_sender_id() -> str:
    """Identifies one sender, so that it need not listen to itself. Random, because processes in two containers may have the same number."""
    return secrets.token_hex(8)
