"""E-mail through a mail server (SMTP): one connection for a batch, and what became of each e-mail."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from services.notify.channels.email.address import BadAddress, EmailAddress, parse_address
from services.notify.channels.email.bounces.address import bounce_address, bounce_token
from services.notify.channels.email.message import Letterhead
from services.notify.channels.email.settings import SmtpSettings
from services.notify.channels.email.smtp_session import (
    CannotConnect,
    ConnectionLost,
    Envelope,
    SmtpSession,
    connect,
    new_client,
)
from services.notify.channels.port import (
    Accepted,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    TemporarilyFailed,
    Throttled,
)
from shared.runtime.cut_off import cut_off
from shared.runtime.data_keys import DataKeys


class SmtpProvider:
    """Sends e-mails through one mail server.

    Args:
        settings: of the server.
        letterhead: in whose name e-mails are written.
        keys: make the codes of bounce addresses.
        wall: gives real time.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        letterhead: Letterhead,
        keys: DataKeys,
        wall: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self._letterhead = letterhead
        self._keys = keys
        self._wall = wall

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Hands the e-mails over, one after the other.

        Where the server ends the connection after some of them (many take only so many through one), the rest goes through a new one.

        Args:
            batch: the deliveries.
            until: monotonic time by which it ends.
        """
        waiting = deque(batch)
        rest: TemporarilyFailed | Throttled | None = None
        while waiting and rest is None:
            rest = yield from self._through_one_connection(waiting, until)
        for outgoing in waiting:
            yield outgoing, self._named(rest or Throttled("", 0))

    def close(self) -> None:
        """No connection outlives its batch."""

    def _through_one_connection(
        self, waiting: deque[Outgoing], until: float
    ) -> Generator[tuple[Outgoing, Outcome], None, TemporarilyFailed | Throttled | None]:
        """Hands over what waits through one connection.

        Returns:
            what becomes of those that still wait; None if another connection may take them.
        """
        left = until - time.monotonic()
        if left <= 0:
            return Throttled("the time of the batch is over", 0)
        client = new_client(self.settings, min(self.settings.timeout_seconds, left))
        with cut_off(until, lambda: client.sock):
            try:
                connect(client, self.settings)
            except CannotConnect as error:
                client.close()
                return error.outcome
            with SmtpSession(client, self.settings, until) as session:
                return (yield from self._through_session(session, waiting, until))

    def _through_session(
        self, session: SmtpSession, waiting: deque[Outgoing], until: float
    ) -> Generator[tuple[Outgoing, Outcome], None, TemporarilyFailed | Throttled | None]:
        while waiting and session.usable:
            if time.monotonic() >= until:
                return Throttled("the time of the batch is over", 0)
            outgoing = waiting[0]
            try:
                outcome = self._hand_over(session, outgoing)
            except ConnectionLost as error:
                if session.answered:
                    return None
                if isinstance(error.outcome, TemporarilyFailed):
                    # Only the e-mail during which the connection ended has failed; the others were not tried.
                    waiting.popleft()
                    yield outgoing, self._named(error.outcome)
                    return Throttled(error.outcome.reason, self.settings.retry_seconds)
                return error.outcome
            waiting.popleft()
            yield outgoing, self._named(outcome, outgoing)
            if isinstance(outcome, Throttled):
                return outcome
            if isinstance(outcome, InDoubt):  # one e-mail in doubt is enough: the others wait until the server is well
                return Throttled(outcome.reason, self.settings.retry_seconds)
        return None

    def _hand_over(self, session: SmtpSession, outgoing: Outgoing) -> Outcome:
        try:
            recipient = parse_address(outgoing.address)
        except BadAddress as error:
            return PermanentlyFailed(str(error))
        try:
            message = self._letterhead.write(outgoing, recipient, self._wall())
        except (TypeError, ValueError) as error:
            return PermanentlyFailed(f"it cannot be written as an e-mail: {type(error).__name__}")
        return session.hand_over(self._envelope(outgoing, recipient), message)

    def _envelope(self, outgoing: Outgoing, recipient: EmailAddress) -> Envelope:
        settings = self.settings
        if settings.bounces is None:
            return Envelope(settings.sender, recipient, "")
        sender = bounce_address(self._keys, settings.name, outgoing.id, settings.bounces)
        return Envelope(sender, recipient, bounce_token(self._keys, settings.name, outgoing.id))

    def _named(self, outcome: Outcome, outgoing: Outgoing | None = None) -> Outcome:
        if isinstance(outcome, Accepted) and outgoing is not None:
            return Accepted(outgoing.id, self.settings.name, reports_delivery=False)
        return replace(outcome, provider=self.settings.name)
