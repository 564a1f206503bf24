"""All checks in order, and how they are run."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from shared.plugin_sdk.conformance import (
    broker_checks,
    decision_checks,
    event_checks,
    fault_checks,
    papers_check,
    poison_check,
    repetition_checks,
    text_checks,
)
from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed
from shared.plugin_sdk.conformance.decide_command import DecideCommand
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.conformance.program import Program
from shared.plugin_sdk.conformance.result import Progress, Report, Result
from shared.plugin_sdk.devtools.temp_resources import temp_directory

SIGKILL_STEPS = 200
TIME_LIMIT_SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """One requirement on a program.

    Attributes:
        name: identifies the check in reports.
        title: in Vietnamese and English.
        expected: what the program must do; shown if it fails.
        run: returns a summary of what it saw, or raises CheckFailed.
    """

    name: str
    title: tuple[str, str]
    expected: str
    run: Callable[[CheckContext], str]


CHECKS = (
    Check(
        "decision",
        ("Ra quyết định", "decision"),
        "Each step is answered by one of the contract's five events: CloudEvents JSON with all required fields, an outcome that the step "
        "has, content_type application/cloudevents+json, delivery_mode 2. A step that is accepted is decided afterwards.",
        decision_checks.decision,
    ),
    Check(
        "correlation",
        ("Đúng hồ sơ, đúng bước", "correlation"),
        "in_reply_to is the id of the event answered; dossier, task and agency are the event's; source is /agency/CODE; partitionkey "
        "(attribute and header) is the dossier; message_id is the id; user_id is agency.CODE. Nothing is decided that was not received.",
        decision_checks.correlation,
    ),
    Check(
        "times",
        ("Đúng thời điểm", "times"),
        "decided_at and time are the moment of the decision, with the offset of its zone.",
        decision_checks.times,
    ),
    Check(
        "idempotency",
        ("Giao lại không sinh quyết định mới", "idempotency"),
        "The id of a decision is derived from the id of the event it answers (UUIDv5), so that a repeated answer has the same id, also "
        "from another process, and answers to different events have different ones, also those about one dossier or one task.",
        repetition_checks.idempotency,
    ),
    Check(
        "same_decision",
        ("Giao lại vẫn cùng một quyết định", "same decision"),
        "A step that is delivered again is decided as the first time: the same outcome, the same texts.",
        repetition_checks.same_decision,
    ),
    Check(
        "unknown_fields",
        ("Bỏ qua trường chưa biết", "unknown fields"),
        "Fields and attributes that the program does not know are ignored, and the step is decided as usual.",
        event_checks.unknown_fields,
    ),
    Check(
        "null_fields",
        ("Bước không có thời hạn", "null fields"),
        "A step whose due_at is null is decided as usual.",
        event_checks.null_fields,
    ),
    Check(
        "vietnamese",
        ("Tiếng Việt nguyên vẹn", "Vietnamese text"),
        "Vietnamese text is read and written as UTF-8, stays unchanged byte for byte, and is composed (NFC); no letter has lost its marks "
        "or become a question mark.",
        text_checks.vietnamese,
    ),
    Check(
        "time_limit",
        ("Trong thời hạn", "time limit"),
        "A running program answers each step within the time limit.",
        decision_checks.time_limit,
    ),
    Check(
        "cancelled",
        ("Bước bị hủy, quyết định bị từ chối", "cancelled"),
        "step.cancelled and decision.rejected are acknowledged, whatever the program makes of them, and the next step is decided.",
        event_checks.cancelled,
    ),
    Check(
        "poison",
        ("Thông điệp hỏng", "poison"),
        "A message that cannot be read is rejected without requeue, so that it is dead-lettered; an event of an unknown type is "
        "acknowledged and not answered; the program continues and decides the next step.",
        poison_check.poison,
    ),
    Check(
        "papers",
        ("Chờ được danh mục giấy tờ", "papers"),
        "While the platform answers a request for papers with 503 or 401, the step is neither rejected nor decided; afterwards it is "
        "decided. A program that asks for no papers passes.",
        papers_check.papers,
    ),
    Check(
        "prefetch",
        ("Nhận có giới hạn", "prefetch"),
        "At most 1,000 messages are unacknowledged at a time (basic.qos).",
        broker_checks.prefetch,
    ),
    Check(
        "reconnect",
        ("Mất kết nối", "reconnect"),
        "When the broker closes the connections, the program opens new ones by itself and decides every step.",
        broker_checks.reconnect,
    ),
    Check(
        "confirms",
        ("Chờ máy chủ xác nhận", "confirms"),
        "A step is acknowledged only when the broker has confirmed the decision. A decision that the broker refuses (basic.nack) or "
        "returns (basic.return) is sent again.",
        broker_checks.confirms,
    ),
    Check(
        "sigterm",
        ("Được yêu cầu dừng (SIGTERM)", "SIGTERM"),
        "At SIGTERM the program ends in time, and what it has not answered is back in the queue.",
        fault_checks.sigterm,
    ),
    Check(
        "sigkill",
        ("Bị ngắt đột ngột (SIGKILL)", "SIGKILL"),
        "A message is acknowledged only when the broker has confirmed the decision: killed at any moment and started again, the program "
        "decides every step; a repeated decision has the same id.",
        fault_checks.sigkill,
    ),
)
NAMES = tuple(check.name for check in CHECKS)


def check_program(
    harness: Harness,
    command: str,
    *,
    time_limit: float = TIME_LIMIT_SECONDS,
    idle_timeout: float | None = None,
    sigkill_steps: int = SIGKILL_STEPS,
    decide: str = "",
    only: Collection[str] = (),
    progress: Progress = lambda _result: None,
) -> Report:
    """Runs the checks on a program.

    Args:
        harness: entered; no other program consumes its agency's queue.
        command: starts the program; split like a shell command, but not run in a shell.
        time_limit: seconds for a decision.
        idle_timeout: seconds without progress after which a decision counts as missing; by default three time limits, at least 20 s.
        sigkill_steps: number of steps in the checks with SIGTERM and SIGKILL; at least 4.
        decide: a command that decides all steps that the program has accepted, and ends; empty if the program does so by itself.
        only: names of the checks to run; all of them if empty.
        progress: called with each result.

    Raises:
        shared.plugin_sdk.conformance.program.ProgramError: the program cannot be started.
    """
    words = Program.split(command)
    with temp_directory("check") as directory:
        program = Program(words, harness.environment(), directory / "program.log")
        context = CheckContext(harness, program, time_limit, idle_timeout or max(20.0, 3 * time_limit), sigkill_steps)
        if decide:
            log = directory / "decide.log"
            context.decide = DecideCommand(Program.split(decide), harness.environment(), log)
        try:
            results = _run_all(context, [check for check in CHECKS if not only or check.name in only], progress)
        finally:
            program.stop()
    return Report(command, harness.agency, time_limit, sigkill_steps, tuple(results))


def _run_all(context: CheckContext, checks: list[Check], progress: Progress) -> list[Result]:
    results: list[Result] = []
    for check in checks:
        if results and not context.harness.collector.decisions():
            result = Result(
                check.name, check.title, False, check.expected, "Not run: the program decides nothing at all."
            )
        else:
            result = _run(check, context)
        if not result.passed:
            context.failed.add(check.name)
            # The next check starts with a new process and an empty queue, so that one fault is not reported twice.
            context.program.kill()
            context.harness.purge()
        results.append(result)
        progress(result)
    return results


def _run(check: Check, context: CheckContext) -> Result:
    started = time.monotonic()
    context.program.start()
    try:
        passed, seen = True, check.run(context)
    except CheckFailed as failure:
        passed, seen = False, str(failure)
    return Result(check.name, check.title, passed, check.expected, seen, round(time.monotonic() - started, 3))
