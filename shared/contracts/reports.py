"""The event of reports: one was published."""

from __future__ import annotations

from marshmallow import fields

from shared.contracts.base import EventSchema, EventType, time_field


class ReportPublished(EventSchema):
    report = fields.Str(required=True)  # another one for each version
    agency = fields.Str(required=True)
    kind = fields.Str(required=True)
    period = fields.Str(required=True)
    period_vi = fields.Str(required=True)
    period_en = fields.Str(required=True)
    first = fields.Str(required=True)
    last = fields.Str(required=True)
    version = fields.Int(required=True)
    replaces = fields.Str(required=True, allow_none=True)
    number = fields.Str(required=True)
    received = fields.Int(required=True)
    resolved = fields.Int(required=True)
    on_time = fields.Int(required=True)
    resolved_late = fields.Int(required=True)
    in_progress = fields.Int(required=True)
    in_progress_overdue = fields.Int(required=True)
    published_at = time_field()


EVENTS = (
    EventType(
        name="report.published",
        owner="stats",
        subscribers=("notify", "stats"),
        key="report",
        schema=ReportPublished(),
        title=(
            "Báo cáo định kỳ đã được ký duyệt và phát hành",
            "A report was signed off and published; a correction is another report, which names the one that it replaces",
        ),
        example={
            "report": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b77",
            "agency": "H12.20",
            "kind": "month",
            "period": "2026-10",
            "period_vi": "tháng 10 năm 2026",
            "period_en": "month 10 of 2026",
            "first": "2026-10-01",
            "last": "2026-10-31",
            "version": 1,
            "replaces": None,
            "number": "05/BC-H12.20",
            "received": 1204,
            "resolved": 1187,
            "on_time": 1169,
            "resolved_late": 18,
            "in_progress": 233,
            "in_progress_overdue": 4,
            "published_at": "2026-11-03T09:30:00+07:00",
        },
    ),
)
