"""The pages on which a signed-in person gets all that is kept about them: to read, to print, and as a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, render_template, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from services.intake.components import components
from services.intake.data_exports import store
from services.intake.data_exports.archive import DATA, SUMMARY, archive_pieces, archived_files
from services.intake.data_exports.commands import request_own
from services.intake.data_exports.contents import document_of
from services.intake.data_exports.redaction import Person
from services.intake.data_exports.rules import export_rules
from services.intake.data_exports.store import Export
from services.intake.data_exports.view import shown_dossiers, shown_rows
from services.intake.problems import domain_errors_as_problems
from services.intake.sign_in.domain import Citizen
from services.intake.sign_in.session import citizen
from services.intake.uploads.pages import file_response
from shared.web.authorization import roles
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint, written_number
from shared.web.views import context

ARCHIVE = "du-lieu-cua-toi.zip"

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
        notice=one_time_notice(),
        file=url_for("data_export_pages.file", export=export),
        archive=url_for("data_export_pages.archive", export=export),
        links={
            one.key: url_for("data_export_pages.own_file", export=export, key=one.key)
            for one in archived_files(document)
        },
        **shown(document),
    )


@pages.get("/mine/data/<export>/data.zip")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def archive(export: str) -> Response:
    """Everything in one file: a page to read, the data for programs, and the files that the person has uploaded."""
    me = citizen()
    with context().store.read() as connection:
        document = own_document(connection, _own(connection, me, export))
    return zip_file(document)


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
    drafts = [(one, shown_rows("answers", one["answers"])) for one in document["drafts"]]
    files = archived_files(document)
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
        "saved_files": {"count": len(files), "size": written_size(sum(one.size for one in files))},
    }


def json_file(document: dict[str, Any]) -> Response:
    """A document as a file that is only ever saved."""
    return _saved(_json(document), "application/json", DATA)


def zip_file(document: dict[str, Any]) -> Response:
    """The document with its files as one file; it is made while it is sent."""
    files = archived_files(document)
    paths = {one.key: one.path for one in files}
    for one in (*document["dossiers"], *document["drafts"]):
        for file in one["files"]:
            file["path"] = paths.get(file["id"])
    links = {key: quote(path) for key, path in paths.items()}
    summary = render_template("intake/data_export_file.html", links=links, offline=True, **shown(document))
    texts = [(SUMMARY, summary.encode()), (DATA, _json(document))]
    pieces = archive_pieces(components().storage, texts, files, document["made_at"])
    return _saved(pieces, "application/zip", ARCHIVE)


def written_size(size: int) -> str:
    """A size in bytes as people read it."""
    if size < 1 << 20:
        return f"{written_number(-(-size // 1024))} KB"
    return f"{written_number(-(-size // (1 << 20)))} MB"


def _json(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _saved(content: bytes | Iterable[bytes], media_type: str, name: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep what a slow client has not taken in a file
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
