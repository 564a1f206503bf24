"""Checks of events that are rarer than an ordinary step: fields that are null or unknown, cancelled steps, rejected decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.plugin_sdk.conformance.check_context import CheckContext, require
from shared.plugin_sdk.conformance.fixtures import FakeEvent, make_event

DEAD_LETTER_SECONDS = 1.0
REJECTION = {
    "code": "unknown_outcome",
    "message_vi": "Bước này không có kết quả như vậy.",
    "message_en": "The step has no such outcome.",
}


def unknown_fields(context: CheckContext) -> str:
    """The program ignores fields and attributes of a newer platform."""
    plain = context.step()
    newer = {"priority": 3, "tags": ["a", None], "office": {"floor": 2, "rooms": [{"number": "201"}]}, "reserved": None}
    step = make_event(
        "agency.step.assigned",
        {**plain.data, **newer},
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        severity=7,
    )
    context.send(step)
    message = context.wait_for_decisions(
        step, "a step with fields that are not in the contract (data.priority, data.office, …)"
    )[0]
    return f"decided: {message.event_name(context.harness.agency)}"


def null_fields(context: CheckContext) -> str:
    """The program decides a step without a due time."""
    steps = [context.step(due_at=None), context.step(due_at=None, counted=False, obligation_outcome="obligation")]
    context.send(*steps)
    for step in steps:
        context.wait_for_decisions(step, "a step with due_at null, such as a step of the tax office")
    return f"{len(steps)} steps with due_at null decided"


def cancelled(context: CheckContext) -> str:
    """The program goes on after a step was cancelled and after a decision was rejected."""
    first, unseen = context.step(), context.step()
    context.send(first)
    decided = context.wait_for_decisions(first)
    news = [
        _cancelled(first, context.harness.agency),
        _cancelled(unseen, context.harness.agency),
        _rejected(first, decided[0].id, context.harness.agency),
    ]
    collector = context.harness.collector
    names = ("step.cancelled", "step.cancelled of a step that it has not received", "decision.rejected")
    for event, name in zip(news, names, strict=True):
        step = context.step()
        context.send(event, step)
        context.wait_for_decisions(step, f"the step after {name}", timeout=context.patience)

    def refused() -> list[str]:
        dead = collector.dead_letters()
        return [name for event, name in zip(news, names, strict=True) if event.to_json() in dead]

    # The broker moves dead letters after the program's answers have arrived.
    collector.wait(lambda: bool(refused()), max(DEAD_LETTER_SECONDS, 2 * context.slowest), lambda: True)
    require(not refused(), f"Rejected, so that they are dead letters: {', '.join(refused())}. Acknowledge them.")
    return "two cancelled steps and a rejected decision are acknowledged, and the next steps are decided"


def _cancelled(step: FakeEvent, agency: str) -> FakeEvent:
    about = {"dossier": step.dossier, "task": step.data["task"], "agency": agency}
    return make_event("agency.step.cancelled", {**about, "reason": "withdrawn", "cancelled_at": _now()})


def _rejected(step: FakeEvent, decision: str, agency: str) -> FakeEvent:
    about: dict[str, Any] = {"dossier": step.dossier, "task": step.data["task"], "agency": agency}
    return make_event("agency.decision.rejected", {**about, "decision": decision, **REJECTION, "rejected_at": _now()})


def _now() -> str:
    return datetime.now(UTC).isoformat()
