"""Encodes published messages: the same bytes as pika's, several times faster, since most of them are the same for every message."""

from __future__ import annotations

import struct

from pika import BasicProperties, spec
from pika.frame import Method

from shared.messaging.event import CONTENT_TYPE
from shared.messaging.outbox import OutboxRow
from shared.messaging.topology import EVENTS_EXCHANGE, SLOTS, slot_of, slot_topic

PERSISTENT = 2
PARTITION_HEADER = "partitionkey"
SLOT_HEADER = "CC"
"""RabbitMQ's header with further routing keys, here that of the slot."""
MAX_SHORT_TEXT = 255

_HEADER = struct.Struct(">BHLHHQH")  # type, channel, size; class, weight, size of the body, flags of the properties
_BODY = struct.Struct(">BHL")
_LENGTH = struct.Struct(">L")
_FLAGS = (
    BasicProperties.FLAG_CONTENT_TYPE
    | BasicProperties.FLAG_HEADERS
    | BasicProperties.FLAG_DELIVERY_MODE
    | BasicProperties.FLAG_MESSAGE_ID
    | BasicProperties.FLAG_TYPE
    | BasicProperties.FLAG_USER_ID
)
_END = bytes((spec.FRAME_END,))


class PublishFrames:
    """The frames of messages on one channel.

    Args:
        channel: its number.
        user: the account that publishes.
        longest_body: bytes of a body in one frame.
    """

    def __init__(self, channel: int, user: str, longest_body: int) -> None:
        self._channel = channel
        self._longest_body = longest_body
        self._methods: dict[tuple[str, str], bytes] = {}
        self._content_type = _short(CONTENT_TYPE.encode())
        self._header_name = _short(PARTITION_HEADER.encode()) + b"S"
        self._slots = [_slot_field(slot) for slot in range(SLOTS)]
        self._mode, self._user = bytes((PERSISTENT,)), _short(user.encode())

    def encode(self, row: OutboxRow, body: bytes) -> bytes | None:
        """The frames of one message; `None` if it needs more than three frames or cannot be a message: pika decides then."""
        key, id_, type_ = row.key.encode(), row.event_id.encode(), row.type.encode()
        if not 0 < len(body) <= self._longest_body or max(len(id_), len(type_), len(row.topic)) > MAX_SHORT_TEXT // 4:
            return None
        table = b"".join((self._header_name, _LENGTH.pack(len(key)), key, self._slots[slot_of(row.key)]))
        properties = b"".join(
            (
                self._content_type,
                _LENGTH.pack(len(table)),
                table,
                self._mode,
                bytes((len(id_),)),
                id_,
                bytes((len(type_),)),
                type_,
                self._user,
            )
        )
        header = _HEADER.pack(
            spec.FRAME_HEADER, self._channel, 14 + len(properties), spec.Basic.INDEX, 0, len(body), _FLAGS
        )
        start = _BODY.pack(spec.FRAME_BODY, self._channel, len(body))
        return b"".join((self._method(row), header, properties, _END, start, body, _END))

    def _method(self, row: OutboxRow) -> bytes:
        exchange, key = route = row.route or (EVENTS_EXCHANGE, row.topic)
        found = self._methods.get(route)
        if found is None:
            if len(self._methods) > 1000:  # topics of agencies
                self._methods.clear()
            publish = spec.Basic.Publish(exchange=exchange, routing_key=key, mandatory=True)
            found = self._methods[route] = Method(self._channel, publish).marshal()
        return found


def _slot_field(slot: int) -> bytes:
    topic = slot_topic(slot).encode()
    array = b"S" + _LENGTH.pack(len(topic)) + topic
    return _short(SLOT_HEADER.encode()) + b"A" + _LENGTH.pack(len(array)) + array


def _short(text: bytes) -> bytes:
    return bytes((len(text),)) + text
