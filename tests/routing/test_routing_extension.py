"""An expected delay: one new appointment with an apology, at least a day before (NĐ 118/2025, article 19.6)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.routing.commands.errors import NotAllowed, NotInHand
from services.routing.commands.extend import extend_dossier
from services.routing.domain.extension import ExtensionNotAllowed
from tests.routing.service_fixture import CODE, DESK, PROMISED, REGISTRY, TO_THE_RESULT, Client, RoutingFixture, at

LATER = at("2025-12-05 17:00")


def extend(service: RoutingFixture, new: datetime = LATER) -> None:
    service.run(lambda work: extend_dossier(work, CODE, new, "Cần đo đạc lại", "leader-1"))


def finish(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT)


def test_a_new_appointment_emits_an_event_with_the_apology(land: RoutingFixture) -> None:
    extend(land)
    dossier = land.dossier()
    assert (dossier.due_at, dossier.index_due_at, dossier.promised_at) == (LATER, PROMISED, PROMISED)
    assert (dossier.extended_from, dossier.extended_to, dossier.extended_by) == (PROMISED, LATER, "leader-1")
    (emitted,) = land.emitted("dossier.extended")
    assert emitted.data == {
        "dossier": CODE,
        "agency": REGISTRY,
        "reason": "Cần đo đạc lại",
        "was_due_at": PROMISED.isoformat(),
        "due_at": LATER.isoformat(),
        "extended_at": "2025-11-20T08:15:00+07:00",
        "number": f"01/PXL-{REGISTRY}",
    }


def test_an_extension_moves_the_due_time_by_the_law_but_not_by_the_index(land: RoutingFixture) -> None:
    extend(land)
    land.advance_to(PROMISED + timedelta(days=1))
    land.sweep()
    finish(land)
    dossier = land.dossier()
    assert (dossier.on_time, dossier.index_on_time) == (True, False)
    assert land.event_names("dossier.overdue") == []


def test_only_one_new_appointment(land: RoutingFixture) -> None:
    extend(land)
    with pytest.raises(ExtensionNotAllowed) as refused:
        extend(land, LATER + timedelta(days=4))
    assert (refused.value.code, refused.value.article) == ("extension_already_made", "19.6")


def test_the_day_before_is_early_enough_and_the_day_itself_is_not(land: RoutingFixture) -> None:
    land.advance_to(at("2025-12-02 07:30"))
    with pytest.raises(ExtensionNotAllowed) as refused:
        extend(land)
    assert (refused.value.code, refused.value.article) == ("extension_announced_too_late", "19.6")
    land.advance_to(at("2025-12-01 17:00"))
    extend(land)
    assert land.dossier().due_at == LATER


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (PROMISED, "extension_not_later"),
        (at("2025-12-06 09:00"), "extension_outside_working_time"),
    ],
)
def test_the_new_time_is_later_and_in_working_time(sqlite_land: RoutingFixture, new: datetime, code: str) -> None:
    with pytest.raises(ExtensionNotAllowed, match=code):
        extend(sqlite_land, new)
    assert sqlite_land.event_names("dossier.extended") == []


def test_a_paused_dossier_cannot_be_extended(sqlite_land: RoutingFixture) -> None:
    sqlite_land.complete_steps("transfer", "assessment")
    with pytest.raises(NotAllowed, match="extension_while_waiting"):
        extend(sqlite_land)
    sqlite_land.complete("tax")
    sqlite_land.complete_steps(*TO_THE_RESULT)
    with pytest.raises(NotInHand):
        extend(sqlite_land)


def test_an_extension_over_the_api_is_for_leaders(land: RoutingFixture, client: Client) -> None:
    body = {"new_due_at": LATER.isoformat(), "reason": "Cần đo đạc lại"}
    path = f"/routing/api/dossiers/{CODE}/extend"
    assert client.post(path, json=body, headers=land.token("officer", REGISTRY)).status_code == 403
    assert client.post(path, json=body, headers=land.token("leader", DESK)).status_code == 403
    leader = land.token("leader", REGISTRY)
    answer = client.post(path, json=body, headers=leader)
    assert (answer.status_code, answer.json["clock"]["due_at"]) == (200, LATER.isoformat())
    assert answer.json["clock"]["explanation"] == [], "the new time was chosen, not calculated"
    again = client.post(path, json=body, headers=leader)
    assert (again.status_code, again.json["article"]) == (409, "19.6")
