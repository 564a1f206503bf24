"""Checks of how a program uses the broker: prefetch, lost connections, and decisions that the broker does not take."""

from __future__ import annotations

import time

from shared.contracts.agency_asyncapi import MOST_PREFETCH
from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.fixtures import FakeEvent

SURPLUS = 200
STEPS_IN_WORK = 20
LEAST_ATTEMPT_SECONDS = 1.5


def prefetch(context: CheckContext) -> str:
    """The program has at most so many unacknowledged messages at a time."""
    first = context.step()
    context.send(first)
    context.wait_for_decisions(first)
    context.program.pause()
    context.harness.send_many([context.step() for _ in range(MOST_PREFETCH + SURPLUS)])
    taken = MOST_PREFETCH + SURPLUS - context.harness.queued()
    context.program.kill()
    context.harness.unsettled()
    context.harness.purge()
    context.program.start()
    require(
        taken <= MOST_PREFETCH,
        f"The broker has delivered {taken} messages although none was acknowledged. Set a prefetch (basic.qos), for example 100, and "
        "acknowledge by hand (not auto-ack): what is delivered and not acknowledged is lost for other processes, and a long queue "
        "fills your memory.",
    )
    return f"of {MOST_PREFETCH + SURPLUS} waiting messages at most {taken} are delivered at a time"


def reconnect(context: CheckContext) -> str:
    """The program opens its connections again when the broker has closed them."""
    first = context.step()
    context.send(first)
    context.wait_for_decisions(first)
    closed = context.harness.close_connections()
    idle = context.step()
    context.send(idle)
    _wait_after_close(context, [idle], "when it was idle")
    steps = [context.step() for _ in range(STEPS_IN_WORK)]
    context.send(*steps)
    closed += context.harness.close_connections()
    last = context.step()
    context.send(last)
    _wait_after_close(context, [*steps, last], "while it worked")
    return f"{closed} connections closed by the broker, all {STEPS_IN_WORK + 2} steps decided afterwards by the same process"


def _wait_after_close(context: CheckContext, steps: list[FakeEvent], when: str) -> None:
    if context.wait_until_decided(steps, len(steps)):
        return
    undecided = len(steps) - context.decided_count(steps)
    raise CheckFailed(
        f"After the broker had closed the connections {when}, {undecided} of {len(steps)} steps were not decided within "
        f"{context.idle_timeout:g} s. Connect again whenever a connection or channel is lost, with growing pauses. "
        f"{context.program.state()}"
    )


def confirms(context: CheckContext) -> str:
    """A step stays unacknowledged until the broker has taken its decision."""
    refused = context.step()
    with context.harness.refusing_decisions():
        context.send(refused)
        if not context.wait_until_answered([refused], 1):
            context.wait_for_decisions(refused, timeout=0)
        time.sleep(_attempt_seconds(context))
        kept = _still_in_queue(context)
    require(
        kept,
        "The program acknowledged a step although the broker had refused its decision (basic.nack), so the step is lost: turn on "
        "publisher confirms (confirm.select) and acknowledge only after the broker's basic.ack.",
    )
    context.program.start()
    context.wait_for_decisions(refused, "a step whose decision the broker had refused at first")
    with context.harness.without_platform():
        returned = context.step()
        context.send(returned)
        time.sleep(_attempt_seconds(context))
        kept = _still_in_queue(context)
    require(
        kept,
        "The program acknowledged a step although the broker had no queue for its decision, so the step is lost: publish with "
        "mandatory, and keep the step unacknowledged when the broker returns the decision (basic.return).",
    )
    context.program.start()
    context.wait_for_decisions(returned, "a step whose decision the broker had returned at first")
    return "a decision that the broker refused or returned at first is sent again"


def _attempt_seconds(context: CheckContext) -> float:
    return max(LEAST_ATTEMPT_SECONDS, 2 * context.slowest)


def _still_in_queue(context: CheckContext) -> bool:
    context.program.kill()
    return bool(context.harness.unsettled())
