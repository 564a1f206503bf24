from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.stats.app import create_app
from services.stats.measures.domain import Period
from services.stats.measures.queries import LISTED, MEASURES, Scope
from services.stats.measures.summary import summarise
from tests.support.events import event
from tests.support.service import ServiceUnderTest, body

SUMMARY = "/stats/api/summary"
LIST = "/stats/api/dossiers"
NOVEMBER = "?from=2025-11-01&to=2025-11-30"


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    """Four dossiers received in November: one resolved early and rated, one late, one waiting for papers, one stopped. Now is December."""
    for number, channel in enumerate(("counter", "online", "counter", "counter")):
        stats.apply(event("dossier.received", 1, dossier=f"D-{number}", channel=channel))
    stats.apply(
        event("dossier.resolved", 1, dossier="D-0", resolved_at="2025-11-25T09:00:00+07:00"),
        event("dossier.overdue", 1, dossier="D-1", overdue_at="2025-11-27T09:00:00+07:00"),
        event(
            "dossier.resolved",
            2,
            dossier="D-1",
            resolved_at="2025-11-28T09:00:00+07:00",
            on_time=False,
            index_on_time=False,
        ),
        event("dossier.extended", 3, dossier="D-1", extended_at="2025-11-24T09:00:00+07:00"),
        event("step.overdue", 4, dossier="D-1"),
        event("dossier.corrected", 4, dossier="D-0", corrected_at="2025-11-29T09:00:00+07:00"),
        event("supplement.requested", 1, dossier="D-2"),
        event("supplement.requested", 1, dossier="D-3"),
        event("dossier.stopped", 2, dossier="D-3", stopped_at="2025-11-28T17:30:00+07:00"),
        event("result.published", 2, dossier="D-0", published_at="2025-11-25T10:00:00+07:00"),
        event("dossier.returned", 2, dossier="D-0", returned_at="2025-11-26T09:00:00+07:00", method="electronic"),
        event("rating.given", 1, dossier="D-0", given_at="2025-11-26T10:00:00+07:00"),
        event("fee.paid", 3, dossier="D-0"),
        event("step.completed", 3, dossier="D-0"),
        event("message.sent", 1, dossier="D-0"),
    )
    stats.hand.pass_(timedelta(days=40))
    return stats.client(create_app)


@pytest.mark.parametrize("role", ["leader", "operator"])
def test_the_summary_of_a_month(stats: ServiceUnderTest, client: FlaskClient, role: str) -> None:
    answer = client.get(SUMMARY + NOVEMBER, headers=stats.headers(role))
    assert answer.status_code == 200
    assert body(answer) == {
        "as_of": "2025-12-13T08:00:00+07:00",
        "period": {"from": "2025-11-01", "to": "2025-11-30"},
        "filters": {},
        "received": 4,
        "resolved": 2,
        "on_time": 1,
        "index_on_time": 1,
        "early": 1,
        "resolved_late": 1,
        "stopped": 1,
        "stopped_late": 0,
        "extended": 1,
        "apologised": 0,
        "supplement_requested": 2,
        "late": 1,
        "overdue": 1,
        "in_progress": 1,
        "in_progress_overdue": 0,
        "awaiting_supplement": 1,
        "corrected": 1,
        "returned": 1,
        "returned_at_counter": 0,
        "returned_electronically": 1,
        "returned_by_post": 0,
        "returned_with_file": 1,
        "published": 1,
        "rated": 1,
        "satisfied": 1,
        "paid": 1,
        "on_time_share": 50.0,
        "satisfied_share": 100.0,
        "average_score": 5.0,
        "fees_paid": 12500000,
        "fees_refunded": 0,
        "fees_waived": 0,
        "waivers": [],
        "return_shares": {"counter": 0.0, "electronic": 100.0, "post": 0.0, "with_file": 100.0},
        "documents": {},
        "messages": {"sent": 1, "delivered": 0, "returned": 0, "failed": 0, "skipped": 0, "segments": 1},
        "by_channel": {"counter": 3, "online": 1},
        "warnings": {"step_due_soon": 0, "step_overdue": 1, "dossier_due_soon": 0, "step_returned": 0},
        "steps": [{"agency": "H57.30.01", "completed": 1, "late": 0}],
        "declined": {
            "guided": 0,
            "refused": 0,
            "repeated": 0,
            "by_reason": {},
            "by_agency": {},
            "by_procedure": {},
        },
        "apologies": {
            "announced": 1,
            "signed": 0,
            "unsigned": 0,
            "missing": 0,
            "signed_by_agency": {},
            "missing_by_agency": {},
        },
        "applications": dict.fromkeys(
            (
                "filed",
                "filed_online",
                "accepted",
                "refused",
                "withdrawn",
                "unsupplemented",
                "supplement_requested",
                "overdue",
            ),
            0,
        ),
        "ratings": {
            "given": 1,
            "satisfied": 1,
            "satisfied_share": 100.0,
            "average_score": 5.0,
            "average_of_dossiers": 5.0,
            "by_channel": {"web": 1},
            "of_visits": 0,
            "excluded": 0,
        },
        "complaints": dict.fromkeys(
            (
                *("lodged", "assigned", "more_requested", "rejected", "answered", "published", "reopened"),
                *("withdrawn", "overdue", "answered_on_time"),
            ),
            0,
        )
        | {"answered_on_time_share": None, "lodged_by_channel": {}, "answered_by_agency": {}},
        "surveys": {"closed": 0, "invited": 0, "responses": 0, "response_share": None},
        "visitors": dict.fromkeys(("issued", "called", "served", "missed", "cancelled"), 0)
        | dict.fromkeys(("wait_median", "wait_p90", "service_median", "service_p90")),
        "online_share": 25.0,
        "received_online": 1,
        "closed_without_supplement": 1,
        **dict.fromkeys(("received_by_post", "received_on_saturday", "due", "paused"), 0),
        **dict.fromkeys(("refused", "withdrawn", "same_day"), 0),
    }


