"""The events of intake: dossiers received, supplemented, withdrawn, returned; applicants; results; official papers; procedures."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

CHANNELS = ("counter", "online", "post")
RETURN_METHODS = ("counter", "electronic", "post")
CONTACT = ("name", "phone", "email", "chat_user", "address", "lookup_hash")
"""The personal fields of the events about an applicant's contact."""


class ProcedurePublished(EventSchema):
    procedure = fields.Str(required=True)
    version = fields.Int(required=True)
    definition = fields.Dict(required=True)


class ApplicantRegistered(EventSchema):
    dossier = fields.Str(required=True)
    name = fields.Str(required=True)
    phone = fields.Str(required=True)
    email = fields.Str(load_default="")
    language = fields.Str(load_default="vi")
    channels = fields.List(fields.Str(), load_default=list)
    chat_user = fields.Str(load_default="")
    address = fields.Str(load_default="")
    lookup_hash = fields.Str(load_default="")  # keyed hash of the secret on the receipt, by which SMS are answered


class ApplicantCorrected(EventSchema):
    dossier = fields.Str(required=True)
    name = fields.Str(required=True)
    phone = fields.Str(required=True)
    email = fields.Str(load_default="")
    language = fields.Str(load_default="vi")
    channels = fields.List(fields.Str(), load_default=list)
    chat_user = fields.Str(load_default="")
    address = fields.Str(load_default="")
    lookup_hash = fields.Str(load_default="")
    corrected_at = time_field()


class ContactChanged(EventSchema):
    dossier = fields.Str(required=True)
    changed_at = time_field()


class DossierReceived(EventSchema):
    dossier = fields.Str(required=True)
    procedure = fields.Str(required=True)
    procedure_version = fields.Int(required=True)
    procedure_name = fields.Str(required=True)
    case = fields.Str(required=True)
    field = fields.Str(required=True)
    channel = fields.Str(required=True, validate=validate.OneOf(CHANNELS))
    receiving_agency = fields.Str(required=True)
    received_at = time_field()
    promised_at = time_field()
    regulation = fields.Str(required=True)
    fee = fields.Int(required=True)
    remote = fields.Bool(load_default=False)
    chosen = fields.List(fields.Str(), load_default=list)
    finished_at = time_field(required=False, load_default=None, allow_none=True)  # its result was handed over at once
    digitised = fields.Bool(load_default=False)  # every paper was handed in as a file


class DossierSupplemented(EventSchema):
    dossier = fields.Str(required=True)
    papers = fields.Int(required=True)
    supplemented_at = time_field()


class DossierWithdrawn(EventSchema):
    dossier = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    withdrawn_at = time_field()


class DossierReturned(EventSchema):
    dossier = fields.Str(required=True)
    procedure = fields.Str(required=True)
    field = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    regulation = fields.Str(load_default="")  # under which it was received; empty: not known
    returned_at = time_field()
    method = fields.Str(load_default="counter", validate=validate.OneOf(RETURN_METHODS))


class ResultCodeIssued(EventSchema):
    dossier = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    code = fields.Str(required=True)
    minutes = fields.Int(required=True)
    issued_at = time_field()


class ResultPublished(EventSchema):
    dossier = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    number = fields.Str(required=True)
    sha256 = fields.Str(required=True)
    published_at = time_field()


class ResultPosted(EventSchema):
    dossier = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    parcel = fields.Str(required=True)
    posted_at = time_field()


class DocumentIssued(EventSchema):
    dossier = fields.Str(required=True)
    number = fields.Str(required=True)
    year = fields.Int(required=True)  # the number is unique in it
    kind = fields.Str(required=True)
    agency = fields.Str(required=True)
    issued_at = time_field()


class DossierErased(EventSchema):
    dossier = fields.Str(required=True)
    erased_at = time_field()


class ConversationAnswered(EventSchema):
    dossier = fields.Str(required=True)
    entry = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    answered_at = time_field()


class FilingDeclined(EventSchema):
    filing = fields.Str(required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(["supplement_request", "refusal"]))
    reason = fields.Str(required=True)
    procedure = fields.Str(required=True, allow_none=True)  # None: a matter outside the catalogue
    field = fields.Str(required=True, allow_none=True)
    receiving_agency = fields.Str(required=True)
    repeated = fields.Bool(required=True)
    declined_at = time_field()


