"""The events of the services' databases: one was restored from a backup, or seems to have been. Every service sends and receives them."""

from __future__ import annotations

from marshmallow import fields

from shared.contracts.base import PLATFORM, EventSchema, EventType, time_field

SERVICES = ("intake", "notify", "rating", "routing", "stats")


class StoreRestored(EventSchema):
    service = fields.Str(required=True)
    epoch = fields.Int(required=True)
    since = time_field(required=False, load_default=None, allow_none=True)
    restored_at = time_field()


class StoreConflicted(EventSchema):
    record = fields.Str(required=True)
    service = fields.Str(required=True)
    epoch = fields.Int(required=True)
    type = fields.Str(required=True)
    found_by = fields.Str(required=True)
    found_at = time_field()


EVENTS = (
    EventType(
        name="store.restored",
        owner=PLATFORM,
        subscribers=SERVICES,
        key="service",
        schema=StoreRestored(),
        title=("Cơ sở dữ liệu được khôi phục từ bản sao lưu", "A service's database was restored from a backup"),
        example={
            "service": "intake",
            "epoch": 1764147600,
            "since": "2025-11-26T12:00:00+07:00",
            "restored_at": "2025-11-26T16:00:00+07:00",
        },
    ),
    EventType(
        name="store.conflicted",
        owner=PLATFORM,
        subscribers=SERVICES,
        key="record",
        schema=StoreConflicted(),
        title=(
            "Một mã đã có với nội dung khác",
            "A service has published something under a code that it had given before to something else",
        ),
        example={
            "record": "000.00.14.H57-251120-0118",
            "service": "intake",
            "epoch": 0,
            "type": "vn.motcua.dossier.received.v1",
            "found_by": "routing",
            "found_at": "2025-11-26T16:00:00+07:00",
        },
    ),
)
