"""An answer that is made no faster than the network takes it, so that a long one is never in memory as a whole.

A thread writes pieces until :data:`AHEAD_BYTES` are unsent, and then is free for others. The worker's loop sends them, and gives the
connection to a thread again for the next pieces. So a slow client keeps neither a thread nor memory.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from gunicorn.http.wsgi import create

REFUSED_FOR = "motcua.refused_for"
"""In the environment of a request that the application must only refuse: after how many seconds it should come again."""
AHEAD_BYTES = 1 << 20
"""Unsent bytes after which a thread stops."""

log = logging.getLogger(__name__)


class AnswerInPieces:
    """One answer of the application.

    Args:
        worker: gunicorn's, which has the application and its configuration.
        request: parsed.
        connection: from which it came.
    """

    def __init__(self, worker: Any, request: Any, connection: Any) -> None:
        self._worker, self._request, self._sock = worker, request, connection.sock
        self._began = datetime.now()
        worker.cfg.pre_request(worker, request)
        self._response, self._environ = create(
            request, connection.sock, connection.client, connection.server, worker.cfg
        )
        self._environ["wsgi.multithread"] = True
        if connection.refused_for:
            self._environ[REFUSED_FOR] = connection.refused_for
        if not worker.alive or not worker.cfg.keepalive:
            self._response.force_close()
        self._body: Iterable[bytes] = worker.wsgi(self._environ, self._response.start_response)
        self._pieces: Iterator[bytes] = iter(self._body)

    def write(self) -> bool:
        """Writes pieces until the network lags behind; says whether that was all. Whatever fails, the answer is over.

        Raises:
            Exception: as the application does, as long as nothing is sent: the server may still answer.
            ConnectionError: the client is gone, or it failed later: the connection must end, so that the client sees that not all came.
        """
        try:
            for piece in self._pieces:
                self._response.write(piece)
                if len(self._sock.to_send) > AHEAD_BYTES and not self._sock.flush():
                    return False
            self._response.close()
        except ConnectionError:
            self.close()
            raise
        except Exception as error:
            self.close()
            if not self._response.headers_sent:
                raise
            log.warning("an answer ended in its middle: %s", type(error).__name__)
            raise ConnectionAbortedError("the answer is not whole") from error
        self.close()
        return True

    @property
    def keeps_connection(self) -> bool:
        """Whether another request may follow."""
        return not self._response.should_close()

    def close(self) -> None:
        """Ends the answer, whole or not: the application lets go of what it holds for it."""
        self._worker.log.access(self._response, self._request, self._environ, datetime.now() - self._began)
        end = getattr(self._body, "close", None)
        try:
            if end is not None:
                end()
        except Exception as error:  # noqa: BLE001 (logged; what was sent stays valid, and nothing may follow it)
            log.warning("an answer was not closed: %s", type(error).__name__)
        self._worker.cfg.post_request(self._worker, self._request, self._environ, self._response)
