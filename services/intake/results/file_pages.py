"""The pages of an electronic result: the desk publishes it, the citizen takes it, and anybody verifies its file."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from services.intake.applications.domain import Application
from services.intake.components import components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import servable
from services.intake.dossiers.domain import Dossier, State
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import InvalidField
from services.intake.lookup.opened import keep_open, may_act, of_opened
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from services.intake.results.domain import NotReturnable
from services.intake.results.files import (
    NoSuchResult,
    checked_result,
    publish_result,
    readable_file,
    take_result,
    verify_result,
)
from services.intake.results.store import ResultFile, file_of
from services.intake.uploads.pages import FORM_BYTES, file_response
from services.intake.uploads.rules import LARGEST, upload_rules
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.storage import StorageUnavailable
from shared.uploads.content import Unacceptable
from shared.uploads.scan import is_clean
from shared.uploads.upload import Upload
from shared.web.authorization import principal, public, roles
from shared.web.domain_errors import problem_for
from shared.web.input_bounds import accepts_uploads
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

HASH_CHARACTERS = 64
COPIES = ("electronic", "paper")
PIECE = 1 << 16

pages = page_blueprint("intake", __name__, "result_file_pages")


@pages.get("/dossiers/<code>/result-file")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def file_form(code: str) -> str:
    """The form in which the desk publishes the file of the result, and the one that is published."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
    _require_result(dossier)
    return _form(dossier)


@pages.post("/dossiers/<code>/result-file")
@roles("clerk", agency="record")
@accepts_uploads(LARGEST + FORM_BYTES)
@domain_errors_as_problems()
def publish(code: str) -> Response:
    """Checks the file, keeps it, and publishes it in the place of an earlier one."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
    _require_result(dossier)
    try:
        upload = _stored(_given())
        paper_too = request.form.get("copies") == "paper"
        context().store.run(lambda work: _publish(work, code, upload, paper_too))
    except Problem as problem:
        return make_response(_form(dossier, problem), problem.status)
    return redirect_with_notice(url_for("dossier_pages.dossier", code=code), "result_published")


@pages.get("/dossiers/<code>/result-file.pdf")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def staff_copy(code: str) -> Response:
    """The published file, for the desk."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        found = file_of(connection, dossier.code)
    if found is None:
        raise Problem(404, "not-found")
    record_reading("dossier", code)
    return file_response(found.file, _name(found))


@pages.post("/dossier/result")
@public
@domain_errors_as_problems()
@of_opened
def take(filed: Dossier | Application) -> Response:
    """Gives the citizen the file, and records that they have it; a result that cannot be read now is not recorded as taken."""
    here = context()
    with here.store.read() as connection:
        found = readable_file(connection, filed) if isinstance(filed, Dossier) and may_act() else None
    if found is None:
        raise Problem(404, "not-found")
    response = file_response(found.file, _name(found))
    try:
        here.store.run(lambda work: take_result(work, filed.code, filed.secret_hash))
    except BaseException:
        response.close()
        raise
    return keep_open(response)


@pages.get("/verify/results")
@public
def verify_form() -> str:
    """The form to choose the file of a result, or to enter its hash."""
    return render_template("intake/verify_result.html", sha256="", found=None, problem=None)


@pages.post("/verify/results")
@public
@accepts_uploads(LARGEST + FORM_BYTES)
def verify_file() -> Response:
    """Leads to what is known about a file. Only its hash is computed; the file is not kept."""
    given = request.files.get("file")
    if given is None or not given.filename:
        problem = invalid_fields([InvalidField("file", "Vui lòng chọn tệp.", "Choose a file.")])
        page = render_template("intake/verify_result.html", sha256="", found=None, problem=problem)
        return make_response(page, problem.status)
    digest = hashlib.sha256()
    while piece := given.stream.read(PIECE):
        digest.update(piece)
    return make_response(redirect(url_for("result_file_pages.verified", sha256=digest.hexdigest()), 303))


@pages.get("/verify/results/<sha256>")
@public
def verified(sha256: str) -> Response:
    """Which result has a hash; nothing personal is shown."""
    sha256, found, problem = sha256[:HASH_CHARACTERS], None, None
    try:
        with context().store.read() as connection:
            found = verify_result(connection, sha256)
    except NoSuchResult as error:
        problem = problem_for(PROBLEMS, error)
    page = render_template("intake/verify_result.html", sha256=sha256, found=found, problem=problem)
    return make_response(page, problem.status if problem else 200)


def _given() -> FileStorage:
    """The file of the form.

    Raises:
        Problem: 422, something is missing.
    """
    faults, given = [], request.files.get("file")
    if given is None or not given.filename:
        faults.append(InvalidField("file", "Vui lòng chọn tệp kết quả.", "Choose the file of the result."))
    if request.form.get("copies") not in COPIES:
        vi, en = "Vui lòng cho biết có bản giấy hay không.", "Say whether there is a paper as well."
        faults.append(InvalidField("copies", vi, en))
    if faults or given is None:
        raise invalid_fields(faults)
    return given


def _stored(given: FileStorage) -> Upload:
    """The file, checked, scanned and stored, but not published yet.

    Raises:
        Problem: 422, it cannot be accepted; 503, the scanner or the storage does not answer.
    """
    stream, here = given.stream, context()
    try:
        upload = checked_result(stream, given.filename or "", upload_rules(here.clock.now().date()))
        if not is_clean(components().scanner, stream):
            raise Problem(503, "unavailable", headers={"Retry-After": "10"}, cause="the virus scanner is away")
    except Unacceptable as fault:
        raise invalid_fields([InvalidField("file", fault.vi, fault.en)]) from fault
    here.store.run(lambda work: uploads.announce(work, upload.id, upload))
    try:
        components().storage.put(upload.id, stream, upload.size)
    except StorageUnavailable as error:
        raise Problem(503, "unavailable", headers={"Retry-After": "10"}, cause=f"the storage: {error}") from error
    return upload


@domain_errors_as_problems()
def _publish(work: UnitOfWork, code: str, upload: Upload, paper_too: bool) -> dict[str, Any]:
    dossier = servable(dossiers.lock(work.connection, code))
    return {"number": publish_result(work, dossier, upload, paper_too, principal().subject).number}


def _require_result(dossier: Dossier) -> None:
    if dossier.state is not State.RESOLVED:
        raise NotReturnable(dossier.state)


def _name(found: ResultFile) -> str:
    return f"ket-qua-{found.dossier}.pdf"


def _form(dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("dossier", dossier.code)
    with context().store.read() as connection:
        published = file_of(connection, dossier.code)
    rules = upload_rules(context().clock.now().date())
    return render_template(
        "intake/result_file.html",
        caller=caller(principal()),
        dossier=dossier,
        published=published,
        copies=request.form.get("copies", ""),
        megabytes=rules.file_bytes >> 20,
        problem=problem,
    )
