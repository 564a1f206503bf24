"""The events of applications: what was filed online or came by post, and what the desk answered."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

CHANNELS = ("online", "post")
_CHANNEL = validate.OneOf(CHANNELS)


class DossierFiled(EventSchema):
    dossier = fields.Str(required=True)
    procedure = fields.Str(required=True)
    procedure_version = fields.Int(required=True)
    procedure_name = fields.Str(required=True)
    case = fields.Str(required=True)
    field = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    receiving_agency = fields.Str(required=True)
    filed_at = time_field()
    regulation = fields.Str(required=True)


class DossierAcceptedOnline(EventSchema):
    dossier = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    receiving_agency = fields.Str(required=True)
    filed_at = time_field()
    accepted_at = time_field()


class ApplicationSupplementRequested(EventSchema):
    dossier = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    receiving_agency = fields.Str(required=True)
    papers = fields.List(fields.Str(), required=True)
    requested_at = time_field()
    until = time_field(allow_none=True)


class ApplicationSupplemented(EventSchema):
    dossier = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    papers = fields.Int(required=True)
    supplemented_at = time_field()


class DossierRefused(EventSchema):
    dossier = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    receiving_agency = fields.Str(required=True)
    refused_at = time_field()


class ApplicationClosed(EventSchema):
    dossier = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    receiving_agency = fields.Str(required=True)
    cause = fields.Str(required=True, validate=validate.OneOf(["withdrawn", "no_supplement"]))
    closed_at = time_field()


class DossierSentBack(EventSchema):
    dossier = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    parcel = fields.Str(required=True)
    sent_at = time_field()


class ApplicationUnanswered(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    waiting_since = time_field()
    answer_by = time_field(allow_none=True)
    alerted_at = time_field()


class ApplicationOverdue(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    channel = fields.Str(required=True, validate=_CHANNEL)
    waiting_since = time_field()
    answer_by = time_field()
    escalation = fields.Int(required=True, validate=validate.Range(1, 2))
    overdue_at = time_field()


_CODE = "000.00.14.H57-251120-0118"
_DESK = "H57.10.01"

EVENTS = (
    EventType(
        name="dossier.filed",
        owner="intake",
        subscribers=("routing", "notify", "stats"),
        schema=DossierFiled(),
        title=(
            "Hồ sơ được nộp trực tuyến hoặc qua bưu chính, chưa được tiếp nhận",
            "A dossier was filed online or came by post, and is not yet received",
        ),
        example={
            "dossier": _CODE,
            "procedure": "1.013831",
            "procedure_version": 1,
            "procedure_name": "Đăng ký biến động quyền sử dụng đất",
            "case": "transfer",
            "field": "land",
            "channel": "online",
            "receiving_agency": _DESK,
            "filed_at": "2025-11-20T08:15:00+07:00",
            "regulation": "nd118-2025",
        },
    ),
    EventType(
        name="dossier.accepted_online",
        owner="intake",
        subscribers=("routing", "stats"),
        schema=DossierAcceptedOnline(),
        title=(
            "Hồ sơ nộp trực tuyến hoặc qua bưu chính được tiếp nhận",
            "An application was accepted; dossier.received follows in the same transaction",
        ),
        example={
            "dossier": _CODE,
            "channel": "online",
            "receiving_agency": _DESK,
            "filed_at": "2025-11-20T08:15:00+07:00",
            "accepted_at": "2025-11-20T09:00:00+07:00",
        },
    ),
    EventType(
        name="application.supplement_requested",
        owner="intake",
        subscribers=("routing", "notify", "stats"),
        schema=ApplicationSupplementRequested(),
        title=(
            "Hồ sơ chưa tiếp nhận được yêu cầu bổ sung giấy tờ",
            "Papers were asked for before an application can be received",
        ),
        example={
            "dossier": _CODE,
            "channel": "online",
            "receiving_agency": _DESK,
            "papers": ["Bản chụp Giấy chứng nhận"],
            "requested_at": "2025-11-20T10:00:00+07:00",
            "until": "2025-12-05T23:59:00+07:00",
        },
    ),
    EventType(
        name="application.supplemented",
        owner="intake",
        subscribers=("routing", "notify", "stats"),
        schema=ApplicationSupplemented(),
        title=("Người nộp đã bổ sung giấy tờ, chờ tiếp nhận", "The applicant sent the papers that the desk asked for"),
        example={
            "dossier": _CODE,
            "receiving_agency": _DESK,
            "papers": 1,
            "supplemented_at": "2025-11-20T14:00:00+07:00",
        },
    ),
    EventType(
        name="dossier.refused",
        owner="intake",
        subscribers=("routing", "notify", "stats"),
        schema=DossierRefused(),
        title=("Từ chối tiếp nhận hồ sơ", "An application was refused; the reason stays in intake"),
        example={
            "dossier": _CODE,
            "channel": "online",
            "receiving_agency": _DESK,
            "refused_at": "2025-11-20T10:00:00+07:00",
        },
    ),
    EventType(
        name="application.closed",
        owner="intake",
        subscribers=("routing", "notify", "stats"),
        schema=ApplicationClosed(),
        title=(
            "Hồ sơ chưa tiếp nhận đã được rút, hoặc đóng vì không được bổ sung",
            "An application ended before it was received: withdrawn, or its papers never came (NĐ 118/2025, article 19.5)",
        ),
        example={
            "dossier": _CODE,
            "channel": "online",
            "receiving_agency": _DESK,
            "cause": "no_supplement",
            "closed_at": "2025-12-05T23:59:00+07:00",
        },
    ),
    EventType(
        name="dossier.sent_back",
        owner="intake",
        subscribers=("notify", "stats"),
        schema=DossierSentBack(),
        title=("Hồ sơ bị từ chối được gửi trả qua bưu chính", "The papers of a refused dossier went back by post"),
        example={
            "dossier": _CODE,
            "receiving_agency": _DESK,
            "parcel": "RB123456789VN",
            "sent_at": "2025-11-20T15:00:00+07:00",
        },
    ),
    EventType(
        name="application.unanswered",
        owner="routing",
        subscribers=("stats",),
        schema=ApplicationUnanswered(),
        title=(
            "Hồ sơ đăng ký chờ quá thời gian cảnh báo mà chưa được trả lời",
            "The receiving desk is alerted of an application that it has not answered (NĐ 118/2025, article 17.2)",
        ),
        example={
            "dossier": _CODE,
            "agency": _DESK,
            "channel": "online",
            "waiting_since": "2025-11-20T08:15:00+07:00",
            "answer_by": "2025-11-21T08:15:00+07:00",
            "alerted_at": "2025-11-20T10:15:00+07:00",
        },
    ),
    EventType(
        name="application.overdue",
        owner="routing",
        subscribers=("stats",),
        schema=ApplicationOverdue(),
        title=(
            "Hồ sơ đăng ký quá hạn trả lời, báo lãnh đạo đơn vị (1), lãnh đạo trung tâm (2)",
            "An application was not answered in time; told to the leaders of the desk (1), then of the centre (2)",
        ),
        example={
            "dossier": _CODE,
            "agency": _DESK,
            "channel": "online",
            "waiting_since": "2025-11-20T08:15:00+07:00",
            "answer_by": "2025-11-21T08:15:00+07:00",
            "escalation": 1,
            "overdue_at": "2025-11-21T08:16:00+07:00",
        },
    ),
)
