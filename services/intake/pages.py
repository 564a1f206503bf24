"""Intake's web pages: look-up, procedures, and the printed receipt."""

from __future__ import annotations

import orjson
import segno
from flask import Blueprint, Response, make_response, render_template, request

from services.intake.api import readable_dossier
from services.intake.components import components
from services.intake.dossiers import queries as reading
from services.intake.dossiers.domain import State
from services.intake.lookup import queries as lookup
from services.intake.lookup.domain import opens, tidy_secret
from services.intake.lookup.timeline import BADGES, timeline
from services.intake.problems import nothing_to_show, too_many_tries, unknown_procedure, wrong_secret
from services.intake.procedures.queries import case_view, limit_text, procedure_list
from services.intake.view_hooks import audited
from shared.web.authorization import public, roles
from shared.web.problem import Problem
from shared.web.views import context

PAGE = 20
MAX_TEXT = 200

pages = Blueprint(
    "pages",
    __name__,
    url_prefix="/intake",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)


@pages.get("/")
@public
def lookup_form() -> str:
    """The form for code and secret; a receipt's QR code brings the code along."""
    return _lookup_page(request.args.get("code", "")[:MAX_TEXT])


@pages.post("/")
@public
def look_up() -> Response:
    """How the dossier stands. The secret comes in the body, so it is in no address, log or browser history."""
    here = context()
    code, secret = (request.form.get(name, "").strip()[:MAX_TEXT] for name in ("code", "secret"))
    try:
        with here.store.read() as connection:
            row = lookup.find_by_secret(connection, code, secret, here.clock.wall())
            dossier = lookup.public_view(connection, row, components(), here.reference, here.clock.now())
    except lookup.WrongCodeOrSecret as error:
        lookup.count_wrong_try(here.store, error.code)
        return _refused(code, nothing_to_show())
    except lookup.TooManyTries as error:
        return _refused(code, too_many_tries(error))
    page = render_template(
        "intake/dossier.html",
        dossier=dossier,
        badge_kind=BADGES[State(dossier["state"])],
        steps=timeline(dossier),
    )
    return make_response(page)


@pages.get("/procedures")
@public
def procedures() -> str:
    """Search for a procedure."""
    text, field = (request.args.get(name, "").strip()[:MAX_TEXT] for name in ("q", "field"))
    number = max(1, request.args.get("page", 1, int))
    catalogue = components().catalogue
    with context().store.read() as connection:
        found = procedure_list(connection, catalogue, text, field, (number - 1) * PAGE, PAGE)
        fields = catalogue.fields(connection)
    return render_template(
        "intake/procedures.html",
        q=text,
        field=field,
        fields=[("", "Tất cả lĩnh vực"), *fields.items()],
        found=found,
        page=number,
        pages=-(-found["total"] // PAGE),
    )


@pages.get("/procedures/<code>")
@public
def procedure(code: str) -> str:
    """What a procedure asks for: papers, fees, time, steps."""
    with context().store.read() as connection:
        found = components().catalogue.current(connection, code)
    if found is None:
        raise unknown_procedure()
    version, one = found
    cases = [case_view(one, case) for case in one.cases]
    return render_template("intake/procedure.html", procedure=one, version=version, cases=cases)


@pages.route("/dossiers/<code>/receipt", methods=["GET", "POST"])
@audited("receipt")
@roles("clerk", agency="record")
def receipt(code: str) -> str:
    """The receipt to print (Giấy tiếp nhận hồ sơ và hẹn trả kết quả, Mẫu 01, TT 03/2025/TT-VPCP).

    The secret is known only to whoever has filing's answer: sent along as `secret` by POST, in the body, it is checked and
    printed; a receipt printed again later by GET has none.
    """
    here = context()
    secret = tidy_secret(request.form.get("secret", "")) if request.method == "POST" else ""
    with here.store.read() as connection:
        row = readable_dossier(connection, code)
        if request.method == "POST" and not opens(secret, row.secret_hash):
            raise wrong_secret()
        dossier = reading.dossier_detail(connection, row, components(), here.reference, row.received_at.date())
        procedure = components().catalogue.version(connection, row.procedure, row.procedure_version)
    case = procedure.case(row.case_code)
    return render_template(
        "intake/receipt.html",
        dossier=dossier,
        secret=secret,
        limit=limit_text(procedure.limit_for(case.code, orjson.loads(row.chosen)))[0],
        extra_days=case.remote_extra_days if row.remote else 0,
        uncounted=case.uncounted,
        qr=segno.make(_address(code), error="m").svg_data_uri(scale=3, border=2),
        address=_address(""),
    )


def _address(code: str) -> str:
    base = f"{context().settings.public_url}/intake/"
    return f"{base}?code={code}" if code else base


def _lookup_page(code: str, problem: Problem | None = None) -> str:
    return render_template("intake/lookup.html", code=code, problem=problem)


def _refused(code: str, problem: Problem) -> Response:
    response = make_response(_lookup_page(code, problem), problem.status)
    response.headers.extend(problem.headers)
    return response
