"""Ends a connection at a given moment, whatever the other side does: a timeout alone never passes while a byte comes now and then."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cut_off(until: float, current: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shuts a socket down if the block has not ended by then. Whoever waits for it gets an error or the end of the stream at once.

    Args:
        until: monotonic time in seconds.
        current: the socket in use; None while there is none. Called in another thread.
    """

    def end() -> None:
        found = current()
        if found is not None:
            with suppress(OSError):
                # Not found.shutdown(): that of a TLS socket would take the state away which the other thread is using.
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    timer = threading.Timer(max(until - time.monotonic(), 0), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
