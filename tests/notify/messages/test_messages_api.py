from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from services.notify.app import create_app
from services.notify.channels.domain import Channel
from services.notify.delivery.sweeps import send_due
from shared.persistence.reading_audit import reading_audit
from tests.support.events import event
from tests.support.service import ServiceUnderTest, body

URL = "/notify/api/messages?dossier=D-1"
TOKEN = "0123456789abcdefghjk"


@pytest.fixture
def client(notify: ServiceUnderTest) -> FlaskClient:
    notify.apply(
        event("applicant.registered", 1, dossier="D-1"),
        event("dossier.received", 2, dossier="D-1"),
        event("rating.invited", 1, dossier="D-1", token=TOKEN),
    )
    return notify.client(create_app)


@pytest.mark.parametrize("role", ["clerk", "leader"])
def test_clerks_and_leaders_read_the_messages_of_a_dossier(
    notify: ServiceUnderTest, client: FlaskClient, role: str
) -> None:
    send_due(notify.context, Channel.SMS)
    answer = client.get(URL, headers=notify.headers(role))
    assert answer.status_code == 200
    assert body(answer)["dossier"] == "D-1"
    assert [(row["kind"], row["state"], row["segments"]) for row in body(answer)["messages"]] == [
        ("received", "sent", 1),
        ("rating_invitation", "sent", 1),
    ]
    for row in body(answer)["messages"]:
        assert row["address"] == "09xx xxx 678"
        assert (row["encoding"], row["attempts"], row["reason"]) == ("gsm-7", 1, "")


def test_the_answer_has_no_phone_number_name_or_token(notify: ServiceUnderTest, client: FlaskClient) -> None:
    text = client.get(URL, headers=notify.headers("clerk")).text
    for secret in ("0912345678", "Nguyễn", "buoi@example.vn", TOKEN):
        assert secret not in text
    assert "https://motcua.vn/rating/r/" + "*" * 20 in text


def test_a_skipped_message_shows_its_reason(notify: ServiceUnderTest, client: FlaskClient) -> None:
    notify.apply(
        event("applicant.registered", 1, dossier="D-2", phone="113", email="", address=""),
        event("dossier.received", 2, dossier="D-2"),
    )
    (row,) = body(client.get("/notify/api/messages?dossier=D-2", headers=notify.headers("clerk")))["messages"]
    assert (row["state"], row["address"], row["reason"]) == ("skipped", None, "not a phone number of Vietnam")


def test_every_reading_is_recorded(both: ServiceUnderTest) -> None:
    client = both.client(create_app)
    both.apply(
        event("applicant.registered", 1, dossier="D-1"),
        event("dossier.received", 2, dossier="D-1"),
        event("dossier.resolved", 1, dossier="D-1"),
    )
    client.get(URL, headers=both.headers("clerk", "H57.10.01", "official-7"))
    client.get(URL, headers=both.headers("leader", "H57.30.01", "leader-1"))
    looks = [(row["subject"], row["agency"], row["action"], row["record"]) for row in both.rows(reading_audit)]
    assert looks == [
        ("official-7", "H57.10.01", "messages", "D-1"),
        ("leader-1", "H57.30.01", "messages", "D-1"),
    ]


@pytest.mark.parametrize("agency", ["H12.31.01", "H57.30.01", "H99", ""])
@pytest.mark.parametrize("role", ["clerk", "leader"])
def test_staff_of_other_agencies_read_nothing(
    notify: ServiceUnderTest, client: FlaskClient, role: str, agency: str
) -> None:
    """H57.30.01 handles the dossier, but has not acted on it yet."""
    answer = client.get(URL, headers=notify.headers(role, agency))
    assert (answer.status_code, body(answer)["type"].rpartition(":")[2]) == (403, "wrong-agency")
    assert notify.rows(reading_audit) == []


def test_the_handling_agency_reads_messages_when_it_has_acted(notify: ServiceUnderTest, client: FlaskClient) -> None:
    notify.apply(event("supplement.requested", 1, dossier="D-1"))
    agency = event("supplement.requested", 1, dossier="D-1").data["agency"]
    assert client.get(URL, headers=notify.headers("clerk", agency)).status_code == 200


def test_a_reading_that_cannot_be_recorded_is_not_answered(notify: ServiceUnderTest, client: FlaskClient) -> None:
    with notify.store.engine.begin() as connection:
        reading_audit.drop(connection)
    answer = client.get(URL, headers=notify.headers("clerk"))
    assert answer.status_code == 500
    assert "messages" not in body(answer)


def test_a_dossier_without_messages_is_nobodys(notify: ServiceUnderTest, client: FlaskClient) -> None:
    answer = client.get("/notify/api/messages?dossier=unknown", headers=notify.headers("clerk"))
    assert answer.status_code == 403


@pytest.mark.parametrize("query", ["", "?dossier=", "?dossier=" + "9" * 101, "?dossier=D-1&page=2"])
def test_an_invalid_query_names_the_field(notify: ServiceUnderTest, client: FlaskClient, query: str) -> None:
    answer = client.get("/notify/api/messages" + query, headers=notify.headers("clerk"))
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert body(answer)["errors"][0]["field"] in ("dossier", "page")


@pytest.mark.parametrize(("role", "status"), [("citizen", 403), ("officer", 403), ("operator", 403), ("agency", 403)])
def test_other_roles_may_not_read_messages(
    notify: ServiceUnderTest, client: FlaskClient, role: str, status: int
) -> None:
    assert client.get(URL, headers=notify.headers(role)).status_code == status
    assert client.get(URL).status_code == 401
    assert notify.rows(reading_audit) == []
