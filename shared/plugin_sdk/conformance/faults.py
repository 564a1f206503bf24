"""Checks of what a program survives: poison in its queue, and its own sudden death."""

from __future__ import annotations

import time
from collections import defaultdict

from shared.plugin_sdk.conformance.check_context import Failed, Trial, require
from shared.plugin_sdk.conformance.fixtures import FakeEvent, enveloped

KILLS = 3
SETTLING_SECONDS = (0.2, 1.0, 3.0)
POISON = {
    "bytes that are no JSON": b"\x00\xff khong phai JSON",
    "JSON that is no event": b'["khong", "phai", "su kien"]',
    "an event without data": b'{"specversion":"1.0","id":"x-1","type":"vn.motcua.agency.step.assigned.v1"}',
}


def poison(trial: Trial) -> str:
    """What cannot be read goes to the dead letters, what is not known is ignored, and the next step is decided."""
    bench = trial.bench
    plain = trial.step()
    strange = enveloped("agency.step.audited", {"dossier": plain.dossier, "agency": bench.agency, "auditor": "KTNN"})
    already = len(bench.collector.dead_letters())
    for body in POISON.values():
        bench.send_bytes(body)
    trial.send(strange)
    step = trial.step()
    trial.send(step)
    trial.decided(step, "the step behind unreadable messages and one of an unknown type")
    answered = bench.collector.about(strange)
    require(not answered, f"The event of an unknown type ({strange.envelope['type']}) was answered.")

    def missing() -> list[str]:
        dead = bench.collector.dead_letters()[already:]
        return [name for name, body in POISON.items() if body not in dead]

    bench.collector.wait(lambda: not missing(), trial.patience, lambda: trial.program.running)
    if missing():
        raise Failed(f"Not in the dead letters: {'; '.join(missing())}. {_whereabouts(trial)}")
    return f"{len(POISON)} unreadable messages are in the dead letters, the unknown one is ignored, the step behind is decided"


def _whereabouts(trial: Trial) -> str:
    trial.program.stop()
    if trial.bench.left_behind():
        return "The program had not settled them: they are in its queue again."
    return "The program acknowledged them, as if they had been decided."


def sigkill(trial: Trial) -> str:
    """Killed in the middle of its work, and started again, the program decides every step."""
    steps = [trial.step() for _ in range(trial.stream)]
    # All of them wait when it begins, so that it is in the middle of its work when the first decisions are seen.
    trial.program.stop()
    trial.send(*steps)
    trial.program.start()
    stride = max(1, trial.stream // (2 * KILLS + 2))
    killed_after: list[int] = []
    for _ in range(KILLS):
        _reach(trial, steps, min(trial.stream, trial.decided_count(steps) + stride))
        trial.program.kill()
        killed_after.append(trial.decided_count(steps))
        trial.program.start()
    _reach(trial, steps, trial.stream)
    kills = f"killed after {', '.join(map(str, killed_after))} of {trial.stream} decisions"
    _check_ids(trial, steps, kills)
    _check_settled(trial, kills)
    answers = sum(len(found) for found in _by_step(trial, steps).values())
    return f"{kills}; all decided, {answers - trial.stream} answers repeated under the same id"


def _reach(trial: Trial, steps: list[FakeEvent], least: int) -> None:
    if not trial.all_decided(steps, least):
        reached = trial.decided_count(steps)
        raise Failed(
            f"{len(steps)} sent, {reached} decided, {len(steps) - reached} lost: nothing more within {trial.patience:g} s after SIGKILL. "
            f"{trial.bench.waiting()} messages are left in the queue. {trial.program.state()}"
        )


def _check_ids(trial: Trial, steps: list[FakeEvent], kills: str) -> None:
    unequal = sum(len(ids) > 1 for ids in _by_step(trial, steps, distinct=True).values())
    # A program whose ids are no good at all has been told so by the check of idempotency.
    require(
        not unequal or "idempotency" in trial.failed, f"{unequal} steps were decided under more than one id ({kills})."
    )


def _check_settled(trial: Trial, kills: str) -> None:
    # A program may be ended between a decision's confirm and the acknowledgement; one that acknowledges at all does so the next time.
    for seconds in SETTLING_SECONDS:
        time.sleep(seconds)
        trial.program.stop()
        left = trial.bench.left_behind()
        if not left:
            return
        trial.program.start()
        trial.bench.collector.wait(lambda: not trial.bench.waiting(), trial.patience, lambda: trial.program.running)
    raise Failed(f"{left} messages were decided but never acknowledged: they come again with every restart ({kills}).")


def _by_step(trial: Trial, steps: list[FakeEvent], distinct: bool = False) -> dict[str, list[str]]:
    owners = {
        reference: event.id for event in steps for reference in (event.id, event.dossier, str(event.data["task"]))
    }
    found: dict[str, list[str]] = defaultdict(list)
    for seen in trial.bench.collector.decisions():
        references = (seen.data.get(name) for name in ("in_reply_to", "dossier", "task"))
        owner = next((owners[reference] for reference in references if reference in owners), None)
        if owner is not None and not (distinct and seen.id in found[owner]):
            found[owner].append(seen.id)
    return found
