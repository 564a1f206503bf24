"""E-mails and settings for the tests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.notify.channels.email.address import EmailAddress
from services.notify.channels.email.message import Letterhead
from services.notify.channels.email.settings import SmtpSettings
from services.notify.channels.email.smtp import SmtpProvider
from services.notify.channels.port import EmailContent, Outcome, Outgoing
from shared.runtime.data_keys import DataKeys
from tests.support.mail import MailServer
from tests.support.mail_server import PASSWORD, USER

KEYS = DataKeys([("k1", "a key that only these tests use, and nobody else")])
AT = datetime(2025, 11, 26, 9, 0, tzinfo=UTC)
SENDER = EmailAddress("khong-tra-loi", "motcua.example")
BOUNCES = EmailAddress("bounce", "motcua.example")
LETTERHEAD = Letterhead(
    SENDER,
    lambda code: {"H57.10.01": "UBND xã Đất Mũi"}.get(code, ""),
    {"H57.10.01": EmailAddress("datmui", "motcua.example")},
)
CONTENT = EmailContent(
    "Hồ sơ đã được tiếp nhận", "Hồ sơ đã được tiếp nhận.\n\nMời tra cứu.", "<p>Hồ sơ đã được <b>tiếp nhận</b>.</p>"
)
EMAIL = Outgoing(
    "0198f3c2-7d0e-7a53-9c44-2f6d7a8b9c01",
    "000.00.14.H57-251120-0118",
    "received",
    "H57.10.01",
    "buoi@example.org",
    CONTENT,
    "vi",
)


def to(*addresses: str) -> list[Outgoing]:
    """An e-mail to each of some addresses, with ids of their own."""
    return [
        replace(EMAIL, id=f"0198f3c2-7d0e-7a53-9c44-{number:012x}", address=address)
        for number, address in enumerate(addresses, 1)
    ]


def settings_for(server: MailServer, security: str = "starttls", **changed: object) -> SmtpSettings:
    """Settings with which a server of the tests can be reached."""
    settings = SmtpSettings(
        name="mail-a",
        host="127.0.0.1",
        port=server.port,
        security=security,
        user=USER if security != "none" else "",
        password=PASSWORD if security != "none" else "",
        sender=SENDER,
        bounces=BOUNCES,
        ca_file=server.certificate,
        timeout_seconds=5,
        retry_seconds=30,
    )
    return replace(settings, **changed)  # type: ignore[arg-type]


def provider_of(settings: SmtpSettings) -> SmtpProvider:
    """A provider of the tests."""
    return SmtpProvider(settings, LETTERHEAD, KEYS, lambda: AT)


def send(settings: SmtpSettings, batch: Sequence[Outgoing], seconds: float = 20) -> list[tuple[str, Outcome]]:
    """Sends a batch; address and outcome of each, as they came."""
    found = list(provider_of(settings).send(batch, time.monotonic() + seconds))
    return [(outgoing.address, outcome) for outgoing, outcome in found]
