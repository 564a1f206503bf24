"""The fast encoder writes the same bytes as pika, or leaves the message to pika."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pika import BasicProperties, frame, spec

from shared.messaging.event import CONTENT_TYPE
from shared.messaging.outbox import OutboxRow
from shared.messaging.rabbitmq.publish_frames import PARTITION_HEADER, PERSISTENT, SLOT_HEADER, PublishFrames
from shared.messaging.topology import EVENTS_EXCHANGE, slot_of, slot_topic

LONGEST = 400
ROUTES = st.sampled_from([None, ("", "motcua.routing"), ("motcua.routing", "")])


def by_pika(row: OutboxRow, body: bytes) -> bytes:
    exchange, key = row.route or (EVENTS_EXCHANGE, row.topic)
    properties = BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=PERSISTENT,
        user_id="motcua",
        headers={PARTITION_HEADER: row.key, SLOT_HEADER: [slot_topic(slot_of(row.key))]},
        message_id=row.event_id,
        type=row.type,
    )
    publish = spec.Basic.Publish(exchange=exchange, routing_key=key, mandatory=True)
    frames = (frame.Method(3, publish), frame.Header(3, len(body), properties), frame.Body(3, body))
    return b"".join(one.marshal() for one in frames)


@given(
    st.text(max_size=70),
    st.text(max_size=70),
    st.text(max_size=300),
    st.text(max_size=70),
    st.binary(max_size=500),
    ROUTES,
)
def test_the_bytes_are_those_of_pika(
    id_: str, type_: str, key: str, topic: str, body: bytes, route: tuple[str, str] | None
) -> None:
    row = OutboxRow(1, id_, type_, key, "", topic, route)
    encoded = PublishFrames(3, "motcua", LONGEST).encode(row, body)
    if encoded is None:
        assert not 0 < len(body) <= LONGEST or max(len(id_.encode()), len(type_.encode()), len(topic)) > 63
    else:
        assert encoded == by_pika(row, body)


def test_what_is_long_is_left_to_pika() -> None:
    frames = PublishFrames(3, "motcua", LONGEST)
    ordinary = OutboxRow(1, "id", "vn.motcua.dossier.received.v1", "D1", "", "dossier.received.v1")
    assert frames.encode(ordinary, b"x" * LONGEST) is not None
    assert frames.encode(ordinary, b"x" * (LONGEST + 1)) is None
    assert frames.encode(ordinary, b"") is None
    assert frames.encode(OutboxRow(1, "id", "t" * 300, "D1", "", "topic"), b"x") is None
