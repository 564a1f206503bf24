"""How a network is reached by SMPP."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from services.notify.channels.config.model import Senders

VERSIONS = {"3.4": 0x34, "5.0": 0x50}
"""Entry ``version`` → interface_version of the bind."""


class Concatenation(StrEnum):
    """How a text of several segments is sent: parts with a user data header, parts with sar_ parameters, or whole."""

    UDH = "udh"
    SAR = "sar"
    PAYLOAD = "payload"


class ReceiptIds(StrEnum):
    """How receipts write the message id: as in the answer, or in decimal where the answer is hexadecimal."""

    SAME = "same"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """How a network is reached by SMPP.

    Attributes:
        name: of the provider.
        host, port: its address.
        system_id: our name there.
        password: the secret.
        system_type: as the network asks.
        version: interface_version of the bind.
        window: submit_sm without an answer at most.
        senders: as whom messages are sent.
        concatenation: how long texts are sent.
        receipt_ids: how receipts write the message id.
        international: whether numbers are sent as 84…, not as 0….
        tls: whether the link is encrypted.
        tls_ca: file of the authority that signed the network's certificate; empty for those that the system trusts.
        connect_seconds: the longest wait for a connection and a bind.
        response_seconds: the longest wait for an answer.
        enquire_seconds: silence after which enquire_link is sent.
        throttle_seconds: pause after the network asked for fewer messages.
    """

    name: str
    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    version: int = VERSIONS["3.4"]
    window: int = 50
    senders: Senders = field(default_factory=Senders)
    concatenation: Concatenation = Concatenation.UDH
    receipt_ids: ReceiptIds = ReceiptIds.SAME
    international: bool = True
    tls: bool = False
    tls_ca: str = ""
    connect_seconds: float = 5.0
    response_seconds: float = 10.0
    enquire_seconds: float = 15.0
    throttle_seconds: float = 1.0

    def tls_context(self) -> ssl.SSLContext | None:
        """How the link is encrypted; None if it is not."""
        return ssl.create_default_context(cafile=self.tls_ca or None) if self.tls else None
