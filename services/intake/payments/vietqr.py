"""The text of a VietQR code for a bank transfer: EMVCo merchant-presented QR with the fields of NAPAS.

Sources: EMV QRCPS Merchant-Presented Mode 1.1; NAPAS 247 by QR (VietQR), identifier A000000727, service QRIBFTTA (to an account).
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from dataclasses import dataclass

NAPAS = "A000000727"
TO_ACCOUNT = "QRIBFTTA"
VND = "704"  # ISO 4217
MAX_PURPOSE = 25
"""Characters of the additional data's purpose (EMVCo, field 62-08)."""
_PURPOSE = re.compile(r"[A-Za-z0-9 -]{1,25}")
_BIN, _NUMBER = re.compile(r"\d{6}"), re.compile(r"[A-Za-z0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account that takes transfers.

    Attributes:
        bank: the bank's number at NAPAS (BIN), six digits.
        number: of the account, up to 19 letters and digits.
        holder: as the bank shows it.
    """

    bank: str
    number: str
    holder: str

    def __post_init__(self) -> None:
        if not _BIN.fullmatch(self.bank):
            raise ValueError("the bank's number (BIN) has six digits")
        if not _NUMBER.fullmatch(self.number):
            raise ValueError("an account's number has 1 to 19 letters and digits")


def vietqr(account: BankAccount, amount: int, purpose: str) -> str:
    """The text of the code.

    Args:
        account: that is paid to.
        amount: VND, above 0, at most 13 digits.
        purpose: what the transfer says, such as a reference: ASCII letters, digits, spaces and hyphens, at most 25.

    Raises:
        ValueError: amount or purpose cannot be written.
    """
    if not 0 < amount < 10**13:
        raise ValueError(f"{amount} VND cannot be written")
    if not _PURPOSE.fullmatch(purpose):
        raise ValueError(f"the purpose {purpose!r} cannot be written")
    beneficiary = _field("00", account.bank) + _field("01", account.number)
    merchant = _field("00", NAPAS) + _field("01", beneficiary) + _field("02", TO_ACCOUNT)
    text = "".join(
        (
            _field("00", "01"),
            _field("01", "12"),  # dynamic: for one payment
            _field("38", merchant),
            _field("53", VND),
            _field("54", str(amount)),
            _field("58", "VN"),
            _field("62", _field("08", purpose)),
            "6304",
        )
    )
    return f"{text}{checksum(text)}"


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE (ISO/IEC 13239, polynomial 0x1021, start 0xFFFF) in four capital hex digits."""
    return f"{crc_hqx(text.encode('ascii'), 0xFFFF):04X}"


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"
