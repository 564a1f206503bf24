"""Letters that wait, the batches into which they go, and what is reported of their deliveries."""

from __future__ import annotations

import csv
import io
import threading
import time
from datetime import datetime, timedelta

import pytest

from services.notify.channels.port import Accepted, PermanentlyFailed, SmsContent, TemporarilyFailed
from services.notify.channels.receipt_store import receipts
from services.notify.post.batches import store as batch_store
from services.notify.post.batches.commands import (
    close_batch,
    close_due,
    mark_posted,
    mark_printed,
    mark_returned,
    record_arrival,
)
from services.notify.post.batches.domain import BatchState, NothingToPrint, UnknownBatch, WrongBatchState
from services.notify.post.batches.manifest import HEADER, manifest_csv, manifest_pdf
from services.notify.post.letters import store
from services.notify.post.letters.domain import TRANSITIONS, LetterState, UnknownLetter, WrongLetterState
from shared.runtime.clock import VIETNAM
from tests.notify.post.letters_fixture import DESK, outgoing, queue, send
from tests.support.pdf import text_of
from tests.support.service import ServiceUnderTest, reference

MINE = frozenset({DESK})
OTHER = "H12.20"


def close(service: ServiceUnderTest, agency: str = DESK, by: str = "clerk-1") -> str:
    return service.store.run(lambda work: close_batch(work, agency, None, by)).id


def set_clock(service: ServiceUnderTest, at: datetime) -> None:
    service.hand.seconds = at.timestamp()


def reported(service: ServiceUnderTest) -> list[tuple[str, str]]:
    return sorted((row["reference"], row["status"]) for row in service.rows(receipts))


def _printed(service: ServiceUnderTest, id: str, by: str, agency: str = DESK) -> None:
    service.store.run(lambda work: mark_printed(work, id, {agency}, by))


def _posted(service: ServiceUnderTest, id: str, by: str, agency: str = DESK) -> None:
    service.store.run(lambda work: mark_posted(work, id, {agency}, by))


def test_a_letter_is_queued_once_with_a_number(both: ServiceUnderTest) -> None:
    year = both.store.clock.now().astimezone(VIETNAM).year
    first, again, second = (send(both, outgoing(id))[0] for id in ("a", "a", "b"))
    assert first == again == Accepted(f"01/TB-{DESK}/{year}", "post")
    assert second == Accepted(f"02/TB-{DESK}/{year}", "post")
    rows = both.rows(store.letters)
    assert [(row["id"], row["state"], row["pages"], row["fee"]) for row in rows] == [
        ("a", "waiting", 1, 4000),
        ("b", "waiting", 1, 4000),
    ]


def test_the_address_is_not_in_clear_in_the_database(both: ServiceUnderTest) -> None:
    send(both, outgoing("a"))
    with both.store.engine.connect() as connection:
        (kept,) = connection.exec_driver_sql("SELECT contents FROM letter").scalars()
    assert kept
    assert "Bưởi" not in kept
    assert "Vĩnh" not in kept


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"address": ("xã Phước Long",)}, "does not end with a province"),
        ({"name": ""}, "no name"),
        ({"address": ("x" * 90, "xã Phước Long", "Cà Mau")}, "too long for the window"),
        ({"agency": ""}, "no agency"),
        ({"body": " "}, "says nothing"),
        ({"body": "x" * 20_001}, "too long"),
    ],
)
def test_a_letter_that_cannot_be_sent_fails_for_good_with_the_reason(
    notify: ServiceUnderTest, different: dict[str, object], reason: str
) -> None:
    (outcome,) = send(notify, outgoing("a", **different))
    assert isinstance(outcome, PermanentlyFailed)
    assert reason in outcome.reason
    assert "Bưởi" not in outcome.reason
    assert notify.rows(store.letters) == []


def test_a_fault_of_one_letter_does_not_stop_the_others(notify: ServiceUnderTest) -> None:
    broken = outgoing("a")
    object.__setattr__(broken, "content", SmsContent("x", "gsm-7", 1))
    outcomes = send(notify, broken, outgoing("b"))
    assert [type(one) for one in outcomes] == [TemporarilyFailed, Accepted]
    late = list(queue(notify).send([outgoing("c")], time.monotonic() - 1))
    assert isinstance(late[0][1], TemporarilyFailed)


def test_a_batch_takes_all_that_wait_and_each_letter_once(both: ServiceUnderTest) -> None:
    send(both, outgoing("a"), outgoing("b"), outgoing("c", agency=OTHER))
    first = close(both)
    with pytest.raises(NothingToPrint):
        close(both)
    send(both, outgoing("d"))
    second = close(both)
    in_batch = {row["id"]: row["batch"] for row in both.rows(store.letters)}
    assert in_batch == {"a": first, "b": first, "c": None, "d": second}
    assert sorted((row["number"], row["letters"], row["fee"]) for row in both.rows(batch_store.batches)) == [
        (1, 2, 8000),
        (2, 1, 4000),
    ]


