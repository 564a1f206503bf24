"""The settings of a mail server (SMTP) through which e-mails are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from services.notify.channels.config.entries import host_and_port, optional_number, readable_file
from services.notify.channels.email.address import BadAddress, EmailAddress, parse_address
from shared.data_files import Record

STARTTLS, TLS, NONE = "starttls", "tls", "none"
SECURITY = (STARTTLS, TLS, NONE)
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
"""Of submission, with TLS from an agreed moment on (RFC 6409) or from the start (RFC 8314), and of a relay on the same machine."""
OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
BOUNCE_MAILBOX = "bounce"
"""RFC 5321 allows 64 characters before the @, and a delivery with its code takes 54 of them."""
TIMEOUT_SECONDS, RETRY_SECONDS, MAX_SECONDS = 20, 60, 3600
DEFAULT_AGENCY = "default"
_NO_ADDRESS = EmailAddress("nobody", "invalid")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to reach a mail server, and in whose name to write.

    Attributes:
        name: of the provider.
        host: of the server; its certificate must be for this name.
        port: of the server.
        security: ``starttls``, ``tls``, or ``none`` for a relay on the same machine.
        user: to log in with; empty for none.
        password: of the user; from the environment.
        sender: the address in From.
        bounces: the mailbox that takes reports about e-mails that could not be delivered; None if nobody reads them.
        reply_to: agency → the address that answers go to; ``default`` is for all others.
        ca_file: certificates of authorities to trust instead of the machine's; empty for the machine's.
        timeout_seconds: for each wait for the server.
        retry_seconds: how long to wait where the server takes no more for now.
    """

    name: str
    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: EmailAddress
    bounces: EmailAddress | None = None
    reply_to: Mapping[str, EmailAddress] = field(default_factory=lambda: MappingProxyType({}))
    ca_file: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS
    retry_seconds: float = RETRY_SECONDS


def parse_smtp(record: Record, name: str, password: str) -> SmtpSettings:
    """Reads the settings of a provider of the kind ``smtp``; what is wrong becomes a fault of the record.

    Args:
        record: its entry, see docs/email-and-chat.md.
        name: of the provider.
        password: that the entry ``secret_env`` names; empty if it names none.
    """
    security = record.text("security", SECURITY)
    host, port = host_and_port(record, "address", PORTS.get(security, 25))
    if security == NONE and host not in OWN_MACHINE:
        record.fault("security", "may be none only for a mail server on the same machine")
    user = record.optional_text("user") or ""
    if bool(user) != bool(password):
        record.fault("user", "user and secret_env are given both or neither")
    bounces = record.optional_text("bounces")
    return SmtpSettings(
        name=name,
        host=host,
        port=port,
        security=security,
        user=user,
        password=password,
        sender=_address(record, "sender", record.text("sender")),
        bounces=_bounces(record, bounces) if bounces else None,
        reply_to=_reply_to(record),
        ca_file=readable_file(record, "ca_file"),
        timeout_seconds=optional_number(record, "timeout_seconds", TIMEOUT_SECONDS, 0.1, MAX_SECONDS),
        retry_seconds=optional_number(record, "retry_seconds", RETRY_SECONDS, 0.1, MAX_SECONDS),
    )


def _address(record: Record, key: str, text: str) -> EmailAddress:
    try:
        address = parse_address(text)
    except BadAddress as error:
        record.fault(key, str(error))
        return _NO_ADDRESS
    if address.international:
        record.fault(key, "must be in ASCII, since every mail server must be able to answer it")
    return address


def _bounces(record: Record, text: str) -> EmailAddress:
    address = _address(record, "bounces", text)
    if address.local != BOUNCE_MAILBOX:
        record.fault("bounces", f"must be {BOUNCE_MAILBOX}@ and a domain")
    return address


def _reply_to(record: Record) -> Mapping[str, EmailAddress]:
    given = record.text_map("reply_to") if record.raw("reply_to") is not None else {}
    return MappingProxyType({agency: _address(record, f"reply_to.{agency}", text) for agency, text in given.items()})
