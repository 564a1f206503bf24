"""What complainants and officials do, with its events, its numbers and its clock."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from services.rating.complaints import store
from services.rating.complaints.access import LeaderNeeded, NotYours
from services.rating.complaints.commands import lodge_complaint, open_by_secret
from services.rating.complaints.domain import (
    ChangedSince,
    Complainant,
    Kind,
    NotAllowedNow,
    OtherComplaint,
    State,
    TooLate,
    TooManyTimes,
    Unacceptable,
    UnknownComplaint,
)
from services.rating.complaints.handling import OwnDraft, assign
from services.rating.complaints.publishing import MayNamePersons
from services.rating.complaints.tables import complaints, entries
from services.rating.invitations.commands import invite
from services.rating.invitations.domain import RatedDossier
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.rating.complaints.complaint_fixture import (
    ANSWER,
    COMMITTEE,
    DESK,
    HANDLER,
    LEADER,
    OTHER,
    PROVINCE,
    TEXT,
    WHO,
    Office,
    access_of,
    new,
)

PUBLIC = ("Chờ lâu ở quầy.", "Đã bố trí thêm người.")
DOSSIER = "H12.31.01-251103-0001"


def test_a_complaint_goes_from_lodging_to_publication(both_offices: Office) -> None:
    office = both_offices
    lodged = office.lodge()
    assert lodged.code == f"PA-{DESK}-2025-00001"
    assert lodged.answer_by == datetime(2025, 11, 24, 17, 30, tzinfo=VIETNAM)
    assert office.act("assign", lodged.code, HANDLER).state == State.ASSIGNED
    assert office.act("draft_answer", lodged.code, ANSWER, by=HANDLER).state == State.DRAFTED
    answered = office.act("approve", lodged.code)
    assert (answered.state, answered.due_at) == (State.ANSWERED, datetime(2025, 11, 5, 17, 30, tzinfo=VIETNAM))
    assert office.act("publish", lodged.code, *PUBLIC, by=OTHER).state == State.PUBLISHED
    assert office.names() == [
        "complaint.lodged",
        "complaint.notice",
        "complaint.assigned",
        "complaint.answered",
        "complaint.notice",
        "complaint.published",
        "complaint.notice",
    ]
    with office.rating.store.read() as connection:
        answer = store.answer_of(connection, lodged.id, 1)
        publication = store.publication_of(connection, lodged.id)
    assert answer is not None
    assert publication is not None
    assert answer.written_number == f"01/TLPA-{DESK}"
    assert (publication.question, publication.answer, publication.shown) == (*PUBLIC, True)
    acts = [row["act"] for row in office.rating.rows(entries)]
    assert acts == ["lodge", "assign", "draft", "approve", "publish"]


def test_no_event_but_the_sealed_notice_holds_anything_personal(office: Office) -> None:
    lodged = office.answered(about="anh Tư ở quầy 3")
    office.act("publish", lodged.code, *PUBLIC)
    for event in office.rating.emitted():
        if event.name == "complaint.notice":
            continue
        for word in (WHO.name, WHO.phone, WHO.email, WHO.address, TEXT, ANSWER, "anh Tư", lodged.secret):
            assert word not in event.to_json().decode()
    notices = office.rating.emitted("complaint.notice")
    assert [one.data["kind"] for one in notices] == ["lodged", "answered", "published"]
    assert [one.data["code"] for one in notices] == [lodged.secret, "", ""]  # the secret leaves once


def test_what_people_wrote_is_encrypted(office: Office) -> None:
    lodged = office.answered()
    raw = office.rating.store.engine.raw_connection()
    try:
        rows = str(raw.cursor().execute("SELECT * FROM complaint").fetchall())
        rows += str(raw.cursor().execute("SELECT * FROM complaint_answer").fetchall())
    finally:
        raw.close()
    for word in (WHO.name, WHO.phone, WHO.email, TEXT, ANSWER, lodged.secret):
        assert word not in rows


def test_the_same_complaint_twice_is_one(both_offices: Office) -> None:
    one = new()
    first = both_offices.rating.store.run(lambda work: lodge_complaint(work, one))
    again = both_offices.rating.store.run(lambda work: lodge_complaint(work, one))
    assert (again.code, again.secret, again.repeated) == (first.code, first.secret, True)
    with pytest.raises(OtherComplaint):
        both_offices.lodge(id=one.id, text="Một nội dung khác.")
    assert both_offices.names() == ["complaint.lodged", "complaint.notice"]


def test_numbers_have_no_gaps_when_many_lodge_at_once(both_offices: Office) -> None:
    ids = [str(uuid.uuid4()) for _ in range(6)]
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda id_: both_offices.lodge(id=id_).code, [*ids, *ids]))
    with pytest.raises(Unacceptable):
        both_offices.lodge(text="")
    assert both_offices.lodge().code.endswith("-00007")
    assert len(set(codes)) == 6
    assert sorted(row["number"] for row in both_offices.rating.rows(complaints)) == [1, 2, 3, 4, 5, 6, 7]


def test_an_anonymous_complaint_is_taken_and_nobody_is_told(office: Office) -> None:
    lodged = office.lodge(by=Complainant())
    assert office.names() == ["complaint.lodged"]
    assert office.now(lodged.code).anonymous
    with pytest.raises(Unacceptable):
        office.lodge(by=Complainant(), kind=Kind.RECOMMENDATION)
    with pytest.raises(Unacceptable):
        office.lodge(agency="H99")


def test_the_secret_opens_it_and_nothing_else_does(office: Office) -> None:
    lodged = office.lodge()
    key = office.rating.context.settings.hash_key
    with office.rating.store.read() as connection:
        assert open_by_secret(connection, f" {lodged.code.lower()} ", lodged.secret.lower(), key).id == lodged.id
        for code, secret in ((lodged.code, "AAAAAAAA"), ("PA-X-2025-00001", lodged.secret)):
            with pytest.raises(UnknownComplaint):
                open_by_secret(connection, code, secret, key)


def test_a_known_dossier_gives_its_procedure_and_an_unknown_one_is_not_told_apart(office: Office) -> None:
    rated = RatedDossier(DOSSIER, "1.001193", "civil_status", DESK, "nd118-2025")
    office.rating.store.run(lambda work: invite(work, rated, work.now))
    known = office.now(office.lodge(dossier=DOSSIER).code)
    unknown = office.now(office.lodge(dossier="H12.31.01-251103-0002").code)
    assert (known.dossier_known, known.procedure, known.field) == (True, "1.001193", "civil_status")
    assert (unknown.dossier_known, unknown.procedure) == (False, None)
    told = [event.data["dossier"] for event in office.rating.emitted("complaint.lodged")]
    assert told == [DOSSIER, None]


def test_waiting_for_a_reply_stops_the_clock(both_offices: Office) -> None:
    office = both_offices
    lodged = office.lodge()
    office.act("assign", lodged.code, HANDLER)
    waiting = office.act("request_more", lodged.code, "Quầy nào, ngày nào?", by=HANDLER)
    assert (waiting.state, waiting.due_at) == (State.MORE_REQUESTED, None)
    assert waiting.reply_until == datetime(2025, 11, 18, 23, 59, tzinfo=VIETNAM)
    office.rating.hand.pass_(timedelta(days=2))  # from Monday 08:00 to Wednesday 08:00: two working days
    replied = office.own("supply_more", lodged, "Quầy 3, sáng thứ Hai.")
    assert (replied.state, replied.answer_by) == (State.ASSIGNED, datetime(2025, 11, 26, 17, 30, tzinfo=VIETNAM))
    with pytest.raises(TooManyTimes):
        office.act("request_more", lodged.code, "Còn gì nữa?", by=HANDLER)
    (asked,) = office.rating.emitted("complaint.more_requested")
    assert asked.data["on_time"] is True


def test_a_rejection_is_late_after_two_working_days(office: Office) -> None:
    first, second = office.lodge(), office.lodge()
    office.act("reject", first.code, "unclear", "")
    office.rating.hand.pass_(timedelta(days=3))
    with pytest.raises(Unacceptable):
        office.act("reject", second.code, "other", " ")
    with pytest.raises(Unacceptable):
        office.act("reject", second.code, "because", "vì")
    office.act("reject", second.code, "formal_complaint", "Xin gửi đơn đến Ban Tiếp công dân.")
    assert [one.data["on_time"] for one in office.rating.emitted("complaint.rejected")] == [True, False]


def test_a_reopened_complaint_has_a_new_clock_and_is_hidden(office: Office) -> None:
    lodged = office.answered()
    office.act("publish", lodged.code, *PUBLIC)
    office.rating.hand.pass_(timedelta(days=7))
    again = office.own("reopen", lodged, "Vẫn phải chờ.")
    assert (again.state, again.round, again.official) == (State.REOPENED, 2, None)
    assert again.answer_by == datetime(2025, 12, 1, 17, 30, tzinfo=VIETNAM)
    with office.rating.store.read() as connection:
        publication = store.publication_of(connection, lodged.id)
    assert publication is not None
    assert not publication.shown
    office.act("assign", lodged.code, OTHER)
    office.act("draft_answer", lodged.code, "Đã sửa.", by=OTHER)
    office.act("approve", lodged.code)
    office.own("reopen", lodged, "Vẫn vậy.")
    office.act("reject", lodged.code, "answered", "")
    with pytest.raises(TooManyTimes):
        office.own("reopen", lodged, "Lần nữa.")


def test_the_days_for_reopening_end(office: Office) -> None:
    lodged = office.answered()
    office.rating.hand.pass_(timedelta(days=31))
    with pytest.raises(TooLate):
        office.own("reopen", lodged, "Vẫn phải chờ.")


def test_a_withdrawn_complaint_stays_but_nothing_more_is_done(office: Office) -> None:
    lodged = office.lodge()
    office.act("request_more", lodged.code, "Ở đâu?")
    done = office.own("withdraw", lodged)
    assert (done.state, done.text, done.due_at, done.next_check_at) == (State.WITHDRAWN, TEXT, None, None)
    for act, values in (("assign", (HANDLER,)), ("publish", PUBLIC), ("reject", ("unclear", ""))):
        with pytest.raises(NotAllowedNow):
            office.act(act, lodged.code, *values)
    for own, words in (("reopen", ["Lại."]), ("withdraw", []), ("supply_more", ["Ở quầy 3."])):
        with pytest.raises(NotAllowedNow):
            office.own(own, lodged, *words)


def test_four_eyes_and_the_right_agency(office: Office) -> None:
    lodged = office.lodge()
    with pytest.raises(LeaderNeeded):
        office.act("assign", lodged.code, HANDLER, by=HANDLER)
    with pytest.raises(LeaderNeeded):
        office.act("assign", lodged.code, HANDLER, by="leader-9", agency="H12.32.01")
    with pytest.raises(Unacceptable):
        office.act("assign", lodged.code, "nobody")
    office.act("assign", lodged.code, HANDLER)
    with pytest.raises(NotYours):
        office.act("draft_answer", lodged.code, ANSWER, by=OTHER)
    office.act("draft_answer", lodged.code, ANSWER)  # a leader may draft, but then another one approves
    with pytest.raises(OwnDraft):
        office.act("approve", lodged.code)
    office.act("send_back", lodged.code, "Ghi rõ hơn.")
    office.act("draft_answer", lodged.code, ANSWER, by=HANDLER)
    assert office.act("approve", lodged.code, by="leader-5", agency=COMMITTEE).state == State.ANSWERED
    with pytest.raises(NotYours):
        office.act("publish", lodged.code, *PUBLIC, by="official-9", agency="H12.32.01")


def test_acting_twice_changes_nothing_and_an_old_page_is_refused(office: Office) -> None:
    lodged = office.lodge()
    read = office.now(lodged.code).revision
    office.act("assign", lodged.code, HANDLER)
    before = office.names()

    def assign_again(work: UnitOfWork) -> None:
        assign(work, access_of(work, LEADER), lodged.code, read, OTHER)

    with pytest.raises(ChangedSince):
        office.rating.store.run(assign_again)
    office.act("draft_answer", lodged.code, ANSWER, by=HANDLER)
    office.act("approve", lodged.code)
    with pytest.raises(NotAllowedNow):
        office.act("approve", lodged.code)
    assert office.names() == [*before, "complaint.answered", "complaint.notice"]
    assert office.now(lodged.code).official == HANDLER


def test_personal_data_are_published_only_if_somebody_says_so(office: Office) -> None:
    lodged = office.answered()
    with pytest.raises(MayNamePersons) as caught:
        office.act("publish", lodged.code, "Bà nguyễn thị bưởi gọi 0912345678", "Đã trả lời.", by=OTHER)
    assert {one.text for one in caught.value.findings} == {WHO.name, "0912345678"}
    assert office.now(lodged.code).state == State.ANSWERED
    done = office.act("publish", lodged.code, "Bưởi năm roi 0912345678", "Đã trả lời.", True, by=OTHER)
    assert done.state == State.PUBLISHED


def test_it_is_passed_on_to_the_competent_agency(office: Office) -> None:
    lodged = office.lodge()
    office.act("assign", lodged.code, HANDLER)
    passed = office.act("forward", lodged.code, "H12.31.02", "Thuộc Phòng Kinh tế.")
    assert (passed.state, passed.agency, passed.register, passed.official) == ("lodged", "H12.31.02", DESK, None)
    with pytest.raises(NotYours):
        office.act("assign", lodged.code, HANDLER)
    with pytest.raises(Unacceptable):
        office.act("forward", lodged.code, "H99", "Vì vậy.", by="leader-5", agency=PROVINCE)
