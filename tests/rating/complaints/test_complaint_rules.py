"""States as a closed table, the dated data, what a new complaint must have, and the check of texts for the public."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.complaints.domain import (
    IN_HAND,
    MOVES,
    Act,
    Channel,
    Complainant,
    Kind,
    NotAllowedNow,
    Redirected,
    State,
    Unacceptable,
    after,
)
from services.rating.complaints.labels import ACTS, CHANNELS, STATES
from services.rating.complaints.lodging import checked
from services.rating.complaints.redaction import Finding, Found, personal_data_in
from services.rating.complaints.rules import complaint_rules, thresholds
from shared.runtime.clock import VIETNAM
from tests.rating.complaints.complaint_fixture import WHO, new

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=VIETNAM)
RULES = complaint_rules(NOW.date())


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_what_is_not_in_the_table_is_refused(state: State, act: Act) -> None:
    if (state, act) in MOVES:
        assert after(state, act, assigned=False) == MOVES[state, act]
    else:
        with pytest.raises(NotAllowedNow):
            after(state, act, assigned=False)


def test_the_table_is_whole() -> None:
    reached = {State.LODGED}
    for _ in State:
        reached |= {new_state for (state, _), new_state in MOVES.items() if state in reached}
    assert reached == set(State)
    for state in IN_HAND:
        assert (state, Act.WITHDRAW) in MOVES
    assert {act for _, act in MOVES} == set(Act) - {Act.LODGE}
    assert (State.WITHDRAWN, Act.REOPEN) not in MOVES
    assert after(State.MORE_REQUESTED, Act.SUPPLY, assigned=True) == State.ASSIGNED
    assert after(State.MORE_REQUESTED, Act.STOP_WAITING, assigned=False) == State.LODGED


def test_everything_has_its_words() -> None:
    assert set(STATES) == set(State)
    assert set(ACTS) == set(Act)
    assert set(CHANNELS) == set(Channel)
    assert {one.kind for one in RULES.kinds} == set(Kind)
    assert {one.kind for one in RULES.redirected} == set(Redirected)


def test_the_shipped_rules() -> None:
    limits = RULES.limits
    assert (limits.reject, limits.ask, limits.resolve, limits.publish) == (2, 5, 15, 2)
    assert "766" in limits.source_vi
    assert complaint_rules(date(2000, 1, 1)) == complaint_rules(date(2022, 6, 23))
    assert thresholds().centre_leader_minutes == 480


def faults(**changed: Any) -> set[str]:
    try:
        checked(new(**changed), RULES, NOW)
    except Unacceptable as error:
        return {fault.field for fault in error.faults}
    return set()


NOBODY = Complainant()


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, set()),
        ({"by": NOBODY}, set()),  # feedback may be anonymous
        ({"kind": Kind.RECOMMENDATION}, set()),
        ({"kind": Kind.RECOMMENDATION, "by": NOBODY}, {"name", "address", "phone"}),
        ({"kind": Kind.RECOMMENDATION, "by": Complainant("Lê Thị Đào", "Ấp 3", "", "d@x.vn")}, set()),
        ({"text": " \n "}, {"text"}),
        ({"text": "x" * 4001}, {"text"}),
        ({"text": "a\x00b"}, {"text"}),
        ({"by": Complainant(phone="12345")}, {"phone"}),
        ({"by": Complainant(email="nobody")}, {"email"}),
        ({"by": Complainant(name="x" * 201)}, {"name"}),
        ({"topic": "none"}, {"topic"}),
        ({"language": "fr"}, {"language"}),
        ({"dossier": "../etc"}, {"dossier"}),
        ({"dossier": " h12.31.01-260301-0007 "}, set()),
        ({"received_at": NOW + timedelta(minutes=1)}, {"received_at"}),
        ({"received_at": NOW - timedelta(days=61)}, {"received_at"}),
    ],
)
def test_what_a_new_complaint_must_have(changed: dict[str, Any], fields: set[str]) -> None:
    assert faults(**changed) == fields


def test_the_fault_of_a_missing_name_names_the_article() -> None:
    with pytest.raises(Unacceptable) as caught:
        checked(new(kind=Kind.RECOMMENDATION, by=NOBODY), RULES, NOW)
    assert all("20/2008/NĐ-CP" in fault.vi for fault in caught.value.faults)


def test_a_new_complaint_is_put_into_its_stored_form() -> None:
    by = Complainant("  Nguyễn  Thị Bưởi ", "Ấp 3", "+84 912 345 678", "")
    one = checked(new(dossier="h12.31.01-260301-0007", by=by, text=" Chờ lâu.\r\n"), RULES, NOW)
    assert (one.by.name, one.by.phone) == ("Nguyễn Thị Bưởi", "0912345678")
    assert (one.dossier, one.text, one.received_at) == ("H12.31.01-260301-0007", "Chờ lâu.", NOW)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gọi số 0912 345 678 gặp tôi", [(Found.PHONE, "0912 345 678")]),
        ("+84912345678", [(Found.PHONE, "+84912345678")]),
        ("0290.3831.234", [(Found.PHONE, "0290.3831.234")]),
        ("CCCD 096087001234", [(Found.ID_NUMBER, "096087001234")]),
        ("CMND 380123456", [(Found.ID_NUMBER, "380123456")]),
        ("MST 2001234567", [(Found.ID_NUMBER, "2001234567")]),
        ("thư a.b@example.vn nhé", [(Found.EMAIL, "a.b@example.vn")]),
        ("hồ sơ H12.31.01-260301-0007.", [(Found.DOSSIER, "H12.31.01-260301-0007")]),
        ("hồ sơ 000.00.14.H57-251120-0118", [(Found.DOSSIER, "000.00.14.H57-251120-0118")]),
        ("bà NGUYEN THI BUOI đã chờ", [(Found.NAME, WHO.name)]),
        ("chị Thị Bưởi đã chờ", [(Found.NAME, WHO.name)]),
        ("\uff10\uff19\uff11\uff12345678", [(Found.PHONE, "0912345678")]),
        ("Ngày 02.03.2026 chờ 120 phút, phí 15.000 đồng, theo Nghị định 118/2025/NĐ-CP", []),
        ("Thu 1.250.000 đồng", []),
        ("Bưởi năm roi", []),
    ],
)
def test_personal_data_are_found(text: str, found: list[tuple[Found, str]]) -> None:
    assert personal_data_in(text, [WHO.name]) == tuple(Finding(*one) for one in found)


@given(before=st.text(max_size=20), digits=st.from_regex(r"09[0-9]{8}", fullmatch=True))
def test_a_telephone_number_is_found_wherever_it_stands(before: str, digits: str) -> None:
    text = f"{before} : {digits} !"
    assert any(one.found in (Found.PHONE, Found.ID_NUMBER, Found.EMAIL) for one in personal_data_in(text))
