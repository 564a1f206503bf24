"""Staff see which events notify could not apply, without what they say, and have them applied again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from services.notify.app import create_app
from services.notify.delivery.store import deliveries
from services.notify.parked.domain import KIND_LABELS
from services.notify.parked.queries import READ, SHOWN, parked_of
from shared.messaging import retry_policy
from shared.messaging.tables import retry_queue
from shared.persistence.reading_audit import reading_audit
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK, OTHER = "H57.10.01", "H12.31.01"
SECRET = "Nguyễn Thị Mai 0912345678"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


@pytest.fixture
def parked(both: ServiceUnderTest) -> ServiceUnderTest:
    """Notify with a parked event about a dossier of DESK, and a message that is no event."""
    both.apply(event("applicant.registered", 1, dossier="D-1", email=""))
    late = event("dossier.received", 2, dossier="D-1", agency=DESK)
    both.applier.park(late.to_json(), retry_policy.PERMANENT, f"ValueError: {SECRET}")
    both.applier.park(b"no event", retry_policy.UNDECODABLE, "Undecodable: not JSON")
    return both


@pytest.fixture
def client(parked: ServiceUnderTest) -> FlaskClient:
    return parked.client(create_app)


def number_of(notify: ServiceUnderTest, kind: str = retry_policy.PERMANENT) -> int:
    return next(int(row["id"]) for row in notify.rows(retry_queue) if row["kind"] == kind)


def press(client: FlaskClient, notify: ServiceUnderTest, number: object, role: str, agency: str) -> int:
    headers = notify.headers(role, agency) | OWN
    return client.post("/notify/failed", data={"event": str(number)}, headers=headers).status_code


def test_staff_see_their_agencies_parked_events_without_what_they_say(
    parked: ServiceUnderTest, client: FlaskClient
) -> None:
    page = client.get("/notify/failed", headers=parked.headers("clerk", DESK)).text
    assert "D-1" in page
    assert "nội dung không áp dụng được" in page
    assert "không đọc được" not in page, "it concerns no agency"
    assert SECRET not in page
    assert "Nguyễn" not in page
    assert "Xử lý lại" not in page, "clerks may only look"
    assert "Xử lý lại" in client.get("/notify/failed", headers=parked.headers("leader", DESK)).text
    assert "D-1" not in client.get("/notify/failed", headers=parked.headers("leader", OTHER)).text
    everything = client.get("/notify/failed", headers=parked.headers("operator", "")).text
    assert "không đọc được" in everything
    assert everything.count("Xử lý lại") == 2
    assert client.get("/notify/failed", headers=parked.headers("officer", DESK)).status_code == 403


def test_a_leader_has_an_event_applied_again_once_and_that_is_recorded(
    parked: ServiceUnderTest, client: FlaskClient
) -> None:
    number = number_of(parked)
    assert press(client, parked, number, "clerk", DESK) == 403
    assert press(client, parked, number, "leader", OTHER) == 303
    assert ("parked", retry_policy.PERMANENT) in parked.retry_rows(), "another agency's leader changes nothing"
    assert [press(client, parked, number, "leader", DESK) for _ in range(3)] == [303, 303, 303]
    assert parked.applier.retry_due() == 1
    assert [row["dossier"] for row in parked.rows(deliveries)] == ["D-1"]
    assert press(client, parked, number, "leader", DESK) == 303
    replays = [row for row in parked.rows(reading_audit) if row["action"] == "parked-replay"]
    assert [(row["subject"], row["record"]) for row in replays] == [("official-7", "D-1")]


def test_an_operator_has_any_event_applied_again(parked: ServiceUnderTest, client: FlaskClient) -> None:
    number = number_of(parked, retry_policy.UNDECODABLE)
    assert press(client, parked, number, "leader", DESK) == 303
    assert ("parked", retry_policy.UNDECODABLE) in parked.retry_rows()
    assert press(client, parked, number, "operator", "") == 303
    assert ("parked", retry_policy.UNDECODABLE) not in parked.retry_rows()


@pytest.mark.parametrize("typed", ["", "x", "-1", "0", "9" * 18, "9" * 400, "١٢", "1 OR 1"])
def test_a_number_that_is_not_parked_changes_nothing(parked: ServiceUnderTest, client: FlaskClient, typed: str) -> None:
    before = parked.rows(retry_queue)
    assert press(client, parked, typed, "operator", "") == 303
    assert parked.rows(retry_queue) == before


def test_the_answer_is_told_once(parked: ServiceUnderTest, client: FlaskClient) -> None:
    told = "Sự kiện đã được xếp để xử lý lại"
    assert press(client, parked, number_of(parked), "leader", DESK) == 303
    pages = [client.get("/notify/failed", headers=parked.headers("leader", DESK)).text for _ in range(2)]
    assert [told in page for page in pages] == [True, False]


def test_what_waits_behind_is_counted_and_a_long_list_says_that_there_is_more(notify: ServiceUnderTest) -> None:
    first = event("dossier.received", 2, dossier="D-1", agency=DESK)
    notify.applier.park(first.to_json(), retry_policy.PERMANENT, "")
    notify.apply(event("dossier.withdrawn", 3, dossier="D-1"))
    with notify.store.read() as connection:
        found = parked_of(connection, frozenset({DESK}))
    assert [(one.key, one.waiting) for one in found.events] == [("D-1", 1)]
    assert not found.more
    for number in range(READ):
        notify.applier.park(b"%d" % number, retry_policy.UNDECODABLE, "")
    with notify.store.read() as connection:
        own, all_ = parked_of(connection, frozenset({DESK})), parked_of(connection, None)
    assert (len(own.events), own.more) == (1, True)
    assert (len(all_.events), all_.more) == (SHOWN, True)


def test_every_kind_that_is_parked_has_a_name() -> None:
    kinds = {value for name, value in vars(retry_policy).items() if name.isupper() and isinstance(value, str)}
    assert kinds - {retry_policy.WAITING, retry_policy.PARKED, retry_policy.BLOCKED} == KIND_LABELS.keys()
