"""The JSON API of published reports, for everybody."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import Connection

from services.stats.problems import domain_errors_as_problems
from services.stats.reports import store
from services.stats.reports.domain import BREAKDOWNS, ReportState, UnknownReport
from services.stats.reports.schemas import ReportListSchema, ReportPageSchema, ReportSchema
from services.stats.reports.shown import place_of
from services.stats.reports.store import ListFilter, ReportRow
from shared.web.authorization import public
from shared.web.openapi import ApiBlueprint
from shared.web.views import query

api = ApiBlueprint("stats", "published-reports", "Reports that were signed off and published")


@api.get("/published-reports")
@public
@query(ReportListSchema, ReportPageSchema)
def list_reports(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """The published reports, the newest period first; a replaced one is among them."""
    wanted = ListFilter([asked["agency"]] if asked["agency"] else None, asked["kind"], (ReportState.PUBLISHED,))
    found = store.list_reports(connection, wanted, asked["limit"] + 1, _place(asked["after"]))
    page = found[: asked["limit"]]
    following = place_of(page[-1]) if len(found) > len(page) else None
    return {"items": [_listed(one) for one in page], "next": following}


@api.get("/published-reports/<published>")
@public
@query(gives=ReportSchema)
def show_report(connection: Connection, published: str) -> dict[str, Any]:
    """One published report with all its numbers, and the report that has replaced it."""
    with domain_errors_as_problems():
        found = store.find(connection, published)
        if found is None or found.step is not ReportState.PUBLISHED:
            raise UnknownReport(published)
    versions = store.versions(connection, found.agency, found.kind, found.period)
    newer = [one.id for one in versions if one.version > found.version and one.step is ReportState.PUBLISHED]
    content = found.read()
    tables = {by: content[by] for by in BREAKDOWNS}
    return {
        **_listed(found),
        "agency_name": content["agency_name"],
        "as_of": found.counted_at,
        "numbers": content["numbers"],
        "tables": tables,
        "missing": content["missing"],
        "replaced_by": newer[0] if newer else None,
    }


def _listed(row: ReportRow) -> dict[str, Any]:
    named = ("id", "agency", "kind", "period", "first", "last", "version", "replaces", "published_at")
    return {name: getattr(row, name) for name in named} | {"number": row.written_number, "sha256": row.file_sha256}


def _place(text: str) -> tuple[date, str] | None:
    if not text:
        return None
    day, _, id_ = text.partition("_")
    try:
        return date.fromisoformat(day), id_
    except ValueError:
        raise ValidationError("Không phải `next` của trang trước.", "after") from None
