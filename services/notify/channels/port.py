"""The port of message providers: what a provider is given, and what may become of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SmsContent:
    """What an SMS says.

    Attributes:
        text: as the citizen reads it.
        encoding: ``gsm-7`` or ``ucs-2``.
        segments: how many segments are paid for.
    """

    text: str
    encoding: str
    segments: int


@dataclass(frozen=True, slots=True)
class EmailContent:
    """What an e-mail says, as plain text and as HTML with the same content."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class ChatContent:
    """A template message of an official account.

    Attributes:
        template: the name of the template; the provider's configuration maps it to the one that the chat service has approved.
        variables: placeholder → value.
        text: the same as a text, for services that take one.
    """

    template: str
    variables: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class LetterContent:
    """What a letter says, and whom it is addressed to.

    Attributes:
        name: of the recipient.
        address: its lines, from the house to the province.
        subject: one line.
        body: paragraphs, parted by empty lines.
    """

    name: str
    address: tuple[str, ...]
    subject: str
    body: str


Content = SmsContent | EmailContent | ChatContent | LetterContent


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery as a provider gets it.

    Attributes:
        id: the delivery's identity; sending the same id again must not reach the citizen twice where the protocol can tell.
        dossier: the dossier's code.
        kind: which message this is, such as ``received``.
        agency: whose act it tells; empty if nobody's.
        address: a number as ``09…``, an e-mail address, or the user's id in a chat; empty for letters.
        content: what it says.
        language: ``vi`` or ``en``.
    """

    id: str
    dossier: str
    kind: str
    agency: str
    address: str
    content: Content
    language: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the delivery over.

    Attributes:
        reference: the provider's own id, which its receipts name; empty if it has none.
        provider: the name under which its receipts are recorded; a pool fills it in.
        reports_delivery: whether a receipt will tell that it arrived; otherwise there are receipts of failures at most, and no other
            channel waits for one.
    """

    reference: str = ""
    provider: str = ""
    reports_delivery: bool = True


@dataclass(frozen=True, slots=True)
class TemporarilyFailed:
    """A later attempt may succeed: a timeout before anything was sent, or an error on the provider's side."""

    reason: str
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Throttled:
    """The provider takes no more for now; nothing is wrong with the delivery.

    Attributes:
        reason: why.
        retry_after_seconds: real time to wait before the next attempt.
        provider: which one.
    """

    reason: str
    retry_after_seconds: float
    provider: str = ""


@dataclass(frozen=True, slots=True)
class PermanentlyFailed:
    """No attempt through this channel can succeed: the address does not exist, or the text is not allowed."""

    reason: str
    provider: str = ""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The connection ended after the delivery was sent and before the answer came: it may have been taken."""

    reason: str
    provider: str = ""


Outcome = Accepted | TemporarilyFailed | Throttled | PermanentlyFailed | InDoubt
"""What became of one attempt. Reasons are stored and shown, so they never hold an address or the text."""


class Provider(Protocol):
    """Takes the deliveries of one channel. One thread uses it, with no transaction open. It connects at first use."""

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Hands over a batch, and yields what became of each delivery as that becomes known, in any order.

        Every delivery of the batch is yielded once. What is yielded as accepted is durable with the provider. Nothing is raised.

        Args:
            batch: one or more deliveries.
            until: monotonic time (:func:`time.monotonic`, seconds) by which it ends; what was not tried is yielded as throttled for
                zero seconds.
        """
        ...

    def close(self) -> None:
        """Ends its connections."""
        ...
