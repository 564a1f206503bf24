"""What a client says of itself in a token request: RFC 6749, sections 2.3.1 and 4.4.2. Nothing is checked against the store here."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote_plus

FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"
NAMES = ("grant_type", "scope", "client_id", "client_secret")
"""The parameters of a request; others are ignored."""


class RefusedRequest(Exception):
    """A token request that cannot be answered with a token.

    Args:
        error: the code of RFC 6749, section 5.2.
        vi: why, in Vietnamese.
        en: the same in English, with the few characters that the RFC allows there: ASCII without double quotes and backslashes.
        status: the HTTP status.
        retry_after: seconds after which to try again; 0 if that would not help.
    """

    def __init__(self, error: str, vi: str, en: str, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(f"{error}: {en}")
        self.error, self.vi, self.en, self.status, self.retry_after = error, vi, en, status, retry_after


class Fields(Protocol):
    """The fields of a form or a query string, each of which may come several times."""

    def getlist(self, key: str, /) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Client:
    """What a client says of itself: its name, and its secret."""

    name: str
    secret: str


def client_of(mimetype: str, form: Fields, query: Fields, authorization: str) -> Client:
    """The client of a token request.

    Args:
        mimetype: of the body.
        form: the body.
        query: the query string, in which nothing of a token request may stand.
        authorization: the header; empty if there is none.

    Raises:
        RefusedRequest: the request breaks the RFC, asks for another kind of grant, or names no client.
    """
    if mimetype != FORM:
        raise _invalid(f"Nội dung phải là {FORM}.", f"The body must be {FORM}.")
    if any(query.getlist(name) for name in NAMES):
        raise _invalid(
            "Tham số phải ở trong nội dung, không ở địa chỉ.", "Parameters belong into the body, not the address."
        )
    if doubled := [name for name in NAMES if len(form.getlist(name)) > 1]:
        raise _invalid(f"Tham số {doubled[0]} xuất hiện hai lần.", f"The parameter {doubled[0]} comes twice.")
    grant, scope = _one(form, "grant_type"), _one(form, "scope")
    if not grant:
        raise _invalid("Thiếu grant_type.", "grant_type is missing.")
    if grant != GRANT:
        raise RefusedRequest("unsupported_grant_type", f"grant_type phải là {GRANT}.", f"grant_type must be {GRANT}.")
    if scope:
        raise RefusedRequest(
            "invalid_scope", "Không có scope nào.", "There are no scopes here: leave the parameter out."
        )
    return _client(_one(form, "client_id"), _one(form, "client_secret"), authorization)


def _client(name: str, secret: str, authorization: str) -> Client:
    if not authorization:
        if not name or not secret:
            raise unknown_client(
                "Thiếu tên hoặc khóa của phần mềm.", "The name or the secret of the client is missing."
            )
        return Client(name, secret)
    found = _basic(authorization)
    if secret or name not in ("", found.name):
        raise _invalid("Chỉ xưng danh theo một cách.", "Name the client in one way only: by HTTP Basic or in the body.")
    return found


def _basic(authorization: str) -> Client:
    """The client of a header of HTTP Basic; name and secret are encoded as in forms (RFC 6749, section 2.3.1)."""
    scheme, _, given = authorization.partition(" ")
    try:
        pair = base64.b64decode(given.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        pair = ""
    name, colon, secret = pair.partition(":")
    if not (name and colon and secret):
        raise unknown_client(
            "Tiêu đề Authorization không đọc được.", "The header Authorization is not that of HTTP Basic."
        )
    return Client(unquote_plus(name), unquote_plus(secret))


def _one(form: Fields, name: str) -> str:
    return next(iter(form.getlist(name)), "")


def _invalid(vi: str, en: str) -> RefusedRequest:
    return RefusedRequest("invalid_request", vi, en)


def unknown_client(vi: str, en: str) -> RefusedRequest:
    """The client is not known, or has not shown who it is."""
    return RefusedRequest("invalid_client", vi, en, 401)
