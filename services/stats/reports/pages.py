"""Officials' pages of reports: the list, drawing one up, reading it, and what is done with it, each asked on a page of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.stats import access
from services.stats.problems import domain_errors_as_problems
from services.stats.reports import commands, store
from services.stats.reports.answers import paper_answer, tables_answer
from services.stats.reports.content import count_content
from services.stats.reports.domain import Action, ReportState, UnknownReport, possible_actions
from services.stats.reports.files import keep_paper, report_storage
from services.stats.reports.periods import ReportPeriod, containing
from services.stats.reports.rules import report_rules
from services.stats.reports.shown import (
    PAGE,
    asked_agency,
    asked_kind,
    asked_place,
    changes_between,
    place_of,
    view_of,
    words,
)
from services.stats.reports.store import ListFilter, Report
from shared.runtime.clock import VIETNAM
from shared.storage import StorageUnavailable
from shared.web.authorization import principal, roles, scope_checked
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_TYPED, MAX_DIGEST = 100, 64
ACTIONS = "recount, submit, send_back, sign, publish, correct"

pages = page_blueprint("stats", __name__, "report_pages")


@pages.get("/reports")
@roles(*access.REPORT_READERS, agency="record")
@domain_errors_as_problems()
def reports() -> str:
    """The reports of the caller's agencies, the newest period first, with filters by agency, period and state."""
    visible, agency, after = _visible(), asked_agency(), asked_place()
    scope_checked()  # the list is limited to the agencies whose reports the caller reads
    if agency:
        visible = frozenset({agency}) if visible is None or agency in visible else frozenset()
    state = request.args.get("state", "")
    states = (ReportState(state),) if state in set(ReportState) else ()
    with context().store.read() as connection:
        found = store.list_reports(connection, ListFilter(visible, asked_kind(), states), PAGE + 1, after)
    return render_template(
        "stats/reports/reports.html",
        caller=_caller(),
        found=found[:PAGE],
        following=place_of(found[PAGE - 1]) if len(found) > PAGE else "",
        first=after is None,
        asked={"agency": agency, "kind": asked_kind(), "state": state if states else ""},
        agencies=_choices(),
        may_write=principal().has(*access.REPORT_WRITERS),
        **words(),
    )


@pages.get("/reports/new")
@roles(*access.REPORT_WRITERS, agency="record")
@domain_errors_as_problems()
def new() -> str:
    """The form of a new report."""
    scope_checked()
    return _form({"agency": principal().agency, "kind": "month", "day": _today().isoformat()})


@pages.post("/reports/new")
@roles(*access.REPORT_WRITERS, agency="record")
def create() -> Response:
    """Counts the numbers of a period and keeps them as a draft; where there is a report already, that one is shown."""
    scope_checked()
    typed = {name: request.form.get(name, "")[:MAX_TYPED] for name in ("agency", "kind", "day")}
    try:
        with domain_errors_as_problems():
            access.require_report_writer(principal(), typed["agency"], context().reference.agencies, _today())
            period = _typed_period(typed)
            content = _count(typed["agency"], period)
            by = principal().subject
            made = once_per_form(lambda work: {"id": commands.draw_up(work, typed["agency"], period, content, by)})
    except Problem as problem:
        if problem.status == 403:
            raise
        return make_response(_form(typed, problem), problem.status)
    return redirect_with_notice(url_for("report_pages.report", report=made["id"]), "drawn_up")


@pages.get("/reports/<report>")
@roles(*access.REPORT_READERS, agency="record")
@domain_errors_as_problems()
def report(report: str) -> str:
    """One report: its tables, its versions, what was done with it and what may be done next."""
    return _page(report)


@pages.get(f"/reports/<report>/confirm/<any({ACTIONS}):action>")
@roles(*access.REPORT_WRITERS, agency="record")
@domain_errors_as_problems()
def confirm(report: str, action: str) -> str:
    """Asks whether it is right; of a correction, with every number that has changed since."""
    with context().store.read() as connection:
        known = _readable(connection, report)
        shown = view_of(connection, known)
    asked = Action(action)
    changes = (
        changes_between(shown["content"], _count(known.agency, commands.period_of_report(known)))
        if asked
        in (
            Action.CORRECT,
            Action.RECOUNT,
        )
        else []
    )
    return render_template(
        "stats/reports/confirm.html",
        caller=_caller(),
        view=shown,
        action=asked,
        changes=changes,
        possible=asked in _possible(known),
        form_key=secrets.token_urlsafe(16),
        **words(),
    )


@pages.post("/reports/<report>")
@roles(*access.REPORT_WRITERS, agency="record")
def act(report: str) -> Response:
    """Does what :func:`confirm` has asked about."""
    try:
        with domain_errors_as_problems(), context().store.read() as connection:
            known = _readable(connection, report)
        asked = request.form.get("action", "")
        if asked not in set(Action):
            raise Problem(422, "invalid")
        with domain_errors_as_problems():
            done = _act(known, Action(asked))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        with domain_errors_as_problems():
            return make_response(_page(report, problem), problem.status)
    return redirect_with_notice(url_for("report_pages.report", report=done), asked)


