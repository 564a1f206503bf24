"""What a deliver_sm says: a receipt (SMPP 3.4, sections 5.2.12 and 5.3.2.35, appendix B) or a message of a citizen."""

from __future__ import annotations

import re
from datetime import datetime

from services.notify.channels.config.model import ProviderReceipt
from services.notify.channels.domain import ReceiptStatus
from services.notify.channels.smpp.pdu import Message, Tag
from services.notify.channels.smpp.settings import ReceiptIds
from services.notify.channels.smpp.statuses import statuses
from services.notify.channels.sms_segments import decode_gsm_7
from shared.runtime.clock import VIETNAM

_TYPE = 0b0011_1100
"""Bits of esm_class that say what kind of message it is."""
_RECEIPTS = (0b0000_0100, 0b0010_0000)
"""A delivery receipt, and a notification on the way."""
_HAS_HEADER = 0b0100_0000
_FIELD = re.compile(r"\b(id|stat|err|done date):\s*([^\s]*)", re.IGNORECASE)
_TIME_FORMATS = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S", 14: "%Y%m%d%H%M%S"}
_ALPHABETS = {1: "ascii", 3: "latin-1", 8: "utf-16-be"}
"""data_coding → codec; others are read as GSM-7."""


def is_receipt(message: Message) -> bool:
    """Whether a deliver_sm reports about a message of ours."""
    return message.esm_class & _TYPE in _RECEIPTS or Tag.RECEIPTED_MESSAGE_ID in message.tlvs


def read_receipt(message: Message, now: datetime, ids: ReceiptIds = ReceiptIds.SAME) -> ProviderReceipt | None:
    """The receipt in a deliver_sm: parameters count more than the text. None if it says nothing that we know.

    Args:
        message: for which :func:`is_receipt` is true.
        now: real time; stands in where the text has no time.
        ids: how the network writes message ids in receipts.
    """
    fields = {name.lower(): value for name, value in reversed(_FIELD.findall(_octets(message).decode("latin-1")))}
    told = message.tlvs.get(Tag.RECEIPTED_MESSAGE_ID, b"").partition(b"\0")[0].decode("latin-1")
    reference = told or fields.get("id", "")
    number = message.tlvs.get(Tag.MESSAGE_STATE)
    state = statuses().message_states.get(int.from_bytes(number)) if number else None
    state = state or fields.get("stat", "").upper()
    status = statuses().receipts.get(state)
    if not reference or status is None:
        return None
    if ids is ReceiptIds.DECIMAL and not told and reference.isdecimal():
        reference = f"{int(reference):x}"
    reason = ""
    if status is ReceiptStatus.FAILED:
        error = fields.get("err", "")
        reason = f"SMPP {state}" + (f", error {error}" if error.isalnum() and error.strip("0") else "")
    return ProviderReceipt(reference[:200], status, _time(fields.get("done date", ""), now), reason)


def text_of(message: Message) -> str:
    """What a citizen wrote, without the header of a part."""
    octets = _octets(message)
    if message.esm_class & _HAS_HEADER and octets:
        octets = octets[1 + octets[0] :]
    codec = _ALPHABETS.get(message.data_coding)
    return octets.decode(codec, "replace") if codec else decode_gsm_7(octets)


def _octets(message: Message) -> bytes:
    return message.short_message or message.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")


def _time(text: str, now: datetime) -> datetime:
    """The time in a receipt, which networks write in Vietnam's time; one that cannot be is replaced by the present."""
    form = _TIME_FORMATS.get(len(text))
    try:
        at = datetime.strptime(text, form).replace(tzinfo=VIETNAM) if form else now
    except ValueError:
        return now
    return min(at, now)
