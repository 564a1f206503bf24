"""The citizen's pages for sending papers that were asked for: the list, the files of one paper, and the check before sending."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.applications.domain import Application
from services.intake.components import components
from services.intake.dossiers.desk_pages import Question, typed_fields
from services.intake.dossiers.domain import Dossier
from services.intake.lookup.opened import keep_open, of_opened, owner_of
from services.intake.online_supplements import store
from services.intake.online_supplements.commands import (
    begin_upload,
    check_open,
    lock_filed,
    requests_of,
    send_supplement,
)
from services.intake.online_supplements.domain import NothingUploaded, asked_papers, without_files
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.uploads.pages import FORM_BYTES, file_response, keep_given_files
from services.intake.uploads.rules import LARGEST, upload_rules
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.uploads.upload import State, StillChecking, Upload
from shared.web.authorization import public
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts_uploads
from shared.web.language import text
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

Filed = Dossier | Application

pages = page_blueprint("intake", __name__, "own_supplement_pages")


@pages.get("/dossier/supplement")
@public
@domain_errors_as_problems()
@of_opened
def papers(filed: Filed) -> Response:
    """The papers that are asked for, one by one, with the files of each, and the way to the check."""
    return keep_open(make_response(_list(filed)))


@pages.post("/dossier/supplement")
@public
@domain_errors_as_problems()
@of_opened
def send(filed: Filed) -> Response:
    """Asks whether all is right, and then hands in what was uploaded, once however often the button is pressed."""
    if "edit" in request.form:
        return keep_open(make_response(_list(filed)))
    owner = owner_of(filed)
    try:
        with domain_errors_as_problems():
            if "confirmed" not in request.form:
                return keep_open(make_response(_confirmation(filed)))
            once_per_form(lambda work: _send(work, filed, owner), record=filed.code)
    except Problem as problem:
        if problem.status != 422:
            raise
        return keep_open(make_response(_list(filed, problem), problem.status))
    return redirect_with_notice(url_for("lookup_pages.found"), "supplemented")


@pages.get("/dossier/supplement/<paper>")
@public
@domain_errors_as_problems()
@of_opened
def paper(filed: Filed, paper: str) -> Response:
    """One paper with its files, and the form to add more."""
    return keep_open(make_response(_paper(filed, paper)))


@pages.post("/dossier/supplement/<paper>")
@public
@accepts_uploads(LARGEST + FORM_BYTES)
@domain_errors_as_problems()
@of_opened
def add_files(filed: Filed, paper: str) -> Response:
    """Checks and keeps the files; those that are not accepted are named, the others stay."""
    if paper not in _asked(filed):
        raise Problem(404, "not-found")
    owner = owner_of(filed)
    draft = context().store.run(lambda work: begin_upload(work, lock_filed(work, filed), owner))
    if faults := keep_given_files(draft, paper):
        problem = invalid_fields(faults)
        return keep_open(make_response(_paper(filed, paper, problem), problem.status))
    return keep_open(make_response(redirect(url_for("own_supplement_pages.paper", paper=paper), 303)))


@pages.post("/dossier/supplement/files/<file>/delete")
@public
@domain_errors_as_problems()
@of_opened
def delete_file(filed: Filed, file: str) -> Response:
    """Takes away a file that is not sent yet."""
    draft, found = _own_file(filed, file)
    context().store.run(lambda work: uploads.discard(work, draft, found.id))
    return keep_open(make_response(redirect(url_for("own_supplement_pages.paper", paper=found.paper), 303)))


@pages.get("/dossier/supplement/files/<file>")
@public
@domain_errors_as_problems()
@of_opened
def download(filed: Filed, file: str) -> Response:
    """A file that is not sent yet, for who has uploaded it, to look at it again."""
    found = _own_file(filed, file)[1]
    if found.state is not State.KEPT:
        raise Problem(404, "not-found")
    return file_response(found.id, found.name)


@domain_errors_as_problems()
def _send(work: UnitOfWork, filed: Filed, owner: str) -> dict[str, Any]:
    return send_supplement(work, components().catalogue, lock_filed(work, filed), owner)


def _asked(filed: Filed) -> dict[str, str]:
    here = context()
    with here.store.read() as connection:
        asked = requests_of(connection, filed, here.reference)
    check_open(asked, here.clock.now())
    return asked_papers(asked)


def _files(filed: Filed) -> tuple[str, list[Upload]]:
    """The id under which the files are kept, and those of this owner; none before the first."""
    with context().store.read() as connection:
        known = store.find_open(connection, filed.code, isinstance(filed, Application), owner_of(filed))
        return (known.id, uploads.shown_of_draft(connection, known.id)) if known else ("", [])


def _own_file(filed: Filed, id: str) -> tuple[str, Upload]:
    draft, files = _files(filed)
    found = next((file for file in files if file.id == id), None)
    if found is None:
        raise Problem(404, "not-found")
    return draft, found


def _list(filed: Filed, problem: Problem | None = None) -> str:
    here = context()
    with here.store.read() as connection:
        asked = requests_of(connection, filed, here.reference)
    check_open(asked, here.clock.now())
    desk = here.reference.agencies.name_of(filed.receiving_agency, here.clock.now().date())
    return render_template(
        "intake/own_supplement.html",
        code=filed.code,
        requests=asked,
        papers=asked_papers(asked),
        files=_files(filed)[1],
        desk=desk,
        problem=problem,
    )


def _paper(filed: Filed, key: str, problem: Problem | None = None) -> str:
    asked = _asked(filed)
    if key not in asked:
        raise Problem(404, "not-found")
    rules = upload_rules(context().clock.now().date())
    return render_template(
        "intake/own_supplement_paper.html",
        code=filed.code,
        name=asked[key],
        files=[file for file in _files(filed)[1] if file.paper == key],
        megabytes=rules.file_bytes >> 20,
        most=rules.files_per_paper,
        problem=problem,
    )


def _confirmation(filed: Filed) -> str:
    asked, files = _asked(filed), _files(filed)[1]
    if waiting := [file.name for file in files if file.state is State.CHECKING]:
        raise StillChecking(waiting)
    files = [file for file in files if file.state is State.KEPT]
    if not [file for file in files if file.paper in asked]:
        raise NothingUploaded
    rows = [
        (name, text("{number} tệp: {names}", "files: {number}: {names}", number=len(own), names="; ".join(own)))
        for key, name in asked.items()
        if (own := [file.name for file in files if file.paper == key])
    ]
    warnings = [
        text(
            "Sau khi gửi, ông/bà không sửa và không gửi thêm được. Việc bổ sung chỉ được thực hiện một lần.",
            "Once sent, nothing can be changed or added. Papers can be sent only once.",
        )
    ]
    if missing := without_files(asked, files):
        short = text("Còn thiếu so với yêu cầu: {papers}.", "Still missing: {papers}.", papers="; ".join(missing))
        warnings.insert(0, short)
    title = text("Gửi các giấy tờ này?", "Send these papers?")
    return render_template(
        "intake/confirm_own.html",
        code=filed.code,
        question=Question(title, rows, ("Gửi giấy tờ bổ sung", "Send the papers"), warnings),
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
    )
