"""What time does to complaints: reminders and escalations once each, the end of waiting, erasure."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.rating.complaints import queries, store, sweeps
from services.rating.complaints.access import Access, Actor
from services.rating.complaints.domain import State
from services.rating.complaints.metrics import ComplaintGauges
from services.rating.complaints.sweeps import check_complaints, erase_complaints
from services.rating.complaints.tables import complaints, reminders
from shared.observability.metrics import exposition
from shared.runtime.clock import VIETNAM
from tests.rating.complaints.complaint_fixture import ANSWER, COMMITTEE, DESK, HANDLER, LEADER, TEXT, WHO, Office


def at(office: Office, text: str) -> None:
    moment = datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM)
    office.rating.hand.seconds = moment.timestamp()


def said(office: Office) -> list[tuple[str, str, int]]:
    found = office.rating.emitted("complaint.due_soon", "complaint.overdue")
    return [(one.name.removeprefix("complaint."), one.data["deadline"], one.data.get("escalation", 0)) for one in found]


def test_reminders_are_sent_once_each_and_escalate(both_offices: Office) -> None:
    office = both_offices
    lodged = office.lodge()  # Monday 03/11, 08:00
    assert check_complaints(office.rating.context) == 0
    office.act("assign", lodged.code, HANDLER)
    at(office, "20/11/2025 09:00")  # of 15 working days less than a fifth is left
    assert check_complaints(office.rating.context) == 1
    assert check_complaints(office.rating.context) == 0
    at(office, "24/11/2025 17:30")
    assert check_complaints(office.rating.context) == 0
    at(office, "24/11/2025 17:31")
    assert check_complaints(office.rating.context) == 1
    at(office, "25/11/2025 17:31")
    check_complaints(office.rating.context)
    check_complaints(office.rating.context)
    assert said(office) == [("due_soon", "resolve", 0), ("overdue", "resolve", 1), ("overdue", "resolve", 2)]
    assert office.now(lodged.code).escalation == 2
    assert office.now(lodged.code).next_check_at is None


def test_all_that_is_missed_is_made_up_for_but_due_soon(office: Office) -> None:
    office.lodge()
    at(office, "29/12/2025 08:00")
    check_complaints(office.rating.context)
    assert sorted(said(office)) == [
        ("overdue", "reject", 1),
        ("overdue", "reject", 2),
        ("overdue", "resolve", 1),
        ("overdue", "resolve", 2),
    ]


def test_nobody_is_reminded_while_the_complainant_is_waited_for(office: Office) -> None:
    lodged = office.lodge()
    office.act("assign", lodged.code, HANDLER)
    office.act("request_more", lodged.code, "Ở đâu?", by=HANDLER)
    at(office, "18/11/2025 23:59")
    assert check_complaints(office.rating.context) == 0
    at(office, "19/11/2025 00:01")
    assert check_complaints(office.rating.context) == 1
    one = office.now(lodged.code)
    assert (one.state, one.reply_until) == (State.ASSIGNED, None)
    # eleven working days and seven and a half hours of waiting are not counted
    assert one.answer_by == datetime(2025, 12, 10, 17, 0, tzinfo=VIETNAM)
    assert said(office) == []


def test_an_answer_that_nobody_publishes_is_overdue(office: Office) -> None:
    lodged = office.answered()
    at(office, "06/11/2025 08:00")
    check_complaints(office.rating.context)
    assert said(office) == [("overdue", "publish", 1)]
    office.act("publish", lodged.code, "Chờ lâu.", "Đã sửa.")
    (published,) = office.rating.emitted("complaint.published")
    assert published.data["on_time"] is False
    assert office.now(lodged.code).escalation == 0


def test_leaders_whom_an_escalation_told_find_it(office: Office) -> None:
    lodged = office.lodge()
    at(office, "26/11/2025 17:31")
    check_complaints(office.rating.context)
    agencies = office.rating.context.reference.agencies
    with office.rating.store.read() as connection:
        for agency, sees in ((DESK, True), (COMMITTEE, True), ("H12.20", True), ("H12.32", False), ("H12.14", False)):
            actor = Actor("leader-5", agency, frozenset({"leader"}))
            access = Access(connection, agencies, actor, datetime(2025, 11, 26).date())
            found = queries.list_queue(connection, agencies, access, "escalated", datetime(2025, 11, 26).date(), 0, 9)
            assert [one.code for one in found] == ([lodged.code] if sees else [])
            if sees:
                access.require_may_read(office.now(lodged.code))


def test_a_row_that_fails_does_not_stop_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, good = office.lodge(), office.lodge()
    at(office, "29/12/2025 08:00")
    office.rating.store.run(lambda work: store.change(work.connection, broken.id, agency="H99"))
    check_complaints(office.rating.context)
    assert {event.data["complaint"] for event in office.rating.emitted("complaint.overdue")} == {good.code}


def test_a_crash_between_two_reminders_repeats_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.lodge()
    at(office, "29/12/2025 08:00")
    calls = []

    def dies(*given: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError("killed here")
        original(*given)  # type: ignore[arg-type]

    original = sweeps._announce
    monkeypatch.setattr(sweeps, "_announce", dies)
    check_complaints(office.rating.context)
    assert office.rating.rows(reminders) == []
    monkeypatch.setattr(sweeps, "_announce", original)
    check_complaints(office.rating.context)
    assert len(said(office)) == 4


def test_personal_data_are_erased_when_their_time_is_over(both_offices: Office) -> None:
    office = both_offices
    lodged = office.answered()
    office.act("publish", lodged.code, "Chờ lâu.", "Đã sửa.")
    office.rating.hand.pass_(timedelta(days=1824))
    assert erase_complaints(office.rating.context) == 0
    office.rating.hand.pass_(timedelta(days=2))
    assert erase_complaints(office.rating.context) == 1
    assert erase_complaints(office.rating.context) == 0
    one = office.now(lodged.code)
    assert {one.name, one.phone, one.email, one.address, one.text, one.about} == {""}
    assert one.erased_at is not None
    with office.rating.store.read() as connection:
        assert {answer.text for answer in store.answers_of(connection, lodged.id)} == {""}
        publication = store.publication_of(connection, lodged.id)
    assert publication is not None
    assert publication.answer == "Đã sửa."
    assert [event.data["complaint"] for event in office.rating.emitted("complaint.erased")] == [lodged.code]
    assert TEXT not in str(office.rating.rows(complaints))


def test_the_metrics_have_no_personal_label(office: Office) -> None:
    office.answered()
    office.lodge()
    at(office, "29/12/2025 08:00")
    gauges = ComplaintGauges()
    gauges.update(office.rating.context)
    lines = [line for line in exposition("rating")[0].decode().splitlines() if line.startswith("motcua_complaints")]
    shown = "\n".join(lines)
    assert f'motcua_complaints_in_hand{{agency="{DESK}"' in shown
    assert f'motcua_complaints_overdue{{agency="{DESK}"' in shown
    assert f'motcua_complaints_answered_total{{agency="{DESK}",on_time="true"' in shown
    for word in (WHO.name, HANDLER, LEADER, ANSWER):
        assert word not in shown
    gauges.withdraw()
