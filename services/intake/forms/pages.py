"""The receipt to print."""

from __future__ import annotations

import orjson
import segno
from flask import Blueprint, render_template, request

from services.intake.components import components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.queries import dossier_detail
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.foreign_access.guard import require_reader
from services.intake.lookup.domain import normalise_secret, secret_matches
from services.intake.problem_parts import wrong_secret
from services.intake.problems import domain_errors_as_problems
from services.intake.procedures.queries import limit_text
from shared.phones import is_mobile
from shared.web.authorization import roles
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

pages = Blueprint(
    "form_pages",
    __name__,
    url_prefix="/intake",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets/forms",
)


@pages.route("/dossiers/<code>/receipt", methods=["GET", "POST"])
@audited
@roles("clerk", agency="record")
@domain_errors_as_problems()
def receipt(code: str) -> str:
    """The receipt (Giấy tiếp nhận hồ sơ và hẹn trả kết quả, Mẫu 01, TT 03/2025/TT-VPCP).

    Only the answer to the filing contains the secret. Sent back here as `secret` in the body of a POST, it is checked and printed;
    a receipt printed again later by GET has none.
    """
    catalogue, agencies = components().catalogue, context().reference.agencies
    secret = normalise_secret(request.form.get("secret", "")) if request.method == "POST" else ""
    with context().store.read() as connection:
        dossier = dossiers.get(connection, code)
        require_reader(connection, dossier)
        if request.method == "POST" and not secret_matches(secret, dossier.secret_hash, context().settings.hash_key):
            raise wrong_secret()
        record_reading("receipt", code)
        detail = dossier_detail(connection, dossier, catalogue, agencies, dossier.received_at.date())
        procedure = catalogue.version(connection, dossier.procedure, dossier.procedure_version)
    case = procedure.case(dossier.case_code)
    return render_template(
        "intake/receipt.html",
        dossier=detail,
        id_label=DocumentKind(dossier.applicant_id_kind).vi,
        sms_possible=is_mobile(dossier.applicant_phone),
        secret=secret,
        limit=limit_text(procedure.limit_for(case.code, orjson.loads(dossier.chosen)))[0],
        extra_days=case.remote_extra_days if dossier.remote else 0,
        uncounted=case.uncounted,
        qr=segno.make(_lookup_url(code), error="m").svg_data_uri(scale=3, border=2),
        address=_lookup_url(""),
    )


def _lookup_url(code: str) -> str:
    base = f"{context().settings.public_url}/intake/"
    return f"{base}?code={code}" if code else base