def test_waivers_are_counted_by_category_and_procedure_for_their_desk(
    stats: ServiceUnderTest, client: FlaskClient
) -> None:
    for number, (category, procedure, agency, day) in enumerate(
        (
            ("poor", "1.013831", "H57.10.01", "2025-11-01"),
            ("poor", "1.013831", "H57.10.01", "2025-11-30"),
            ("child", "2.000815", "H57.10.01", "2025-11-20"),
            ("child", "2.000815", "H99.10.01", "2025-11-20"),
            ("child", "2.000815", "H57.10.01", "2025-12-01"),
        )
    ):
        about: dict[str, Any] = {
            "category": category,
            "procedure": procedure,
            "agency": agency,
            "day": day,
            "amount": 1000 + number,
        }
        stats.apply(event("fee.waived", number + 1, waiver=f"w-{number}", **about))
    child: dict[str, Any] = {"category": "child", "procedure": "2.000815", "number": 1, "amount": 1002}
    poor = {"category": "poor", "procedure": "1.013831", "number": 2, "amount": 2001}
    every = [child | {"number": 2, "amount": 2005}, poor]
    for role, more, expected in (
        ("operator", "", every),
        ("leader", "", [child, poor]),
        ("operator", "&procedure=2.000815&agency=H57.10.01", [child]),
        ("operator", "&channel=online", []),
        ("operator", "&handling_agency=H57.10.01", []),
    ):
        found = body(client.get(SUMMARY + NOVEMBER + more, headers=stats.headers(role)))
        assert found["waivers"] == expected, (role, more)
        assert found["fees_waived"] == sum(one["amount"] for one in expected)


LATER = "2025-11-28T23:59:00+07:00"


def test_applications_are_counted_by_what_desks_did_with_them(stats: ServiceUnderTest, client: FlaskClient) -> None:
    stats.apply(
        event("dossier.filed", 1, dossier="A-1"),
        event("application.unanswered", 2, dossier="A-1"),
        event("application.overdue", 3, dossier="A-1"),
        event("application.overdue", 4, dossier="A-1", escalation=2),
        event("dossier.accepted_online", 5, dossier="A-1"),
        event("dossier.refused", 2, dossier="A-2", channel="post"),  # before it was filed
        event("dossier.filed", 1, dossier="A-2", channel="post"),
        event("dossier.filed", 1, dossier="A-3", receiving_agency="H57.30.01"),
        event("application.supplement_requested", 2, dossier="A-3", receiving_agency="H57.30.01"),
        event("application.closed", 2, dossier="A-4", cause="withdrawn", closed_at="2025-11-21T08:00:00+07:00"),
        event("dossier.filed", 1, dossier="A-4"),
        event("application.closed", 3, dossier="A-3", receiving_agency="H57.30.01", closed_at=LATER),
        event("application.closed", 4, dossier="A-3", receiving_agency="H57.30.01", closed_at=LATER),
    )

    def counted(query: str = "", agency: str = "H57.10.01") -> list[int]:
        answer = client.get(SUMMARY + NOVEMBER + query, headers=stats.headers("leader", agency))
        return list(body(answer)["applications"].values())

    assert counted() == [3, 2, 1, 1, 1, 0, 0, 1]
    assert counted("&channel=post") == [1, 0, 0, 1, 0, 0, 0, 0]
    assert counted(agency="H57.30.01") == [1, 1, 0, 0, 0, 1, 1, 0], "leaders see those of their own desks"
    assert counted("&handling_agency=H57.30.01") == [0] * 8


