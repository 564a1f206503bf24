"""Due soon, overdue and escalation: each once, for steps and for dossiers; none while time is not counted."""

from __future__ import annotations

from datetime import timedelta

from services.routing.commands.extend import extend_dossier
from services.routing.commands.hand_over import refuse, resend
from tests.routing.route_builders import begin, step
from tests.routing.service_fixture import CODE, PROMISED, RoutingFixture, at

WORDS = ("step.due_soon", "step.overdue", "dossier.due_soon", "dossier.overdue")


def swept(service: RoutingFixture, moment: str) -> list[str]:
    """The events that two sweeps emit at a moment."""
    before = len(service.event_names(*WORDS))
    service.advance_to(at(moment))
    service.sweep()
    service.sweep()
    return service.event_names(*WORDS)[before:]


def test_a_step_is_due_soon_then_overdue_then_escalated(land: RoutingFixture) -> None:
    assert swept(land, "2025-11-20 10:14") == []
    assert swept(land, "2025-11-20 10:15") == ["step.due_soon"]  # two of its four hours are left
    assert swept(land, "2025-11-20 14:15") == []
    assert swept(land, "2025-11-20 14:16") == ["step.overdue"]
    assert land.step("transfer").escalation == 1
    assert swept(land, "2025-11-21 14:14") == []
    assert land.step("transfer").escalation == 1
    assert swept(land, "2025-11-21 14:16") == []
    assert land.step("transfer").escalation == 2
    (emitted,) = land.emitted("step.overdue")
    assert (emitted.data["due_at"], emitted.data["warned_at"]) == (
        "2025-11-20T14:15:00+07:00",
        "2025-11-20T14:16:00+07:00",
    )


def test_a_dossier_is_due_soon_then_overdue_then_escalated(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", "printing", "checking", "signing", "hand-over")
    land.advance_to(at("2025-11-28 09:00"))
    land.sweep()  # the step's own time
    assert swept(land, "2025-12-01 15:00") == ["dossier.due_soon"]
    assert swept(land, "2025-12-02 17:30") == []
    assert swept(land, "2025-12-02 17:31") == ["dossier.overdue"]
    assert land.dossier().escalation == 1
    assert swept(land, "2025-12-04 08:00") == []
    assert land.dossier().escalation == 2
    assert swept(land, "2026-01-15 08:00") == []
    assert land.dossier().next_check_at is None


def test_a_late_sweep_sends_the_reminders_that_are_due_now(land: RoutingFixture) -> None:
    assert sorted(swept(land, "2025-12-20 08:00")) == ["dossier.overdue", "step.overdue"]
    assert (land.dossier().escalation, land.step("transfer").escalation) == (2, 2)


def test_uncounted_time_has_no_reminders(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment")
    assert swept(land, "2026-02-02 08:00") == []
    land.complete("tax", "obligation", 5_000_000)
    assert swept(land, "2026-03-02 08:00") == []


def test_a_step_awaiting_a_supplement_has_no_reminders_and_may_get_them_again_later(land: RoutingFixture) -> None:
    land.complete("transfer")
    assert swept(land, "2025-11-21 17:00") == ["step.due_soon"]  # sixteen hours: until Monday 08:15
    land.request_supplement("assessment")
    assert swept(land, "2025-12-05 08:00") == []
    land.supplement()
    assert land.step("assessment").due_at == at("2025-12-09 08:00")
    assert swept(land, "2025-12-05 08:01") == [], "the waiting is no time that was used"
    assert swept(land, "2025-12-08 14:00") == ["step.due_soon"]
    assert swept(land, "2025-12-09 08:01") == ["step.overdue"]


def test_a_dossier_may_be_due_soon_again_after_a_supplement(service: RoutingFixture) -> None:
    begin(service, [step("entry", "one_stop_desk", "police", hours=150), step("police", "police", "end", hours=150)])
    service.advance_to(at("2025-12-16 08:00"))
    service.complete("entry")
    assert "dossier.due_soon" in swept(service, "2025-12-18 08:00")
    service.request_supplement("police")
    service.supplement()
    assert service.dossier().due_soon_at is None
    due = service.dossier().due_at
    assert "dossier.due_soon" in swept(service, f"{due - timedelta(hours=3):%Y-%m-%d %H:%M}")
    assert service.event_names("dossier.due_soon") == ["dossier.due_soon"] * 2


def test_a_dossier_may_be_due_soon_again_after_an_extension(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax")
    assert "dossier.due_soon" in swept(land, "2025-12-01 15:00")
    land.run(lambda work: extend_dossier(work, CODE, at("2025-12-12 17:00"), "Cần đo đạc", "leader-1"))
    assert "dossier.due_soon" not in swept(land, "2025-12-04 08:00")
    assert "dossier.due_soon" in swept(land, "2025-12-12 15:00")
    assert "dossier.overdue" in swept(land, "2025-12-12 17:01")
    assert land.event_names("dossier.due_soon") == ["dossier.due_soon"] * 2


def test_overdue_is_announced_only_once(service: RoutingFixture) -> None:
    begin(service, [step("entry", "one_stop_desk", "police"), step("police", "police", "end", hours=4)])
    service.complete("entry")
    assert "step.overdue" in swept(service, "2025-11-21 08:00")
    service.request_supplement("police")
    service.supplement()
    assert "step.overdue" not in swept(service, "2025-11-24 17:00")
    assert service.event_names("step.overdue") == ["step.overdue"]


def test_a_refused_step_has_no_reminders(land: RoutingFixture) -> None:
    land.complete("transfer")
    task = land.step("assessment")
    land.run(lambda work: refuse(work, task.id, "Thiếu bản đồ", "officer-1"))
    assert swept(land, "2025-11-26 08:00") == []
    land.run(lambda work: resend(work, task.id, "Đã kèm", "clerk-1"))
    assert swept(land, "2025-11-27 17:00") == ["step.due_soon"]


def test_an_ended_dossier_has_no_next_check(land: RoutingFixture) -> None:
    land.withdraw()
    assert swept(land, "2026-02-02 08:00") == []
    assert (land.dossier().next_check_at, [task.next_check_at for task in land.tasks()]) == (None, [None])
    assert land.dossier().due_at == PROMISED
