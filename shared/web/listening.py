"""When the port of the web is open: only while a process has loaded the application and accepts connections.

Gunicorn opens the port before it starts the worker that loads the application, which takes seconds, on a busy machine more than ten. The
kernel would accept connections all that time, and whatever a load balancer sends would wait. A port that is bound but closed refuses at
once, so the load balancer sends to another replica, or says that the service is away. So gunicorn gets sockets that are bound already. It
needs no other module, since gunicorn's parent process loads it too.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import sys
import time
from collections.abc import Iterable
from typing import Any

log = logging.getLogger(__name__)

ATTEMPTS = 5
PAUSE_SECONDS = 1.0
"""Between two attempts to bind: an earlier process may still be about to end."""


class ClosedPort(socket.socket):
    """A bound socket that refuses connections until `open_port`."""

    def __str__(self) -> str:
        """For gunicorn's log."""
        return "http://{}:{}".format(*self.getsockname()[:2])


def bind_port(host: str, port: int, shared: bool) -> ClosedPort:
    """Binds an address, closed; ends the process by SystemExit when another one has it.

    Args:
        host, port: the address.
        shared: whether several sockets of this user have it, among which the kernel divides connections.
    """
    bound = ClosedPort(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound.setblocking(False)
    attempts = 0
    while True:
        try:
            bound.bind((host.strip("[]"), port))
            return bound
        except OSError as error:
            attempts += 1
            log.warning("port %d of %s cannot be used: %s", port, host, error.strerror)
            if attempts == ATTEMPTS or error.errno != errno.EADDRINUSE:
                bound.close()
                sys.exit(1)
        time.sleep(PAUSE_SECONDS)


def close_port(listeners: Iterable[Any]) -> None:
    """Refuses connections, also those that nobody has accepted yet, in all processes that share the sockets; they stay bound.

    Where a system other than Linux cannot do so, the port stays open.

    Args:
        listeners: bound sockets.
    """
    for listener in listeners:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def open_port(listeners: Iterable[Any], backlog: int) -> None:
    """Lets connections in; harmless where they already are.

    Args:
        listeners: bound sockets.
        backlog: how many connections the kernel may hold until they are accepted.

    Raises:
        OSError: another server has opened the port meanwhile.
    """
    for listener in listeners:
        listener.listen(backlog)
