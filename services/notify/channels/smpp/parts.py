"""Turns a delivery into the submit_sm that carry it."""

from __future__ import annotations

import struct

from services.notify.channels.port import Outgoing, SmsContent
from services.notify.channels.smpp.pdu import Address, Message, Tag
from services.notify.channels.smpp.settings import Concatenation, SmppSettings
from services.notify.channels.sms_segments import UCS_2, count_segments, encode_segment, split_segments

TON_INTERNATIONAL, TON_NATIONAL, TON_NETWORK, TON_ALPHANUMERIC = 1, 2, 3, 5
NPI_NONE, NPI_ISDN = 0, 1
DATA_CODING_GSM_7, DATA_CODING_UCS_2 = 0, 8
ESM_UDH = 0x40
RECEIPT_WANTED = 1
MAX_PARTS = 255
COUNTRY = "84"


class TooLong(ValueError):
    """The text has more parts than SMS can number."""


def messages_of(outgoing: Outgoing, content: SmsContent, settings: SmppSettings, reference: int) -> list[Message]:
    """The messages that carry a delivery; each asks for a receipt.

    Args:
        outgoing: the delivery.
        content: its text.
        settings: of the network.
        reference: of the parts that belong together, 0 to 255.

    Raises:
        TooLong: the text has more than 255 parts.
    """
    encoding = count_segments(content.text).encoding
    segments = split_segments(content.text)
    if len(segments) > MAX_PARTS:
        raise TooLong(f"{len(segments)} parts")
    source = sender_address(settings.senders.of(outgoing.agency))
    destination = _destination(outgoing.address, settings.international)
    coding = DATA_CODING_UCS_2 if encoding == UCS_2 else DATA_CODING_GSM_7
    if len(segments) == 1:
        return [Message(source, destination, encode_segment(content.text, encoding), 0, coding, RECEIPT_WANTED)]
    if settings.concatenation is Concatenation.PAYLOAD:
        payload = {int(Tag.MESSAGE_PAYLOAD): encode_segment(content.text, encoding)}
        return [Message(source, destination, b"", 0, coding, RECEIPT_WANTED, payload)]
    found = []
    for number, segment in enumerate(segments, 1):
        octets = encode_segment(segment, encoding)
        if settings.concatenation is Concatenation.SAR:
            tlvs = {
                int(Tag.SAR_MSG_REF_NUM): struct.pack(">H", reference),
                int(Tag.SAR_TOTAL_SEGMENTS): bytes((len(segments),)),
                int(Tag.SAR_SEGMENT_SEQNUM): bytes((number,)),
            }
            found.append(Message(source, destination, octets, 0, coding, RECEIPT_WANTED, tlvs))
        else:
            header = bytes((5, 0, 3, reference, len(segments), number))  # 3GPP TS 23.040, section 9.2.3.24.1
            found.append(Message(source, destination, header + octets, ESM_UDH, coding, RECEIPT_WANTED))
    return found


def sender_address(sender: str) -> Address:
    """A brandname, or a number, as the sender of a message."""
    if sender.isdecimal():
        return Address(TON_NETWORK if len(sender) < 9 else TON_INTERNATIONAL, NPI_ISDN, sender)
    return Address(TON_ALPHANUMERIC, NPI_NONE, sender)


def _destination(number: str, international: bool) -> Address:
    if international:
        return Address(TON_INTERNATIONAL, NPI_ISDN, COUNTRY + number.removeprefix("0"))
    return Address(TON_NATIONAL, NPI_ISDN, number)
