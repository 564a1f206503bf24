"""Parcels in the database: registered, followed, cancelled, and what is announced of them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.notify.messages.store import messages
from services.notify.post.parcels import store
from services.notify.post.parcels.commands import (
    cancel_parcel,
    mark_handled,
    record_refused,
    record_registered,
    record_reports,
    record_unavailable,
    request_parcel,
)
from services.notify.post.parcels.domain import MAX_ATTEMPTS, Contents, UnknownParcel, WrongParcelState
from services.notify.post.parcels.sweeps import call_due, poll_due
from services.notify.post.providers.port import RegisteredParcel, TrackingEvent, TrackingStatus
from services.notify.post.providers.spool import SPOOL, item_number
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK, DOSSIER = "H12.31.01", "H12.31.01-251120-0001"
MINE = frozenset({DESK})
NUMBER = "EP123456785VN"


def request(service: ServiceUnderTest, **different: Any) -> str:
    values: dict[str, Any] = {
        "dossier": DOSSIER,
        "agency": DESK,
        "contents": Contents.RESULT,
        "provider": SPOOL,
        "name": "Nguyễn Thị Bưởi",
        "phone": "0912345678",
        "address": ("Ấp 3", "xã Phước Long", "Cà Mau"),
        "grams": 90,
        "by": "clerk-1",
    }
    return service.store.run(lambda work: request_parcel(work, **(values | different)))


def state(service: ServiceUnderTest, id: str) -> str:
    return next(str(row["state"]) for row in service.rows(store.parcels) if row["id"] == id)


def announced(service: ServiceUnderTest) -> list[tuple[str, str, int]]:
    found = service.emitted(*(f"parcel.{one}" for one in ("registered", "progressed", "delivered", "returned", "lost")))
    return [(one.name, one.data["state"], one.data["revision"]) for one in found]


def report(service: ServiceUnderTest, *reports: tuple[str, float], number: str = NUMBER, **more: str) -> int:
    now = service.store.clock.now()
    events = [
        TrackingEvent(number, TrackingStatus(status), now + timedelta(hours=hours), **more) for status, hours in reports
    ]
    return service.store.run(lambda work: record_reports(work, SPOOL, events))


def registered(service: ServiceUnderTest, number: str = NUMBER) -> str:
    id = request(service)
    taken = RegisteredParcel(number, 26000, b"%PDF-")
    service.store.run(lambda work: record_registered(work, id, taken))
    return id


def test_a_folder_registers_and_tells_how_parcels_stand(both: ServiceUnderTest) -> None:
    id = request(both)
    assert call_due(both.context) == 1
    assert call_due(both.context) == 0
    (row,) = both.rows(store.parcels)
    assert (row["state"], row["number"], row["fee"]) == ("registered", item_number(id), 26000)
    folder = Path(both.context.settings.data) / "post"
    order = orjson.loads((folder / f"{id}.json").read_bytes())
    assert order["name"] == "Nguyễn Thị Bưởi"
    assert order["number"] == row["number"]
    assert (folder / f"{id}.json").stat().st_mode & 0o077 == 0
    (folder / "tracking").mkdir()
    at = both.store.clock.now().isoformat()
    reports = {"events": [{"number": row["number"], "status": "delivered", "at": at, "received_by": "Lê Văn Tám"}]}
    (folder / "tracking" / f"{row['number']}.json").write_bytes(orjson.dumps(reports))
    assert poll_due(both.context) == 0
    both.hand.pass_(timedelta(minutes=31))
    assert poll_due(both.context) == 1
    assert state(both, id) == "delivered"
    assert both.rows(store.parcels)[0]["received_by"] == "Lê Văn Tám"
    both.hand.pass_(timedelta(hours=2))
    assert poll_due(both.context) == 0
    assert announced(both) == [("parcel.registered", "registered", 1), ("parcel.delivered", "delivered", 2)]
    assert all("Tám" not in str(one.data) and "Bưởi" not in str(one.data) for one in both.emitted())


def test_personal_data_of_parcels_are_not_in_clear(both: ServiceUnderTest) -> None:
    registered(both)
    report(both, ("delivered", 1), received_by="Lê Văn Tám")
    with both.store.engine.connect() as connection:
        kept = [
            *connection.exec_driver_sql("SELECT name, phone, address, label, received_by FROM parcel").one(),
            *connection.exec_driver_sql("SELECT received_by FROM parcel_tracking").one(),
        ]
    assert all(kept)
    assert not any(word in one for one in kept for word in ("Bưởi", "0912", "Phước", "Tám", "JVBERi0"))


def test_reports_before_the_registration_wait_for_it(both: ServiceUnderTest) -> None:
    id = request(both)
    assert report(both, ("accepted", 1), ("out_for_delivery", 2)) == 2
    assert state(both, id) == "requested"
    both.store.run(lambda work: record_registered(work, id, RegisteredParcel(NUMBER, 0)))
    assert state(both, id) == "out_for_delivery"
    assert [one for one, *_ in announced(both)] == ["parcel.registered", "parcel.progressed"]


def test_any_order_of_reports_ends_the_same(notify: ServiceUnderTest) -> None:
    way = [("accepted", 1.0), ("out_for_delivery", 2.0), ("failed_attempt", 3.0), ("returned", 4.0)]
    for n, order in enumerate(itertools.permutations(way)):
        number = f"EP{n:08d}0VN"
        id = registered(notify, number)
        for one in (*order, *order[:2]):
            report(notify, one, number=number)
        assert state(notify, id) == "returned"


def test_repeated_reports_announce_nothing(both: ServiceUnderTest) -> None:
    registered(both)
    for _ in range(3):
        report(both, ("accepted", 1), ("delivered", 2))
    assert [one for one, *_ in announced(both)] == ["parcel.registered", "parcel.delivered"]
    assert len(both.rows(store.tracking)) == 2


def test_reports_of_another_provider_do_not_count(both: ServiceUnderTest) -> None:
    id = registered(both)
    forged = TrackingEvent(NUMBER, TrackingStatus.LOST, both.store.clock.now())
    both.store.run(lambda work: record_reports(work, "another", [forged]))
    assert state(both, id) == "registered"


def test_one_parcel_may_carry_the_results_of_two_dossiers(both: ServiceUnderTest) -> None:
    registered(both)
    other = request(both, dossier=f"{DESK}-251120-0002")
    both.store.run(lambda work: record_registered(work, other, RegisteredParcel(NUMBER, 0)))
    report(both, ("delivered", 1))
    assert {row["state"] for row in both.rows(store.parcels)} == {"delivered"}


def test_a_number_that_the_desk_typed_is_followed_once(both: ServiceUnderTest) -> None:
    contact = event("applicant.registered", dossier=DOSSIER)
    posted = event("result.posted", 2, dossier=DOSSIER, receiving_agency=DESK, parcel="ep123456785vn")
    both.apply(contact, posted)
    both.apply(posted)
    (row,) = both.rows(store.parcels)
    assert (row["number"], row["contents"], row["agency"], row["created_by"]) == (NUMBER, "result", DESK, "")
    report(both, ("accepted", 1))
    assert state(both, row["id"]) == "in_transit"


def test_bad_news_is_told_to_the_desk_and_the_citizen(both: ServiceUnderTest) -> None:
    id = registered(both)
    with pytest.raises(WrongParcelState):
        both.store.run(lambda work: mark_handled(work, id, MINE, "clerk-1"))
    report(both, ("lost", 1))
    with both.store.read() as connection:
        assert store.count_worrying(connection, MINE) == 1
        assert store.count_worrying(connection, {"H12.20"}) == 0
    both.store.run(lambda work: mark_handled(work, id, MINE, "clerk-1"))
    both.store.run(lambda work: mark_handled(work, id, MINE, "clerk-2"))
    assert both.rows(store.parcels)[0]["handled_by"] == "clerk-1"
    with both.store.read() as connection:
        assert store.count_worrying(connection, MINE) == 0
    with pytest.raises(UnknownParcel):
        both.store.run(lambda work: mark_handled(work, id, {"H12.20"}, "x"))


@pytest.mark.parametrize(("name", "state", "kinds"), [("lost", "lost", 1), ("returned", "returned", 1)])
def test_the_citizen_is_told_bad_news_once(both: ServiceUnderTest, name: str, state: str, kinds: int) -> None:
    contact = event("applicant.registered", dossier=DOSSIER)
    news = event(f"parcel.{name}", 2, dossier=DOSSIER, state=state)
    both.apply(news)
    assert both.rows(messages) == []
    both.apply(contact)
    both.apply(news, news)
    both.hand.pass_(timedelta(hours=1))
    both.applier.retry_due()
    assert [row["kind"] for row in both.rows(messages)] == [f"parcel_{name}"] * kinds


def test_the_citizen_is_told_when_the_postman_comes(both: ServiceUnderTest) -> None:
    both.apply(event("applicant.registered", dossier=DOSSIER))
    both.apply(event("parcel.registered", 2, dossier=DOSSIER, contents="result"))
    assert both.rows(messages) == []
    both.apply(event("parcel.registered", 3, dossier=DOSSIER, contents="pickup"))
    assert [row["kind"] for row in both.rows(messages)] == ["parcel_pickup"]


def test_a_parcel_is_cancelled_before_the_post_has_it(both: ServiceUnderTest) -> None:
    id = registered(both)
    for _ in range(2):
        both.store.run(lambda work: cancel_parcel(work, id, MINE))
    assert call_due(both.context) == 1
    assert state(both, id) == "cancelled"
    both.store.run(lambda work: cancel_parcel(work, id, MINE))
    report(both, ("accepted", 1))
    assert state(both, id) == "cancelled"
    gone = registered(both, "EP000000000VN")
    report(both, ("accepted", 1), number="EP000000000VN")
    with pytest.raises(WrongParcelState):
        both.store.run(lambda work: cancel_parcel(work, gone, MINE))


def test_a_late_answer_does_not_revive_a_cancelled_parcel(both: ServiceUnderTest) -> None:
    id = request(both)
    both.store.run(lambda work: cancel_parcel(work, id, MINE))
    both.store.run(lambda work: record_registered(work, id, RegisteredParcel(NUMBER, 0)))
    assert state(both, id) == "cancelling"
    both.store.run(lambda work: record_refused(work, id, "the post has it"))
    assert state(both, id) == "requested"  # it asks once more for the number


def test_a_provider_that_never_answers_is_given_up(both: ServiceUnderTest) -> None:
    id = request(both)
    for _ in range(MAX_ATTEMPTS):
        both.store.run(lambda work: record_unavailable(work, id, "no answer in time"))
    (row,) = both.rows(store.parcels)
    assert (row["state"], row["reason"], row["due_at"]) == ("refused", "no answer in time", None)
    with both.store.read() as connection:
        assert store.count_worrying(connection, MINE) == 1


def test_erasure_leaves_when_a_parcel_went(both: ServiceUnderTest) -> None:
    registered(both)
    report(both, ("delivered", 1), received_by="Lê Văn Tám")
    both.store.run(lambda work: store.erase_parcels(work.connection, DOSSIER))
    (row,), (reported,) = both.rows(store.parcels), both.rows(store.tracking)
    assert [row[name] for name in ("name", "phone", "address", "label", "received_by")] == [""] * 5
    assert reported["received_by"] == ""
    assert row["number"] == NUMBER
    assert row["state"] == "delivered"
