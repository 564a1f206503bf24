"""The conformance check passes correct programs in any language, and a broken program fails exactly the check for its fault."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.cli.agency_check import check
from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.fixtures import assigned_step
from shared.plugin_sdk.conformance.harness import Harness, QueueInUse
from shared.plugin_sdk.conformance.program import Program, ProgramError
from shared.plugin_sdk.conformance.result import Report
from shared.plugin_sdk.conformance.suite import CHECKS, SIGKILL_STEPS, check_program
from shared.plugin_sdk.devtools.process_group import process_reaper
from tests.shared.plugin_sdk.support import PROGRAMS, OpenHarness, program_command
from tests.support.rabbitmq import RabbitServer, vhost_of

PATIENT = 30.0  # far above what these programs need
FAULTS = {
    "accepts_and_forgets": ("decision", "accepted, and no decision followed"),
    "acknowledges_at_sigterm": ("sigterm", "at SIGTERM the program acknowledged what it had not decided"),
    "acknowledges_first": ("sigkill", "lost: no further decision"),
    "acknowledges_poison": ("poison", "The program acknowledged them"),
    "clock_at_1970": ("times", "data.decided_at '1970-01-01T00:00:12+00:00' is not the time of the decision"),
    "clock_at_2099": ("times", "data.decided_at '2099-12-31T23:59:59+07:00' is not the time of the decision"),
    "crashes_on_cancelled": ("cancelled", "No decision on the step after step.cancelled"),
    "crashes_on_poison": ("poison", "has ended with status 1"),
    "crashes_on_unknown_fields": ("unknown_fields", "unexpected fields: ['office', 'priority', 'reserved', 'tags']"),
    "decides_foreign_tasks": ("correlation", "tasks that were never assigned to this agency"),
    "decides_otherwise_when_repeated": ("same_decision", "decided differently when they were delivered again"),
    "ends_without_connection": ("reconnect", "has ended with status 1"),
    "gives_up_on_papers": ("papers", "The step was rejected while the platform answered"),
    "hangs_on_cancelled": ("cancelled", "No decision on the step after step.cancelled"),
    "hangs_on_poison": ("poison", "The program is still running"),
    "ids_by_dossier": ("idempotency", "Two steps of one dossier were answered under the same id"),
    "ids_by_task": ("idempotency", "A step that was assigned again was answered under the id of the first answer"),
    "ignores_sigterm": ("sigterm", "after SIGTERM. Take no new work"),
    "invents_outcomes": ("decision", "outcome 'approved', which is none of ['completed', 'obligation', 'refused']"),
    "local_time_as_utc": ("times", "is 7 hours in the future: a local time with the offset of another zone"),
    "loses_diacritics": ("vietnamese", "has lost the marks of 'thẩm định hồ'"),
    "mangles_vietnamese": ("vietnamese", "instead of 'Đủ điều kiện – chuyển Chi cục Thuế'"),
    "needs_due_at": ("null_fields", "No decision on a step with due_at null"),
    "never_acknowledges": ("sigkill", "decided but never acknowledged"),
    "never_reconnects": ("reconnect", "Connect again whenever a connection or channel is lost"),
    "no_confirms": ("confirms", "turn on publisher confirms"),
    "not_mandatory": ("confirms", "publish with mandatory"),
    "random_ids": ("idempotency", "One event, delivered twice, was answered under 2 ids"),
    "random_outcomes": ("same_decision", "decided differently when they were delivered again"),
    "refuses_without_papers": ("papers", "that is no verdict on the step"),
    "rejects_cancelled": ("cancelled", "Rejected, so that they are dead letters: step.cancelled"),
    "rejects_unknown_types": ("poison", "was rejected: acknowledge it"),
    "requeues_poison": ("poison", "back to the queue"),
    "requeues_poison_slowly": ("poison", "back to the queue"),
    "too_slow": ("time_limit", " s (all: "),
    "unlimited_prefetch": ("prefetch", "Set a prefetch (basic.qos)"),
    "writes_question_marks": ("vietnamese", "has question marks in place of letters"),
    "wrong_correlation": ("correlation", "data.in_reply_to: "),
}
CORRECT = ("accepts", "accepts_and_decides", "correct", "from_contract", "waits_for_papers")
LIMITS = {"too_slow": 0.1, "ignores_sigterm": 1.0}
STEPS = {"acknowledges_first": 40, "acknowledges_at_sigterm": 200}
IDLE_SECONDS = 15.0
WITH_ACCEPTANCE = ("decision", "correlation", "idempotency", "sigterm", "sigkill")


@pytest.fixture(scope="module")
def reports(open_harness: OpenHarness) -> Callable[[str], Report]:
    """The reports on all broken programs; three run at a time, because most of the time is spent on timeouts.

    Each runs what shows that it works in general and the check that it must fail.
    """
    process_reaper()  # before the threads start, because each would create its own
    harnesses = {name: open_harness(f"T.{name}") for name in FAULTS}
    with ThreadPoolExecutor(3) as pool:
        made: dict[str, Future[Report]] = {}
        for name, (check_name, _reason) in FAULTS.items():
            options = {
                "time_limit": LIMITS.get(name, PATIENT),
                "idle_timeout": IDLE_SECONDS,
                "sigkill_steps": STEPS.get(name, 8),
                "only": ("decision", check_name),
            }
            made[name] = pool.submit(check_program, harnesses[name], program_command(name), **options)  # type: ignore[arg-type]
        done = {name: report.result() for name, report in made.items()}
    return lambda name: done[name]


@pytest.mark.parametrize("name", FAULTS)
def test_broken_program_fails_exactly_its_own_check(name: str, reports: Callable[[str], Report]) -> None:
    report = reports(name)
    failed, reason = FAULTS[name]
    result = next(result for result in report.results if result.name == failed)
    assert not result.passed
    assert reason in result.seen
    assert result.expected
    if failed != "decision":
        assert report.failed == [failed], [result.seen for result in report.results if not result.passed]


def test_third_stack_written_from_the_contract_alone_passes(open_harness: OpenHarness) -> None:
    report = check_program(open_harness("T.third"), program_command("from_contract"), time_limit=PATIENT)
    assert report.passed, [result.seen for result in report.results if not result.passed]


def test_program_that_waits_for_papers_passes(open_harness: OpenHarness) -> None:
    report = check_program(open_harness("T.papers"), program_command("waits_for_papers"), only=("decision", "papers"))
    assert report.passed, [result.seen for result in report.results if not result.passed]
    assert "could not be read; the step was decided afterwards" in report.results[-1].seen


def test_program_that_accepts_and_decides_by_itself_passes(open_harness: OpenHarness) -> None:
    command = program_command("accepts_and_decides")
    report = check_program(
        open_harness("T.decides"), command, time_limit=PATIENT, sigkill_steps=8, only=WITH_ACCEPTANCE
    )
    assert report.passed, [result.seen for result in report.results if not result.passed]


def test_program_whose_officials_decide_passes_with_a_command_that_decides(
    open_harness: OpenHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPS_FOLDER", str(tmp_path))
    command = program_command("accepts")
    report = check_program(
        open_harness("T.accepts"),
        command,
        time_limit=PATIENT,
        sigkill_steps=8,
        decide=f"{command} decide",
        only=WITH_ACCEPTANCE,
    )
    assert report.passed, [result.seen for result in report.results if not result.passed]
    assert not list(tmp_path.glob("*.json"))


def test_failing_decide_command_is_shown(
    open_harness: OpenHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPS_FOLDER", str(tmp_path))
    decide = "sh -c 'echo khong co co so du lieu; exit 3'"
    report = check_program(
        open_harness("T.undecided"), program_command("accepts"), decide=decide, only=("decision",), time_limit=PATIENT
    )
    assert "failed. The program has ended with status 3" in report.results[0].seen
    assert "khong co co so du lieu" in report.results[0].seen


def test_every_broken_program_is_tested_and_every_check_has_one() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} == {*FAULTS, *CORRECT}
    assert {check for check, _reason in FAULTS.values()} == {check.name for check in CHECKS}


def test_python_sdk_passes_with_all_sigkill_steps(
    open_harness: OpenHarness, python_service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(python_service)
    report = check_program(
        open_harness("H12.14.01"), f"{sys.executable} service.py", time_limit=PATIENT, sigkill_steps=SIGKILL_STEPS
    )
    assert report.passed, [result.seen for result in report.results if not result.passed]
    assert f"of {SIGKILL_STEPS} decisions; all decided" in report.results[-1].seen


def test_node_sdk_passes_with_all_sigkill_steps(
    open_harness: OpenHarness, node_service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(node_service)
    report = check_program(open_harness("H12.14.02"), "node main.js", time_limit=PATIENT, sigkill_steps=SIGKILL_STEPS)
    assert report.passed, [result.seen for result in report.results if not result.passed]
    assert f"of {SIGKILL_STEPS} decisions; all decided" in report.results[-1].seen


def test_remaining_checks_are_not_run_if_nothing_is_decided(open_harness: OpenHarness) -> None:
    command = f"{sys.executable} -c \"print('khong co gi'); raise SystemExit(3)\""
    report = check_program(open_harness("T.nothing"), command, idle_timeout=5)
    assert report.failed == [check.name for check in CHECKS]
    assert "has ended with status 3" in report.results[0].seen
    assert "khong co gi" in report.results[0].seen
    assert all("Not run" in result.seen for result in report.results[1:])


def test_queue_in_use_is_refused_and_left_untouched(open_harness: OpenHarness, rabbit: RabbitServer) -> None:
    harness = open_harness("T.busy")
    harness.send(assigned_step("T.busy"))
    url = harness.administrator_url
    second = Harness(url, Management(rabbit.management_url, vhost_of(url)), "T.busy")
    with pytest.raises(QueueInUse, match=r"agency\.T\.busy has 1 messages and 0 consumers"):
        second.__enter__()
    assert harness.queued() == 1


@pytest.fixture
def run_check(rabbit: RabbitServer, rabbit_url: str) -> Callable[..., Result]:
    """Runs `motcua agency check` on an existing broker."""

    def run(command: str, *more: str) -> Result:
        # only the AMQP URL names the virtual host
        options = ["--command", command, "--url", rabbit_url, "--management", rabbit.management_url, *more]
        return CliRunner().invoke(check, options)

    return run


def test_correct_program_without_the_sdk_passes_all_checks_and_the_command_exits_with_0(
    run_check: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    result = run_check(program_command("correct"), "--report", str(path), "--sigkill-steps", "8", "--code", "H12.14")
    assert result.exit_code == 0, result.output
    assert f"{len(CHECKS)}/{len(CHECKS)} đạt · passed" in result.output
    report = json.loads(path.read_text())
    assert (report["passed"], report["agency"], report["sigkill_steps"]) == (True, "H12.14", 8)
    assert [entry["name"] for entry in report["checks"]] == [check.name for check in CHECKS]
    assert all(entry["title"]["vi"] and entry["title"]["en"] and entry["seen"] for entry in report["checks"])


def test_failed_checks_print_expected_and_seen_and_exit_with_1(
    run_check: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    result = run_check(
        program_command("wrong_correlation"), "--report", str(path), "--only", "decision", "--only", "correlation"
    )
    assert result.exit_code == 1, result.output
    assert "HỎNG  Đúng hồ sơ, đúng bước · correlation" in result.output
    assert "Mong đợi · expected: in_reply_to is the id of the event answered" in result.output
    assert "Thấy · seen: data.in_reply_to: '" in result.output
    assert json.loads(path.read_text())["passed"] is False


@pytest.mark.parametrize("command", ["no-such-program-anywhere", "", "python 'unclosed"])
def test_invalid_command_exits_with_2(command: str, run_check: Callable[..., Result]) -> None:
    result = run_check(command)
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("motcua: ")


def test_invalid_code_exits_with_2(run_check: Callable[..., Result]) -> None:
    result = run_check(program_command("correct"), "--code", "H12..14")
    assert result.exit_code == 2
    assert "is not an agency code" in result.output


def test_unreachable_broker_exits_with_2() -> None:
    options = ["--url", "amqp://u:p@127.0.0.1:1/", "--management", "http://u:p@127.0.0.1:1"]
    result = CliRunner().invoke(check, ["--command", program_command("correct"), *options])
    assert result.exit_code == 2
    assert "127.0.0.1" in result.output


def test_url_requires_management() -> None:
    result = CliRunner().invoke(check, ["--command", program_command("correct"), "--url", "amqp://u:p@127.0.0.1/"])
    assert result.exit_code == 2
    assert "--url and --management must be given together" in result.output


def test_killing_a_program_kills_its_children(tmp_path: Path) -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(600)'])"
    program = Program([sys.executable, "-c", script], {}, tmp_path / "log")
    program.start()
    while "1" not in program.output():
        assert program.running
    program.kill()
    assert not program.running
    assert [path for path in Path("/proc").glob("[0-9]*/cmdline") if _runs(path, "time.sleep(600)")] == []


def _runs(path: Path, text: str) -> bool:
    try:
        return text.encode() in path.read_bytes() and int(path.parent.name) != os.getpid()
    except OSError:
        return False


def test_file_that_is_not_executable_cannot_start(tmp_path: Path) -> None:
    with pytest.raises(ProgramError):
        Program([str(tmp_path)], {}, tmp_path / "log").start()
