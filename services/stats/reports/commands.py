"""What changes reports: one is drawn up, counted again, submitted, signed off, published, and corrected by a new version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from services.stats import access
from services.stats.reports import store
from services.stats.reports.domain import (
    Action,
    ChangedSinceRead,
    NothingChanged,
    PaperMissing,
    ReplacedAlready,
    ReportState,
    UnknownReport,
    content_text,
    differences,
    digest_of,
    require_action,
    require_over,
    written_number,
)
from services.stats.reports.periods import ReportPeriod
from services.stats.reports.rules import report_rules
from services.stats.reports.store import Entry, Report, ReportRow
from shared.auth import Principal
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

DRAWN_UP = "draw_up"
SCHEDULE = "schedule"
"""In place of a person, for reports that are drawn up by themselves."""
MAIN_NUMBERS = ("received", "resolved", "on_time", "resolved_late", "in_progress", "in_progress_overdue")
"""What the event of a published report says."""


def draw_up(work: UnitOfWork, agency: str, period: ReportPeriod, content: Mapping[str, Any], by: str) -> str:
    """Keeps a content as the draft of a report; returns its id, or that of the newest version where there is one already.

    A draft that was counted before the period was over gets the numbers; any other version stays as it is.

    Args:
        work: the transaction.
        agency: whose report.
        period: of which.
        content: as counted.
        by: subject of who asks, or :data:`SCHEDULE`.
    """
    draft = _draft(work, agency, period, content, None)
    known = store.versions(work.connection, agency, period.kind.id, period.key)
    if known:
        _complete(work, known[0], draft, by)
        return known[0].id
    if store.add(work, draft):
        _note(work, draft.id, DRAWN_UP, by)
        return draft.id
    return store.versions(work.connection, agency, period.kind.id, period.key)[0].id


def recount(work: UnitOfWork, actor: Principal, id_: str, content: Mapping[str, Any]) -> None:
    """Puts the numbers of now into a draft.

    Raises:
        UnknownReport, services.stats.access.NotOwnReport, NotInThisState, ChangedSinceRead: as they say.
    """
    known = _known(work, id_, Action.RECOUNT)
    access.require_report_writer(actor, known.agency, work.reference.agencies, _today(work))
    text = content_text(content)
    values = {"content": text, "digest": digest_of(text), "counted_at": datetime.fromisoformat(content["as_of"])}
    _change(work, actor, known, Action.RECOUNT, **values)


def submit(work: UnitOfWork, actor: Principal, id_: str, digest: str) -> None:
    """Hands a draft to the leaders of its agency.

    Args:
        work: the transaction.
        actor: an officer or a leader of the agency, or a leader above it.
        id_: of the report.
        digest: of the content that the caller has read.

    Raises:
        UnknownReport, services.stats.access.NotOwnReport, NotInThisState, ChangedSinceRead: as they say.
        PeriodRuns: the numbers were counted before the period was over.
    """
    known = _known(work, id_, Action.SUBMIT, digest)
    access.require_report_writer(actor, known.agency, work.reference.agencies, _today(work))
    require_over(known.read(), period_end(known))
    _change(work, actor, known, Action.SUBMIT, state=ReportState.SUBMITTED)


def send_back(work: UnitOfWork, actor: Principal, id_: str) -> None:
    """Makes a submitted report a draft again, so that it can be counted anew.

    Raises:
        UnknownReport, services.stats.access.NotReportLeader, NotInThisState, ChangedSinceRead: as they say.
    """
    known = _known(work, id_, Action.SEND_BACK)
    access.require_report_leader(actor, known.agency, work.reference.agencies, _today(work))
    _change(work, actor, known, Action.SEND_BACK, state=ReportState.DRAFT)


def sign_off(work: UnitOfWork, actor: Principal, id_: str, digest: str) -> None:
    """Signs a submitted report off: it gets its number, and its content is frozen.

    Args:
        work: the transaction.
        actor: a leader of the agency, or of one above it.
        id_: of the report.
        digest: of the content that the leader has read.

    Raises:
        UnknownReport, services.stats.access.NotReportLeader, NotInThisState, ChangedSinceRead: as they say.
    """
    known = _known(work, id_, Action.SIGN, digest)
    today = _today(work)
    access.require_report_leader(actor, known.agency, work.reference.agencies, today)
    number = store.take_number(work, known.agency, today.year)
    values = {"year": today.year, "number": number, "signed_at": work.now, "signed_by": actor.subject}
    _change(work, actor, known, Action.SIGN, state=ReportState.SIGNED, **values)


def publish(work: UnitOfWork, actor: Principal, id_: str) -> None:
    """Shows a signed report to everybody and announces it.

    Args:
        work: the transaction.
        actor: a leader of the agency, or of one above it.
        id_: of the report.

    Raises:
        UnknownReport, services.stats.access.NotReportLeader, NotInThisState, ChangedSinceRead: as they say.
        PaperMissing: its paper is not kept yet.
    """
    known = _known(work, id_, Action.PUBLISH)
    access.require_report_leader(actor, known.agency, work.reference.agencies, _today(work))
    if known.file_key is None:
        raise PaperMissing(id_)
    _change(work, actor, known, Action.PUBLISH, state=ReportState.PUBLISHED, published_at=work.now)
    work.emit("report.published", _published(work, known))


def correct(work: UnitOfWork, actor: Principal, id_: str, content: Mapping[str, Any]) -> str:
    """Makes a draft of the next version of a published report, with the numbers of now; returns its id. The published one stays.

    Args:
        work: the transaction.
        actor: an officer or a leader of the agency, or a leader above it.
        id_: of the published report.
        content: as counted now.

    Raises:
        UnknownReport, services.stats.access.NotOwnReport, NotInThisState: as they say.
        ReplacedAlready: there is a newer version.
        NothingChanged: the numbers are still the same.
    """
    known = _known(work, id_, Action.CORRECT)
    access.require_report_writer(actor, known.agency, work.reference.agencies, _today(work))
    newest = store.versions(work.connection, known.agency, known.kind, known.period)[0]
    if newest.id != known.id:
        raise ReplacedAlready(newest.id)
    if not differences(known.read(), content):
        raise NothingChanged(id_)
    draft = _draft(work, known.agency, period_of_report(known), content, known)
    if not store.add(work, draft):
        raise ChangedSinceRead(id_)
    _note(work, draft.id, Action.CORRECT, actor.subject)
    return draft.id


def period_of_report(report: ReportRow) -> ReportPeriod:
    """The period of a report."""
    return ReportPeriod(report_rules().kind(report.kind), report.first, report.last)


def period_end(report: ReportRow) -> datetime:
    """The first moment after the period of a report."""
    return datetime.combine(report.last + timedelta(days=1), time(), VIETNAM)


def _known(work: UnitOfWork, id_: str, action: Action, digest: str | None = None) -> Report:
    found = store.find(work.connection, id_)
    if found is None:
        raise UnknownReport(id_)
    require_action(found.step, action)
    if digest is not None and digest != found.digest:
        raise ChangedSinceRead(id_)
    return found


def _change(work: UnitOfWork, actor: Principal, known: Report, action: Action, **values: Any) -> None:
    # somebody else may have changed it since it was read in this transaction
    if not store.change(work.connection, known, **values):
        raise ChangedSinceRead(known.id)
    _note(work, known.id, action, actor.subject)


def _complete(work: UnitOfWork, known: ReportRow, counted: Report, by: str) -> None:
    """Brings a draft up to date that was counted while its period ran, once the period is over."""
    over = period_end(known)
    if known.step is ReportState.DRAFT and known.counted_at < over <= counted.counted_at:
        values = {"content": counted.content, "digest": counted.digest, "counted_at": counted.counted_at}
        if store.change(work.connection, known, **values):
            _note(work, known.id, Action.RECOUNT, by)


def _note(work: UnitOfWork, report: str, action: str, by: str) -> None:
    store.add_entry(work.connection, new_id(), report, Entry(str(action), by, work.now))


def _draft(
    work: UnitOfWork, agency: str, period: ReportPeriod, content: Mapping[str, Any], replaces: ReportRow | None
) -> Report:
    text = content_text(content)
    return Report(
        id=new_id(),
        agency=agency,
        kind=period.kind.id,
        period=period.key,
        first=period.first,
        last=period.last,
        version=1 if replaces is None else replaces.version + 1,
        replaces=None if replaces is None else replaces.id,
        state=ReportState.DRAFT,
        digest=digest_of(text),
        counted_at=datetime.fromisoformat(content["as_of"]),
        year=None,
        number=None,
        signed_at=None,
        signed_by=None,
        published_at=None,
        file_key=None,
        file_sha256=None,
        content=text,
    )


def _published(work: UnitOfWork, report: Report) -> dict[str, Any]:
    """What the event says: which report it is, and its main numbers; nothing about any person."""
    numbers, number = report.read()["numbers"], report.number
    assert number is not None, "a signed report has its number"
    vi, en = period_of_report(report).label
    return {
        "report": report.id,
        "agency": report.agency,
        "kind": report.kind,
        "period": report.period,
        "period_vi": vi,
        "period_en": en,
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "version": report.version,
        "replaces": report.replaces,
        "number": written_number(number, report.agency),
        **{name: numbers[name]["now"] for name in MAIN_NUMBERS},
        "published_at": work.now,
    }


def _today(work: UnitOfWork) -> date:
    return work.now.astimezone(VIETNAM).date()
