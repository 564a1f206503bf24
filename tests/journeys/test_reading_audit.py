"""Every route that shows officials a dossier, or a list of dossiers, records the reading."""

from __future__ import annotations

from flask import Flask

from services.registry import SERVICE_NAMES
from shared.web.authorization import routes_with_roles
from shared.web.reading_audit import AUDITED_ROLES, audited_endpoints

SHOWS_NO_DOSSIER = {
    **{
        f"/{service}/reading-audit": "records its look-ups itself; the empty form shows nothing"
        for service in SERVICE_NAMES
    },
    "/intake/api/desks/<agency>/tickets": "numbers of visitors, no dossier",
    "/intake/api/desks/<agency>/tickets/<id>": "a number, no dossier",
    "/intake/api/desks/<agency>/counters": "counters and numbers, no dossier",
    "/intake/counter": "counters",
    "/intake/counter/<int:number>": "numbers, and codes of dossiers alone",
    "/intake/counter/<int:number>/waiting.json": "numbers, no dossier",
    "/intake/reception": "numbers, no dossier",
    "/intake/reception/tickets/<id>": "a number, no dossier",
    "/intake/desk": "procedures",
    "/intake/desk/<procedure>": "the empty form; what a person gave before is shown by POST, which records the reading",
    "/intake/desk/refusal": "an empty form",
    "/intake/desk/<procedure>/<any('supplement-request', refusal):kind>": "an empty form",
    "/intake/payments/reconciliation": "transactions, no dossier",
    "/intake/payments": "counts only",
    "/intake/payments/day": "sums of cash, no dossier",
    "/intake/procedures/<code>/draft": "a procedure",
    "/intake/appointments/today": "numbers and times; an appointment has no name, and its telephone number is not shown",
    "/intake/appointments/closings": "days and hours",
    "/intake/procedures/<code>/draft/preview": "a procedure",
    "/intake/applications/parcel": "procedures, and an empty form",
    "/intake/applications/parcel/registered": "what the caller has just registered: a code and its secret",
    "/intake/kiosks": "machines",
    "/intake/dossiers/<code>/access": "asks for a reason, and shows the code that the caller knows",
    "/stats/api/complaints": "codes of complaints, which are no secret",
    "/rating/officials": "the leader's own officials, no dossier",
    "/rating/api/officials": "the leader's own officials, no dossier",
    "/rating/surveys": "campaigns",
    "/rating/surveys/new": "an empty form",
    "/rating/surveys/<survey>": "counts of answers, no dossier",
    "/rating/surveys/<survey>/confirm/<any(open, close, publish):action>": "asks whether it is right",
    "/rating/surveys/<survey>/plan": "what an organiser decides",
    "/rating/surveys/<survey>/questions": "questions",
    "/rating/surveys/<survey>/draw": "counts and a digest of dossiers, none of them",
    "/rating/surveys/<survey>/links": "addresses that anybody may know",
    "/rating/surveys/<survey>/papers": "an empty form",
    "/notify/": "counts of messages, no dossier",
    "/notify/dossiers": "leads on to a dossier's messages",
    "/notify/costs": "sums, no dossier",
    "/notify/templates": "texts with placeholders",
    "/notify/templates/<channel>/<language>/<template>": "a text with sample values",
    "/rating/devices": "machines",
    "/rating/devices/review": "answers of nobody knows whom: no number, no time of day, no dossier",
    "/rating/flags": "counts of ratings, no dossier and no rater",
    "/rating/flags/<flag_id>": "counts of ratings, no dossier and no rater",
    "/rating/mine": "what the caller's own ratings add up to",
    "/rating/papers": "an empty form, and numbers of papers",
    "/rating/papers/entered": "numbers of papers",
    "/rating/rankings/mine": "the caller's own places",
    "/rating/assessments/mine": "the caller's own assessments",
    "/rating/unit": "what many ratings add up to",
    "/rating/hotline/new": "an empty form",
    "/rating/hotline/entered": "what the caller has just entered: a code and its secret",
    "/rating/mailbox/new": "an empty form",
    "/rating/mailbox/entered": "what the caller has just entered: a code and its secret",
    "/routing/api/absences": "officials",
    "/routing/api/agency/events": "what the broker sends to the agency's software: codes and steps, no person",
    "/routing/api/duties": "officials",
    "/routing/api/officials": "officials",
    "/routing/api/queues": "counts",
    "/routing/people": "officials",
    "/routing/agencies": "numbers of steps, no dossier",
    "/notify/report-recipients": "masked addresses of those who get reports, no dossier",
    "/notify/report-recipients/<recipient>/remove": "a masked address of somebody who gets reports, no dossier",
    "/stats/reports": "reports, which are counts",
    "/stats/reports/new": "an empty form",
    "/stats/reports/<report>": "counts",
    "/stats/reports/<report>/confirm/<any(recount, submit, send_back, sign, publish, correct):action>": "counts",
    "/stats/reports/<report>/report.pdf": "counts",
    "/stats/reports/<report>/report.<any(csv, xlsx):ending>": "counts",
    "/stats/api/dossiers": "codes alone",
    "/stats/api/index": "counts and points",
    "/stats/api/index/cases": "codes alone",
    "/stats/api/index/procedures": "procedures",
    "/stats/api/index/ranking": "counts and points",
    "/stats/api/series": "counts",
    "/stats/leader": "counts",
    "/stats/leader/<agency>": "counts",
    "/stats/leader/numbers.csv": "counts",
    "/stats/leader/numbers.xlsx": "counts",
    "/stats/me": "what the caller did, in numbers",
    "/stats/me/numbers.csv": "what the caller did, in numbers",
    "/stats/me/numbers.xlsx": "what the caller did, in numbers",
    "/stats/api/summary": "counts",
    "/stats/api/tickets": "counts",
    "/stats/index": "counts and points",
    "/stats/index/figures/<part>": "figures from outside, of agencies",
    "/stats/index/parts/<part>": "codes alone",
    "/stats/index/procedures": "procedures",
    "/stats/index/procedures/table.csv": "procedures",
    "/stats/index/procedures/table.xlsx": "procedures",
    "/stats/index/ranking": "counts and points",
    "/stats/index/ranking/table.csv": "counts and points",
    "/stats/index/ranking/table.xlsx": "counts and points",
    "/stats/index/table.csv": "counts and points",
    "/stats/index/table.xlsx": "counts and points",
}
"""GET routes for officials that need no record, each with the reason."""


def test_every_route_that_shows_officials_a_dossier_is_audited(service_app: Flask) -> None:
    audited = audited_endpoints(service_app)
    for_officials = {
        route.path: route.endpoint
        for route in routes_with_roles(service_app)
        if route.method == "GET" and not route.access.roles.isdisjoint(AUDITED_ROLES)
    }
    assert [
        path for path, endpoint in for_officials.items() if endpoint not in audited and path not in SHOWS_NO_DOSSIER
    ] == []
