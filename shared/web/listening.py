"""When the port of the web is open: only while a process has loaded the application and accepts connections.

Gunicorn opens the port before it starts the worker that loads the application, which takes seconds, on a busy machine more than ten. The
kernel would accept connections all that time, and whatever a load balancer sends would wait. A port that is bound but closed refuses at
once, so the load balancer sends to another replica, or says that the service is away. It needs no other module, since gunicorn's parent
process loads it too.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from typing import Any


def close_port(listeners: Iterable[Any]) -> None:
    """Refuses connections, also those that nobody has accepted yet, in all processes that share the sockets; they stay bound.

    Where a system other than Linux cannot do so, the port stays open.

    Args:
        listeners: bound sockets, as they are or as gunicorn wraps them.
    """
    for listener in listeners:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def open_port(listeners: Iterable[Any], backlog: int) -> None:
    """Lets connections in; harmless where they already are.

    Args:
        listeners: bound sockets, as they are or as gunicorn wraps them.
        backlog: how many connections the kernel may hold until they are accepted.

    Raises:
        OSError: another server has opened the port meanwhile.
    """
    for listener in listeners:
        listener.listen(backlog)
