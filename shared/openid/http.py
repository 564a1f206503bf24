"""Calls to the provider: with a time limit and a size limit, and without following redirects."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import urlencode

import orjson

SECONDS = 5.0
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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Follows none: a redirect would carry the client's secret to another address."""


_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def get_json(address: str, token: str = "") -> dict[str, Any]:
    """The JSON object at an address.

    Args:
        address: absolute.
        token: an access token, if one is needed.

    Raises:
        CallFailed: no answer, an error, or something else than a JSON object.
    """
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return _call(urllib.request.Request(address, headers=headers))


def post_form(address: str, form: Mapping[str, str], authorization: str) -> dict[str, Any]:
    """The JSON object that answers a form; arguments and errors as for :func:`get_json`."""
    headers = {"Accept": "application/json", "Authorization": authorization}
    return _call(urllib.request.Request(address, urlencode(form).encode(), headers))


def _call(request: urllib.request.Request) -> dict[str, Any]:
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            body = answer.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise CallFailed(f"status {error.code}", error.code) from error
    except (OSError, ValueError) as error:
        raise CallFailed(type(error).__name__) from error
    if len(body) > MAX_BYTES:
        raise CallFailed("the answer is too long")
    try:
        found = orjson.loads(body)
    except ValueError as error:
        raise CallFailed("the answer is not JSON") from error
    if not isinstance(found, dict):
        raise CallFailed("the answer is not a JSON object")
    return found
