"""Checks of what a program answers when an event comes again: the same id, and the same decision."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from shared.plugin_sdk.conformance.check_context import CheckContext, require
from shared.plugin_sdk.conformance.collector import AgencyMessage

REPEATED_STEPS = 8
"""A program that draws its outcomes is found out with a probability of 1 - 1/2^8 at least."""


def idempotency(context: CheckContext) -> str:
    """Redelivered, even to a new process, an event is answered under the same id; other events under other ids."""
    step, other = context.step(), context.step()
    context.send(step, step, other)
    context.wait_for_decisions(other, "the step after a repeated one")
    first = _ids(context.wait_for_decisions(step))
    require(len(first) == 1, f"One event, delivered twice, was answered under {len(first)} ids: {', '.join(first)}")
    before = len(context.decisions_on(step))
    context.program.stop()
    context.program.start()
    marker = context.step()
    context.send(step, marker)
    context.wait_for_decisions(marker, "a step after a restart")
    ids = _ids(context.wait_for_decisions(step))
    require(len(ids) == 1, f"After a restart the same event was answered under another id: {', '.join(ids)}")
    other_ids = _ids(context.wait_for_decisions(other)) | _ids(context.wait_for_decisions(marker))
    require(ids.isdisjoint(other_ids), f"Different events were answered under the same id {', '.join(ids & other_ids)}")
    if "correlation" not in context.failed:  # otherwise it is not known which step was answered
        _check_two_steps_of_one_dossier(context)
        _check_step_assigned_again(context)
    return f"delivered 3 times, answered {len(context.decisions_on(step))} times ({before} before a restart), one id"


def _ids(decisions: list[AgencyMessage]) -> set[str]:
    return {message.id for message in decisions}


def _check_two_steps_of_one_dossier(context: CheckContext) -> None:
    first = context.step()
    second = context.step(dossier=first.dossier, step="sign")
    context.send(first, second)
    ids = _ids(context.wait_for_decisions(first, "the first of two steps of one dossier"))
    shared = ids & _ids(context.wait_for_decisions(second, "the second of two steps of one dossier"))
    require(
        not shared,
        f"Two steps of one dossier were answered under the same id {', '.join(shared)}, so the platform drops the second answer: "
        "derive the id from the id of the event, not from the dossier.",
    )


def _check_step_assigned_again(context: CheckContext) -> None:
    first = context.step(outcomes=["completed"])
    again = context.step(dossier=first.dossier, task=first.data["task"], outcomes=["refused"])
    context.send(first)
    ids = _ids(context.wait_for_decisions(first, "a step"))
    context.send(again)
    shared = ids & _ids(context.wait_for_decisions(again, "a step that is assigned again, with other outcomes"))
    require(
        not shared,
        f"A step that was assigned again was answered under the id of the first answer, {', '.join(shared)}, so the platform refuses "
        "the second answer: derive the id from the id of the event, not from the task.",
    )


def same_decision(context: CheckContext) -> str:
    """An event that the broker delivers again is decided as it was the first time."""
    steps = [context.step() for _ in range(REPEATED_STEPS)]
    context.send(*steps)
    for step in steps:
        context.wait_for_decisions(step)
    context.program.stop()
    context.send(*steps)
    context.harness.deliver_once()
    marker = context.step()
    context.send(marker)
    context.program.start()
    context.wait_for_decisions(marker, "the step after some that were delivered again")
    contents: dict[str, set[str]] = defaultdict(set)
    for step in steps:
        for message in context.decisions_on(step):
            contents[step.id].add(_content(message.data))
    different = [sorted(found) for found in contents.values() if len(found) > 1]
    require(
        not different,
        f"{len(different)} of {len(steps)} steps were decided differently when they were delivered again, and the platform refuses "
        "another content under the same id: store the decision, or decide by rules that give the same answer. "
        f"The first one: {' and then '.join(different[0]) if different else ''}",
    )
    return f"{len(steps)} steps delivered again are decided as the first time"


def _content(data: dict[str, Any]) -> str:
    """What a decision says, without the time at which it was made."""
    kept = {name: value for name, value in data.items() if name not in ("decided_at", "in_reply_to")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)
