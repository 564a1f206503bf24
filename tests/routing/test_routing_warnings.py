"""Due soon, overdue, and to the leaders: each once, of steps and of dossiers; nothing while time is not counted."""

from __future__ import annotations

from datetime import timedelta

from services.routing.commands.extend import extend_dossier
from services.routing.commands.hand_over import refuse, resend
from tests.routing.route_builders import begin, step
from tests.routing.service_fixture import CODE, PROMISED, World, at

WORDS = ("step.due_soon", "step.overdue", "dossier.due_soon", "dossier.overdue")


def swept(world: World, moment: str) -> list[str]:
    """What the sweeps say that they had not said before."""
    before = len(world.said(*WORDS))
    world.go_to(at(moment))
    world.sweep()
    world.sweep()
    return world.said(*WORDS)[before:]


def test_a_step_is_warned_of_then_late_then_its_leaders_are_told(land: World) -> None:
    assert swept(land, "2025-11-20 10:14") == []
    assert swept(land, "2025-11-20 10:15") == ["step.due_soon"]  # two of its four hours are left
    assert swept(land, "2025-11-20 14:15") == []
    assert swept(land, "2025-11-20 14:16") == ["step.overdue"]
    assert land.step("transfer").escalation == 1
    assert swept(land, "2025-11-21 14:14") == []
    assert land.step("transfer").escalation == 1
    assert swept(land, "2025-11-21 14:16") == []
    assert land.step("transfer").escalation == 2
    (said,) = land.emitted("step.overdue")
    assert (said.data["due_at"], said.data["warned_at"]) == ("2025-11-20T14:15:00+07:00", "2025-11-20T14:16:00+07:00")


def test_a_dossier_is_warned_of_then_late_then_the_leaders_are_told(land: World) -> None:
    land.go_through("transfer", "assessment:no_tax", "printing", "checking", "signing", "hand-over")
    land.go_to(at("2025-11-28 09:00"))
    land.sweep()  # the step's own time
    assert swept(land, "2025-12-01 15:00") == ["dossier.due_soon"]
    assert swept(land, "2025-12-02 17:30") == []
    assert swept(land, "2025-12-02 17:31") == ["dossier.overdue"]
    assert land.dossier().escalation == 1
    assert swept(land, "2025-12-04 08:00") == []
    assert land.dossier().escalation == 2
    assert swept(land, "2026-01-15 08:00") == []
    assert land.dossier().next_check_at is None


def test_whoever_looks_late_says_what_is_true_now(land: World) -> None:
    assert sorted(swept(land, "2025-12-20 08:00")) == ["dossier.overdue", "step.overdue"]
    assert (land.dossier().escalation, land.step("transfer").escalation) == (2, 2)


def test_what_is_not_counted_is_not_warned_of(land: World) -> None:
    land.go_through("transfer", "assessment")
    assert swept(land, "2026-02-02 08:00") == []
    land.complete("tax", "obligation", 5_000_000)
    assert swept(land, "2026-03-02 08:00") == []


def test_what_waits_for_papers_is_not_warned_of_and_may_be_warned_of_again(land: World) -> None:
    land.complete("transfer")
    assert swept(land, "2025-11-21 17:00") == ["step.due_soon"]  # sixteen hours: until Monday 08:15
    land.ask("assessment")
    assert swept(land, "2025-12-05 08:00") == []
    land.supply()
    assert land.step("assessment").due_at == at("2025-12-09 08:00")
    assert swept(land, "2025-12-05 08:01") == [], "the waiting is no time that was used"
    assert swept(land, "2025-12-08 14:00") == ["step.due_soon"]
    assert swept(land, "2025-12-09 08:01") == ["step.overdue"]


def test_a_dossier_may_be_due_soon_again_after_a_supplement(world: World) -> None:
    begin(world, [step("entry", "one_stop_desk", "police", hours=150), step("police", "police", "end", hours=150)])
    world.go_to(at("2025-12-16 08:00"))
    world.complete("entry")
    assert "dossier.due_soon" in swept(world, "2025-12-18 08:00")
    world.ask("police")
    world.supply()
    assert world.dossier().due_soon_at is None
    due = world.dossier().due_at
    assert "dossier.due_soon" in swept(world, f"{due - timedelta(hours=3):%Y-%m-%d %H:%M}")
    assert world.said("dossier.due_soon") == ["dossier.due_soon"] * 2


def test_a_dossier_may_be_due_soon_again_after_an_extension(land: World) -> None:
    land.go_through("transfer", "assessment:no_tax")
    assert "dossier.due_soon" in swept(land, "2025-12-01 15:00")
    land.run(lambda work: extend_dossier(work, CODE, at("2025-12-12 17:00"), "Cần đo đạc", "leader-1"))
    assert "dossier.due_soon" not in swept(land, "2025-12-04 08:00")
    assert "dossier.due_soon" in swept(land, "2025-12-12 15:00")
    assert "dossier.overdue" in swept(land, "2025-12-12 17:01")
    assert land.said("dossier.due_soon") == ["dossier.due_soon"] * 2


def test_lateness_is_never_said_again(world: World) -> None:
    begin(world, [step("entry", "one_stop_desk", "police"), step("police", "police", "end", hours=4)])
    world.complete("entry")
    assert "step.overdue" in swept(world, "2025-11-21 08:00")
    world.ask("police")
    world.supply()
    assert "step.overdue" not in swept(world, "2025-11-24 17:00")
    assert world.said("step.overdue") == ["step.overdue"]


def test_a_refused_step_is_not_its_agencys_to_be_late_with(land: World) -> None:
    land.complete("transfer")
    task = land.step("assessment")
    land.run(lambda work: refuse(work, task.id, "Thiếu bản đồ", "officer-1"))
    assert swept(land, "2025-11-26 08:00") == []
    land.run(lambda work: resend(work, task.id, "Đã kèm", "clerk-1"))
    assert swept(land, "2025-11-27 17:00") == ["step.due_soon"]


def test_an_ended_dossier_is_never_looked_at_again(land: World) -> None:
    land.withdraw()
    assert swept(land, "2026-02-02 08:00") == []
    assert (land.dossier().next_check_at, [task.next_check_at for task in land.tasks()]) == (None, [None])
    assert land.dossier().due_at == PROMISED
