"""The envelope: CloudEvents 1.0 in structured JSON, with the `partitionkey` and `sequence` extensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import uuid_utils

from shared.runtime.clock import VIETNAM

TYPE_PREFIX = "vn.motcua."
AGENCY_PREFIX = "agency."
CONTENT_TYPE = "application/cloudevents+json"
SEQUENCE_DIGITS = 16
MAX_ID = 100
MAX_SEQUENCE = 2**53 - 1


class Undecodable(ValueError):
    """The bytes are not an event of this bus; the message is parked."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        id: unique within `source`; time-ordered (UUIDv7).
        source: who emitted it, such as ``/motcua/intake``.
        type: ``vn.motcua.<name>.v<major>``.
        time: when it happened in business time, aware.
        key: the partition key: events of one key are applied in order. For most events the dossier code.
        sequence: grows by 1 within (source, key), in commit order; jumps when the source's database was restored from a backup (see
            `shared.persistence.epoch`); 0 while it has none yet.
        data: the fields, JSON-ready.
        address: the code of the agency that it is for; "" for all subscribers. Only for routing, not part of the JSON form.
        body: the JSON form as it was received; empty if the event was made here.
    """

    id: str
    source: str
    type: str
    time: datetime
    key: str
    sequence: int
    data: dict[str, Any]
    address: str = field(default="", compare=False)
    body: bytes = field(default=b"", compare=False, repr=False)

    @property
    def name(self) -> str:
        """The type without prefix and version: ``dossier.received``."""
        return self.type.removeprefix(TYPE_PREFIX).rpartition(".v")[0]

    @property
    def topic(self) -> str:
        """The routing key: of its type, or of the agency that it is addressed to."""
        return AGENCY_PREFIX + self.address if self.address else routing_key(self.type)

    def with_data(self, data: dict[str, Any]) -> Event:
        """The same event with other data; `dataclasses.replace` takes three times as long."""
        return Event(self.id, self.source, self.type, self.time, self.key, self.sequence, data, self.address)

    def to_json(self) -> bytes:
        """The CloudEvents JSON form."""
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": self.type,
                "time": self.time,
                "datacontenttype": "application/json",
                "partitionkey": self.key,
                "sequence": f"{self.sequence:0{SEQUENCE_DIGITS}d}",
                "data": self.data,
            }
        )

    @classmethod
    def from_json(cls, body: bytes | str) -> Event:
        """Reads the CloudEvents JSON form; unknown attributes are ignored.

        Raises:
            Undecodable: not JSON, or a required attribute is missing or of the wrong kind.
        """
        try:
            raw = orjson.loads(body)
            event = cls(
                id=raw["id"],
                source=raw["source"],
                type=raw["type"],
                time=datetime.fromisoformat(raw["time"]),
                key=raw["partitionkey"],
                sequence=int(raw["sequence"]),
                data=raw["data"],
                body=body if isinstance(body, bytes) else body.encode(),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Undecodable(f"not a CloudEvent of this bus: {type(error).__name__}: {error}") from error
        texts = (event.id, event.source, event.type, event.key)
        if not all(isinstance(text, str) and 0 < len(text) <= 200 for text in texts) or len(event.id) > MAX_ID:
            raise Undecodable("id, source, type and partitionkey must be texts of 1 to 200 characters (id: 100)")
        if any("\x00" in text for text in texts) or not 0 <= event.sequence <= MAX_SEQUENCE:
            raise Undecodable("no NUL in id, source, type and partitionkey; sequence not negative, of 53 bits")
        if raw.get("specversion") != "1.0" or not isinstance(event.data, dict) or event.time.tzinfo is None:
            raise Undecodable("specversion must be 1.0, data an object, time with an offset")
        return event


_NO_SEQUENCE = f'"sequence":"{0:0{SEQUENCE_DIGITS}d}"'


def with_sequence(body: str, sequence: int) -> str:
    """Puts its sequence number into the JSON form of an event that had none.

    The database counts when it writes, after the text was made. The attribute comes before `data`, so the first match is the right one.
    """
    return body.replace(_NO_SEQUENCE, f'"sequence":"{sequence:0{SEQUENCE_DIGITS}d}"', 1)


def in_sequence(events: Sequence[Event]) -> list[Event]:
    """Sorts the events of each source and key by sequence; each group keeps the positions that its events had."""
    groups: dict[tuple[str, str], list[int]] = {}
    for position, event in enumerate(events):
        groups.setdefault((event.source, event.key), []).append(position)
    ordered = list(events)
    for positions in groups.values():
        if len(positions) > 1:
            in_order = sorted((events[position] for position in positions), key=lambda event: event.sequence)
            for position, event in zip(positions, in_order, strict=True):
                ordered[position] = event
    return ordered


def new_id() -> str:
    """A new event id: UUIDv7, so that ids of the same time are close together in an index."""
    return str(uuid_utils.uuid7())


def time_of_id(id_: str) -> datetime | None:
    """When an id of :func:`new_id` was made (real time); None for every other text.

    Source: RFC 9562, section 5.7: the first 48 bits are Unix milliseconds.
    """
    try:
        found = UUID(id_)
        return datetime.fromtimestamp((found.int >> 80) / 1000, VIETNAM) if _is_ours(found, id_) else None
    except (ValueError, OverflowError):  # no UUID, or of a year that no clock shows
        return None


def _is_ours(found: UUID, written: str) -> bool:
    return found.version == 7 and str(found) == written


def event_type(name: str, major: int = 1) -> str:
    """The full type of an event's short name: ``dossier.received`` → ``vn.motcua.dossier.received.v1``."""
    return f"{TYPE_PREFIX}{name}.v{major}"


def event_source(service: str) -> str:
    """The CloudEvents source of one of the platform's own services: ``intake`` → ``/motcua/intake``."""
    return f"/motcua/{service}"


def routing_key(type_: str) -> str:
    """The routing key of an event type: the type without the common prefix."""
    return type_.removeprefix(TYPE_PREFIX)
