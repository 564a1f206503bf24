"""Who may do a step, who is a deputy of whom, and who signs at the centre."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.absence import Absence, AbsenceNotAllowed, LeaveCalendar, check_absence
from services.routing.domain.duty_roster import Duty, DutyNotAllowed, Mandate, check_duty, led_by
from services.routing.domain.step_permissions import (
    Official,
    Reassignment,
    ReassignmentNotAllowed,
    check_reassignment,
    may_do,
)

LAND, TAX, CENTRE = "H12.14.02", "G12.12.01", "H12.20"
DAY = date(2025, 11, 20)
BEFORE, AFTER = date(2025, 11, 19), date(2025, 11, 21)


def official(subject: str, role: str = "officer", agency: str = LAND) -> Official:
    return Official(subject, agency, role)


STAFF = {
    one.subject: one
    for one in (
        official("an"),
        official("binh"),
        official("chi"),
        official("dung", "leader"),
        official("em", "clerk"),
        official("giang", "officer", TAX),
        official("hoa", "leader", TAX),
    )
}


@pytest.mark.parametrize(
    ("role", "does"),
    [
        ("clerk", {"clerk"}),
        ("officer", {"clerk", "officer"}),
        ("leader", {"clerk", "officer", "leader"}),
        ("agency", {"clerk", "officer"}),
        ("citizen", set()),
        ("operator", set()),
    ],
)
def test_who_may_do_a_step(role: str, does: set[str]) -> None:
    assert {duty for duty in ("clerk", "officer", "leader") if may_do([role], duty)} == does


def test_software_signs_only_where_its_grant_says_so() -> None:
    assert may_do(["agency"], "leader", signs=True)
    assert not may_do(["officer"], "leader", signs=True)


def test_the_highest_of_several_roles_counts() -> None:
    assert may_do(["citizen", "clerk", "leader"], "leader")
    assert not may_do([], "clerk")


REASSIGNED = Reassignment(LAND, "officer", STAFF["dung"], STAFF["an"], to_absent=False, reason="Quá tải")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"to": STAFF["dung"]}, None),
        ({"by": STAFF["binh"]}, "reassignment_not_by_leader"),
        ({"by": STAFF["hoa"]}, "reassignment_not_by_leader"),
        ({"to": STAFF["giang"]}, "reassignment_to_other_agency"),
        ({"to": STAFF["em"]}, "reassignment_to_lower_rank"),
        ({"official_role": "leader"}, "reassignment_to_lower_rank"),
        ({"to_absent": True}, "reassignment_to_absent"),
        ({"reason": " "}, "reassignment_without_reason"),
    ],
)
def test_reassignment(change: dict[str, object], code: str | None) -> None:
    reassignment = replace(REASSIGNED, **change)  # type: ignore[arg-type]
    if code is None:
        check_reassignment(reassignment)
        return
    with pytest.raises(ReassignmentNotAllowed) as refused:
        check_reassignment(reassignment)
    assert (refused.value.code, refused.value.article) == (code, "")


def away(subject: str, deputy: str = "", first: date = DAY, last: date = DAY) -> Absence:
    return Absence(subject, first, last, deputy)


ABSENCES = [
    (away("an", "binh"), None),
    (away("an"), None),
    (away("an", "dung"), None),
    (away("an", "binh", DAY, BEFORE), "absence_ends_before_it_begins"),
    (away("nobody", "binh"), "absence_of_unknown_official"),
    (away("chi", "an"), "absence_overlaps"),
    (away("chi", "an", date(2025, 11, 1), date(2025, 12, 1)), "absence_overlaps"),
    (away("chi", "an", AFTER, AFTER), None),
    (away("an", "an"), "deputy_is_oneself"),
    (away("an", "nobody"), "deputy_unknown"),
    (away("an", "giang"), "deputy_of_other_agency"),
    (away("an", "em"), "deputy_of_lower_rank"),
    (away("dung", "an"), "deputy_of_lower_rank"),
]


@pytest.mark.parametrize(("absence", "code"), ABSENCES)
def test_an_absence_with_a_deputy_of_the_same_agency_and_at_least_the_same_rank(
    absence: Absence, code: str | None
) -> None:
    leave = LeaveCalendar([away("chi", "binh", BEFORE, DAY)])
    if code is None:
        check_absence(absence, leave, STAFF)
        return
    with pytest.raises(AbsenceNotAllowed) as refused:
        check_absence(absence, leave, STAFF)
    assert refused.value.code == code
    assert refused.value.vi.endswith(".")


ACTING = [
    # absences, who acts for an
    ([], "an"),
    ([away("an", "binh")], "binh"),
    ([away("an", "binh", BEFORE, BEFORE)], "an"),
    ([away("an", "binh", BEFORE, AFTER)], "binh"),
    ([away("an")], None),
    ([away("an", "binh"), away("binh", "chi")], "chi"),
    ([away("an", "binh"), away("binh", "chi"), away("chi", "dung")], "dung"),
    ([away("an", "binh"), away("binh", "an")], None),
    ([away("an", "binh"), away("binh", "chi"), away("chi", "binh")], None),
    ([away("an", "binh"), away("binh")], None),
    ([away("an", "left-us")], None),
    ([away("an", "giang")], None),  # has gone to another agency meanwhile
    ([away("an", "em")], None),  # has fallen in rank meanwhile
]


@pytest.mark.parametrize(("absences", "acting"), ACTING)
def test_chains_of_absent_deputies_are_followed_and_circles_end(absences: list[Absence], acting: str | None) -> None:
    found = LeaveCalendar(absences).acting_for(STAFF["an"], DAY, STAFF)
    assert (found.subject if found else None) == acting


@given(
    st.dictionaries(st.sampled_from(sorted(STAFF)), st.sampled_from(["", *sorted(STAFF)])),
    st.sampled_from(sorted(STAFF)),
)
def test_the_acting_official_is_present_and_allowed_whatever_the_deputies(
    deputies: dict[str, str], subject: str
) -> None:
    leave = LeaveCalendar([away(absent, deputy) for absent, deputy in deputies.items()])
    acting = leave.acting_for(STAFF[subject], DAY, STAFF)
    if subject not in deputies:
        assert acting == STAFF[subject]
    elif acting is not None:
        assert leave.absence_of(acting.subject, DAY) is None
        assert acting.agency == STAFF[subject].agency
        assert acting.rank >= STAFF[subject].rank


DUTY = Duty("dung", LAND, CENTRE, DAY)


@pytest.mark.parametrize(
    ("subject", "day", "mandates", "leave", "led"),
    [
        ("dung", DAY, [], [], {LAND}),
        ("dung", AFTER, [], [], set()),
        ("an", DAY, [], [], set()),
        ("dung", DAY, [Mandate(TAX, "dung", BEFORE, AFTER)], [], {LAND, TAX}),
        ("dung", DAY, [Mandate(TAX, "dung", BEFORE, BEFORE)], [], {LAND}),
        ("dung", DAY, [Mandate(TAX, "an", BEFORE, AFTER)], [], {LAND}),
        ("dung", AFTER, [Mandate(TAX, "dung", BEFORE, AFTER)], [], set()),
        ("dung", DAY, [Mandate(TAX, "dung", BEFORE, AFTER)], [away("dung")], set()),
    ],
)
def test_a_leader_on_duty_signs_that_day_for_their_agency_and_its_mandates(
    subject: str, day: date, mandates: list[Mandate], leave: list[Absence], led: set[str]
) -> None:
    assert led_by(STAFF[subject], day, [DUTY], mandates, LeaveCalendar(leave)) == led


def test_a_duty_ends_when_the_official_leaves_the_agency_or_falls_below_an_officer() -> None:
    assert led_by(official("dung", "leader", TAX), DAY, [DUTY]) == set()
    assert led_by(official("dung", "clerk"), DAY, [DUTY]) == set()
    assert led_by(official("dung", "officer"), DAY, [DUTY]) == {LAND}


def test_who_may_be_put_on_duty() -> None:
    check_duty(DUTY, STAFF["dung"])
    check_duty(Duty("an", LAND, CENTRE, DAY), STAFF["an"])
    with pytest.raises(DutyNotAllowed, match="duty_for_other_agency"):
        check_duty(Duty("hoa", LAND, CENTRE, DAY), STAFF["hoa"])
    with pytest.raises(DutyNotAllowed, match="duty_of_lower_rank"):
        check_duty(Duty("em", LAND, CENTRE, DAY), STAFF["em"])
    with pytest.raises(ValueError, match="the duty is dung's"):
        check_duty(DUTY, STAFF["an"])
