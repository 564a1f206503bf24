"""What a thread does with one whole request: parses it, has the application answer it, and collects the answer, a long one in pieces."""

from __future__ import annotations

import io
import logging
from typing import Any

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from shared.web.answer_in_pieces import AnswerInPieces
from shared.web.buffered_connection import Connection
from shared.web.server_answers import server_answer

log = logging.getLogger(__name__)

REFUSALS = (
    (LimitRequestLine, 414),
    (LimitRequestHeaders, 431),
    (ExpectationFailed, 417),
    (UnsupportedTransferCoding, 501),
)


def answer_request(connection: Connection, worker: Any) -> bool:
    """Answers one request, or begins to: then `connection.answer` has the rest. Says whether the connection stays open.

    Args:
        connection: with a whole request.
        worker: gunicorn's, which has the application.
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
        return _write(connection, AnswerInPieces(worker, request, connection))
    except ConnectionError:
        return False
    except Exception as error:  # noqa: BLE001 (logged and answered; the thread goes on)
        return _fail(connection, 500, error)


def continue_answer(connection: Connection, answer: AnswerInPieces) -> bool:
    """Writes more of an answer that has begun; as :func:`answer_request`."""
    connection.answer = None
    try:
        return _write(connection, answer)
    except OSError:
        return False


def _write(connection: Connection, answer: AnswerInPieces) -> bool:
    if not answer.write():
        connection.answer = answer
        return True
    connection.sock.flush()
    return answer.keeps_connection


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