_CODE = "000.00.14.H57-251120-0118"

EVENTS = (
    EventType(
        name="document.issued",
        owner="intake",
        subscribers=("stats",),
        schema=DocumentIssued(),
        title=("Văn bản của hồ sơ được phát hành", "An official paper about a dossier was issued"),
        example={
            "dossier": _CODE,
            "number": "12/PYCBS-H12.31.01",
            "year": 2025,
            "kind": "supplement_request",
            "agency": "H12.31.01",
            "issued_at": "2025-11-20T08:15:00+07:00",
        },
    ),
    EventType(
        name="conversation.answered",
        owner="intake",
        subscribers=("notify", "stats"),
        schema=ConversationAnswered(),
        title=(
            "Bộ phận Một cửa đã trả lời hoặc viết cho người dân về hồ sơ; không có nội dung",
            "The one-stop desk answered or wrote to the citizen about a dossier; what it says is not in the event",
        ),
        example={
            "dossier": _CODE,
            "entry": "0198f0a2-7a3c-7c11-8d60-0c6f2a8a2b44",
            "receiving_agency": "H12.31.01",
            "answered_at": "2025-11-24T09:00:00+07:00",
        },
    ),
    EventType(
        name="filing.declined",
        owner="intake",
        subscribers=("stats",),
        key="filing",
        schema=FilingDeclined(),
        title=(
            "Người đến nộp hồ sơ được hướng dẫn bổ sung, hoàn thiện hoặc bị từ chối tiếp nhận tại quầy",
            "At the counter a filing was not received: the visitor got form 02 or 03; nothing of the person",
        ),
        example={
            "filing": "6f9d1c0f5e8b4c3aa2d47b1f0e9c8d7a",
            "kind": "supplement_request",
            "reason": "papers_missing",
            "procedure": "1.013831",
            "field": "land",
            "receiving_agency": "H12.31.01",
            "repeated": False,
            "declined_at": "2025-11-20T08:15:00+07:00",
        },
    ),
    EventType(
        name="procedure.published",
        owner="intake",
        subscribers=("routing", "rating", "stats"),
        key="procedure",
        schema=ProcedurePublished(),
        title=("Thủ tục được công bố (phiên bản mới)", "A procedure was published in a new version"),
        example={
            "procedure": "2.000815",
            "version": 1,
            "definition": {"code": "2.000815", "name": "Chứng thực bản sao"},
        },
    ),
    EventType(
        name="applicant.registered",
        owner="intake",
        subscribers=("notify",),
        restricted=True,
        personal=CONTACT,
        schema=ApplicantRegistered(),
        title=("Thông tin liên hệ của người nộp", "The contact data of the applicant"),
        example={
            "dossier": _CODE,
            "name": "Nguyễn Thị Bưởi",
            "phone": "0912345678",
            "email": "buoi@example.vn",
            "language": "vi",
            "channels": ["sms"],
            "chat_user": "",
            "address": "Khóm 2, phường An Xuyên, tỉnh Cà Mau",
            "lookup_hash": "3f0c5a9e8d7b6a21:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        },
    ),
    EventType(
        name="applicant.corrected",
        owner="intake",
        subscribers=("notify",),
        restricted=True,
        personal=CONTACT,
        schema=ApplicantCorrected(),
        title=("Thông tin liên hệ của người nộp được sửa", "The contact data of the applicant were corrected"),
        example={
            "dossier": _CODE,
            "name": "Nguyễn Thị Bưởi",
            "phone": "0912345679",
            "email": "buoi@example.vn",
            "language": "vi",
            "channels": ["sms"],
            "chat_user": "",
            "address": "Khóm 2, phường An Xuyên, tỉnh Cà Mau",
            "lookup_hash": "3f0c5a9e8d7b6a21:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "corrected_at": "2025-11-20T09:00:00+07:00",
        },
    ),
    EventType(
        name="dossier.contact_changed",
        owner="intake",
        subscribers=("rating", "stats"),
        schema=ContactChanged(),
        title=(
            "Người nộp có số điện thoại khác",
            "The applicant has another telephone number; links sent to the old one are void",
        ),
        example={"dossier": _CODE, "changed_at": "2025-11-20T09:00:00+07:00"},
    ),
    EventType(
        name="dossier.received",
        owner="intake",
        subscribers=("routing", "notify", "stats"),
        schema=DossierReceived(),
        title=("Hồ sơ được tiếp nhận", "A complete dossier was received, with its promised time"),
        example={
            "dossier": _CODE,
            "procedure": "1.013831",
            "procedure_version": 1,
            "procedure_name": "Đăng ký biến động quyền sử dụng đất",
            "case": "transfer",
            "field": "land",
            "channel": "counter",
            "receiving_agency": "H57.10.01",
            "received_at": "2025-11-20T08:15:00+07:00",
            "promised_at": "2025-12-02T17:30:00+07:00",
            "regulation": "nd118-2025",
            "fee": 100000,
            "remote": False,
            "chosen": [],
            "finished_at": None,
            "digitised": False,
        },
    ),
    EventType(
        name="dossier.supplemented",
        owner="intake",
        subscribers=("routing", "stats"),
        schema=DossierSupplemented(),
        title=("Người dân đã bổ sung hồ sơ", "The citizen handed in the requested papers"),
        example={"dossier": _CODE, "papers": 2, "supplemented_at": "2025-11-25T09:00:00+07:00"},
    ),
    EventType(
        name="dossier.withdrawn",
        owner="intake",
        subscribers=("routing", "stats"),
        schema=DossierWithdrawn(),
        title=("Người dân yêu cầu rút hồ sơ", "The citizen withdrew the dossier"),
        example={
            "dossier": _CODE,
            "receiving_agency": "H57.10.01",
            "withdrawn_at": "2025-11-25T09:00:00+07:00",
        },
    ),
    EventType(
        name="dossier.returned",
        owner="intake",
        subscribers=("routing", "notify", "rating", "stats"),
        schema=DossierReturned(),
        title=("Đã trả kết quả cho người dân", "The result was handed to the citizen"),
        example={
            "dossier": _CODE,
            "procedure": "1.013831",
            "field": "land",
            "receiving_agency": "H57.10.01",
            "regulation": "nd118-2025",
            "returned_at": "2025-12-02T09:30:00+07:00",
            "method": "counter",
        },
    ),
    EventType(
        name="result.published",
        owner="intake",
        subscribers=("notify", "stats"),
        schema=ResultPublished(),
        title=("Có tệp kết quả điện tử", "The file of an electronic result was published"),
        example={
            "dossier": _CODE,
            "receiving_agency": "H57.10.01",
            "number": "12/KQDT-H57.10.01",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "published_at": "2025-12-02T09:10:00+07:00",
        },
    ),
    EventType(
        name="result.code_issued",
        owner="intake",
        subscribers=("notify",),
        restricted=True,
        secret=True,
        schema=ResultCodeIssued(),
        title=("Mã một lần để nhận kết quả", "A one-time code by which the applicant is known at the hand-over"),
        example={
            "dossier": _CODE,
            "receiving_agency": "H57.10.01",
            "code": "407519",
            "minutes": 10,
            "issued_at": "2025-12-02T09:25:00+07:00",
        },
    ),
    EventType(
        name="result.posted",
        owner="intake",
        subscribers=("notify", "stats"),
        schema=ResultPosted(),
        title=("Kết quả đã gửi qua bưu chính công ích", "The result was given to the public post"),
        example={
            "dossier": _CODE,
            "receiving_agency": "H57.10.01",
            "parcel": "EB123456789VN",
            "posted_at": "2025-12-02T09:30:00+07:00",
        },
    ),
    EventType(
        name="dossier.erased",
        owner="intake",
        subscribers=("notify", "rating", "stats"),
        schema=DossierErased(),
        title=(
            "Dữ liệu cá nhân của hồ sơ đã hết thời hạn lưu giữ và được xóa",
            "The personal data of a dossier were erased, since their time was over",
        ),
        example={"dossier": _CODE, "erased_at": "2031-12-03T02:00:00+07:00"},
    ),
)