@pages.get("/reports/<report>/report.pdf")
@roles(*access.REPORT_READERS, agency="record")
@domain_errors_as_problems()
def report_paper(report: str) -> Response:
    """The paper: of a signed report the kept one, otherwise a draft."""
    with context().store.read() as connection:
        known = _readable(connection, report)
        replaced = store.find(connection, known.replaces) if known.replaces else None
    return paper_answer(known, replaced)


@pages.get("/reports/<report>/report.<any(csv, xlsx):ending>")
@roles(*access.REPORT_READERS, agency="record")
@domain_errors_as_problems()
def report_tables(report: str, ending: str) -> Response:
    """The tables as CSV or XLSX."""
    with context().store.read() as connection:
        return tables_answer(_readable(connection, report), ending)


def _act(known: Report, action: Action) -> str:
    """Does something with a report; returns the id of the report to show then."""
    store_, actor, digest = context().store, principal(), request.form.get("digest", "")[:MAX_DIGEST]
    effects = {
        Action.SUBMIT: partial(commands.submit, actor=actor, id_=known.id, digest=digest),
        Action.SEND_BACK: partial(commands.send_back, actor=actor, id_=known.id),
        Action.SIGN: partial(commands.sign_off, actor=actor, id_=known.id, digest=digest),
        Action.PUBLISH: partial(commands.publish, actor=actor, id_=known.id),
    }
    if action in (Action.RECOUNT, Action.CORRECT):
        content = _count(known.agency, commands.period_of_report(known))
        if action is Action.CORRECT:
            return store_.run(partial(commands.correct, actor=actor, id_=known.id, content=content))
        store_.run(partial(commands.recount, actor=actor, id_=known.id, content=content))
        return known.id
    if action is Action.PUBLISH:
        _keep_paper(known)
    store_.run(effects[action])
    if action is Action.SIGN:
        _keep_paper(known)
    return known.id


def _keep_paper(known: Report) -> None:
    """Makes the paper of a signed report; where the storage is away, the sweep does it later."""
    try:
        with domain_errors_as_problems():
            keep_paper(context(), report_storage(context().settings), known.id)
    except (StorageUnavailable, Problem):
        return


def _count(agency: str, period: ReportPeriod) -> dict[str, Any]:
    here = context()
    with here.store.read() as connection:
        return count_content(connection, here.reference.agencies, agency, period, here.clock.now(), report_rules())


def _typed_period(typed: Mapping[str, str]) -> ReportPeriod:
    try:
        day = date.fromisoformat(typed["day"])
    except ValueError:
        wrong = {"field": "day", "message": "Ngày không hợp lệ.", "message_en": "This is no day."}
        raise Problem(422, "invalid", errors=[wrong]) from None  # type: ignore[list-item]
    kind = report_rules().kind(typed["kind"])
    period = containing(kind, day)
    if period.first > _today():
        early = {"field": "day", "message": "Kỳ này chưa bắt đầu.", "message_en": "This period has not begun."}
        raise Problem(422, "invalid", errors=[early])  # type: ignore[list-item]
    return period


def _form(filled: Mapping[str, str], problem: Problem | None = None) -> str:
    return render_template(
        "stats/reports/new.html",
        caller=_caller(),
        filled=filled,
        agencies=_choices(),
        problem=problem,
        form_key=secrets.token_urlsafe(16),
        **words(),
    )


def _page(id_: str, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        known = _readable(connection, id_)
        shown = view_of(connection, known)
        entries = store.entries_of(connection, known.id)
    return render_template(
        "stats/reports/report.html",
        caller=_caller(),
        view=shown,
        entries=entries,
        possible=_possible(known),
        problem=problem,
        notice=one_time_notice(),
        **words(),
    )


def _readable(connection: Connection, id_: str) -> Report:
    """A report that the caller may read.

    Raises:
        UnknownReport, services.stats.access.NotOwnReport: as they say.
    """
    found = store.find(connection, id_)
    if found is None:
        raise UnknownReport(id_)
    access.require_report_reader(principal(), found.agency, context().reference.agencies, _today())
    scope_checked()
    return found


def _possible(known: Report) -> tuple[Action, ...]:
    """What the caller may do with a report now."""
    agencies, actor, today = context().reference.agencies, principal(), _today()
    found = []
    for action in possible_actions(known.step):
        leads = action in (Action.SEND_BACK, Action.SIGN, Action.PUBLISH)
        require = access.require_report_leader if leads else access.require_report_writer
        try:
            require(actor, known.agency, agencies, today)
        except (access.NotReportLeader, access.NotOwnReport):
            continue
        found.append(action)
    return tuple(found)


def _visible() -> frozenset[str] | None:
    return access.report_agencies(principal(), context().reference.agencies, _today())


def _choices() -> list[tuple[str, str, str]]:
    """The agencies whose reports the caller reads, with their names, which are Vietnamese."""
    visible, agencies = _visible(), context().reference.agencies
    codes = [one.code for one in agencies.all(_today())] if visible is None else sorted(visible)
    return [(code, agencies.name_of(code, _today()), "vi") for code in codes]


def _caller() -> dict[str, str]:
    actor = principal()
    role = next((one for one in ("leader", "officer", "operator") if actor.has(one)), "")
    return {"subject": actor.subject, "agency": actor.agency, "role": role}


def _today() -> date:
    return context().clock.now().astimezone(VIETNAM).date()
