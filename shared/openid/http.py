"""Calls to the provider: with limits of time and size, and without following redirects, which would carry the client's secret elsewhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

SECONDS = 5.0
"""For connecting, and for each wait after it."""
MOST_SECONDS = 8.0
"""For the whole call, so that a provider that sends byte after byte keeps nobody busy."""
MAX_BYTES = 1 << 20


class CallFailed(Exception):
    """The provider gave no usable answer.

    Args:
        reason: why, for the log.
        status: the HTTP status; 0 where there was none.
    """

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


def get_json(address: str, token: str = "") -> dict[str, Any]:
    """The JSON object at an address.

    Args:
        address: absolute.
        token: an access token, if one is needed.

    Raises:
        CallFailed: no answer, an error, or something else than a JSON object.
    """
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return _call("GET", address, None, headers)


def post_form(address: str, form: Mapping[str, str], authorization: str) -> dict[str, Any]:
    """The JSON object that answers a form; arguments and errors as for :func:`get_json`."""
    headers = {
        "Accept": "application/json",
        "Authorization": authorization,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return _call("POST", address, urlencode(form).encode(), headers)


def _call(method: str, address: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        status, content = _answer(method, address, body, headers)
    except (OSError, HTTPException, ValueError) as error:
        raise CallFailed(type(error).__name__) from error
    if status != 200:
        raise CallFailed(f"status {status}", status)
    if len(content) > MAX_BYTES:
        raise CallFailed("the answer is too long")
    try:
        found = orjson.loads(content)
    except ValueError as error:
        raise CallFailed("the answer is not JSON") from error
    if not isinstance(found, dict):
        raise CallFailed("the answer is not a JSON object")
    return found


def _answer(method: str, address: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.connect()
        end = threading.Timer(MOST_SECONDS, _shut, (connection.sock,))
        end.daemon = True
        end.start()
        try:
            connection.request(
                method, f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}", body, dict(headers)
            )
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_BYTES + 1)
        finally:
            end.cancel()
    finally:
        connection.close()


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
