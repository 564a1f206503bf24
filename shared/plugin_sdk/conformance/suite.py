"""All checks in their order, and how they are run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.plugin_sdk.conformance import conversation, faults
from shared.plugin_sdk.conformance.check_context import Failed, Trial
from shared.plugin_sdk.conformance.harness import Bench
from shared.plugin_sdk.conformance.program import Program
from shared.plugin_sdk.conformance.result import Progress, Report, Result
from shared.plugin_sdk.devtools.temp_resources import scratch_directory

STREAM = 200
TIME_LIMIT_SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """One property of a correct program.

    Attributes:
        name: identifier in reports.
        title: Vietnamese and English.
        expected: for the developer of a program that fails it.
        run: says what it saw, or raises Failed.
    """

    name: str
    title: tuple[str, str]
    expected: str
    run: Callable[[Trial], str]


CHECKS = (
    Check(
        "decision",
        ("Ra quyết định", "decision"),
        "Each step is answered by one of the contract's five events: CloudEvents JSON with all required fields, an outcome that the step "
        "has, content_type application/cloudevents+json, delivery_mode 2.",
        conversation.decision,
    ),
    Check(
        "correlation",
        ("Đúng hồ sơ, đúng bước", "correlation"),
        "in_reply_to is the id of the event answered; dossier, task and agency are the event's; source is /agency/CODE; partitionkey "
        "(attribute and header) is the dossier; message_id is the id; user_id is agency.CODE.",
        conversation.correlation,
    ),
    Check(
        "idempotency",
        ("Giao lại không sinh quyết định mới", "idempotency"),
        "The id of a decision is derived from the id of the event it answers (UUIDv5), so that a repeated answer has the same id, also "
        "from another process, and answers to different events have different ones.",
        conversation.idempotency,
    ),
    Check(
        "unknown_fields",
        ("Bỏ qua trường chưa biết", "unknown fields"),
        "Fields and attributes that the program does not know are ignored, and the step is decided as ever.",
        conversation.unknown_fields,
    ),
    Check(
        "vietnamese",
        ("Tiếng Việt nguyên vẹn", "Vietnamese text"),
        "Vietnamese text is read and written as UTF-8, stays as it was sent byte for byte, and is composed (NFC).",
        conversation.vietnamese,
    ),
    Check(
        "time_limit",
        ("Trong thời hạn", "time limit"),
        "A running program decides each step within the time limit.",
        conversation.time_limit,
    ),
    Check(
        "poison",
        ("Thông điệp hỏng", "poison"),
        "A message that cannot be read is rejected without requeue, so that it goes to the dead letters; an event of an unknown type is "
        "not answered; the program goes on and decides the next step.",
        faults.poison,
    ),
    Check(
        "sigkill",
        ("Bị ngắt đột ngột (SIGKILL)", "SIGKILL"),
        "A message is acknowledged only when the broker has confirmed the decision: killed at any moment and started again, the program "
        "decides every step; twice at the most under the same id.",
        faults.sigkill,
    ),
)


def check_program(
    bench: Bench,
    command: str,
    *,
    time_limit: float = TIME_LIMIT_SECONDS,
    patience: float | None = None,
    stream: int = STREAM,
    progress: Progress = lambda _result: None,
) -> Report:
    """Runs every check on a program.

    Args:
        bench: entered; nobody else works for its agency.
        command: what starts the program, as in a shell but without one.
        time_limit: seconds for a decision.
        patience: seconds without progress after which a decision counts as not made; by default three limits, at least 20 s.
        stream: steps of the SIGKILL check; at least 4.
        progress: told each result.

    Raises:
        shared.plugin_sdk.conformance.program.CannotStart: there is nothing to execute.
    """
    words = Program.words(command)
    with scratch_directory("check") as directory:
        program = Program(words, bench.environment(), directory / "program.log")
        trial = Trial(bench, program, time_limit, patience or max(20.0, 3 * time_limit), stream)
        try:
            results = _run_all(trial, progress)
        finally:
            program.stop()
    return Report(command, bench.agency, time_limit, stream, tuple(results))


def _run_all(trial: Trial, progress: Progress) -> list[Result]:
    results: list[Result] = []
    for check in CHECKS:
        if results and not trial.bench.collector.decisions():
            result = Result(
                check.name, check.title, False, check.expected, "Not tried: the program decides nothing at all."
            )
        else:
            result = _run(check, trial)
        if not result.passed:
            trial.failed.add(check.name)
            # The next check begins with a fresh program and an empty queue, so that one fault is not told twice.
            trial.program.kill()
            trial.bench.purge()
        results.append(result)
        progress(result)
    return results


def _run(check: Check, trial: Trial) -> Result:
    started = time.monotonic()
    trial.program.start()
    try:
        passed, seen = True, check.run(trial)
    except Failed as failure:
        passed, seen = False, str(failure)
    return Result(check.name, check.title, passed, check.expected, seen, round(time.monotonic() - started, 3))
