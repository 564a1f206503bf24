"""A small HTTP client for the platform's APIs: JSON, a timeout on every call, retries that are safe for POST too."""

from __future__ import annotations

import http.client
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 20.0
RETRY_SECONDS = 60.0
LATER = frozenset({429, 502, 503, 504})
"""The platform, or what stands before it, says that the same request may succeed later."""
SPREAD = 1.25
"""Whoever is told to come again after some seconds comes after as much as so many times that: not all at one moment."""


class ApiError(Exception):
    """The platform answered with problem details.

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
    """Nothing answered at the address within the retry time."""


class Client:
    """Calls the platform with one token. For one thread.

    Args:
        address: of the platform or of one service, such as ``http://localhost:8000``.
        token: a bearer token; empty for the public.
        retry_seconds: how long to retry when the platform does not answer or is busy, real seconds. Retries are safe: every POST
            carries an ``Idempotency-Key``. An answer that says how long to wait (Retry-After) is obeyed.
        sleep: waits some real seconds.
    """

    def __init__(
        self,
        address: str,
        token: str = "",
        retry_seconds: float = RETRY_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address.rstrip("/")
        self.token = token
        self.retry_seconds = retry_seconds
        self._sleep = sleep
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **query: Any) -> Any:
        """Sends a GET; returns the JSON answer.

        Raises:
            ApiError: the answer is a problem.
            PlatformUnavailable: no answer within the retry time.
        """
        chosen = {name: value for name, value in query.items() if value is not None}
        return self._with_retries("GET", f"{path}?{urlencode(chosen)}" if chosen else path, None, {})

    def post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        """Sends a POST, which has its effect once even when it is retried; returns the JSON answer.

        Args:
            path: such as ``/intake/api/dossiers``.
            body: the JSON body.
            key: the idempotency key; a new one by default.
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
            wanted = 0.0
            try:
                status, answer, wanted = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                failure: Exception = PlatformUnavailable(
                    f"nothing answers at {self.address}: {error or type(error).__name__}"
                )
            else:
                if status < 400:
                    return answer
                failure = ApiError(status, answer if isinstance(answer, dict) else {"detail": str(answer)})
                if status not in LATER:
                    raise failure
            if time.monotonic() + wanted > deadline:
                raise failure
            self._sleep(max(pause, wanted * random.uniform(1, SPREAD)))
            pause = min(pause * 2, 1.0)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any, float]:
        """Status, answer, and after how many seconds to come again."""
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
        later = response.headers.get("Retry-After", "")
        is_json = "json" in response.headers.get("Content-Type", "")
        answer = json.loads(raw) if is_json else raw.decode(errors="replace")
        return response.status, answer, float(later) if later.isdecimal() else 0.0


def wait_for(found: Callable[[], Any], seconds: float, what: str) -> Any:
    """Calls a function until it returns something true; returns that.

    Args:
        found: the function.
        seconds: the longest wait, real seconds.
        what: what is awaited, for the error.

    Raises:
        TimeoutError: the function returned nothing true in time.
    """
    deadline = time.monotonic() + seconds
    pause = 0.02
    while not (answer := found()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return answer
