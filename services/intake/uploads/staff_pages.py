"""The files that a citizen uploaded for a dossier, for the officials who may read it."""

from __future__ import annotations

from flask import Response

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.pages import OFFICIALS
from services.intake.foreign_access.guard import require_reader
from services.intake.online_supplements.commands import uploaded_papers
from services.intake.problems import domain_errors_as_problems
from services.intake.uploads.pages import file_response
from shared.web.authorization import roles
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

pages = page_blueprint("intake", __name__, "staff_upload_pages")


@pages.get("/dossiers/<code>/files/<key>")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def dossier_file(code: str, key: str) -> Response:
    """A file of a dossier, saved and not shown in place; the reading is recorded."""
    here = context()
    with here.store.read() as connection:
        dossier = dossiers.get(connection, code)
        require_reader(connection, dossier)
        files = {file.key: file for _, own in uploaded_papers(connection, code) for file in own}
    if key not in files:
        raise Problem(404, "not-found")
    record_reading("dossier", code)
    return file_response(key, files[key].name or key)
