"""The pages on which a signed-in person gets all that is kept about them: to read, to print, and as a file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from flask import Response, make_response, render_template, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from services.intake.components import components
from services.intake.data_exports import store
from services.intake.data_exports.commands import request_own
from services.intake.data_exports.contents import document_of
from services.intake.data_exports.redaction import Person
from services.intake.data_exports.rules import export_rules
from services.intake.data_exports.store import Export
from services.intake.data_exports.view import shown_dossiers, shown_entry, shown_rows
from services.intake.problems import domain_errors_as_problems
from services.intake.sign_in.domain import Citizen
from services.intake.sign_in.session import citizen
from services.intake.uploads.pages import file_response
from shared.web.authorization import roles
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.views import context

FILE = "du-lieu-cua-toi.json"

pages = page_blueprint("intake", __name__, "data_export_pages")


@pages.get("/mine/data")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def about() -> str:
    """What a person gets, and the exports that are still there."""
    me, here = citizen(), context()
    now = here.clock.now()
    rules = export_rules(now.date())
    with here.store.read() as connection:
        known = [one for one in store.of_owner(connection, me.subject) if not one.desk and one.kept_until > now]
    young = next((one for one in known if one.requested_at > now - timedelta(hours=rules.again_after_hours)), None)
    return render_template("intake/data_exports.html", citizen=me, known=known, rules=rules, young=young)


@pages.post("/mine/data")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def request() -> Response:
    """Asks for an export and leads to it; who has asked within a day gets that one."""
    me = citizen()
    export, new = context().store.run(lambda work: request_own(work, _person(me)))
    return redirect_with_notice(url_for("data_export_pages.show", export=export.id), "saved" if new else "known")


@pages.get("/mine/data/<export>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def show(export: str) -> str:
    """All that is kept, to read and to print; it says what has not come yet."""
    me = citizen()
    with context().store.read() as connection:
        document = own_document(connection, _own(connection, me, export))
    return render_template(
        "intake/data_export.html",
        citizen=me,
        id=export,
        notice=one_time_notice(),
        file=url_for("data_export_pages.file", export=export),
        **shown(document),
    )


@pages.get("/mine/data/<export>/data.json")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def file(export: str) -> Response:
    """The same as a file for programs."""
    me = citizen()
    with context().store.read() as connection:
        return json_file(own_document(connection, _own(connection, me, export)))


@pages.get("/mine/data/<export>/files/<key>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def own_file(export: str, key: str) -> Response:
    """A file that the person has uploaded: saved under its name, and never shown in place."""
    me = citizen()
    with context().store.read() as connection:
        document = own_document(connection, _own(connection, me, export))
    files = [file for one in (*document["dossiers"], *document["drafts"]) for file in one["files"] if file["readable"]]
    found = next((file for file in files if file["id"] == key), None)
    if found is None:
        raise NotFound
    return file_response(found["id"], found["name"])


def own_document(connection: Connection, export: Export) -> dict[str, Any]:
    """The document of an export as it is now."""
    here = context()
    now, url = here.clock.now(), here.settings.public_url
    return document_of(connection, export, components().catalogue, here.reference.agencies, now, url)


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """What the templates of the pages need of a document."""
    drafts = [
        (one, shown_rows("answers", one["answers"]), [shown_entry("files", each) for each in one["files"]])
        for one in document["drafts"]
    ]
    agreements = [shown_rows("agreements", one | one["own_data"]) for one in document["agreements"]]
    declined = [
        shown_rows("declined_filings", one | one["own_data"] | {"matter": one["procedure_name"]})
        for one in document["declined_filings"]
    ]
    return {
        "document": document,
        "person": shown_rows("person", document["person"]),
        "dossiers": shown_dossiers(document),
        "drafts": drafts,
        "agreements": agreements,
        "declined": declined,
    }


def json_file(document: dict[str, Any]) -> Response:
    """A document as a file that is only ever saved."""
    response = make_response(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _own(connection: Connection, me: Citizen, id: str) -> Export:
    """An export of the person's own.

    Raises:
        NotFound: there is none, it is another person's, a desk has made it, or its time is over.
    """
    found = store.find(connection, id[:36])
    mine = found is not None and found.person.subject == me.subject and not found.desk
    if found is None or not mine or found.kept_until <= context().clock.now():
        raise NotFound
    return found


def _person(me: Citizen) -> Person:
    return Person(me.id_kind, me.id_number, me.subject, me.name)