def test_visitors_who_were_turned_away_are_counted_by_reason_desk_and_procedure(
    stats: ServiceUnderTest, client: FlaskClient
) -> None:
    there: dict[str, Any] = {"receiving_agency": "H57.10.01", "procedure": "1.013831"}
    outside: dict[str, Any] = {"procedure": None, "field": None, "kind": "refusal", "reason": "not_competent"}
    stats.apply(
        event("filing.declined", filing="1", **there),
        event("filing.declined", filing="2", **there, repeated=True),
        event("filing.declined", filing="3", receiving_agency="H57.10.01", **outside),
        event("filing.declined", filing="4", receiving_agency="H57.30.01"),
        event("filing.declined", filing="5", **there, declined_at="2025-12-20T08:15:00+07:00"),
    )  # fmt: skip

    def counted(query: str = "") -> dict[str, Any]:
        answer = client.get(SUMMARY + NOVEMBER + query, headers=stats.headers("leader", "H57.10.01"))
        found: dict[str, Any] = body(answer)["declined"]
        return found

    assert counted() == {
        "guided": 2, "refused": 1, "repeated": 1,
        "by_reason": {"papers_missing": 2, "not_competent": 1},
        "by_agency": {"H57.10.01": 3},
        "by_procedure": {"1.013831": 2, "": 1},
    }  # fmt: skip
    assert counted("&procedure=1.013831")["by_reason"] == {"papers_missing": 2}
    assert counted("&channel=counter") == counted()
    for other in ("&channel=online", "&handling_agency=H57.30.01"):
        assert counted(other)["by_reason"] == {}


def test_a_second_outcome_of_an_application_is_parked(stats: ServiceUnderTest) -> None:
    stats.apply(event("dossier.refused", 1), event("dossier.filed", 2))
    assert stats.apply(event("dossier.refused", 3, refused_at="2025-11-21T10:00:00+07:00")).parked == 1


def test_a_filter_applies_to_every_number(stats: ServiceUnderTest, client: FlaskClient) -> None:
    answer = client.get(SUMMARY + NOVEMBER + "&channel=online&field=land", headers=stats.headers("leader"))
    assert body(answer)["filters"] == {"field": "land", "channel": "online"}
    assert (body(answer)["received"], body(answer)["late"], body(answer)["fees_paid"]) == (1, 1, 0)
    elsewhere = body(client.get(SUMMARY + NOVEMBER + "&agency=H99", headers=stats.headers("leader")))
    assert {elsewhere[measure] for measure in MEASURES} == {0}
    assert elsewhere["on_time_share"] is None


def test_the_default_period_is_this_month(stats: ServiceUnderTest, client: FlaskClient) -> None:
    answer = client.get(SUMMARY, headers=stats.headers("leader"))
    assert body(answer)["period"] == {"from": "2025-12-01", "to": "2025-12-13"}
    assert (body(answer)["received"], body(answer)["in_progress"]) == (0, 1)


@pytest.mark.parametrize("measure", LISTED)
def test_the_list_behind_every_number(stats: ServiceUnderTest, client: FlaskClient, measure: str) -> None:
    headers = stats.headers("leader")
    number = body(client.get(SUMMARY + NOVEMBER, headers=headers))[measure]
    answer = body(client.get(f"{LIST}{NOVEMBER}&measure={measure}", headers=headers))
    assert len(answer["codes"]) == number
    assert (answer["measure"], answer["next"]) == (measure, None)


