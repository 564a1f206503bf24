"""Linked procedures: the choice, the promised time, and the refusals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.assessment import HandedPaper, assess
from services.intake.filing.domain.linked_choice import WrongChoice, choose, linked_names
from services.intake.procedures.commands import publish
from shared.catalogue import Procedure, load_builtin
from tests.intake.service_fixture import COPIES, DESK, LAND, LAND_TRANSFER, THURSDAY, IntakeService, changed, reference
from tests.support.pdf import text_of

DEATH = "9.000001"
REGISTER, RESIDENCE, FUNERAL, PENSION = "1.000656", "2.002096", "1.001776", "2.001157"
CODES = [REGISTER, RESIDENCE, FUNERAL, PENSION]


@cache
def builtin(code: str) -> Procedure:
    return next(procedure for procedure in load_builtin() if procedure.code == code)


def death(least: int = 2, most: int = 3) -> Procedure:
    """A procedure resolved at once, linked with others of which one takes five days."""
    linked = [
        {"code": REGISTER, "name": "Đăng ký khai tử", "required": True},
        {"code": RESIDENCE, "name": "Xóa đăng ký thường trú", "required": False},
        {"code": FUNERAL, "name": "Mai táng phí", "required": False, "limit": {"working_days": 5}},
        {"code": PENSION, "name": "Tử tuất", "required": False},
    ]
    definition = builtin(COPIES).as_dict()
    definition |= {"code": DEATH, "linked": {"min": least, "max": most, "procedures": linked}}
    return Procedure.from_dict(definition)


def body(*chosen: str) -> dict[str, Any]:
    papers = [paper.code for paper in death().required_papers()]
    return changed(LAND_TRANSFER, procedure=DEATH, case=None, papers=papers, chosen=list(chosen))


@pytest.fixture
def linking(intake: IntakeService) -> IntakeService:
    intake.store.run(lambda work: publish(work, [death()]))
    return intake


@pytest.mark.parametrize(
    ("given_codes", "chosen"),
    [
        ([RESIDENCE], (REGISTER, RESIDENCE)),
        ([PENSION, REGISTER], (REGISTER, PENSION)),
        ([FUNERAL, RESIDENCE, FUNERAL], (REGISTER, RESIDENCE, FUNERAL)),
    ],
)
def test_the_required_ones_are_added_in_the_catalogues_order(
    given_codes: Sequence[str], chosen: tuple[str, ...]
) -> None:
    assert choose(death(), given_codes) == chosen


@pytest.mark.parametrize(
    ("given_codes", "places"),
    [([], [None]), ([REGISTER], [None]), (CODES, [None]), (["x", RESIDENCE, "y"], [0, 2]), ([DEATH], [0])],
)
def test_a_wrong_choice_names_the_place(given_codes: Sequence[str], places: list[int | None]) -> None:
    with pytest.raises(WrongChoice) as caught:
        choose(death(), given_codes)
    assert [fault.place for fault in caught.value.faults] == places
    assert [option.code for option in caught.value.options] == CODES


def test_the_number_to_choose_is_in_words() -> None:
    with pytest.raises(WrongChoice) as caught:
        choose(death(2, 2), [])
    assert "Phải chọn 2 thủ tục" in caught.value.faults[0].vi
    with pytest.raises(WrongChoice) as caught:
        choose(death(2, 3), [])
    assert "từ 2 đến 3" in caught.value.faults[0].vi


def test_a_procedure_without_linked_ones() -> None:
    assert choose(builtin(LAND), []) == ()
    with pytest.raises(WrongChoice) as caught:
        choose(builtin(LAND), [REGISTER])
    assert ([fault.place for fault in caught.value.faults], caught.value.options) == ([0], ())
    assert linked_names(builtin(LAND), []) == []


@given(st.lists(st.sampled_from(CODES), max_size=6))
def test_a_choice_is_valid_only_with_the_right_number(codes: list[str]) -> None:
    number = len({REGISTER, *codes})
    if 2 <= number <= 3:
        assert set(choose(death(), codes)) == {REGISTER, *codes}
    else:
        with pytest.raises(WrongChoice):
            choose(death(), codes)


def test_the_longest_limit_of_the_linked_procedures_is_promised() -> None:
    day = THURSDAY.date()
    calendar, regulation = reference().calendar(DESK, day), reference().regulation(day)
    papers = [HandedPaper(paper.code) for paper in death().required_papers()]
    short = assess(death(), None, papers, THURSDAY, calendar, regulation, chosen=[RESIDENCE])
    long = assess(death(), None, papers, THURSDAY, calendar, regulation, chosen=[FUNERAL])
    assert (short.limit.unit, long.limit.as_dict()) == ("immediate", {"working_days": 5})
    assert short.due.at.date() == day
    assert long.due.at.isoformat() == "2025-11-27T17:30:00+07:00"


def test_the_choice_is_stored_emitted_and_shown(linking: IntakeService) -> None:
    answer = linking.post("/dossiers", body(FUNERAL))
    assert answer.status_code == 201
    view = [{"code": REGISTER, "name": "Đăng ký khai tử"}, {"code": FUNERAL, "name": "Mai táng phí"}]
    receipt = answer.json
    assert receipt["chosen"] == view
    assert receipt["promised_at"] == "2025-11-27T17:30:00+07:00"
    assert linking.emitted("dossier.received")[-1]["data"]["chosen"] == [REGISTER, FUNERAL]
    assert linking.get(f"/dossiers/{receipt['code']}").json["chosen"] == view
    query = {"code": receipt["code"], "secret": receipt["secret"]}
    assert linking.client.get("/intake/api/lookup", query_string=query).json["chosen"] == view
    path = f"/intake/dossiers/{receipt['code']}/receipt.pdf"
    printed = text_of(linking.client.post(path, headers=linking.token()).data)
    assert "Đăng ký khai tử; Mai táng phí" in printed
    assert "5 ngày làm việc" in printed
    assert "Đăng ký khai tử; Mai táng phí" in linking.client.post("/intake/", data=query, follow_redirects=True).text
    assert "chọn từ 2 đến 3 thủ tục" in linking.client.get(f"/intake/procedures/{DEATH}").text


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [([], ["chosen"]), (CODES, ["chosen"]), ([RESIDENCE, "1.1"], ["chosen.1"]), ([""], ["chosen.0"])],
)
def test_faults_are_named(linking: IntakeService, chosen: list[str], fields: list[str]) -> None:
    answer = linking.post("/dossiers", body(*chosen))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == fields
    assert linking.rows("dossier") == linking.rows("dossier_number") == []
    if "" not in chosen:
        assert [option["required"] for option in answer.json["options"]] == [True, False, False, False]


def test_nothing_to_choose_where_nothing_is_linked(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.post("/dossiers", changed(LAND_TRANSFER, chosen=[REGISTER]))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "chosen.0")
    assert sqlite_intake.file(chosen=[])["chosen"] == []
