"""The signed papers: each is made once, kept in the storage with its hash, and given out as it was kept, never made again.

A paper is made after the transaction that signs the report, since typesetting and storing take time. A crash in between leaves a signed
report without a paper; the sweep makes it. A file that a dead process has stored is taken as it is.
"""

from __future__ import annotations

import hashlib
from functools import partial
from io import BytesIO

from services.stats.reports import store
from services.stats.reports.domain import BrokenReport, PaperMissing, ReportState, UnknownReport
from services.stats.reports.paper import report_pdf
from services.stats.reports.store import Report, ReportRow
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.settings import Settings
from shared.storage import FileExists, NoSuchFile, Storage, open_public_storage

AREA = "reports"
"""Of the storage; no other service keeps files in it."""
AT_ONCE = 20


def report_storage(settings: Settings) -> Storage:
    """Where the papers are kept; they hold no personal data, and are made to be published."""
    return open_public_storage(settings, AREA)


def keep_paper(context: Context, storage: Storage, id_: str) -> None:
    """Makes the paper of a signed report and keeps it; does nothing if that was done before.

    Args:
        context: of stats.
        storage: of the papers.
        id_: of the report.

    Raises:
        UnknownReport: there is none.
        PaperMissing: it is not signed.
        shared.storage.StorageUnavailable: the storage does not answer; the sweep tries again.
    """
    with context.store.read() as connection:
        report = store.find(connection, id_)
        if report is None:
            raise UnknownReport(id_)
        replaced = store.find(connection, report.replaces) if report.replaces else None
    if report.signed_at is None:
        raise PaperMissing(id_)
    if report.file_key is not None:
        return
    key, content = _key(report), report_pdf(report, replaced, context.reference.agencies)
    try:
        storage.put(key, BytesIO(content), len(content))
    except FileExists:
        with storage.open(key) as kept:
            content = kept.read()
    context.store.run(partial(_keep, id_=id_, key=key, sha256=hashlib.sha256(content).hexdigest()))


def read_paper(storage: Storage, report: ReportRow) -> bytes:
    """The kept paper of a signed report.

    Raises:
        PaperMissing: it is not kept yet.
        BrokenReport: the file is gone, or another one than was kept.
        shared.storage.StorageUnavailable: the storage does not answer.
    """
    if report.file_key is None:
        raise PaperMissing(report.id)
    try:
        with storage.open(report.file_key) as file:
            content = file.read()
    except NoSuchFile as error:
        raise BrokenReport(f"the paper of report {report.id} is gone") from error
    if hashlib.sha256(content).hexdigest() != report.file_sha256:
        raise BrokenReport(f"the paper of report {report.id} is not the one that was kept")
    return content


def keep_missing_papers(context: Context) -> int:
    """Makes the papers of reports that were signed when the process died or the storage was away; returns how many."""
    with context.store.read() as connection:
        missing = store.without_paper(connection, AT_ONCE)
    if missing:
        storage = report_storage(context.settings)
        for id_ in missing:
            keep_paper(context, storage, id_)
    return len(missing)


def _keep(work: UnitOfWork, id_: str, key: str, sha256: str) -> None:
    store.keep_paper(work.connection, id_, key, sha256)


def _key(report: Report) -> str:
    """Which file is the paper: another one if the database was restored and the report signed again."""
    assert report.signed_at is not None
    assert report.step is not ReportState.DRAFT
    told = f"{report.id} {report.digest} {report.year} {report.number} {report.signed_at.isoformat()}"
    return hashlib.sha256(told.encode()).hexdigest()[:40]
