"""The desk's pages for correcting who represents an applicant, and who applies together with them."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake.corrections.commands import correction_reason
from services.intake.corrections.pages import LIMITS, SEXES
from services.intake.corrections.parties import (
    CO_APPLICANT,
    REPRESENTATIVE,
    Changes,
    correct_parties,
    corrected_parties,
    party_values,
)
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import Question, confirmation, servable
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.dossiers.queries import parties_of
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.parties import Parties, Relation
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts
from shared.web.language import text
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

FORM_BYTES = 64 * 1024
_PERSON = {
    "name": ("họ tên", "name"),
    "id_number": ("số giấy tờ", "number of the document"),
    "id_kind": ("loại giấy tờ", "kind of document"),
    "relation": ("tư cách", "by what right"),
    "authority": ("văn bản ủy quyền", "authorisation"),
    "phone": ("điện thoại", "phone"),
    "birth_date": ("ngày sinh", "date of birth"),
    "sex": ("giới tính", "sex"),
    "address": ("địa chỉ", "address"),
}

pages = page_blueprint("intake", __name__, "party_correction_pages")


def party_labels(people: int) -> dict[str, tuple[str, str]]:
    """The labels of the form's fields.

    Args:
        people: how many co-applicants the form has lines for.
    """
    labels = {f"representative.{name}": _label("Người đại diện", "Representative", name) for name in REPRESENTATIVE}
    for number in range(people):
        vi, en = f"Người cùng đứng tên {number + 1}", f"Co-applicant {number + 1}"
        labels |= {f"co_applicants.{number}.{name}": _label(vi, en, name) for name in CO_APPLICANT}
    return labels


def _label(vi: str, en: str, name: str) -> tuple[str, str]:
    return f"{vi}: {_PERSON[name][0]}", f"{en}: {_PERSON[name][1]}"


@pages.get("/dossiers/<code>/parties")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def correction_form(code: str) -> str:
    """The form with the people as they are recorded, and one empty line more."""
    with context().store.read() as connection:
        return _form(servable(dossiers.get(connection, code)))


@accepts(FORM_BYTES)
@pages.post("/dossiers/<code>/parties")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def correct(code: str) -> Response:
    """First shows what will change for confirmation, then changes it."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
    if "edit" in request.form:
        return make_response(_form(dossier))
    try:
        with domain_errors_as_problems():
            if "confirmed" not in request.form:
                _, changes, reason = _checked(dossier)
                return make_response(confirmation(code, _question(changes, reason)))
            once_per_form(lambda work: _correct(work, code))
    except Problem as problem:
        return make_response(_form(dossier, problem), problem.status)
    return redirect_with_notice(url_for("dossier_pages.dossier", code=code), "parties_corrected")


def _correct(work: UnitOfWork, code: str) -> dict[str, Any]:
    dossier = servable(dossiers.lock(work.connection, code))
    parties, changes, reason = _checked(dossier)
    return correct_parties(work, dossier, parties, changes, reason, principal().subject)


def _checked(dossier: Dossier) -> tuple[Parties, Changes, str]:
    """The parties as typed, what changes, and the reason.

    Raises:
        Problem: 422, with all faults, or since nothing was changed.
    """
    parties, changes, faults = corrected_parties(dossier, request.form, context().clock.now().date())
    reason = ""
    try:
        reason = correction_reason(request.form.get("reason", ""))
    except InvalidField as fault:
        faults.append(fault)
    if faults:
        raise invalid_fields(faults)
    if not changes:
        nothing: FieldError = {
            "field": "",
            "message": "Chưa có thông tin nào được sửa.",
            "message_en": "Nothing was changed.",
        }
        raise Problem(422, "invalid", errors=[nothing])
    return parties, changes, reason


def _question(changes: Changes, reason: str) -> Question:
    labels = party_labels(len({name.split(".")[1] for name in changes if name.startswith("co_applicants.")}) + 20)
    rows = [
        (text(*labels[name]), text("{old} → {new}", "{old} → {new}", old=_shown(name, old), new=_shown(name, new)))
        for name, (old, new) in changes.items()
    ]
    rows.append((text("Lý do sửa", "Reason"), reason))
    return Question(text("Sửa như sau?", "Correct it so?"), rows, ("Sửa", "Correct"))


def _shown(name: str, value: str) -> str:
    if not value:
        return text("(không có)", "(nothing)")
    match name.rpartition(".")[2]:
        case "id_kind":
            kind = DocumentKind(value)
            return text(kind.vi, kind.en)
        case "relation":
            relation = Relation(value)
            return text(relation.vi, relation.en)
        case "sex":
            return text(*SEXES[value])
    return value


def _form(dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("dossier", dossier.code)
    known = parties_of(dossier)
    people = len(known["co_applicants"]) + 1
    return render_template(
        "intake/correction_parties.html",
        caller=caller(principal()),
        code=dossier.code,
        values=party_values(known),
        people=people,
        kinds=[kind for kind in DocumentKind if kind is not DocumentKind.TAX_CODE],
        relations=list(Relation),
        sexes=SEXES,
        labels=party_labels(people) | {"reason": ("Lý do sửa", "Reason")},
        limits=LIMITS,
        problem=problem,
    )
