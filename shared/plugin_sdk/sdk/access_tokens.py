"""The agency's access tokens: OAuth 2 client credentials (RFC 6749, section 4.4), renewed before they expire."""

from __future__ import annotations

import json
import logging
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from urllib.parse import quote_plus
from urllib.request import Request

from .http_call import Answer, NoAnswer, call
from .metrics import Metrics
from .papers import PapersUnavailable
from .settings import Settings

log = logging.getLogger("motcua.agency")

RENEW_SECONDS = 60.0
"""A token is renewed so long before its end."""
KEY_WARNING_SECONDS = 30 * 86400.0
DAY_SECONDS = 86400.0


class AccessTokens:
    """Gives a valid token, and asks the platform for another one when needed. Thread-safe.

    Args:
        settings: with the client secret, or with a token that is used as it is.
        metrics: gets the end of the agency's key.
        clock: seconds that only grow.
    """

    def __init__(self, settings: Settings, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._lock = Lock()
        self._token, self._renew_at = "", 0.0
        self._warned_at: float | None = None

    def get(self) -> str:
        """The present token.

        Raises:
            PapersUnavailable: the platform gives none now, or neither a secret nor a token is set.
        """
        if self._settings.token:
            return self._settings.token
        if not self._settings.client_secret:
            raise PapersUnavailable("MOTCUA_CLIENT_SECRET is not set: `motcua agency grant` prints it")
        with self._lock:
            if not self._token or self._clock() >= self._renew_at:
                self._renew()
            return self._token

    def replace(self, refused: str) -> str:
        """Another token in place of one that the platform refused.

        Raises:
            PapersUnavailable: there is none.
        """
        if self._settings.token:
            raise PapersUnavailable("the platform does not accept MOTCUA_TOKEN (any more)")
        with self._lock:
            if self._token == refused:
                self._token = ""
        return self.get()

    def _renew(self) -> None:
        address = f"{self._settings.url.rstrip('/')}/routing/oauth/token"
        client = f"agency.{quote_plus(self._settings.code)}:{quote_plus(self._settings.client_secret)}"
        headers = {"Authorization": f"Basic {b64encode(client.encode()).decode()}", "Accept": "application/json"}
        asked_at = self._clock()
        try:
            answer = call(Request(address, b"grant_type=client_credentials", headers))
            if answer.status != 200:
                raise PapersUnavailable(f"{address}: {_refusal(answer)}", answer.retry_after)
            content = json.loads(answer.body)
            token, seconds = content["access_token"], float(content["expires_in"])
            if not isinstance(token, str) or not token:
                raise TypeError("access_token must be a text")
            key_ends_at = datetime.fromisoformat(text) if (text := content.get("key_expires_at")) else None
        except (NoAnswer, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PapersUnavailable(f"{address}: {type(error).__name__}: {error}") from error
        self._token = token
        self._renew_at = asked_at + max(seconds - RENEW_SECONDS, seconds / 2)
        if key_ends_at is not None:
            self._key_ends(key_ends_at)

    def _key_ends(self, at: datetime) -> None:
        ends = at if at.tzinfo else at.replace(tzinfo=UTC)
        self._metrics.set("key_expires_timestamp_seconds", ends.timestamp())
        now, left = self._clock(), (ends - datetime.now(UTC)).total_seconds()
        if left < KEY_WARNING_SECONDS and (self._warned_at is None or now >= self._warned_at + DAY_SECONDS):
            self._warned_at = now
            log.warning(
                "the agency's key ends at %s: ask the operators for a new MOTCUA_CLIENT_SECRET", ends.isoformat()
            )


def _refusal(answer: Answer) -> str:
    try:
        error = str(json.loads(answer.body)["error"])[:100]
    except (ValueError, KeyError, TypeError, RecursionError):
        error = ""
    if error == "invalid_client":
        return (
            "the platform does not accept MOTCUA_CLIENT_SECRET: the key has ended, is revoked or mistyped; "
            "ask the operators for another one"
        )
    return f"{answer.status} {error}".strip()
