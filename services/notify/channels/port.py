"""What a provider of messages promises, and the ways in which it may refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way out.

    Attributes:
        id: the message's identity; sending the same id again must not reach the citizen twice.
        dossier: the dossier's code.
        kind: what is told.
        phone: to whom, as ``09…``.
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
    """The provider did not take a message. The text is kept and shown: it never holds a number or the message."""


class Retryable(ProviderError):
    """It may go well next time: no answer in time, an error on the provider's side."""


class Throttled(ProviderError):
    """Too much at once; nothing is wrong with the message.

    Attributes:
        seconds: real time after which the provider may be asked again.
    """

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


class Refused(ProviderError):
    """It can never go well: a number that does not exist, a text that is not allowed."""


class Provider(Protocol):
    """Takes messages. Used by one thread, with no transaction open."""

    def send(self, message: Outgoing) -> None:
        """Takes one message over, within bounded time.

        Raises:
            ProviderError: Retryable, Throttled or Refused.
        """
        ...

    def settle(self) -> None:
        """Called after a batch and before any of it is recorded as sent: makes sure of what `send` left open.

        Raises:
            Retryable: it cannot be made sure; the whole batch is sent again.
        """
        ...
