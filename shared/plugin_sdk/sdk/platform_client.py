"""Asks the platform's API about the dossier of a step, with the agency's token."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from threading import Lock
from urllib.parse import quote
from urllib.request import Request

from .access_tokens import AccessTokens
from .http_call import Answer, NoAnswer, call
from .metrics import Metrics
from .papers import DossierDetails, PapersNotYet, PapersRefused, PapersUnavailable, parse_details
from .settings import Settings

REFUSED_STATUSES = (403, 404, 409, 410)
NOT_YET_KNOWN = "step_not_yet_known"
PAUSE_SECONDS = 5.0
"""While the platform is away, it is asked only so often: a handler that waits for each time-out would hold up all others."""


class PlatformClient:
    """Thread-safe.

    Args:
        settings: the platform's address and the agency's secret.
        metrics: the service's metrics.
        clock: seconds that only grow.
    """

    def __init__(self, settings: Settings, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = settings.url.rstrip("/")
        self._tokens = AccessTokens(settings, metrics, clock)
        self._clock = clock
        self._lock = Lock()
        self._pause_ends_at, self._reason = 0.0, ""

    def read_dossier(self, task: str) -> DossierDetails:
        """Reads the papers and the applicant of the dossier that a step belongs to.

        Args:
            task: the step's identifier.

        Raises:
            PapersRefused: the step is another agency's (403), cannot be known (404) or is over (410).
            PapersNotYet: the platform does not know the step yet.
            PapersUnavailable: no answer, a busy platform, no valid token, an answer that is not readable.
        """
        if not self._url.startswith(("http://", "https://")):
            raise PapersUnavailable("MOTCUA_URL is not set to the platform's http:// or https:// address")
        self._refuse_during_pause()
        address = f"{self._url}/intake/api/agency/steps/{quote(task, safe='')}/papers"
        answer = self._ask(address)
        try:
            if answer.status == 200:
                return parse_details(answer.body)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PapersUnavailable(f"{address}: {type(error).__name__}: {error}") from error
        if answer.status in REFUSED_STATUSES:
            raise PapersRefused(f"{address}: {answer.status} {_problem(answer, 'title')}")
        if answer.status == 503 and _problem(answer, "code") == NOT_YET_KNOWN:
            raise PapersNotYet(f"{address}: the platform does not know this step yet", answer.retry_after)
        raise PapersUnavailable(f"{address}: {answer.status} {_problem(answer, 'title')}", answer.retry_after)

    def _ask(self, address: str) -> Answer:
        try:
            token = self._tokens.get()
            answer = _get(address, token)
            if answer.status == 401:
                answer = _get(address, self._tokens.replace(token))
            if answer.status in (401, 429):
                raise PapersUnavailable(f"{address}: {answer.status} {_problem(answer, 'title')}", answer.retry_after)
            return answer
        except NoAnswer as error:
            self._pause(str(error))
            raise PapersUnavailable(f"{address}: {error}") from error
        except PapersUnavailable as error:
            self._pause(str(error))
            raise

    def _pause(self, reason: str) -> None:
        with self._lock:
            self._pause_ends_at, self._reason = self._clock() + PAUSE_SECONDS, reason

    def _refuse_during_pause(self) -> None:
        with self._lock:
            left = self._pause_ends_at - self._clock()
            if left > 0:
                raise PapersUnavailable(f"asked again in {left:.0f} s: {self._reason}")


def _get(address: str, token: str) -> Answer:
    return call(Request(address, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}))


def _problem(answer: Answer, member: str) -> str:
    """A member of the problem details (RFC 9457), or nothing."""
    try:
        return str(json.loads(answer.body)[member])[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
