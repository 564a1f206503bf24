"""A mobile network as a provider of SMS. Its session stays bound from batch to batch, so that receipts come at any time."""

from __future__ import annotations

import itertools
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from services.notify.channels.config.model import ReceiptSink
from services.notify.channels.inbound_port import OnInbound
from services.notify.channels.port import (
    Accepted,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    SmsContent,
    TemporarilyFailed,
)
from services.notify.channels.smpp.incoming import Incoming
from services.notify.channels.smpp.parts import TooLong, messages_of
from services.notify.channels.smpp.session import SmppSession
from services.notify.channels.smpp.settings import SmppSettings
from services.notify.channels.smpp.window import Submission, Window
from shared.runtime.clock import Clock

log = logging.getLogger(__name__)

REAL_TIME = Clock().wall
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two attempts to bind."""
PARTS_AT_ONCE = 50
PARTS_SECONDS = 0.2
"""Deliveries of several parts are stored together, at most so many and at most so late."""


class NotBound(ConnectionError):
    """There is no session; the text says why."""


class SmppProvider:
    """Sends by SMPP.

    Args:
        settings: of the network.
        sink: stores receipts.
        on_inbound: stores a citizen's message.
        now: real time.
    """

    def __init__(
        self,
        settings: SmppSettings,
        sink: ReceiptSink,
        on_inbound: OnInbound,
        now: Callable[[], datetime] = REAL_TIME,
    ) -> None:
        self._settings = settings
        self._sink = sink
        self._incoming = Incoming(settings, sink, on_inbound, now)
        self._lock = threading.Lock()
        self._session: SmppSession | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._reason = ""
        self._references = itertools.count(secrets.randbelow(256))

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Sends a batch; see :class:`services.notify.channels.port.Provider`.

        Args:
            batch: deliveries of SMS.
            until: monotonic time by which it ends.
        """
        try:
            session = self._bound()
        except NotBound as error:
            yield from ((outgoing, TemporarilyFailed(str(error))) for outgoing in batch)
            return
        submissions = []
        for outgoing in batch:
            submission = self._submission(outgoing)
            if submission is None:
                yield outgoing, PermanentlyFailed("the text is too long for an SMS")
            else:
                submissions.append(submission)
        yield from self._recorded(Window(session, until).run(submissions))

    def attend(self) -> None:
        """Binds if there is no session, so that receipts and messages of citizens come while nothing is sent."""
        try:
            self._bound()
        except NotBound as error:
            log.info("%s: %s", self._settings.name, error)

    def close(self) -> None:
        """Unbinds."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _bound(self) -> SmppSession:
        """The session, newly bound if need be.

        Raises:
            NotBound: the network cannot be reached, or it is too early for another attempt.
        """
        with self._lock:
            if self._session is not None and self._session.alive:
                return self._session
            if self._session is not None:
                log.warning("%s: the link ended: %s", self._settings.name, self._session.reason)
                self._session.close()
                self._session = None
            if time.monotonic() < self._retry_at:
                raise NotBound(self._reason)
            session = SmppSession(self._settings, self._incoming.deliver)
            try:
                session.open()
            except OSError as error:
                pause = min(FIRST_PAUSE * 2.0 ** min(self._failures, 30), LONGEST_PAUSE)
                self._failures += 1
                self._retry_at = time.monotonic() + pause
                self._reason = f"no link: {error.strerror or error}"
                raise NotBound(self._reason) from error
            self._session, self._failures = session, 0
            return session

    def _submission(self, outgoing: Outgoing) -> Submission | None:
        if not isinstance(outgoing.content, SmsContent):
            return None
        try:
            parts = messages_of(outgoing, outgoing.content, self._settings, next(self._references) & 0xFF)
        except TooLong:
            return None
        return Submission(outgoing, parts)

    def _recorded(self, submissions: Iterator[Submission]) -> Iterator[tuple[Outgoing, Outcome]]:
        """Outcomes; of what has several parts only once these are stored, since their receipts name the parts."""
        kept: list[tuple[Submission, Accepted]] = []
        since = 0.0
        for submission in submissions:
            outcome = submission.outcome()
            if isinstance(outcome, Accepted) and len(submission.parts) > 1:
                since = since if kept else time.monotonic()
                kept.append((submission, outcome))
            else:
                yield submission.outgoing, outcome
            if len(kept) >= PARTS_AT_ONCE or (kept and time.monotonic() - since > PARTS_SECONDS):
                yield from self._stored(kept)
                kept = []
        yield from self._stored(kept)

    def _stored(self, kept: Sequence[tuple[Submission, Accepted]]) -> Iterator[tuple[Outgoing, Outcome]]:
        if not kept:
            return
        parts = {outcome.reference: submission.references for submission, outcome in kept}
        try:
            self._sink.parts(self._settings.name, parts)
        except Exception as error:  # noqa: BLE001 - they are sent; only their receipts will not be understood
            log.warning("parts of %s could not be stored: %s", self._settings.name, type(error).__name__)
        yield from ((submission.outgoing, outcome) for submission, outcome in kept)
