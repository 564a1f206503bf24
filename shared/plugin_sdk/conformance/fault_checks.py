"""Checks of a program's robustness: SIGTERM and SIGKILL while it works."""

from __future__ import annotations

import time

from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.fixtures import FakeEvent

KILLS = 3
SIGTERM_FACTORS = (1, 5)
ACKNOWLEDGE_SECONDS = (0.2, 1.0, 3.0)
TERMINATION_GRACE = 5.0


def sigterm(context: CheckContext) -> str:
    """Told to end, the program ends in time and leaves what it has not answered in the queue."""
    for factor in SIGTERM_FACTORS:
        steps = _queue_all_and_start(context, factor * context.sigkill_steps)
        answered, remaining = _terminate(context, steps)
        if remaining:
            break  # otherwise it had done everything before the signal, and more steps must show what it does with the rest
    context.program.start()
    _wait_until_decided(context, steps, len(steps), "SIGTERM")
    return f"ended in time after {answered} of {len(steps)} answers, {remaining} messages back in the queue; all decided after a restart"


def _terminate(context: CheckContext, steps: list[FakeEvent]) -> tuple[int, int]:
    """Ends the program at its first answer; returns how many steps are answered and how many are back in the queue."""
    if not context.wait_until_answered(steps, 1):
        raise CheckFailed(f"No decision within {context.idle_timeout:g} s. {context.program.state()}")
    limit = context.time_limit + TERMINATION_GRACE
    require(
        context.program.stop(limit),
        f"The program still ran {limit:g} s after SIGTERM. Take no new work, finish what is running, close the connection and end; a "
        "container is killed after 30 s.",
    )
    remaining = context.harness.unsettled()
    time.sleep(ACKNOWLEDGE_SECONDS[0])  # what it published last may still be on its way to the collector
    answered = context.answered_count(steps)
    lost = len(steps) - answered - remaining
    require(
        lost <= 0,
        f"{len(steps)} sent, {answered} answered, {remaining} back in the queue, {lost} lost: at SIGTERM the program acknowledged what it "
        "had not decided. Close the connection without acknowledging; the broker delivers the messages again.",
    )
    return answered, remaining


def _queue_all_and_start(context: CheckContext, count: int) -> list[FakeEvent]:
    # All steps are queued before it starts, so it still has work when the first decisions arrive and it is ended.
    steps = [context.step() for _ in range(count)]
    context.program.stop()
    context.send_many(steps)
    context.program.start()
    return steps


def sigkill(context: CheckContext) -> str:
    """The program decides every step although it is killed and restarted several times while it works."""
    steps = _queue_all_and_start(context, context.sigkill_steps)
    stride = max(1, context.sigkill_steps // (2 * KILLS + 2))
    killed_after: list[int] = []
    for _ in range(KILLS):
        target = min(context.sigkill_steps, context.answered_count(steps) + stride)
        if not context.wait_until_answered(steps, target):
            _wait_until_decided(context, steps, target, "SIGKILL")
        context.program.kill()
        killed_after.append(context.answered_count(steps))
        context.program.start()
    _wait_until_decided(context, steps, context.sigkill_steps, "SIGKILL")
    kills = f"killed after {', '.join(map(str, killed_after))} of {context.sigkill_steps} decisions"
    _check_ids(context, steps, kills)
    _check_acknowledged(context, kills)
    answers = sum(len(context.decisions_on(step)) for step in steps)
    return f"{kills}; all decided, {answers - context.sigkill_steps} answers repeated under the same id"


def _wait_until_decided(context: CheckContext, steps: list[FakeEvent], minimum: int, signal: str) -> None:
    if not context.wait_until_decided(steps, minimum):
        decided = context.decided_count(steps)
        raise CheckFailed(
            f"{len(steps)} sent, {decided} decided, {len(steps) - decided} lost: "
            f"no further decision within {context.idle_timeout:g} s after {signal}. "
            f"{context.harness.queued()} messages are left in the queue. {context.program.state()}"
        )


def _check_ids(context: CheckContext, steps: list[FakeEvent], kills: str) -> None:
    unequal = sum(len({message.id for message in context.decisions_on(step)}) > 1 for step in steps)
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
