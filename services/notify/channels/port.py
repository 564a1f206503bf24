"""The port of message providers: what a provider does, and which errors it may raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message as a provider gets it.

    Attributes:
        id: the message's identity; sending the same id again must not reach the citizen twice.
        dossier: the dossier's code.
        kind: which message this is, such as ``received``.
        phone: the number, as ``09…``.
        text: as the citizen reads it.
        encoding: ``gsm-7`` or ``ucs-2``.
        segments: how many segments are paid for.
    """

    id: str
    dossier: str
    kind: str
    phone: str
    text: str
    encoding: str
    segments: int


class ProviderError(Exception):
    """The provider did not take a message. The error text is stored and shown, so it must never hold a number or the message."""


class Retryable(ProviderError):
    """A later attempt may succeed: a timeout, or an error on the provider's side."""


class Throttled(ProviderError):
    """The provider takes no more for now; nothing is wrong with the message.

    Attributes:
        retry_after_seconds: real time to wait before the next attempt.
    """

    def __init__(self, text: str, retry_after_seconds: float) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds


class Refused(ProviderError):
    """No attempt can succeed: the number does not exist, or the text is not allowed."""


class Provider(Protocol):
    """Sends messages. One thread uses it, with no transaction open."""

    def send(self, message: OutgoingMessage) -> None:
        """Takes over one message, within bounded time.

        Raises:
            ProviderError: Retryable, Throttled or Refused.
        """
        ...

    def flush(self) -> None:
        """Makes durable what `send` left open. Called after a batch, before any of its messages is recorded as sent.

        Raises:
            Retryable: it failed; the whole batch is sent again.
        """
        ...
