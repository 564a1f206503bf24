"""Issues the papers that acts have made due: each dossier's in a transaction of its own, which deletes the notes of what was due.

So after a crash at any line a paper is either issued or still due, and never issued twice.
"""

from __future__ import annotations

import logging
from functools import partial

from services.intake.applications import store as applications
from services.intake.applications.domain import Application
from services.intake.documents.commands import issue_once
from services.intake.documents.domain import NotIssuable
from services.intake.documents.due import delete_due, due_dossiers, due_of
from services.intake.documents.queries import source_of
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, UnknownDossier
from services.intake.procedures.catalogue import Catalogue
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

MOST_AT_ONCE = 200

log = logging.getLogger(__name__)


def issue_due(context: Context) -> int:
    """Issues what is due. A dossier whose paper cannot be issued holds up no other; it is tried again.

    Returns:
        how many papers were issued.

    Raises:
        Exception: the last of those with which a dossier's papers failed, after all others were issued.
    """
    catalogue = Catalogue()
    with context.store.read() as connection:
        codes = due_dossiers(connection, MOST_AT_ONCE)
    issued, failed = 0, None
    for code in codes:
        try:
            issued += context.store.run(partial(issue_due_of, code=code, catalogue=catalogue, here=context))
        except Exception as error:  # noqa: BLE001 raised below, when the others are done
            log.warning("the papers due of dossier %s were not issued: %s", code, type(error).__name__)
            failed = error
    if failed is not None:
        raise failed
    return issued


def issue_due_of(work: UnitOfWork, code: str, catalogue: Catalogue, here: Context) -> int:
    """Issues a dossier's papers that are due; returns how many.

    Args:
        work: the transaction.
        code: of the dossier or application.
        catalogue: for the procedure's name.
        here: for the agencies' names and the platform's address.
    """
    subject = lock_subject(work, code)
    issued = 0
    for one in due_of(work.connection, code):
        try:
            source = source_of(work.connection, subject, catalogue, here)
            issue_once(work, one.kind, source, cause=one.cause, issued_by=one.issued_by)
            issued += 1
        except NotIssuable:
            log.info("dossier %s gives no cause for its %s any more", code, one.kind)
        delete_due(work.connection, code, one)
    return issued


def lock_subject(work: UnitOfWork, code: str) -> Dossier | Application:
    """A dossier, or the application that is none, locked until the transaction ends.

    Raises:
        UnknownDossier: there is neither.
    """
    found = dossiers.find(work.connection, code, lock=True) or applications.find(work.connection, code, lock=True)
    if found is None:
        raise UnknownDossier(code)
    return found
