"""The pages' forms have the limits of the API; what is too long is refused and not cut."""

from __future__ import annotations

import pytest

from tests.routing.service_fixture import DESK, REGISTRY, RoutingFixture


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"action": "supplement", "reason": "Thiếu", "papers": "\n".join(["giấy"] * 51)}, "tối đa 50 giấy tờ"),
        ({"action": "supplement", "reason": "Thiếu", "papers": "x" * 501}, "Dài quá 500 ký tự"),
        ({"action": "supplement", "reason": "x" * 2001, "papers": "giấy"}, "Dài quá 2000 ký tự"),
        ({"action": "note", "note": "x" * 2001}, "Dài quá 2000 ký tự"),
        ({"action": "refuse", "reason": "Sai", "document": "x" * 101}, "Dài quá 100 ký tự"),
        ({"action": "complete", "outcome": "x" * 51}, "Dài quá 50 ký tự"),
    ],
)
def test_a_form_beyond_the_apis_limits_is_refused(
    sqlite_land: RoutingFixture, form: dict[str, str], message: str
) -> None:
    sqlite_land.complete("transfer")
    task, officer = sqlite_land.open_task(), sqlite_land.token("officer", REGISTRY, "officer-1")
    answer = sqlite_land.client().post(f"/routing/tasks/{task.id}", data=form, headers=officer)
    assert answer.status_code == 422
    assert message in answer.text
    assert sqlite_land.open_task() == task


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x07"])
def test_control_characters_in_a_form_are_refused(sqlite_land: RoutingFixture, sign: str) -> None:
    task, clerk = sqlite_land.open_task(), sqlite_land.token("clerk", DESK, "clerk-1")
    form = {"action": "note", "note": f"a{sign}b"}
    assert sqlite_land.client().post(f"/routing/tasks/{task.id}", data=form, headers=clerk).status_code == 422


def test_invisible_signs_in_a_form_are_removed(sqlite_land: RoutingFixture) -> None:
    task, clerk = sqlite_land.open_task(), sqlite_land.token("clerk", DESK, "clerk-1")
    client = sqlite_land.client()
    form = {"action": "note", "note": "\u202eđã\u200b gọi"}
    assert client.post(f"/routing/tasks/{task.id}", data=form, headers=clerk).status_code == 303
    notes = client.get(f"/routing/api/tasks/{task.id}", headers=clerk).json["notes"]
    assert [note["text"] for note in notes] == ["đã gọi"]


def test_an_unknown_step_does_not_spoil_the_whole_selection(sqlite_land: RoutingFixture) -> None:
    task, clerk = sqlite_land.open_task(), sqlite_land.token("clerk", DESK, "clerk-1")
    marked = {"task": [task.id, "none"]}
    for data in (marked, marked | {"confirmed": "1"}):
        answer = sqlite_land.client().post("/routing/", data=data, headers=clerk)
        assert answer.status_code == 200
        assert "Không có bước xử lý này." in answer.text
    assert sqlite_land.open_task().id != task.id


def test_too_many_selected_steps_are_refused(sqlite_land: RoutingFixture) -> None:
    clerk = sqlite_land.token("clerk", DESK, "clerk-1")
    tasks = [f"step-{number}" for number in range(101)]
    assert sqlite_land.client().post("/routing/", data={"task": tasks}, headers=clerk).status_code == 422
