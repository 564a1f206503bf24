"""Pages of rankings: what leaders issue and auditors read, what an official sees of themself, and what everybody may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.rating import access
from services.rating.problems import domain_errors_as_problems
from services.rating.rankings import store
from services.rating.rankings.commands import draw_up, issue
from services.rating.rankings.domain import ChangedSinceRead, SubjectKind, UnknownPaper
from services.rating.rankings.paper import paper_pdf, paper_xlsx
from services.rating.rankings.store import Paper, PaperState
from services.rating.rankings.wording import PERIOD_KINDS, TITLES, method_in_words, period_label, unranked_in_words
from services.rating.scores.periods import parse_period
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import confirm_scope, principal, public, roles, scope_checked
from shared.web.language import text
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 50
OWN = 24
"""Papers that an official sees of themself."""
MAX_CURSOR, MAX_DIGEST = 100, 64

pages = page_blueprint("rating", __name__, "ranking_pages")


@pages.get("/rankings")
@public
def agencies() -> str:
    """The issued rankings of agencies, for everybody; nobody is named in them."""
    with context().store.read() as connection:
        found = store.current_papers(connection, SubjectKind.AGENCY, PAGE)
        shown = _view(connection, found[0]) if found else None
    return render_template("rating/rankings/public.html", papers=found, view=shown, **_words())


@pages.get("/rankings/agencies/<published>")
@public
@domain_errors_as_problems()
def agencies_paper(published: str) -> str:
    """One issued ranking of agencies, for everybody."""
    with context().store.read() as connection:
        found = store.current_papers(connection, SubjectKind.AGENCY, PAGE)
        shown = _view(connection, _public_paper(connection, published))
    return render_template("rating/rankings/public.html", papers=found, view=shown, **_words())


@pages.get("/rankings/agencies/<published>/paper.pdf")
@public
@domain_errors_as_problems()
def agencies_pdf(published: str) -> Response:
    """The same as PDF."""
    with context().store.read() as connection:
        return _pdf(connection, _public_paper(connection, published))


@pages.get("/rankings/agencies/<published>/table.xlsx")
@public
@domain_errors_as_problems()
def agencies_xlsx(published: str) -> Response:
    """The same as XLSX."""
    with context().store.read() as connection:
        return _xlsx(_public_paper(connection, published))


@pages.get("/rankings/papers")
@roles(*access.RANKING_READERS, agency="record")
@audited
def papers() -> str:
    """The rankings of a leader's agencies, or of all for an auditor: what waits to be issued, and what was issued."""
    here, actor, after = context(), principal(), _after(request.args.get("after", ""))
    kind = _kind(request.args.get("kind", ""))
    among = None if actor.has("auditor") else access.led_agencies(actor, here.reference.agencies, _today())
    scope_checked()  # both lists are limited to the agencies that the leader leads
    with here.store.read() as connection:
        waiting = (
            [] if after or among is None else store.list_papers(connection, among, PaperState.DRAFT, PAGE, None, kind)
        )
        issued = store.list_papers(connection, among, PaperState.ISSUED, PAGE + 1, after, kind)
    record_reading("rankings", actor.agency or "all")
    following = f"{issued[PAGE - 1].ends_before.isoformat()} {issued[PAGE - 1].id}" if len(issued) > PAGE else ""
    return render_template(
        "rating/rankings/papers.html",
        caller=access.caller(actor),
        waiting=waiting,
        issued=issued[:PAGE],
        first=after is None,
        following=following,
        kind=kind.value if kind else "",
        **_words(),
    )


@pages.get("/rankings/papers/<ranking>")
@roles(*access.RANKING_READERS, agency="record")
@audited
@domain_errors_as_problems()
def one_ranking(ranking: str) -> str:
    """One ranking with its method; a leader may issue a draft."""
    return _paper_page(ranking)


@pages.post("/rankings/papers/<ranking>")
@roles("leader", agency="record")
def issue_ranking(ranking: str) -> Response:
    """Issues the draft that the leader has read."""
    digest = request.form.get("digest", "")[:MAX_DIGEST]

    def run(work: UnitOfWork) -> None:
        issue(work, principal(), ranking, digest)
        scope_checked()
        confirm_scope()

    try:
        with domain_errors_as_problems():
            context().store.run(run)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        with domain_errors_as_problems():
            if isinstance(problem.__cause__, ChangedSinceRead):
                context().store.run(lambda work: _count_again(work, ranking))
            return make_response(_paper_page(ranking, problem), problem.status)
    return redirect_with_notice(url_for("ranking_pages.one_ranking", ranking=ranking))


