"""A small HTTP client for the platform's APIs: JSON in and out, a timeout on every call, creating POSTs repeated safely."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 20.0
RETRY_SECONDS = 60.0


class ApiError(Exception):
    """The platform answered with a problem.

    Attributes:
        status: the HTTP status.
        problem: the problem details (RFC 9457).
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(
            f"{status} {problem.get('title', '')}: {problem.get('detail', '')} {problem.get('errors', '')}".strip()
        )
        self.status = status
        self.problem = problem


class PlatformUnavailable(ConnectionError):
    """Nothing answers at the address, though it was tried for a while."""


class Client:
    """Speaks to the platform with one token. Used by one thread.

    Args:
        address: such as ``http://localhost:8000``; or a service's own address.
        token: a bearer token; none for the public.
        retry_seconds: real seconds to keep trying when the platform is away or busy. Repeating is safe: creating
            calls carry an ``Idempotency-Key``.
    """

    def __init__(self, address: str, token: str = "", retry_seconds: float = RETRY_SECONDS) -> None:
        self.address = address.rstrip("/")
        self.token = token
        self.retry_seconds = retry_seconds
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **query: Any) -> Any:
        """Reads; returns the JSON answer.

        Raises:
            ApiError: a problem answer.
            PlatformAway: no answer within the client's retry_seconds.
        """
        chosen = {name: value for name, value in query.items() if value is not None}
        return self._with_retries("GET", f"{path}?{urlencode(chosen)}" if chosen else path, None, {})

    def post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        """Creates or commands, once, however often it must be sent; returns the JSON answer.

        Args:
            path: such as ``/intake/api/dossiers``.
            body: the JSON body.
            key: the idempotency key; a fresh one by default.
        """
        return self._with_retries("POST", path, json.dumps(body).encode(), {"Idempotency-Key": key or uuid.uuid4().hex})

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _with_retries(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        deadline = time.monotonic() + self.retry_seconds
        pause = 0.05
        while True:
            try:
                status, answer = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                failure: Exception = PlatformUnavailable(
                    f"nothing answers at {self.address}: {error or type(error).__name__}"
                )
            else:
                if status < 400:
                    return answer
                failure = ApiError(status, answer if isinstance(answer, dict) else {"detail": str(answer)})
                if status not in (502, 503, 504):
                    raise failure
            if time.monotonic() > deadline:
                raise failure
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        if self._connection is None:
            parts = urlsplit(self.address)
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(parts.hostname or "localhost", parts.port, timeout=TIMEOUT_SECONDS)
        sent = {"Accept": "application/json", **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        raw = response.read()
        return response.status, json.loads(raw) if "json" in response.headers.get("Content-Type", "") else raw.decode(
            errors="replace"
        )


def wait_for(found: Callable[[], Any], seconds: float, what: str) -> Any:
    """Asks again and again until there is an answer.

    Args:
        found: returns something true when it is there.
        seconds: real seconds to wait at the most.
        what: named in the error.

    Raises:
        TimeoutError: it did not come.
    """
    deadline = time.monotonic() + seconds
    pause = 0.02
    while not (answer := found()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return answer
