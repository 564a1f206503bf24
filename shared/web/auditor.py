"""The auditor's view of the audit of reading: who has read a record, and what an official has read. The same for every service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import Connection

from shared.persistence.reading_audit import MAX_RECORD, ReadingFilter, readings
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.current_context import context
from shared.web.error_handlers import to_problem
from shared.web.language import text
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.role_names import ROLE_NAMES
from shared.web.session_cookie import COOKIE
from shared.web.views import query

ACTION = "reading_audit"
PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
ACTION_LABELS = {
    "dossier": ("Xem hồ sơ", "Reading a dossier"),
    "dossiers": ("Xem danh sách hồ sơ", "Listing dossiers"),
    "duplicates": ("Kiểm tra hồ sơ trùng", "Looking for the same dossier"),
    "conversation": ("Xem trao đổi về hồ sơ", "Reading a dossier's conversation"),
    "conversations": ("Xem danh sách chờ trả lời", "Listing what waits for an answer"),
    "application": ("Xem hồ sơ đăng ký", "Reading an application"),
    "applications": ("Xem danh sách hồ sơ đăng ký", "Listing applications"),
    "declined-filing": ("Xem hướng dẫn, từ chối tại quầy", "Reading what a visitor was told"),
    "declined-filings": ("Xem danh sách hướng dẫn, từ chối tại quầy", "Listing visitors who were turned away"),
    "legal-hold": ("Xem việc giữ dữ liệu hồ sơ", "Reading a legal hold"),
    "legal-holds": ("Xem danh sách hồ sơ được giữ", "Listing legal holds"),
    "foreign_access": ("Xem báo cáo xem hồ sơ của nơi khác", "Reading the report of dossiers opened by others"),
    "receipt": ("In giấy tiếp nhận", "Printing the receipt"),
    "payments": ("Xem phí, lệ phí của hồ sơ", "Reading a dossier's payments"),
    "document": ("In văn bản của hồ sơ", "Printing a paper about a dossier"),
    "document-copy": ("In lại văn bản của hồ sơ", "Reprinting a paper about a dossier"),
    "register": ("Xem sổ theo dõi hồ sơ", "Reading the register of dossiers"),
    "papers": ("Lấy giấy tờ của hồ sơ", "Fetching a dossier's papers"),
    "data_export": ("Cung cấp dữ liệu cá nhân cho người dân", "Giving a person all their data"),
    "portal": ("Lấy dữ liệu cho Cổng dịch vụ công", "Data for the national portal"),
    "task": ("Xem bước xử lý", "Reading a step"),
    "tasks": ("Xem danh sách bước xử lý", "Listing steps"),
    "queue": ("Xem hàng việc", "Reading a work queue"),
    "apology": ("Xem văn bản xin lỗi", "Reading an apology"),
    "apologies": ("Xem danh sách, sổ văn bản xin lỗi", "Listing apologies"),
    "complaint": ("Xem phản ánh, kiến nghị", "Reading a complaint"),
    "complaints": ("Xem danh sách phản ánh, kiến nghị", "Listing complaints"),
    "complaint-register": ("Xem sổ theo dõi phản ánh, kiến nghị", "Reading the register of complaints"),
    "control-sheet": ("Xem phiếu kiểm soát", "Reading the control sheet"),
    "messages": ("Xem tin nhắn gửi người dân", "Reading messages to the citizen"),
    "parked-replay": ("Cho xử lý lại sự kiện", "Replaying a parked event"),
    "inbound-messages": ("Xem tin nhắn người dân gửi đến", "Reading SMS of citizens"),
    "letters": ("Xem thư chờ in", "Listing letters to print"),
    "letter-batch": ("Xem, in đợt thư", "Reading or printing a batch of letters"),
    "letter-batch-copy": ("In lại đợt thư", "Reprinting a batch of letters"),
    "letter-manifest": ("Xem bảng kê bàn giao thư", "Reading the manifest of letters"),
    "survey-texts": ("Xem ý kiến tự viết của khảo sát", "Reading what people wrote in a survey"),
    "parcels": ("Xem danh sách bưu gửi", "Listing parcels"),
    "parcel": ("Xem bưu gửi", "Reading a parcel"),
    "parcel-label": ("In nhãn bưu gửi", "Printing a parcel's label"),
    "hotline-calls": ("Xem sổ đường dây nóng", "Reading the hotline log"),
    "mailbox-papers": ("Xem phiếu hòm thư góp ý", "Listing papers of the suggestion box"),
    "ranking": ("Xem bảng xếp hạng", "Reading a ranking"),
    "rankings": ("Xem danh sách bảng xếp hạng", "Listing rankings"),
    "assessment": ("Xem phiếu đánh giá cán bộ", "Reading an official's assessment"),
    "assessments": ("Xem danh sách, sổ phiếu đánh giá", "Listing assessments"),
    ACTION: ("Tra cứu nhật ký xem hồ sơ", "Looking up this record"),
}
"""What people call an action; one that is not here is shown as it is."""


class _QuestionSchema(Schema):
    record = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_RECORD),
        metadata={"description": "Who has read this? A dossier's code, or an agency's code for its lists"},
    )
    subject = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_RECORD),
        metadata={"description": "What has this official read? The subject of their tokens"},
    )
    after = fields.Int(
        load_default=None, validate=validate.Range(1, 2**62), metadata={"description": "`next` of the page before"}
    )

    @validates_schema
    def _asks_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data["record"] and not data["subject"]:
            raise ValidationError("Cần mã hồ sơ hoặc mã cán bộ.", "record")


class ReadingQuerySchema(_QuestionSchema):
    """The question and the page."""

    since = fields.AwareDateTime(load_default=None, metadata={"description": "The first moment"})
    until = fields.AwareDateTime(load_default=None, metadata={"description": "The moment that is no longer included"})
    limit = fields.Int(load_default=PAGE_SIZE, validate=validate.Range(1, MAX_PAGE_SIZE))


class ReadingFormSchema(_QuestionSchema):
    """The same from the page's form, with days in place of moments."""

    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)