@pages.get("/rankings/papers/<ranking>/paper.pdf")
@roles(*access.RANKING_READERS, agency="record")
@audited
@domain_errors_as_problems()
def ranking_pdf(ranking: str) -> Response:
    """The ranking as PDF."""
    with context().store.read() as connection:
        return _pdf(connection, _own_paper(connection, ranking))


@pages.get("/rankings/papers/<ranking>/table.xlsx")
@roles(*access.RANKING_READERS, agency="record")
@audited
@domain_errors_as_problems()
def ranking_xlsx(ranking: str) -> Response:
    """The ranking as XLSX."""
    with context().store.read() as connection:
        return _xlsx(_own_paper(connection, ranking))


@pages.get("/rankings/mine")
@roles(*access.ASSESSED, agency="record")
def own_places() -> str:
    """The caller's own places in the issued rankings, and no others."""
    actor = principal()
    scope_checked()  # nothing of anybody else is shown
    with context().store.read() as connection:
        found = [(one, one.read()) for one in store.papers_of_official(connection, actor.subject, OWN)]
    rows = [
        (paper, row, len(content["rows"]))
        for paper, content in found
        for row in content["rows"]
        if row["subject"] == actor.subject
    ]
    return render_template("rating/rankings/mine.html", caller=access.caller(actor), rows=rows, **_words())


def _paper_page(id_: str, problem: Problem | None = None) -> str:
    here, actor = context(), principal()
    with here.store.read() as connection:
        found = _own_paper(connection, id_)
        shown = _view(connection, found)
    leads = found.agency in access.led_agencies(actor, here.reference.agencies, _today())
    return render_template(
        "rating/rankings/paper.html",
        caller=access.caller(actor),
        view=shown,
        may_issue=leads and not found.is_issued,
        problem=problem,
        saved=just_saved(),
        **_words(),
    )


def _own_paper(connection: Connection, id_: str) -> Paper:
    """A paper of the caller's agencies, recorded as read.

    Raises:
        UnknownPaper, services.rating.access.WrongAgency: as they say.
    """
    found = store.find(connection, id_)
    if found is None:
        raise UnknownPaper(id_)
    access.require_may_read_paper(principal(), found.agency, context().reference.agencies, _today())
    scope_checked()
    record_reading("ranking", found.written_number or f"{found.agency} {found.kind} {found.period}")
    return found


def _public_paper(connection: Connection, id_: str) -> Paper:
    found = store.find(connection, id_)
    if found is None or not found.is_issued or found.kind != SubjectKind.AGENCY:
        raise UnknownPaper(id_)
    return found


def _view(connection: Connection, paper: Paper) -> dict[str, Any]:
    """What a page shows of a paper."""
    content = paper.read()
    return {
        "paper": paper,
        "content": content,
        "method": [text(*sentence) for sentence in method_in_words(content)],
        "unranked": text(*unranked_in_words(content)),
        "replaces": None if paper.replaces is None else store.find(connection, paper.replaces),
        "successor": store.successor(connection, paper.id),
    }


def _count_again(work: UnitOfWork, id_: str) -> None:
    found = store.find(work.connection, id_)
    if found is not None:
        draw_up(work, SubjectKind(found.kind), found.agency, parse_period(found.period))


def _pdf(connection: Connection, paper: Paper) -> Response:
    replaces = None if paper.replaces is None else store.find(connection, paper.replaces)
    made = paper_pdf(paper, replaces, store.successor(connection, paper.id), context().reference.agencies)
    return _file(made, "application/pdf", paper, "pdf")


def _xlsx(paper: Paper) -> Response:
    return _file(paper_xlsx(paper), XLSX, paper, "xlsx")


def _file(content: bytes, kind: str, paper: Paper, ending: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    how = "inline" if ending == "pdf" else "attachment"
    name = f"xep-hang-{paper.kind}-{paper.agency}-{paper.period}-{paper.version}.{ending}"
    response.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _words() -> dict[str, Any]:
    """What the templates need to name kinds and periods."""
    return {
        "titles": {kind.value: text(*title) for kind, title in TITLES.items()},
        "period_kinds": {kind: text(*name) for kind, name in PERIOD_KINDS.items()},
        "period_name": lambda key: text(*period_label(key)),
    }


def _kind(typed: str) -> SubjectKind | None:
    return SubjectKind(typed) if typed in {kind.value for kind in SubjectKind} else None


def _after(typed: str) -> tuple[datetime, str] | None:
    at, _, id_ = typed[:MAX_CURSOR].partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, id_[:36]) if moment.tzinfo is not None else None


def _today() -> date:
    return context().clock.now().astimezone(VIETNAM).date()
