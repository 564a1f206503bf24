"""Deliveries and sinks for tests of SMS providers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.notify.channels.config.model import ProviderReceipt
from services.notify.channels.port import Outcome, Outgoing, Provider, SmsContent
from services.notify.channels.sms_segments import count_segments


def sms(number: int, text: str = "Ho so da nhan", agency: str = "") -> Outgoing:
    """A delivery to a number of its own."""
    segments = count_segments(text)
    content = SmsContent(text, segments.encoding, segments.count)
    return Outgoing(f"d{number}", f"H57-{number}", "received", agency, f"09{number:08d}", content, "vi")


def send(provider: Provider, batch: Sequence[Outgoing], seconds: float = 20.0) -> dict[str, Outcome]:
    """Sends a batch; delivery → outcome, of which each delivery has exactly one."""
    results = list(provider.send(batch, time.monotonic() + seconds))
    assert sorted(outgoing.id for outgoing, _ in results) == sorted(outgoing.id for outgoing in batch)
    return {outgoing.id: outcome for outgoing, outcome in results}


@dataclass
class Sink:
    """Keeps what a provider reports; fails as often as a test wants."""

    received: list[ProviderReceipt] = field(default_factory=list)
    wholes: dict[str, list[str]] = field(default_factory=dict)
    inbound: list[tuple[str, str, str]] = field(default_factory=list)
    failures: int = 0

    def receipts(self, provider: str, receipts: Sequence[ProviderReceipt]) -> None:
        """Keeps receipts."""
        if self.failures:
            self.failures -= 1
            raise OSError("the store is away")
        self.received += receipts

    def parts(self, provider: str, parts: Mapping[str, Sequence[str]]) -> None:
        """Keeps parts."""
        self.wholes |= {whole: list(references) for whole, references in parts.items()}

    def on_inbound(self, sender: str, recipient: str, text: str, at: object) -> None:
        """Keeps a citizen's message."""
        if self.failures:
            self.failures -= 1
            raise OSError("the store is away")
        self.inbound.append((sender, recipient, text))
