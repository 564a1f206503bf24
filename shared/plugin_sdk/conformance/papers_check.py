"""The check that a program waits when the platform cannot give the papers of a step for a moment."""

from __future__ import annotations

import time

from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.fixtures import FakeEvent

OUTAGE_SECONDS = 18.0
"""Longer than the pauses of five attempts, which are 1 + 2 + 4 + 8 s."""
NOT_YET_KNOWN, TOKEN_EXPIRED = 503, 401


def papers(context: CheckContext) -> str:
    """No step is given up or decided because its papers cannot be read for a while."""
    platform = context.harness.platform
    step, slowest = context.step(), context.slowest
    started = time.monotonic()
    try:
        platform.refusal = NOT_YET_KNOWN
        context.send(step)
        if not _asks(context, step):
            context.wait_for_decisions(step)
            return "the program does not ask for papers"
        _watch(context, step, started + OUTAGE_SECONDS / 2, "503 (the step is not known yet)")
        platform.refusal = TOKEN_EXPIRED
        _watch(context, step, started + OUTAGE_SECONDS, "401 (the token has expired)")
    finally:
        platform.refusal = 0
    context.wait_for_decisions(step, f"the step whose papers could not be read for {OUTAGE_SECONDS:g} s")
    context.slowest = slowest  # its pauses say nothing about how fast the program works
    return f"for {OUTAGE_SECONDS:g} s the papers could not be read; the step was decided afterwards"


def _asks(context: CheckContext, step: FakeEvent) -> bool:
    asked = context.harness.platform.asked
    task = str(step.data["task"])
    settled = lambda: task in asked or bool(context.answers_on(step))  # noqa: E731
    context.harness.collector.wait(settled, context.idle_timeout, lambda: context.program.running)
    return task in asked


def _watch(context: CheckContext, step: FakeEvent, until: float, answer: str) -> None:
    collector = context.harness.collector

    def given_up() -> bool:
        return step.to_json() in collector.dead_letters()

    def ended() -> bool:
        return given_up() or bool(context.decisions_on(step))

    collector.wait(ended, max(0.0, until - time.monotonic()), lambda: True)
    require(
        not given_up(),
        f"The step was rejected while the platform answered the request for papers with {answer}: keep the step unacknowledged and ask "
        "again, with growing pauses, as long as it takes.",
    )
    decided = context.decisions_on(step)
    if decided:
        kind = decided[0].event_name(context.harness.agency)
        raise CheckFailed(
            f"The step was decided ({kind}) while the platform answered the request for papers with {answer}: that is no verdict on the "
            "step. Wait and ask again."
        )
