"""An HTTP gateway as a provider of SMS: a few requests at a time over connections that stay open."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

import orjson
import urllib3

from services.notify.channels.http_sms.answers import outcome_of
from services.notify.channels.http_sms.settings import HttpSmsSettings
from services.notify.channels.port import (
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    SmsContent,
    TemporarilyFailed,
    Throttled,
)
from shared.runtime.clock import Clock

REAL_TIME = Clock().wall
MAX_ANSWER = 65_536
CHUNK = 8192
TRIES = 3
"""How often a request is sent that got no answer, where the gateway knows a message by its key."""
GRACE_SECONDS = 1.0
"""How much longer than the batch a request may take that trickles in byte by byte."""
TIME_OVER = "the time of the batch is over"


class HttpSmsProvider:
    """Posts each delivery to a gateway.

    Args:
        settings: of the gateway.
        now: real time.
    """

    def __init__(self, settings: HttpSmsSettings, now: Callable[[], datetime] = REAL_TIME) -> None:
        self._settings = settings
        self._now = now
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=settings.concurrency,
            block=True,
            retries=False,
            ca_certs=settings.ca_file or None,
        )
        self._threads = ThreadPoolExecutor(settings.concurrency, thread_name_prefix=settings.name)

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Sends a batch; see :class:`services.notify.channels.port.Provider`.

        Args:
            batch: deliveries of SMS.
            until: monotonic time by which it ends.
        """
        stopped: Throttled | None = None
        waiting = list(reversed(batch))
        running: dict[Future[Outcome], Outgoing] = {}
        while waiting or running:
            while waiting and len(running) < self._settings.concurrency:
                if stopped is None and time.monotonic() >= until:
                    stopped = Throttled(TIME_OVER, 0.0)
                if stopped is not None:
                    yield waiting.pop(), stopped
                    continue
                outgoing = waiting.pop()
                running[self._threads.submit(self._post, outgoing, until)] = outgoing
            done, _ = wait(running, max(until + GRACE_SECONDS - time.monotonic(), 0.0), FIRST_COMPLETED)
            if not done:
                yield from ((outgoing, InDoubt("no answer in time")) for outgoing in running.values())
                running = {}
            for future in done:
                outcome = future.result()
                if isinstance(outcome, Throttled):
                    stopped = outcome
                yield running.pop(future), outcome

    def close(self) -> None:
        """Closes the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    def _post(self, outgoing: Outgoing, until: float) -> Outcome:
        """Sends one delivery; again where nobody answered, if the gateway knows it by its key."""
        if not isinstance(outgoing.content, SmsContent):
            return PermanentlyFailed("not an SMS")
        doubt: InDoubt | None = None
        for _ in range(TRIES if self._settings.idempotent else 1):
            seconds = min(self._settings.response_seconds, until - time.monotonic())
            if seconds <= 0:
                break
            try:
                return self._call(outgoing, outgoing.content, seconds)
            except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                # it was not sent this time; but if it was before, nobody knows what became of that
                return doubt or TemporarilyFailed(f"no connection: {type(error).__name__}")
            except urllib3.exceptions.SSLError:
                return doubt or TemporarilyFailed("no connection: the certificate is not trusted")
            except (urllib3.exceptions.HTTPError, OSError) as error:
                doubt = InDoubt(f"no answer: {type(error).__name__}")
        return doubt or Throttled(TIME_OVER, 0.0)

    def _call(self, outgoing: Outgoing, content: SmsContent, seconds: float) -> Outcome:
        settings = self._settings
        body = {
            "id": outgoing.id,
            "from": settings.senders.of(outgoing.agency),
            "to": outgoing.address,
            "text": content.text,
            "encoding": content.encoding,
            "segments": content.segments,
        }
        headers = {
            "Authorization": f"Bearer {settings.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": outgoing.id,
        }
        answer = self._pool.request(
            "POST",
            settings.url,
            body=orjson.dumps(body),
            headers=headers,
            timeout=urllib3.Timeout(total=seconds, connect=min(settings.connect_seconds, seconds)),
            redirect=False,
            preload_content=False,
        )
        text = _read(answer, time.monotonic() + seconds)
        return outcome_of(answer.status, _reference(text), answer.headers.get("Retry-After", ""), self._now())


def _read(answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    """The body, by the given monotonic time; then the connection is free for the next request."""
    text = b""
    while piece := answer.read1(CHUNK):
        text += piece
        if len(text) > MAX_ANSWER or time.monotonic() > ends:
            answer.close()
            raise urllib3.exceptions.ProtocolError("an answer without end")
    answer.release_conn()
    return text


def _reference(text: bytes) -> str:
    """The gateway's own id in an answer; empty if there is none."""
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    reference = answer.get("id", "") if isinstance(answer, dict) else ""
    return reference if isinstance(reference, str) else str(reference)
