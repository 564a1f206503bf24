"""Which e-mail addresses can be written to (RFC 5321, RFC 6531)."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LOCAL, MAX_ADDRESS = 64, 254
"""Octets (RFC 5321, 4.5.3.1)."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\ud7ff\ue000-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class BadAddress(ValueError):
    """No e-mail can be sent to this address. The text does not repeat it."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address as it stands in an envelope.

    Attributes:
        local: the part before the ``@``.
        domain: in ASCII; that of another script is in its encoded form (RFC 5891).
    """

    local: str
    domain: str

    @property
    def international(self) -> bool:
        """Whether it needs a server with SMTPUTF8 (RFC 6531)."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse_address(text: str) -> EmailAddress:
    """Reads an address. Quoted local parts and address literals (``user@[192.0.2.1]``) are refused: no citizen has one.

    Args:
        text: as the citizen gave it.

    Raises:
        BadAddress: no e-mail can be sent to it.
    """
    local, separator, domain = text.strip().rpartition("@")
    if not separator or not _LOCAL.fullmatch(local) or len(local.encode()) > MAX_LOCAL:
        raise BadAddress("not an e-mail address")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        raise BadAddress("the part of the e-mail address after the @ is no domain") from None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise BadAddress("the part of the e-mail address after the @ is no domain")
    address = EmailAddress(local, ascii_domain.lower())
    if len(str(address).encode()) > MAX_ADDRESS:
        raise BadAddress("the e-mail address is too long")
    return address
