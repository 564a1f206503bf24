"""The page on which a citizen uploads the files of one paper, and the files themselves: only ever saved, never shown in place."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from services.intake.components import components
from services.intake.filing.domain.applicant import InvalidField
from services.intake.online.domain import Form
from services.intake.online.pages import load_form
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.sign_in.session import citizen
from services.intake.uploads.commands import check_room, checked_upload
from services.intake.uploads.rules import LARGEST, UploadRules, upload_rules
from services.intake.uploads.store import rows
from shared.catalogue import Paper
from shared.storage import StorageUnavailable
from shared.uploads.content import Unacceptable
from shared.uploads.keeping import keep_file
from shared.uploads.scan import is_clean
from shared.uploads.upload import Upload
from shared.web.authorization import roles
from shared.web.input_bounds import accepts_uploads
from shared.web.kept_file import kept_file, storage_unavailable
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

FORM_BYTES = 64 * 1024

pages = page_blueprint("intake", __name__, "upload_pages")


@pages.get("/online/drafts/<id>/papers/<paper>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def show_paper(id: str, paper: str) -> Response:
    """One paper with its files, and the form to add more."""
    form, one = _open(id, paper)
    return make_response(_page(form, one)) if form.draft.submitted_at is None else _to_papers(id)


@pages.post("/online/drafts/<id>/papers/<paper>")
@roles("citizen", agency="record")
@accepts_uploads(LARGEST + FORM_BYTES)
@domain_errors_as_problems()
def add_files(id: str, paper: str) -> Response:
    """Checks and keeps the files; those that are not accepted are named, the others stay."""
    form, one = _open(id, paper)
    if form.draft.submitted_at is not None:
        return _to_papers(id)
    if faults := keep_given_files(form.draft.id, one.code):
        problem = invalid_fields(faults)
        return make_response(_page(form, one, problem), problem.status)
    return make_response(redirect(url_for("upload_pages.show_paper", id=id, paper=paper), 303))


@pages.post("/online/drafts/<id>/files/<file>/delete")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def delete_file(id: str, file: str) -> Response:
    """Takes a file out of the draft."""
    with context().store.read() as connection:
        form = load_form(connection, id)
        found = _found(rows.shown_of_draft(connection, form.draft.id), file)
    if form.draft.submitted_at is None:
        context().store.run(lambda work: rows.discard(work, form.draft.id, found.id))
    return make_response(redirect(url_for("upload_pages.show_paper", id=id, paper=found.paper), 303))


@pages.get("/online/drafts/<id>/files/<file>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def download(id: str, file: str) -> Response:
    """A file that the citizen has uploaded, to look at it again."""
    with context().store.read() as connection:
        form = load_form(connection, id)
        found = _found(rows.of_draft(connection, form.draft.id), file)
    return file_response(found.id, found.name)


def keep_given_files(draft: str, paper: str) -> list[InvalidField]:
    """Checks the files of the current request and keeps them; the faults name those that are not accepted.

    Args:
        draft: under which they are kept.
        paper: the code of the paper that they show.
    """
    given = [file for file in request.files.getlist("file") if file.filename]
    faults = [] if given else [InvalidField("file", "Vui lòng chọn tệp.", "Choose a file.")]
    rules = upload_rules(context().clock.now().date())
    for file in given:
        try:
            _keep(draft, paper, file, rules)
        except Unacceptable as fault:
            name = (file.filename or "")[:100]
            faults.append(InvalidField("file", f"{name}: {fault.vi}", f"{name}: {fault.en}"))
    return faults


def file_response(key: str, name: str) -> Response:
    """A kept file for its owner or for an official who may read it: saved under its name, and never shown in place.

    Args:
        key: in the storage.
        name: with the ending of its true type.

    Raises:
        Problem: 404, there is no such file; 503, the storage does not answer.
    """
    return kept_file(components().storage, key, name)


def _keep(draft: str, paper: str, given: FileStorage, rules: UploadRules) -> None:
    here, stream = context(), given.stream
    upload = checked_upload(stream, given.filename or "", paper, rules)
    clean = is_clean(components().scanner, stream)
    try:
        keep_file(
            rows,
            here.store,
            components().storage,
            draft,
            upload,
            stream,
            clean,
            lambda work: check_room(work, draft, paper, rules),
        )
    except StorageUnavailable as error:
        raise storage_unavailable(error) from error


def _open(id: str, paper: str) -> tuple[Form, Paper]:
    with context().store.read() as connection:
        form = load_form(connection, id)
    one = next((one for one in form.papers() if one.code == paper), None)
    if one is None:
        raise Problem(404, "not-found")
    return form, one


def _found(files: list[Upload], id: str) -> Upload:
    found = next((file for file in files if file.id == id), None)
    if found is None:
        raise Problem(404, "not-found")
    return found


def _to_papers(id: str) -> Response:
    return make_response(redirect(url_for("online_pages.show_step", id=id, step="papers"), 303))


def _page(form: Form, paper: Paper, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        files = [file for file in rows.shown_of_draft(connection, form.draft.id) if file.paper == paper.code]
    rules = upload_rules(context().clock.now().date())
    return render_template(
        "intake/online_upload.html",
        citizen=citizen(),
        form=form,
        paper=paper,
        files=files,
        megabytes=rules.file_bytes >> 20,
        most=rules.files_per_paper,
        problem=problem,
    )
