"""How an HTTP gateway is called."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.notify.channels.config.model import Senders


@dataclass(frozen=True, slots=True)
class HttpSmsSettings:
    """How a gateway is called.

    Attributes:
        name: of the provider.
        url: where messages are posted.
        key: sent as a bearer token.
        senders: as whom messages are sent.
        concurrency: requests at the same time, each over a connection that stays open.
        connect_seconds: the longest wait for a connection.
        response_seconds: the longest wait for an answer.
        idempotent: whether the gateway sends a message once, however often the same ``Idempotency-Key`` comes.
        ca_file: file of the authority that signed the gateway's certificate; empty for those that the system trusts.
    """

    name: str
    url: str
    key: str = field(repr=False)
    senders: Senders = field(default_factory=Senders)
    concurrency: int = 8
    connect_seconds: float = 3.0
    response_seconds: float = 10.0
    idempotent: bool = True
    ca_file: str = ""
