"""The check of a program's robustness against messages that it cannot read, or does not know."""

from __future__ import annotations

import time

from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.collector import REJECTED
from shared.plugin_sdk.conformance.fixtures import FakeEvent, make_event

POISON = {
    "bytes that are not JSON": b"\x00\xff khong phai JSON",
    "JSON that is not an event": b'["khong", "phai", "su kien"]',
    "an event without data": b'{"specversion":"1.0","id":"x-1","type":"vn.motcua.agency.step.assigned.v1"}',
}
LEAST_DEAD_LETTER_SECONDS = 2.0


def poison(context: CheckContext) -> str:
    """Unreadable messages are dead-lettered, unknown event types are ignored, and the next step is decided."""
    harness = context.harness
    plain = context.step()
    unknown = make_event("agency.step.audited", {"dossier": plain.dossier, "agency": harness.agency, "auditor": "KTNN"})
    before = len(harness.collector.dead_letters())
    started = time.monotonic()
    # First, so that it is in the dead letters before the others if the program rejects it.
    context.send(unknown)
    for body in POISON.values():
        harness.send_bytes(body)
    step = context.step()
    context.send(step)
    # A program that hangs has evidently failed after its patience; the developer need not wait for the idle timeout.
    description = "the step after unreadable messages and one of an unknown type"
    try:
        context.wait_for_decisions(step, description, timeout=context.patience)
    except CheckFailed as failure:
        raise CheckFailed(f"{_requeued(context, before)}{failure}") from failure

    def missing() -> list[str]:
        dead = harness.collector.dead_letters()[before:]
        return [name for name, body in POISON.items() if body not in dead]

    left = max(LEAST_DEAD_LETTER_SECONDS, started + context.patience - time.monotonic())
    harness.collector.wait(lambda: not missing(), left, lambda: context.program.running)
    absent = missing()
    fate = _where_they_are(context) if absent else ""
    requeued = _requeued(context, before)
    require(not requeued, requeued)
    require(not absent, f"Not in the dead letters: {'; '.join(absent)}. {fate}")
    _check_unknown_type(context, unknown)
    return f"{len(POISON)} unreadable messages are in the dead letters, the unknown event type is ignored, the next step is decided"


def _requeued(context: CheckContext, before: int) -> str:
    """What to say if the broker, not the program, put the messages into the dead letters."""
    letters = context.harness.collector.dead_letters_with_reason()[before:]
    if all(letter.reason == REJECTED for letter in letters):
        return ""
    return (
        "The program gave unreadable messages back to the queue again and again, until the broker gave them up: reject them with "
        "requeue=false. "
    )


def _check_unknown_type(context: CheckContext, unknown: FakeEvent) -> None:
    kind = unknown.envelope["type"]
    require(not context.answers_on(unknown), f"The event of an unknown type ({kind}) was answered.")
    require(
        unknown.to_json() not in context.harness.collector.dead_letters(),
        f"The event of an unknown type ({kind}) was rejected: acknowledge it. Newer platforms send more types.",
    )


def _where_they_are(context: CheckContext) -> str:
    context.program.stop()
    deliveries = context.harness.deliver_once()
    if deliveries > 1:
        return f"The program gave them back to the queue ({deliveries} times so far): reject them with requeue=false."
    if context.harness.queued():
        return "The program left them unacknowledged: they are back in its queue."
    return "The program acknowledged them, so they are lost."
