"""What a thread does with one whole request: parses it, has the application answer it, and collects the answer."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from shared.web.buffered_connection import Connection
from shared.web.server_answers import server_answer

log = logging.getLogger(__name__)

REFUSALS = (
    (LimitRequestLine, 414),
    (LimitRequestHeaders, 431),
    (ExpectationFailed, 417),
    (UnsupportedTransferCoding, 501),
)


def answer_request(connection: Connection, handle_request: Callable[[Any, Any], Any]) -> bool:
    """Answers one request; says whether the connection stays open.

    Args:
        connection: with a whole request.
        handle_request: gunicorn's own, which calls the application.
    """
    try:
        request: Any = next(connection.parser)
        request._expected_100_continue = False  # answered while the body was received
        if not connection.framing.refused_unread:  # read now, so that the application never meets a malformed body
            request.body = io.BytesIO(request.body.read(connection.framing.max_body + 1))
    except StopIteration:
        return False
    except (ParseException, OSError) as error:
        return _fail(connection, _status_of(error), error)
    if connection.sock.request or not connection.framing.clean:
        request.force_close()  # the parser may have found another end of the request than we did
    try:
        keep = bool(handle_request(request, connection))
        connection.sock.flush()
    except (StopIteration, ConnectionError):
        return False
    except Exception as error:  # noqa: BLE001 (logged and answered; the thread goes on)
        return _fail(connection, 500, error)
    return keep


def _fail(connection: Connection, status: int, error: BaseException) -> bool:
    """Answers what did not reach the application, or failed outside of it, with a problem; returns False, to end the connection.

    Nothing of the request is logged: it may be long, hold control characters, or personal data.
    """
    level = logging.ERROR if status == 500 else logging.INFO
    log.log(level, "the server itself answered with %d: %s", status, type(error).__name__)
    connection.sock.to_send += server_answer(status)
    return False


def _status_of(error: Exception) -> int:
    return next((status for kind, status in REFUSALS if isinstance(error, kind)), 400)
