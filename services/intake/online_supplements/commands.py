"""Uploading for a request, and sending what was uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.applications import store as applications
from services.intake.applications.decisions import supplement_application
from services.intake.applications.domain import Application, Status, SubmittedPaper, SupplementTooLate, check_transition
from services.intake.applications.domain import Upload as SubmittedUpload
from services.intake.applications.endings import supplement_end_of
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.assessment import HandedPaper
from services.intake.online.rules import draft_rules
from services.intake.online_supplements import store
from services.intake.online_supplements.domain import NothingUploaded, Request, asked_papers, until_of
from services.intake.procedures.catalogue import Catalogue
from services.intake.supplements import store as requests
from services.intake.supplements.commands import Supplement, hand_in_supplement
from services.intake.supplements.domain import check_supplement
from services.intake.supplements.form import open_requests
from services.intake.uploads.store import rows as uploads
from shared.calendar.deadlines import is_past
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.reference_data import Reference
from shared.uploads.upload import Upload

SWEPT_AT_ONCE = 100


def requests_of(connection: Connection, filed: Dossier | Application, reference: Reference) -> list[Request]:
    """What is asked of the citizen now.

    Raises:
        services.intake.supplements.domain.NoSupplementAsked, services.intake.applications.domain.WrongStatus: nothing is.
    """
    if isinstance(filed, Dossier):
        check_supplement(filed.state)
        asked = open_requests(requests.requests_of(connection, filed.code))
        return [Request(orjson.loads(one.papers), one.reason, one.until) for one in asked]
    check_transition(filed.status, Status.SUPPLEMENTED)
    assert filed.supplement_requested_at is not None, "an application that waits for papers was asked for them"
    until = supplement_end_of(filed, filed.supplement_requested_at, reference)
    return [Request(orjson.loads(filed.supplement_papers), filed.supplement_reason, until)]


def check_open(asked: Sequence[Request], now: datetime) -> None:
    """Checks that papers may still be sent: until 24:00 of the last day (Civil Code 2015, article 148.6).

    Raises:
        services.intake.applications.domain.SupplementTooLate: the time is over, also where the dossier is not closed yet.
    """
    until = until_of(asked)
    if until is not None and is_past(until, now):
        raise SupplementTooLate(until)


def begin_upload(work: UnitOfWork, filed: Dossier | Application, owner: str) -> str:
    """The id under which an owner's files are kept until they are sent.

    Args:
        work: the transaction that has locked the dossier or the application.
        filed: as read.
        owner: who uploads.

    Raises:
        As :func:`requests_of` and :func:`check_open`.
    """
    check_open(requests_of(work.connection, filed, work.reference), work.now)
    return store.touch(work, filed.code, isinstance(filed, Application), owner)


def send_supplement(work: UnitOfWork, catalogue: Catalogue, filed: Dossier | Application, owner: str) -> dict[str, Any]:
    """Hands in what was uploaded: the dossier goes back to the agency, an application to its desk.

    Args:
        work: the transaction that has locked the dossier or the application.
        catalogue: for the papers of the case.
        filed: as read.
        owner: who uploaded.

    Raises:
        NothingUploaded: there is no file.
        shared.uploads.upload.StillChecking: a file waits for the virus scanner.
        Others as :func:`requests_of` and :func:`check_open`.
    """
    asked = requests_of(work.connection, filed, work.reference)
    check_open(asked, work.now)
    known = store.find_open(work.connection, filed.code, isinstance(filed, Application), owner)
    names = asked_papers(asked)
    if known:
        uploads.check_scanned(work.connection, known.id)
    files = [file for file in uploads.of_draft(work.connection, known.id) if file.paper in names] if known else []
    if known is None or not files:
        raise NothingUploaded
    sent = {key: name for key, name in names.items() if any(file.paper == key for file in files)}
    store.mark_sent(work, known.id, orjson.dumps(sent).decode())
    if isinstance(filed, Dossier):
        handed = Supplement([HandedPaper(name) for name in sent.values()], "", None)
        return {"code": hand_in_supplement(work, catalogue, filed, handed)["code"]}
    papers = [_submitted(name, [file for file in files if file.paper == key]) for key, name in sent.items()]
    return {"code": supplement_application(work, catalogue, filed, papers, "online")["code"]}


def _submitted(name: str, files: Sequence[Upload]) -> SubmittedPaper:
    return SubmittedPaper(
        name, 1, tuple(SubmittedUpload(one.id, one.sha256, one.size, one.media_type, one.name) for one in files)
    )


def uploaded_papers(connection: Connection, code: str) -> list[tuple[str, list[SubmittedUpload]]]:
    """What the citizen uploaded for a dossier: names of papers with their files, of its application first, then of supplements."""
    filed = applications.find(connection, code)
    found = [(paper.filed.name, list(paper.uploads)) for paper in applications.papers_of(filed)] if filed else []
    for sent in store.sent_of_dossier(connection, code):
        files = uploads.of_draft(connection, sent.id)
        for key, name in orjson.loads(sent.papers).items():
            own = [file for file in files if file.paper == key]
            found.append((name, list(_submitted(name, own).uploads)))
    return [(name, files) for name, files in found if files]


def lock_filed(work: UnitOfWork, filed: Dossier | Application) -> Dossier | Application:
    """The same dossier or application, locked until the transaction ends. One that was accepted meanwhile is still the application."""
    if isinstance(filed, Dossier):
        return dossiers.lock(work.connection, filed.code)
    return applications.lock(work.connection, filed.code)


def delete_unsent(context: Context) -> int:
    """Deletes what was uploaded for a request and never sent, as long after its last change as drafts are kept; returns how many."""
    now = context.clock.now()
    before = now - timedelta(days=draft_rules(now.date()).kept_days)
    with context.store.read() as connection:
        ids = store.unsent(connection, before, SWEPT_AT_ONCE)
    return sum(context.store.run(lambda work, id=id: _delete(work, id, before)) for id in ids)  # type: ignore[misc]


def _delete(work: UnitOfWork, id: str, before: datetime) -> int:
    if not store.remove_unsent(work, id, before):
        return 0
    uploads.discard(work, id)
    return 1