class ReadingSchema(Schema):
    """One reading."""

    id = fields.Int(required=True)
    at = fields.AwareDateTime(required=True)
    subject = fields.Str(required=True, metadata={"description": "The subject of the reader's token"})
    roles = fields.List(fields.Str(), required=True)
    agency = fields.Str(required=True, metadata={"description": "Whom the reader acted for; empty for no agency"})
    action = fields.Str(required=True, metadata={"description": "What was read", "example": "dossier"})
    record = fields.Str(required=True, metadata={"description": "The dossier's code, or the agency's for a list"})


class ReadingPageSchema(Schema):
    """Readings, newest first."""

    items = fields.List(fields.Nested(ReadingSchema), required=True)
    next = fields.Int(required=True, allow_none=True, metadata={"description": "`after` of the next page"})


def auditor_api(service: str) -> ApiBlueprint:
    """The route ``GET /<service>/api/reading-audit``.

    Args:
        service: the service's name.
    """
    api = ApiBlueprint(service, "reading-audit", "Who has read what, for auditors")

    @api.get("/reading-audit")
    @roles("auditor", agency="any")
    @audited
    @query(ReadingQuerySchema, ReadingPageSchema)
    def list_readings(connection: Connection, wanted: dict[str, Any]) -> dict[str, Any]:
        """Lists who has read a record, or what an official has read, newest first. The look-up is recorded too."""
        after, limit = wanted.pop("after"), wanted.pop("limit")
        items, next_ = _look_up(connection, ReadingFilter(**wanted), after, limit)
        return {"items": items, "next": next_}

    return api


def auditor_pages(service: str) -> Blueprint:
    """The page ``/<service>/reading-audit``.

    Args:
        service: the service's name.
    """
    pages = Blueprint("auditor", __name__, url_prefix=f"/{service}")

    @pages.get("/reading-audit")
    @roles("auditor", agency="any")
    def reading_audit() -> Response:
        """Who has read a record, or what an official has read."""
        # Not marked as audited: without a question it shows the form alone. A look-up is recorded below.
        asked = {name: text.strip() for name, text in request.args.items() if text.strip()}
        if not asked:
            return _page(asked)
        try:
            form = ReadingFormSchema().load(asked)
        except ValidationError as error:
            return _page(asked, problem=to_problem(error))
        after, since, until = form["after"], form["since"], form["until"]
        wanted = ReadingFilter(form["record"], form["subject"], _begin(since), _begin(until, timedelta(days=1)))
        with context().store.read() as connection:
            items, next_ = _look_up(connection, wanted, after, PAGE_SIZE)
        next_page = "?" + urlencode({**asked, "after": next_}) if next_ is not None else ""
        return _page(asked, items=items, next_page=next_page, first=after is None)

    return pages


def _look_up(connection: Connection, wanted: ReadingFilter, after: int | None, limit: int) -> tuple[Any, int | None]:
    for asked_about in filter(None, (wanted.record, wanted.subject)):
        record_reading(ACTION, asked_about)
    return readings(connection, wanted, after, limit)


def _begin(day: date | None, later: timedelta = timedelta()) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), VIETNAM) + later


def _page(asked: Mapping[str, str], problem: Problem | None = None, **answer: Any) -> Response:
    here = context()
    page = render_template(
        "reading_audit.html",
        service=here.service,
        others=[(name, text(*titles)) for name, titles in here.titles.items() if name != here.service],
        question={name: text for name, text in asked.items() if name != "after"},
        asked=asked,
        problem=problem,
        auditor=principal().subject,
        signed_in=COOKIE in request.cookies,
        actions={action: text(*label) for action, label in ACTION_LABELS.items()},
        role_names={role: text(*name) for role, name in ROLE_NAMES.items()},
        **answer,
    )
    return make_response(page, problem.status if problem else 200)
