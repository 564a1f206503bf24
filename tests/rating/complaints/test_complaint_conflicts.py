"""Nobody handles, approves, publishes or sees what is about them, about their leader's doing, or about their own work."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.rating.complaints import queries
from services.rating.complaints.access import Access, Actor, NotYours
from services.rating.complaints.conflicts import barred_officials
from services.rating.complaints.domain import ConflictOfInterest, State, UnknownComplaint
from services.rating.complaints.queries import QUEUES
from services.rating.complaints.staff import assignable
from tests.rating.complaints.complaint_fixture import (
    ANSWER,
    COMMITTEE,
    DESK,
    HANDLER,
    LEADER,
    OTHER,
    PROVINCE,
    Office,
    employ,
    worked_on,
)

DOSSIER = "H12.31.01-251103-0001"
TODAY = date(2025, 11, 3)


def may_read(office: Office, code: str, by: str, agency: str = DESK, role: str = "officer") -> bool:
    with office.rating.store.read() as connection:
        access = Access(
            connection, office.rating.context.reference.agencies, Actor(by, agency, frozenset({role})), TODAY
        )
        try:
            access.require_may_read(office.now(code))
        except (UnknownComplaint, NotYours):
            return False
    return True


def listed(office: Office, by: str, agency: str = DESK, role: str = "officer") -> set[str]:
    agencies = office.rating.context.reference.agencies
    with office.rating.store.read() as connection:
        access = Access(connection, agencies, Actor(by, agency, frozenset({role})), TODAY)
        found = set()
        for queue in QUEUES:
            rows = queries.list_queue(connection, agencies, access, queue, TODAY, 0, 100)
            assert len(rows) == queries.count_queue(connection, agencies, access, queue, TODAY)
            found |= {row.code for row in rows}
    return found


def choices(office: Office, code: str) -> set[str]:
    with office.rating.store.read() as connection:
        found = assignable(connection, office.rating.context.reference.agencies, office.now(code), TODAY)
    return {one.subject for one in found}


def test_whom_it_is_about_never_has_it(both_offices: Office) -> None:
    office = both_offices
    lodged = office.lodge(officials=(HANDLER,))
    assert choices(office, lodged.code) == {LEADER, OTHER}
    with pytest.raises(ConflictOfInterest):
        office.act("assign", lodged.code, HANDLER)
    office.act("assign", lodged.code, OTHER)
    office.act("name_official", lodged.code, OTHER, False)  # it turns out to be about them
    taken = office.now(lodged.code)
    assert (taken.state, taken.official) == (State.LODGED, None)
    assert not may_read(office, lodged.code, OTHER)
    assert listed(office, OTHER) == set()
    with pytest.raises(UnknownComplaint):
        office.act("draft_answer", lodged.code, ANSWER, by=OTHER)
    with pytest.raises(UnknownComplaint):
        office.act("publish", lodged.code, "a", "b", by=HANDLER)


def test_who_worked_on_the_dossier_never_has_it(both_offices: Office) -> None:
    office = both_offices
    worked_on(office.rating, DOSSIER, HANDLER)
    lodged = office.lodge(dossier=DOSSIER)
    assert choices(office, lodged.code) == {LEADER, OTHER}
    with pytest.raises(ConflictOfInterest):
        office.act("assign", lodged.code, HANDLER)
    office.act("assign", lodged.code, OTHER)
    assert may_read(office, lodged.code, OTHER)
    worked_on(office.rating, DOSSIER, OTHER)  # afterwards
    assert not may_read(office, lodged.code, OTHER)
    with pytest.raises(UnknownComplaint):
        office.act("draft_answer", lodged.code, ANSWER, by=OTHER)


def test_a_leader_whom_it_is_about_neither_sees_nor_approves_it(office: Office) -> None:
    lodged = office.lodge()
    office.act("assign", lodged.code, HANDLER)
    office.act("draft_answer", lodged.code, ANSWER, by=HANDLER)
    office.act("name_official", lodged.code, LEADER, False, by="leader-5", agency=COMMITTEE)
    assert lodged.code not in listed(office, LEADER, role="leader")
    with pytest.raises(UnknownComplaint):
        office.act("approve", lodged.code)
    assert office.act("approve", lodged.code, by="leader-5", agency=COMMITTEE).state == State.ANSWERED


def test_a_complaint_about_a_leader_goes_to_the_agency_above(both_offices: Office) -> None:
    office = both_offices
    employ(office.rating, "official-7", COMMITTEE)
    lodged = office.lodge(about_leader=True)
    one = office.now(lodged.code)
    assert (one.agency, one.register, one.leader_of) == (COMMITTEE, DESK, DESK)
    assert listed(office, LEADER, role="leader") == set()
    assert not may_read(office, lodged.code, LEADER, role="leader")
    above = {"by": "leader-5", "agency": COMMITTEE}
    assert choices(office, lodged.code) == {"official-7"}  # nobody whom that leader directs
    with pytest.raises(ConflictOfInterest):
        office.act("assign", lodged.code, HANDLER, **above)
    with pytest.raises(ConflictOfInterest):
        office.act("forward", lodged.code, DESK, "Trả về.", **above)
    assert office.act("assign", lodged.code, "official-7", **above).state == State.ASSIGNED


def test_naming_a_leader_passes_it_on(office: Office) -> None:
    lodged = office.lodge()
    office.act("assign", lodged.code, HANDLER)
    passed = office.act("name_official", lodged.code, LEADER, True)  # a leader may say so of themselves
    assert (passed.agency, passed.leader_of, passed.state, passed.official) == (COMMITTEE, DESK, State.LODGED, None)
    assert not may_read(office, lodged.code, LEADER, role="leader")
    assert not may_read(office, lodged.code, HANDLER)


def test_at_the_head_of_a_province_only_the_named_leader_is_barred(office: Office) -> None:
    lodged = office.lodge(agency=PROVINCE, about_leader=True)
    one = office.now(lodged.code)
    assert (one.agency, one.leader_of) == (PROVINCE, PROVINCE)
    assert may_read(office, lodged.code, "leader-8", PROVINCE, "leader")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    about=st.sets(st.sampled_from([LEADER, HANDLER, OTHER])),
    worked=st.sets(st.sampled_from([LEADER, HANDLER, OTHER])),
    about_leader=st.booleans(),
)
def test_lists_choices_and_reading_agree(office: Office, about: set[str], worked: set[str], about_leader: bool) -> None:
    dossier = f"H12.31.01-251103-{abs(hash(frozenset(worked))) % 9000 + 1000}"
    for subject in worked:
        worked_on(office.rating, dossier, subject)
    lodged = office.lodge(dossier=dossier, officials=tuple(about), about_leader=about_leader)
    with office.rating.store.read() as connection:
        assert barred_officials(connection, office.now(lodged.code)) == about | worked
    assert not choices(office, lodged.code) & (about | worked)
    sees = may_read(office, lodged.code, LEADER, role="leader")
    assert sees == (LEADER not in about | worked and not about_leader)
    assert (lodged.code in listed(office, LEADER, role="leader")) == sees
