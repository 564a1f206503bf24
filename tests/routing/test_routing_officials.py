"""Rating learns which official did which step, whether in time, and whose work came back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.routing.commands.complete import complete_task
from services.routing.commands.hand_over import refuse, resend
from tests.routing.service_fixture import RoutingFixture

OBLIGATION = 12_500_000


def completed(land: RoutingFixture) -> list[tuple[str, str, str]]:
    return [
        (one.data["step"], one.data["official"], one.data["timeliness"])
        for one in land.emitted("official.completed_step")
    ]


def complete(land: RoutingFixture, step: str, by: str, outcome: str = "completed", amount: int | None = None) -> str:
    id_ = land.step(step).id
    land.run(lambda work: complete_task(work, id_, outcome, "", amount, by))
    return id_


def test_each_step_tells_its_official_and_whether_it_was_in_time(land: RoutingFixture) -> None:
    task = complete(land, "transfer", "clerk-7")
    land.advance(timedelta(days=30))
    complete(land, "assessment", "officer-9", "no_tax")
    assert completed(land) == [("transfer", "clerk-7", "on_time"), ("assessment", "officer-9", "late")]
    first = land.emitted("official.completed_step")[0].data
    assert (first["task"], first["procedure"], first["field"]) == (task, "1.013831", "land")
    assert (first["decision"], first["due_at"] is not None) == ("completed", True)


def test_work_before_a_payment_counts_when_it_is_done(land: RoutingFixture) -> None:
    complete(land, "transfer", "clerk-7")
    complete(land, "assessment", "officer-9")
    id_ = complete(land, "tax", "officer-3", "obligation", OBLIGATION)
    asked_at = land.emitted("official.completed_step")[-1].data["completed_at"]
    land.advance(timedelta(days=9))
    (owed,) = [one.data["obligation"] for one in land.emitted("obligation.requested")]
    assert land.pay(owed).applied == 1
    mine = [one.data for one in land.emitted("official.completed_step") if one.data["task"] == id_]
    assert [(one["official"], one["completed_at"]) for one in mine] == [("officer-3", asked_at)]


@pytest.mark.parametrize("by", ["agency:H57.30.01", ""])
def test_what_no_official_did_tells_of_none(land: RoutingFixture, by: str) -> None:
    complete(land, "transfer", by)
    assert completed(land) == []


def test_a_name_that_an_agencys_software_gives_is_an_identifier(land: RoutingFixture) -> None:
    complete(land, "transfer", "H57.30.01:cb 0417")
    assert completed(land)[0][1] == "H57.30.01:cb_0417"


def test_refused_work_comes_back_to_who_handed_it_over(land: RoutingFixture) -> None:
    complete(land, "transfer", "clerk-7")
    id_ = land.step("assessment").id
    land.run(lambda work: refuse(work, id_, "Thiếu bản vẽ", "officer-9"))
    land.run(lambda work: resend(work, id_, "Đã bổ sung", "clerk-8"))
    land.advance(timedelta(hours=1))
    land.run(lambda work: refuse(work, id_, "Vẫn thiếu", "officer-9"))
    back = [one.data for one in land.emitted("official.step_returned")]
    assert [(one["official"], one["task"]) for one in back] == [("clerk-7", id_), ("clerk-8", id_)]
    assert {one["agency"] for one in back} == {land.step("assessment").from_agency}
