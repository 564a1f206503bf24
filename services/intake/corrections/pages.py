"""The desk's pages for correcting an applicant's data: the form, the question whether all is right, and what is to be handed out."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.corrections.commands import (
    changes_of,
    correct_applicant,
    correctable_fields,
    corrected_applicant,
    correction_reason,
)
from services.intake.corrections.store import corrections_of
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import servable
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_ADDRESS, MAX_EMAIL, MAX_NAME, MAX_NOTE, Applicant, InvalidField
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.preferences import MAX_CHAT_USER
from services.intake.filing.preference_choices import channel_choices, channel_names, language_choices
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile
from shared.web.authorization import principal, roles
from shared.web.carried_form import carried, carry
from shared.web.form_once import once_per_form
from shared.web.pages import page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

TOLD = ("language", "channels", "chat_user")
FIELDS = ("name", "id_number", "id_kind", "phone", "email", "address", "birth_date", "sex", "old_id_number", *TOLD)
LIMITS = {
    "name": MAX_NAME,
    "id_number": 50,
    "phone": 50,
    "email": MAX_EMAIL,
    "address": MAX_ADDRESS,
    "birth_date": 50,
    "old_id_number": 50,
    "chat_user": MAX_CHAT_USER,
    "reason": MAX_NOTE,
}
LABELS = {
    "name": ("Họ tên", "Name"),
    "id_number": ("Số giấy tờ", "Number of the document"),
    "id_kind": ("Loại giấy tờ", "Kind of document"),
    "phone": ("Số điện thoại", "Phone"),
    "email": ("Thư điện tử", "Email"),
    "address": ("Địa chỉ", "Address"),
    "birth_date": ("Ngày sinh", "Date of birth"),
    "sex": ("Giới tính", "Sex"),
    "old_id_number": ("Số CMND cũ", "Number of the old card"),
    "channels": ("Nhận tin báo về hồ sơ bằng", "Messages about the dossier by"),
    "language": ("Ngôn ngữ của tin báo", "Language of messages"),
    "chat_user": ("Tài khoản trò chuyện", "Chat user"),
    "reason": ("Lý do sửa", "Reason"),
}
SEXES = {"male": ("Nam", "Male"), "female": ("Nữ", "Female")}
CORRECTED = "motcua_corrected"
"""The cookie that carries the new secret to the page that shows it."""

pages = page_blueprint("intake", __name__, "correction_pages")


@pages.get("/dossiers/<code>/applicant")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def correction_form(code: str) -> str:
    """The form with the present values, and what was corrected before."""
    with context().store.read() as connection:
        return _form(connection, servable(dossiers.get(connection, code)))


@pages.post("/dossiers/<code>/applicant")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def correct(code: str) -> Response:
    """First shows what will change for confirmation, then changes it; a new look-up secret is shown on the page after it."""
    form = {
        name: request.form.get(name, "") for name in (*FIELDS, "reason") if name in request.form or name not in TOLD
    }
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        if "edit" in request.form:
            return make_response(_form(connection, dossier))
        try:
            applicant, reason = _checked(dossier, form)
            if "confirmed" not in request.form:
                return make_response(_confirmation(dossier, applicant, reason, form))
        except Problem as problem:
            return make_response(_form(connection, dossier, problem), problem.status)
    return _shown_once(code, once_per_form(lambda work: _correct(work, code, form), ("secret",)))


@pages.get("/dossiers/<code>/applicant/corrected")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def corrected(code: str) -> Response:
    """What was changed, and the new secret for the receipt; for some minutes, to the browser that made the correction."""
    told = carried(request, CORRECTED)
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
    if not told:
        return make_response(redirect(url_for("dossier_pages.dossier", code=code), 303))
    record_reading("dossier", code)
    return make_response(
        render_template(
            "intake/corrected.html",
            caller=caller(principal()),
            code=code,
            secret=told.get("secret", ""),
            sms_possible=is_mobile(dossier.applicant_phone),
        )
    )


def _checked(dossier: Dossier, form: dict[str, str]) -> tuple[Applicant, str]:
    """The applicant and the reason as typed.

    Raises:
        Problem: 422, with all faults.
    """
    today = context().clock.now().date()
    applicant, faults = corrected_applicant(dossier, {name: form[name] for name in FIELDS if name in form}, today)
    reason = ""
    try:
        reason = correction_reason(form["reason"])
    except InvalidField as fault:
        faults.append(fault)
    if applicant is None or faults:
        raise invalid_fields(faults)
    return applicant, reason


def _correct(work: UnitOfWork, code: str, form: dict[str, str]) -> dict[str, Any]:
    dossier = servable(dossiers.lock(work.connection, code))
    applicant, reason = _checked(dossier, form)
    return {"secret": correct_applicant(work, dossier, applicant, reason, principal().subject)["secret"]}


def _shown_once(code: str, done: dict[str, Any]) -> Response:
    place = url_for("correction_pages.corrected", code=code)
    response = make_response(redirect(place, 303))
    secure = context().settings.public_url.startswith("https:")
    carry(response, CORRECTED, place, {"code": code, "secret": done["secret"] or ""}, secure)
    return response


def _form(connection: Connection, dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("dossier", dossier.code)
    values = correctable_fields(dossier)
    return render_template(
        "intake/correction.html",
        caller=caller(principal()),
        code=dossier.code,
        values=values,
        told_by=channel_choices(values["channels"]),
        languages=language_choices(),
        kinds=list(DocumentKind),
        labels=LABELS,
        limits=LIMITS,
        earlier=corrections_of(connection, dossier.code),
        problem=problem,
    )


def _confirmation(dossier: Dossier, applicant: Applicant, reason: str, form: dict[str, str]) -> str:
    """The page that asks whether all is right.

    Raises:
        Problem: 422, nothing was changed.
    """
    changes = changes_of(dossier, applicant)
    if not changes:
        nothing: FieldError = {
            "field": "",
            "message": "Chưa có thông tin nào được sửa.",
            "message_en": "Nothing was changed.",
        }
        raise Problem(422, "invalid", errors=[nothing])
    record_reading("dossier", dossier.code)
    return render_template(
        "intake/confirm_correction.html",
        caller=caller(principal()),
        code=dossier.code,
        changes=changes,
        kinds={str(kind): (kind.vi, kind.en) for kind in DocumentKind},
        labels=LABELS,
        channel_names=channel_names,
        languages=dict(language_choices()),
        reason=reason,
        sms_possible=is_mobile(applicant.phone),
        typed_fields=form,
        form_key=secrets.token_urlsafe(),
    )
