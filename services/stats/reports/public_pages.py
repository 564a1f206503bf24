"""The published reports, for everybody. A replaced one stays, with a notice that leads to the newer one."""

from __future__ import annotations

from flask import Response, render_template
from sqlalchemy import Connection

from services.stats.problems import domain_errors_as_problems
from services.stats.reports import store
from services.stats.reports.answers import paper_answer, tables_answer
from services.stats.reports.domain import ReportState, UnknownReport
from services.stats.reports.shown import PAGE, asked_agency, asked_kind, asked_place, place_of, view_of, words
from services.stats.reports.store import ListFilter, Report
from shared.runtime.clock import VIETNAM
from shared.web.authorization import public
from shared.web.pages import page_blueprint
from shared.web.views import context

PUBLISHED = (ReportState.PUBLISHED,)

pages = page_blueprint("stats", __name__, "published_report_pages")


@pages.get("/published-reports")
@public
def reports() -> str:
    """The published reports, the newest period first, with filters by agency and period."""
    here, agency, after = context(), asked_agency(), asked_place()
    today = here.clock.now().astimezone(VIETNAM).date()
    with here.store.read() as connection:
        wanted = ListFilter([agency] if agency else None, asked_kind(), PUBLISHED)
        found = store.list_reports(connection, wanted, PAGE + 1, after)
        publishers = store.published_agencies(connection)
    return render_template(
        "stats/reports/published.html",
        found=found[:PAGE],
        following=place_of(found[PAGE - 1]) if len(found) > PAGE else "",
        first=after is None,
        asked={"agency": agency, "kind": asked_kind()},
        agencies=[(code, here.reference.agencies.name_of(code, today), "vi") for code in publishers],
        **words(),
    )


@pages.get("/published-reports/<published>")
@public
@domain_errors_as_problems()
def report(published: str) -> str:
    """One published report."""
    with context().store.read() as connection:
        shown = view_of(connection, _published(connection, published))
    return render_template("stats/reports/published_report.html", view=shown, **words())


@pages.get("/published-reports/<published>/report.pdf")
@public
@domain_errors_as_problems()
def report_paper(published: str) -> Response:
    """Its paper, as it was kept when it was signed."""
    with context().store.read() as connection:
        found = _published(connection, published)
    return paper_answer(found, None)


@pages.get("/published-reports/<published>/report.<any(csv, xlsx):ending>")
@public
@domain_errors_as_problems()
def report_tables(published: str, ending: str) -> Response:
    """Its tables as CSV or XLSX."""
    with context().store.read() as connection:
        return tables_answer(_published(connection, published), ending)


def _published(connection: Connection, id_: str) -> Report:
    found = store.find(connection, id_)
    if found is None or found.step is not ReportState.PUBLISHED:
        raise UnknownReport(id_)
    return found
