"""What the provider file says, once it is read and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from services.notify.channels.domain import Channel, ReceiptStatus
from services.notify.channels.inbound_port import OnInbound
from services.notify.channels.port import Provider
from shared.data_files import Record
from shared.runtime.context import Context

NAME = r"[a-z0-9][a-z0-9-]{0,39}"
"""A provider's name: it stands in addresses and metrics."""
SENDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,10}|[0-9]{3,15}")
"""A brandname (GSM 03.38: at most 11 characters) or a number."""


@dataclass(frozen=True, slots=True)
class ProviderReceipt:
    """What a provider reports of a delivery.

    Attributes:
        reference: the provider's own id of the delivery, or of one part of it.
        status: what it reports.
        at: when that happened, as the provider says.
        reason: of a failure or return, without address and text.
    """

    reference: str
    status: ReceiptStatus
    at: datetime
    reason: str = ""


class ReceiptSink(Protocol):
    """Stores what providers report. What returns is durable; what raises is reported again."""

    def receipts(self, provider: str, receipts: Sequence[ProviderReceipt]) -> None:
        """Stores receipts."""
        ...

    def parts(self, provider: str, parts: Mapping[str, Sequence[str]]) -> None:
        """Stores of which parts a delivery consists, where the provider reports each part by itself.

        Args:
            provider: its name.
            parts: reference of the delivery → references of its parts.
        """
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a provider needs of the process.

    Attributes:
        data: the data directory.
        context: of notify.
        sink: takes what it reports.
        on_inbound: takes the messages of citizens.
    """

    data: Path
    context: Context
    sink: ReceiptSink
    on_inbound: OnInbound


Opener = Callable[[Surroundings], Provider]


@dataclass(frozen=True, slots=True)
class Senders:
    """As whom an SMS is sent.

    Attributes:
        default: a brandname or number.
        by_agency: an agency's own.
    """

    default: str = ""
    by_agency: Mapping[str, str] = field(default_factory=dict)

    def of(self, agency: str) -> str:
        """The sender of a message about an agency's act; an empty code has the default."""
        return self.by_agency.get(agency, self.default)


@dataclass(frozen=True, slots=True)
class Common:
    """The entries that all kinds of providers have.

    Attributes:
        name: of the provider.
        channel: whose deliveries it takes.
        secret: by which it is known, and signs; from the environment.
        senders: as whom an SMS is sent.
    """

    name: str
    channel: Channel
    secret: str = field(repr=False)
    senders: Senders


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider.

    Attributes:
        channels: which deliveries it can take.
        read: reads its own entries and gives how to open it; wrong entries are faults of the record.
        needs_secret: whether the entry ``secret_env`` is required.
        reports: whether it posts receipts to us, signed with the secret.
    """

    channels: Collection[Channel]
    read: Callable[[Record, Common], Opener]
    needs_secret: bool = True
    reports: bool = False


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One provider of the file.

    Attributes:
        name: its name.
        channel: whose deliveries it takes.
        kind: a key of :data:`services.notify.channels.config.kinds.KINDS`.
        weight: its share of the deliveries.
        rate_per_second: the most deliveries a second; 0 for no limit.
        price: đồng for each segment of an SMS, or for each delivery of another channel; None for the common price of the channel.
        reports: whether it posts signed receipts.
        secret: from the environment.
        open: how to open it.
    """

    name: str
    channel: Channel
    kind: str
    weight: int
    rate_per_second: float
    price: int | None
    reports: bool
    secret: str = field(repr=False)
    open: Opener = field(repr=False)
