"""Checks of a program's robustness: poison messages in its queue, and SIGKILL."""

from __future__ import annotations

import time
from collections import defaultdict

from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.fixtures import FakeEvent, make_event

KILLS = 3
ACKNOWLEDGE_SECONDS = (0.2, 1.0, 3.0)
POISON = {
    "bytes that are not JSON": b"\x00\xff khong phai JSON",
    "JSON that is not an event": b'["khong", "phai", "su kien"]',
    "an event without data": b'{"specversion":"1.0","id":"x-1","type":"vn.motcua.agency.step.assigned.v1"}',
}


def poison(context: CheckContext) -> str:
    """Unreadable messages are dead-lettered, unknown event types are ignored, and the next step is decided."""
    harness = context.harness
    plain = context.step()
    unknown = make_event("agency.step.audited", {"dossier": plain.dossier, "agency": harness.agency, "auditor": "KTNN"})
    before = len(harness.collector.dead_letters())
    for body in POISON.values():
        harness.send_bytes(body)
    context.send(unknown)
    step = context.step()
    context.send(step)
    context.wait_for_decisions(step, "the step after unreadable messages and one of an unknown type")
    answered = harness.collector.decisions_on(unknown)
    require(not answered, f"The event of an unknown type ({unknown.envelope['type']}) was answered.")

    def missing() -> list[str]:
        dead = harness.collector.dead_letters()[before:]
        return [name for name, body in POISON.items() if body not in dead]

    harness.collector.wait(lambda: not missing(), context.idle_timeout, lambda: context.program.running)
    if missing():
        raise CheckFailed(f"Not in the dead letters: {'; '.join(missing())}. {_where_they_are(context)}")
    return f"{len(POISON)} unreadable messages are in the dead letters, the unknown event type is ignored, the next step is decided"


def _where_they_are(context: CheckContext) -> str:
    context.program.stop()
    if context.harness.unsettled():
        return "The program left them unacknowledged: they are back in its queue."
    return "The program acknowledged them, so they are lost."


def sigkill(context: CheckContext) -> str:
    """The program decides every step although it is killed and restarted several times while it works."""
    steps = [context.step() for _ in range(context.sigkill_steps)]
    # All steps are queued before it starts, so it still has work when the first decisions arrive and it is killed.
    context.program.stop()
    context.send(*steps)
    context.program.start()
    stride = max(1, context.sigkill_steps // (2 * KILLS + 2))
    killed_after: list[int] = []
    for _ in range(KILLS):
        _wait_until_decided(context, steps, min(context.sigkill_steps, context.decided_count(steps) + stride))
        context.program.kill()
        killed_after.append(context.decided_count(steps))
        context.program.start()
    _wait_until_decided(context, steps, context.sigkill_steps)
    kills = f"killed after {', '.join(map(str, killed_after))} of {context.sigkill_steps} decisions"
    _check_ids(context, steps, kills)
    _check_acknowledged(context, kills)
    answers = sum(len(found) for found in _by_step(context, steps).values())
    return f"{kills}; all decided, {answers - context.sigkill_steps} answers repeated under the same id"


def _wait_until_decided(context: CheckContext, steps: list[FakeEvent], minimum: int) -> None:
    if not context.wait_until_decided(steps, minimum):
        decided = context.decided_count(steps)
        raise CheckFailed(
            f"{len(steps)} sent, {decided} decided, {len(steps) - decided} lost: "
            f"no further decision within {context.idle_timeout:g} s after SIGKILL. "
            f"{context.harness.queued()} messages are left in the queue. {context.program.state()}"
        )


def _check_ids(context: CheckContext, steps: list[FakeEvent], kills: str) -> None:
    unequal = sum(len(ids) > 1 for ids in _by_step(context, steps, distinct=True).values())
    # If the program's ids are wrong in general, the idempotency check has reported it already.
    require(
        not unequal or "idempotency" in context.failed,
        f"{unequal} steps were decided under more than one id ({kills}).",
    )


def _check_acknowledged(context: CheckContext, kills: str) -> None:
    # A program may be killed between confirm and acknowledgement; a correct one acknowledges after the redelivery.
    for seconds in ACKNOWLEDGE_SECONDS:
        time.sleep(seconds)
        context.program.stop()
        remaining = context.harness.unsettled()
        if not remaining:
            return
        context.program.start()
        context.harness.collector.wait(
            lambda: not context.harness.queued(), context.idle_timeout, lambda: context.program.running
        )
    raise CheckFailed(
        f"{remaining} messages were decided but never acknowledged: they are delivered again after every restart ({kills})."
    )


def _by_step(context: CheckContext, steps: list[FakeEvent], distinct: bool = False) -> dict[str, list[str]]:
    owners = {
        reference: event.id for event in steps for reference in (event.id, event.dossier, str(event.data["task"]))
    }
    found: dict[str, list[str]] = defaultdict(list)
    for message in context.harness.collector.decisions():
        references = (message.data.get(name) for name in ("in_reply_to", "dossier", "task"))
        owner = next((owners[reference] for reference in references if reference in owners), None)
        if owner is not None and not (distinct and message.id in found[owner]):
            found[owner].append(message.id)
    return found
