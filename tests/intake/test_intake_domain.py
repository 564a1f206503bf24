"""The rules of filing and payments, and the timeline, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import starmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.dossiers.domain import BADGES, State
from services.intake.filing.domain.assessment import Assessment, HandedPaper, MissingPapers, assess, complete_papers
from services.intake.lookup.timeline import timeline
from services.intake.payments.domain import AlreadyPaid, Debt, NothingOwed, NotPayable, WrongAmount, check_payment
from shared.catalogue import CaseRequired, Paper, Procedure, UnknownCase, load_builtin
from tests.intake.service_fixture import DESK, PROMISED, THURSDAY, reference

PAPERS = (
    Paper("form", "Tờ khai", True, "form"),
    Paper("deed", "Giấy chứng nhận", True, "original"),
    Paper("proxy", "Văn bản ủy quyền", False, "copy"),
)


@cache
def land() -> Procedure:
    return next(procedure for procedure in load_builtin() if procedure.code == "1.013831")


def assessed(case: str | None, papers: Sequence[str], remote: bool = False) -> Assessment:
    day = THURSDAY.date()
    calendar, regulation = reference().calendar(DESK, day), reference().regulation(day)
    return assess(land(), case, [HandedPaper(paper) for paper in papers], THURSDAY, calendar, regulation, remote)


def test_a_complete_dossier() -> None:
    found = assessed("transfer", ["application", "certificate", "contract"])
    assert found.due.at == PROMISED
    assert found.fee == sum(item.amount for item in land().fee_items("transfer"))
    assert found.regulation == "nd118-2025"
    assert [paper.code for paper in found.papers] == ["application", "certificate", "contract"]


def test_case_and_papers_are_required() -> None:
    with pytest.raises(CaseRequired):
        assessed(None, [])
    with pytest.raises(UnknownCase):
        assessed("nonsense", [])
    with pytest.raises(MissingPapers) as caught:
        assessed("transfer", ["certificate"])
    assert [paper.code for paper in caught.value.missing] == ["application", "contract"]


def test_a_remote_place_has_more_time() -> None:
    papers = ["application", "certificate", "contract"]
    assert assessed("transfer", papers, remote=True).due.at > assessed("transfer", papers).due.at


def test_papers_are_found_by_code_and_name_and_added_up() -> None:
    given_papers = [("deed", 1), ("TỜ  KHAI", 2), ("form", 1), ("Ảnh", 1), ("Ảnh ", 2), (" ", 1)]
    assert [
        (paper.code, paper.name, paper.copies) for paper in complete_papers(PAPERS, starmap(HandedPaper, given_papers))
    ] == [
        ("form", "Tờ khai", 3),
        ("deed", "Giấy chứng nhận", 1),
        ("", "Ảnh", 3),
    ]


@given(st.lists(st.sampled_from(["form", "deed", "proxy", "Tờ khai", "khác"]), max_size=6))
def test_complete_only_with_every_required_paper(texts: list[str]) -> None:
    complete = {"form", "Tờ khai"} & set(texts) and "deed" in texts
    if complete:
        assert {paper.code for paper in complete_papers(PAPERS, [HandedPaper(text) for text in texts])} >= {
            "form",
            "deed",
        }
    else:
        with pytest.raises(MissingPapers):
            complete_papers(PAPERS, [HandedPaper(text) for text in texts])


def test_a_payment_settles_what_is_owed() -> None:
    check_payment(State.RECEIVED, Debt(500, None), 500)
    with pytest.raises(NothingOwed):
        check_payment(State.RECEIVED, Debt(0, None), 0)
    with pytest.raises(AlreadyPaid):
        check_payment(State.RECEIVED, Debt(500, THURSDAY), 500)
    with pytest.raises(NotPayable):
        check_payment(State.STOPPED, Debt(500, None), 500)


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_no_part_payments(owed: int, amount: int) -> None:
    if amount == owed:
        check_payment(State.PROCESSING, Debt(owed, None), amount)
    else:
        with pytest.raises(WrongAmount) as caught:
            check_payment(State.PROCESSING, Debt(owed, None), amount)
        assert caught.value.owed == owed


@pytest.mark.parametrize("state", State)
def test_the_timeline_ends_at_the_result(state: State) -> None:
    history = [] if state is State.RECEIVED else [{"state": int(state), "at": THURSDAY}]
    place = {"agency_name": "Thuế cơ sở", "step": "Tính thuế"}
    dossier = {"received_at": THURSDAY, "history": history, "place": place, "receiving_agency_name": "Một cửa"}
    steps = timeline(dossier)
    assert state in BADGES
    assert sum(step["state"] == "now" for step in steps) == (state is not State.RETURNED)
    stopped = state in (State.REGISTERED, State.REFUSED, State.STOPPED, State.WITHDRAWAL_REQUESTED)
    assert steps[-1]["title"] == (state.vi if stopped else State.RETURNED.vi)
    in_hand = state in (State.REGISTERED, State.RECEIVED, State.PROCESSING, State.OBLIGATION_REQUESTED)
    assert any("Thuế cơ sở: Tính thuế" in step["note"] for step in steps) == in_hand
    waiting = any("bổ sung giấy tờ tại Một cửa" in step["note"] for step in steps)
    assert waiting == (state is State.SUPPLEMENT_REQUESTED)
