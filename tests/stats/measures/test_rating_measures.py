"""Ratings, complaints and surveys of a period, counted from their events on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection

from services.stats.app import create_app
from services.stats.facts.store import ratings
from services.stats.measures.activities import Counts, read_events
from services.stats.measures.complaints import COUNTED, count_complaints, count_surveys, list_complaints
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope
from services.stats.measures.ratings import count_ratings
from shared.messaging.event import Event
from tests.stats.stored_facts import moment
from tests.support.events import event
from tests.support.service import ServiceUnderTest, body

DAY = "2025-12-02T10:00:00+07:00"
DECEMBER = Period(date(2025, 12, 1), date(2025, 12, 31))
NOW = moment("2026-02-01T08:00:00+07:00")
ELSEWHERE = "H12.31.01"
QUERY = "?from=2025-12-01&to=2025-12-31"


def scope(agencies: set[str] | None = None, **filters: str) -> Scope:
    return Scope(DECEMBER, NOW, filters, None if agencies is None else frozenset(agencies))


def counts(connection: Connection, of: Scope) -> Counts:
    return read_events(of.reader(connection), of)[0]


def given(number: int, score: int, **data: Any) -> Event:
    about: dict[str, Any] = {"rating": f"R-{number}", "dossier": f"D-{number}", "score": score, "given_at": DAY}
    return event("rating.given", 1, **about | data)


def visit(number: int, score: int, **data: Any) -> Event:
    none = {"kind": "visit", "dossier": None, "procedure": None, "field": None}
    return given(number, score, **none | {"channel": "device", "agency": ELSEWHERE} | data)


def corrected(number: int, score: int | None, at: str, sequence: int = 2) -> Event:
    return event("rating.corrected", sequence, rating=f"R-{number}", score=score, corrected_at=at)


RATINGS = (
    given(1, 5),
    given(2, 2, channel="sms"),
    given(3, 1),
    visit(4, 4),
    visit(5, 5),
    given(6, 5, given_at="2025-11-30T23:59:59+07:00"),
)
CORRECTIONS = (
    corrected(3, None, "2025-12-05T10:00:00+07:00"),
    corrected(2, 3, "2025-12-06T10:00:00+07:00", 3),
    corrected(2, 4, "2025-12-05T10:00:00+07:00"),
)


@pytest.mark.parametrize("events", [RATINGS + CORRECTIONS, CORRECTIONS + RATINGS, CORRECTIONS[::-1] + RATINGS * 2])
def test_ratings_count_as_they_were_corrected_last(both: ServiceUnderTest, events: tuple[Event, ...]) -> None:
    for one in events:
        both.apply(one)
    with both.store.read() as connection:
        found, here, seen, land, online = (
            count_ratings(counts(connection, one))
            for one in (
                scope(),
                scope(agency=ELSEWHERE),
                scope({ELSEWHERE}),
                scope(field="land"),
                scope(channel="online"),
            )
        )
    assert (found.given, found.satisfied, found.excluded, found.of_visits) == (4, 3, 1, 2)
    assert (found.satisfied_share, found.average_score) == (75.0, 4.25)
    assert found.by_channel == {"device": 2, "sms": 1, "web": 1}
    assert (here.given, here.by_channel, seen) == (2, {"device": 2}, here)
    assert (land.given, land.of_visits, online.given) == (2, 0, 0)
    assert both.retry_rows() == []


def test_the_score_that_was_given_is_kept(both: ServiceUnderTest) -> None:
    both.apply(corrected(1, None, DAY, 2), given(1, 5))
    (row,) = both.rows(ratings)
    assert (row["score"], row["corrected_score"], row["corrected_at"]) == (5, None, moment(DAY))


def told(happened: str, code: str, at: str = DAY, sequence: int = 1, **data: Any) -> Event:
    fields = {"more_requested": "requested_at", "due_soon": "warned_at"}
    when = {fields.get(happened, f"{happened}_at"): at}
    return event(f"complaint.{happened}", sequence, id=f"{happened} {code} {at}", complaint=code, **when | data)


COMPLAINTS = (
    told("lodged", "P-1"),
    told("lodged", "P-2", channel="hotline", agency=ELSEWHERE),
    told("lodged", "P-3", at="2025-11-30T23:00:00+07:00"),
    told("answered", "P-1", "2025-12-10T08:00:00+07:00"),
    told("reopened", "P-1", "2025-12-11T08:00:00+07:00"),
    told("answered", "P-1", "2025-12-20T08:00:00+07:00", on_time=False),
    told("answered", "P-3"),
    told("overdue", "P-1", "2025-12-18T08:00:00+07:00"),
    told("overdue", "P-1", "2025-12-19T08:00:00+07:00", escalation=2),
    told("due_soon", "P-1"),
    told("rejected", "P-2", channel="hotline", agency=ELSEWHERE),
    told("published", "P-3"),
)


@pytest.mark.parametrize("events", [COMPLAINTS, COMPLAINTS[::-1], COMPLAINTS * 2])
def test_each_complaint_counts_once_whatever_happened_to_it(both: ServiceUnderTest, events: tuple[Event, ...]) -> None:
    for one in events:
        both.apply(one)
    with both.store.read() as connection:
        found, seen, none = (
            count_complaints(connection, one, counts(connection, one))
            for one in (scope(), scope({ELSEWHERE}), scope(handling_agency="H57.30.01"))
        )
        lists = {name: list_complaints(connection, name, scope(), "", 100) for name in COUNTED}
    assert {name: len(codes) for name, codes in lists.items()} == {name: getattr(found, name) for name in COUNTED}
    assert (found.lodged, found.answered, found.overdue, found.reopened, found.rejected) == (2, 2, 1, 1, 1)
    assert (found.answered_on_time, found.answered_on_time_share) == (1, 50.0), "P-1 was late the second time"
    assert (found.lodged_by_channel, found.answered_by_agency) == ({"hotline": 1, "web": 1}, {"H57.10.01": 2})
    assert (seen.lodged, seen.rejected, seen.answered, seen.answered_on_time_share) == (1, 1, 0, None)
    assert none.lodged == 0


def test_surveys_that_ended_are_counted_with_their_response(both: ServiceUnderTest) -> None:
    for number, at in enumerate(("2025-11-30T17:00:00+07:00", DAY, DAY)):
        both.apply(event("survey.closed", survey=f"S-{number}", closed_at=at, invited=10 * number, responses=number))
    with both.store.read() as connection:
        found, other, filtered = (
            count_surveys(counts(connection, one)) for one in (scope(), scope({ELSEWHERE}), scope(field="land"))
        )
    assert (found.closed, found.invited, found.responses, found.response_share) == (2, 30, 3, 10.0)
    assert (other.closed, other.response_share, filtered.closed) == (0, None, 0)


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    stats.apply(*RATINGS, *COMPLAINTS)
    return stats.client(create_app)


def test_the_list_of_complaints_is_paged_and_each_leader_sees_their_own(
    stats: ServiceUnderTest, client: FlaskClient
) -> None:
    place = f"/stats/api/complaints{QUERY}&happened=lodged"
    everything = stats.headers("operator", "")
    first = body(client.get(f"{place}&limit=1", headers=everything))
    assert (first["codes"], first["next"]) == (["P-1"], "P-1")
    second = body(client.get(f"{place}&limit=1&after=P-1", headers=everything))
    assert (second["codes"], second["next"]) == (["P-2"], None)
    assert body(client.get(place, headers=stats.headers("leader", ELSEWHERE)))["codes"] == ["P-2"]
    assert client.get(place, headers=stats.headers("clerk")).status_code == 403
    assert client.get(f"/stats/api/complaints{QUERY}&happened=eaten", headers=everything).status_code == 422


@pytest.mark.parametrize("measure", ["rated", "satisfied"])
def test_no_list_tells_which_dossiers_were_rated(stats: ServiceUnderTest, client: FlaskClient, measure: str) -> None:
    answer = client.get(f"/stats/api/dossiers{QUERY}&measure={measure}", headers=stats.headers("operator", ""))
    assert (answer.status_code, body(answer)["errors"][0]["field"]) == (422, "measure")


def test_the_summary_has_them_all(stats: ServiceUnderTest, client: FlaskClient) -> None:
    summary = body(client.get(f"/stats/api/summary{QUERY}", headers=stats.headers("operator", "")))
    assert summary["ratings"]["given"] == 5
    assert summary["complaints"]["lodged"] == 2
    assert summary["surveys"]["response_share"] is None
