"""The files of a complaint for the officials who may read it: saved and not shown in place. And what its page shows of them."""

from __future__ import annotations

from flask import Response

from services.rating.complaints import store as complaints
from services.rating.complaints.access import STAFF
from services.rating.complaints.attachments.commands import usable_files
from services.rating.complaints.attachments.store import rows
from services.rating.complaints.caller import caller_access
from services.rating.complaints.domain import UnknownComplaint
from services.rating.complaints.public.store import content_of
from services.rating.components import components
from services.rating.problems import domain_errors_as_problems
from shared.uploads.upload import State, Upload
from shared.web.authorization import roles
from shared.web.kept_file import kept_file
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

pages = page_blueprint("rating", __name__, "complaint_file_pages")


@pages.get("/complaint-handling/<code>/files/<file>")
@roles(*STAFF, agency="record")
@audited
@domain_errors_as_problems()
def complaint_file(code: str, file: str) -> Response:
    """A file of a complaint; the reading is recorded."""
    with context().store.read() as connection:
        found = complaints.find(connection, code)
        if found is None:
            raise UnknownComplaint(code)
        caller_access(connection).require_may_read(found)
        own = {one.id: one for one in usable_files(rows.shown_of_draft(connection, found.id))}
    if file not in own or own[file].state is not State.KEPT:
        raise Problem(404, "not-found")
    record_reading("complaint", code)
    return kept_file(components().storage, file, own[file].name)


@pages.app_template_global()
def attached_files(complaint: str) -> list[Upload]:
    """The files of a complaint, for the page of who may read it.

    Args:
        complaint: its identifier.
    """
    with context().store.read() as connection:
        return usable_files(rows.shown_of_draft(connection, complaint))


@pages.app_template_global()
def said_content(complaint: str, round_: int) -> bool | None:
    """Whether the complainant is content with the answer of a round; None if they have not said."""
    with context().store.read() as connection:
        return content_of(connection, complaint, round_)