def test_a_long_list_is_paged(stats: ServiceUnderTest, client: FlaskClient) -> None:
    found, after = [], ""
    for _ in range(2):
        url = f"{LIST}{NOVEMBER}&measure=received&limit=2&after={after}"
        answer = body(client.get(url, headers=stats.headers("leader")))
        found.append(answer["codes"])
        after = answer["next"]
    assert found == [["D-0", "D-1"], ["D-2", "D-3"]]
    assert after is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?from=2025-11-30&to=2025-11-01", "to"),
        ("?from=2025-13-01", "from"),
        ("?from=yesterday", "from"),
        ("?to=30/11/2025", "to"),
        ("?from=0001-01-01", "from"),
        ("?from=2025-01-01&to=9999-12-31", "to"),
        ("?channel=pigeon", "channel"),
        ("?citizen=Bưởi", "citizen"),
    ],
)
@pytest.mark.parametrize("path", [SUMMARY, LIST])
def test_an_invalid_query_names_the_field(
    stats: ServiceUnderTest, client: FlaskClient, path: str, query: str, field: str
) -> None:
    more = "&measure=late" if path == LIST else ""
    answer = client.get(path + query + more, headers=stats.headers("leader"))
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [error["field"] for error in body(answer)["errors"]] == [field]


@pytest.mark.parametrize("query", ["", "?measure=happy", "?measure=late&limit=0", "?measure=late&limit=1001"])
def test_an_invalid_list_query_is_refused(stats: ServiceUnderTest, client: FlaskClient, query: str) -> None:
    assert client.get(LIST + query, headers=stats.headers("leader")).status_code == 422


@pytest.mark.parametrize("path", [SUMMARY, LIST + "?measure=late"])
def test_only_leaders_and_operators_may_see_statistics(stats: ServiceUnderTest, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401
    for role in ("citizen", "clerk", "officer", "agency", "device", "provider"):
        assert client.get(path, headers=stats.headers(role)).status_code == 403


@pytest.mark.parametrize(
    ("agency", "received"),
    [("H57.10.01", 4), ("H57.30.01", 3), ("H12.31.01", 0), ("H99", 0), ("x' OR '1'='1", 0)],
)
def test_leaders_count_and_list_only_dossiers_that_concern_their_agency(
    stats: ServiceUnderTest, client: FlaskClient, agency: str, received: int
) -> None:
    """All four were received at H57.10.01; H57.30.01 has handled those that were resolved, late or stopped."""
    leader = stats.headers("leader", agency)
    summary = body(client.get(SUMMARY + NOVEMBER, headers=leader))
    for measure in LISTED:
        listed = body(client.get(f"{LIST}{NOVEMBER}&measure={measure}", headers=leader))
        assert len(listed["codes"]) == summary[measure], measure
    assert summary["received"] == received
    everything = body(client.get(SUMMARY + NOVEMBER, headers=stats.headers("operator", "")))
    if received == 4:
        assert {**summary, "filters": {}} == everything
    if received == 0:
        assert (summary["received"], summary["fees_paid"], summary["steps"], summary["messages"]["sent"]) == (
            0,
            0,
            [],
            0,
        )


def test_many_agencies_cost_one_parameter_each(both: ServiceUnderTest) -> None:
    agencies = frozenset(f"H{number}" for number in range(5000)) | {"H57.10.01"}
    both.apply(event("dossier.received", 1, dossier="D-0"))
    both.hand.pass_(timedelta(days=40))
    now = both.store.clock.now()
    with both.store.read() as connection:
        summary = summarise(connection, Scope(Period(now.date(), now.date()), now, {}, agencies))
    assert summary.counts["in_progress"] == 1


def test_a_leader_of_no_agency_gets_403(stats: ServiceUnderTest, client: FlaskClient) -> None:
    for path in (SUMMARY, f"{LIST}?measure=received"):
        assert client.get(path, headers=stats.headers("leader", "")).status_code == 403


@pytest.mark.parametrize(("field", "most"), [("agency", 50), ("handling_agency", 50), ("field", 50), ("procedure", 50)])
def test_a_question_is_no_longer_than_what_it_asks_for(
    stats: ServiceUnderTest, client: FlaskClient, field: str, most: int
) -> None:
    headers = stats.headers("leader")
    url = f"{LIST}{NOVEMBER}&measure=received&{field}="
    assert client.get(url + "x" * most, headers=headers).status_code in (200, 403)
    refused = client.get(url + "x" * (most + 1), headers=headers)
    assert (refused.status_code, [fault["field"] for fault in body(refused)["errors"]]) == (422, [field])


@pytest.mark.parametrize("after", ["x", "D-1", "W10", "IkQtMSI", "A" * 500, "A" * 501])
def test_what_is_no_cursor_is_refused(stats: ServiceUnderTest, client: FlaskClient, after: str) -> None:
    answer = client.get(f"{LIST}?measure=received&after={after}", headers=stats.headers("leader"))
    assert answer.status_code == 422
    assert [error["field"] for error in body(answer)["errors"]] == ["after"]
