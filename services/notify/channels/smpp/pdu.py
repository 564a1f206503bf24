"""PDUs of SMPP 3.4 (section 4): header, bodies and optional parameters (TLVs), as bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

_HEADER = struct.Struct(">IIII")
HEADER_BYTES = _HEADER.size
MAX_PDU_BYTES = 70_000
"""A message_payload has at most 64 KB; what claims to be longer is no SMPP."""
RESPONSE = 0x80000000
MAX_SEQUENCE = 0x7FFFFFFF


class Command(IntEnum):
    """The command ids that are used (section 5.1.2.1)."""

    GENERIC_NACK = 0x80000000
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015


class Tag(IntEnum):
    """The optional parameters that are used (section 5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Malformed(ValueError):
    """The bytes are no PDU of SMPP."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU.

    Attributes:
        command: its command id, also one that is not in :class:`Command`.
        status: its command status; 0 in requests.
        sequence: pairs a response with its request.
        body: what follows the header.
    """

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        """The PDU as it is sent."""
        return _HEADER.pack(HEADER_BYTES + len(self.body), self.command, self.status, self.sequence) + self.body


class Splitter:
    """Cuts a stream of bytes into PDUs."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, received: bytes) -> Iterator[Pdu]:
        """The PDUs that are complete with these bytes.

        Args:
            received: the next bytes of the stream.

        Raises:
            Malformed: a length that no PDU has; the stream cannot be read on.
        """
        self._rest += received
        begin = 0
        while len(self._rest) - begin >= HEADER_BYTES:
            length, command, status, sequence = _HEADER.unpack_from(self._rest, begin)
            if not HEADER_BYTES <= length <= MAX_PDU_BYTES:
                raise Malformed(f"a PDU of {length} bytes")
            if len(self._rest) - begin < length:
                break
            yield Pdu(command, status, sequence, bytes(self._rest[begin + HEADER_BYTES : begin + length]))
            begin += length
        del self._rest[:begin]


@dataclass(frozen=True, slots=True)
class Address:
    """An address with its type of number and numbering plan (sections 5.2.5, 5.2.6)."""

    ton: int
    npi: int
    digits: str


@dataclass(frozen=True, slots=True)
class Message:
    """The body of submit_sm and deliver_sm, which have the same fields (section 4.4.1).

    Attributes:
        source: who sends it.
        destination: who gets it.
        short_message: at most 254 octets.
        esm_class: kind of message, and whether it has a header (UDH).
        data_coding: alphabet.
        registered_delivery: 1 asks for a receipt of the final outcome.
        tlvs: optional parameters, by tag.
    """

    source: Address
    destination: Address
    short_message: bytes
    esm_class: int = 0
    data_coding: int = 0
    registered_delivery: int = 0
    tlvs: Mapping[int, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The body as it is sent."""
        pieces = [
            b"\0",  # service_type
            _encode_address(self.source),
            _encode_address(self.destination),
            # protocol_id, priority_flag; schedule_delivery_time and validity_period are empty
            bytes((self.esm_class, 0, 0, 0, 0, self.registered_delivery, 0, self.data_coding, 0)),
            bytes((len(self.short_message),)),
            self.short_message,
            encode_tlvs(self.tlvs),
        ]
        return b"".join(pieces)


def decode_message(body: bytes) -> Message:
    """The body of a submit_sm or deliver_sm.

    Raises:
        Malformed: a field is missing or too long.
    """
    reader = _Reader(body)
    reader.text()  # service_type
    source, destination = reader.address(), reader.address()
    esm_class, _, _ = reader.octets(3)
    reader.text()  # schedule_delivery_time
    reader.text()  # validity_period
    registered_delivery, _, data_coding, _, length = reader.octets(5)
    short_message = reader.octets(length)
    tlvs = reader.tlvs()
    return Message(source, destination, short_message, esm_class, data_coding, registered_delivery, tlvs)


def encode_bind(system_id: str, password: str, system_type: str, version: int) -> bytes:
    """The body of a bind_transceiver (section 4.1.5).

    Args:
        system_id: our name at the network.
        password: the secret.
        system_type: as the network asks; often empty.
        version: 0x34 or 0x50.
    """
    texts = b"".join(text.encode("latin-1", "replace") + b"\0" for text in (system_id, password, system_type))
    return texts + bytes((version, 0, 0)) + b"\0"


def decode_message_id(body: bytes) -> str:
    """The message_id of a submit_sm_resp; empty where the body is left out, as in errors."""
    return body.partition(b"\0")[0].decode("latin-1")


def encode_tlvs(tlvs: Mapping[int, bytes]) -> bytes:
    """Optional parameters as they are sent."""
    return b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in tlvs.items())


def _encode_address(address: Address) -> bytes:
    return bytes((address.ton, address.npi)) + address.digits.encode("latin-1", "replace") + b"\0"


class _Reader:
    """Reads a body field by field."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octets(self, count: int) -> bytes:
        found = self._body[self._at : self._at + count]
        if len(found) < count:
            raise Malformed("the body ends within a field")
        self._at += count
        return found

    def text(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise Malformed("a text has no end")
        found = self._body[self._at : end].decode("latin-1")
        self._at = end + 1
        return found

    def address(self) -> Address:
        ton, npi = self.octets(2)
        return Address(ton, npi, self.text())

    def tlvs(self) -> dict[int, bytes]:
        found = {}
        while self._at < len(self._body):
            tag, length = struct.unpack(">HH", self.octets(4))
            found[tag] = self.octets(length)
        return found