def test_two_clerks_who_close_at_once_make_one_batch(both: ServiceUnderTest) -> None:
    send(both, *(outgoing(str(number)) for number in range(6)))
    results: list[object] = []
    start = threading.Barrier(3)

    def one() -> None:
        start.wait()
        try:
            results.append(close(both))
        except NothingToPrint as error:
            results.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in results if isinstance(one, str)]) == 1
    (batch,) = both.rows(batch_store.batches)
    assert batch["letters"] == 6
    assert {row["batch"] for row in both.rows(store.letters)} == {batch["id"]}


def test_the_cut_off_closes_what_waited_then(both: ServiceUnderTest) -> None:
    at = both.store.clock.now().astimezone(VIETNAM)  # a Monday
    set_clock(both, at.replace(hour=15, minute=0))
    send(both, outgoing("a"))
    assert close_due(both.context) == 0
    set_clock(both, at.replace(hour=15, minute=31))
    send(both, outgoing("b"))
    assert close_due(both.context) == 1
    assert close_due(both.context) == 0
    assert [row["state"] for row in both.rows(store.letters)] == ["batched", "waiting"]
    assert both.rows(batch_store.batches)[0]["closed_by"] == ""
    set_clock(both, at.replace(hour=15, minute=31) + timedelta(days=1))
    assert close_due(both.context) == 1


def test_an_agency_that_has_ended_still_gets_its_letters_printed(notify: ServiceUnderTest) -> None:
    send(notify, outgoing("a", agency="H00.gone"))
    set_clock(notify, notify.store.clock.now() + timedelta(days=3))
    assert close_due(notify.context) == 1


def test_printed_then_handed_to_the_post_and_each_twice(both: ServiceUnderTest) -> None:
    accepted = [one.reference for one in send(both, outgoing("a"), outgoing("b")) if isinstance(one, Accepted)]
    id = close(both)
    with pytest.raises(WrongBatchState):
        _posted(both, id, "clerk-1")
    for by in ("clerk-1", "clerk-2"):
        _printed(both, id, by)
    for by in ("clerk-3", "clerk-4"):
        _posted(both, id, by)
    _printed(both, id, "clerk-5")
    (batch,) = both.rows(batch_store.batches)
    assert (batch["state"], batch["printed_by"], batch["posted_by"]) == (BatchState.POSTED, "clerk-1", "clerk-3")
    assert reported(both) == sorted((one, "accepted") for one in accepted)
    for act in (_printed, _posted):
        with pytest.raises(UnknownBatch):
            act(both, id, "x", OTHER)


def test_what_becomes_of_a_letter_is_reported_once(both: ServiceUnderTest) -> None:
    (outcome,) = send(both, outgoing("a"))
    assert isinstance(outcome, Accepted)
    now = both.store.clock.now()

    def arrive(state: LetterState) -> bool:
        return both.store.run(lambda work: record_arrival(work, outcome.reference, state, now, "gone away"))

    with pytest.raises(WrongLetterState):
        both.store.run(lambda work: mark_returned(work, "a", MINE, "", "clerk-1"))
    assert not arrive(LetterState.DELIVERED)
    id = close(both)
    _printed(both, id, "c")
    _posted(both, id, "c")
    assert arrive(LetterState.DELIVERED)
    assert not arrive(LetterState.DELIVERED)
    for _ in range(2):
        both.store.run(lambda work: mark_returned(work, "a", MINE, "không có người nhận", "clerk-1"))
    assert [status for _, status in reported(both)] == ["accepted", "delivered", "returned"]
    with pytest.raises(UnknownLetter):
        both.store.run(lambda work: mark_returned(work, "a", frozenset({OTHER}), "", "x"))


def test_final_states_of_letters_are_final() -> None:
    assert TRANSITIONS[LetterState.RETURNED] == frozenset()
    assert set(TRANSITIONS) == set(LetterState)


def test_the_manifest_names_each_letter(notify: ServiceUnderTest) -> None:
    send(notify, outgoing("a"), outgoing("b", name='=HYPERLINK("x")'))
    id = close(notify)
    with notify.store.read() as connection:
        rows = store.of_batch(connection, id)
        batch = batch_store.find(connection, id)
    assert batch is not None
    content = manifest_csv(rows)
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert read[0] == list(HEADER)
    assert len(read) == 3
    assert read[1][1:4] == [f"01/TB-{DESK}", "Nguyễn Thị Bưởi", "Số 12, đường Lê Lợi, phường Vĩnh Thông, tỉnh An Giang"]
    assert read[2][2].startswith("'=")
    said = text_of(manifest_pdf(batch, rows, reference().agencies, batch.closed_at))
    for part in ("Bảng kê bàn giao thư".upper(), f"02/TB-{DESK}", "Nguyễn Thị Bưởi", "2 thư", "8.000 đồng"):
        assert part in said


def test_an_erased_letter_keeps_its_number_alone(both: ServiceUnderTest) -> None:
    send(both, outgoing("a"))
    both.store.run(lambda work: store.erase_letters(work.connection, f"{DESK}-251120-0001"))
    id = close(both)
    with both.store.read() as connection:
        (row,) = store.of_batch(connection, id)
    assert row.letter is None
    assert row.number == f"01/TB-{DESK}"
    assert b"(" in manifest_csv([row])
    assert b"\xc6\xb0\xe1\xbb\x9fi" not in manifest_csv([row]).split(b"\r\n")[1]
