"""The conformance kit: it passes correct programs in any language and tells each broken one its own fault, and only that."""

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
from shared.plugin_sdk.conformance.fixtures import assigned
from shared.plugin_sdk.conformance.harness import Bench, Occupied
from shared.plugin_sdk.conformance.program import CannotStart, Program
from shared.plugin_sdk.conformance.result import Report
from shared.plugin_sdk.conformance.suite import CHECKS, STREAM, check_program
from shared.plugin_sdk.devtools.process_group import leash
from tests.shared.plugin_kit.support import BROKEN, OpenBench, adapter
from tests.support.rabbitmq import RabbitServer, vhost_of

PATIENT = 30.0  # a limit that no program of ours ever comes near
FAULTS = {
    "acknowledges_first": ("sigkill", "lost: nothing more"),
    "acknowledges_poison": ("poison", "The program acknowledged them"),
    "dies_of_poison": ("poison", "has ended with status 1"),
    "dies_of_unknown_fields": ("unknown_fields", "unexpected fields: ['office', 'priority', 'reserved', 'tags']"),
    "invents_outcomes": ("decision", "outcome 'approved', which is none of ['completed', 'obligation', 'refused']"),
    "mangles_vietnamese": ("vietnamese", "instead of 'Đủ điều kiện – chuyển Chi cục Thuế'"),
    "never_acknowledges": ("sigkill", "decided but never acknowledged"),
    "random_ids": ("idempotency", "One event, delivered twice, was answered under 2 ids"),
    "too_slow": ("time_limit", " s (all: "),
    "wrong_correlation": ("correlation", "data.in_reply_to: "),
}
LIMITS = {"too_slow": 0.1}
STREAMS = {"acknowledges_first": 40}


@pytest.fixture(scope="module")
def reports(open_bench: OpenBench) -> Callable[[str], Report]:
    """The reports on all adapters in `broken`, made three at a time: most of the time is spent waiting for what does not come."""
    leash()  # before there are threads that would start one each
    with ThreadPoolExecutor(3) as pool:
        made: dict[str, Future[Report]] = {}
        for name in (*FAULTS, "plain"):
            bench = open_bench(f"T.{name}")
            options = {"time_limit": LIMITS.get(name, PATIENT), "patience": 6.0, "stream": STREAMS.get(name, 8)}
            made[name] = pool.submit(check_program, bench, adapter(name), **options)  # type: ignore[arg-type]
        done = {name: report.result() for name, report in made.items()}
    return lambda name: done[name]


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_adapter_fails_for_its_own_reason_and_only_that(name: str, reports: Callable[[str], Report]) -> None:
    report = reports(name)
    failed, reason = FAULTS[name]
    assert report.failed == [failed], [result.seen for result in report.results if not result.passed]
    result = next(result for result in report.results if result.name == failed)
    assert reason in result.seen
    assert result.expected


def test_a_correct_adapter_without_the_kit_passes(reports: Callable[[str], Report]) -> None:
    report = reports("plain")
    assert report.passed, [result.seen for result in report.results if not result.passed]


def test_every_broken_adapter_is_looked_at_and_every_check_has_one() -> None:
    assert {path.stem for path in BROKEN.glob("*.py")} == {
        *FAULTS,
        "plain",
    }
    assert {check for check, _reason in FAULTS.values()} == {check.name for check in CHECKS}


def test_the_python_kit_passes_with_the_whole_stream(
    open_bench: OpenBench, python_service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(python_service)
    report = check_program(open_bench("H12.14.01"), f"{sys.executable} service.py", time_limit=PATIENT, stream=STREAM)
    assert report.passed, [result.seen for result in report.results if not result.passed]
    assert f"of {STREAM} decisions; all decided" in report.results[-1].seen


def test_the_node_kit_passes_with_the_whole_stream(
    open_bench: OpenBench, node_service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(node_service)
    report = check_program(open_bench("H12.14.02"), "node main.js", time_limit=PATIENT, stream=STREAM)
    assert report.passed, [result.seen for result in report.results if not result.passed]
    assert f"of {STREAM} decisions; all decided" in report.results[-1].seen


def test_a_program_that_decides_nothing_is_not_tried_any_further(open_bench: OpenBench) -> None:
    command = f"{sys.executable} -c \"print('khong co gi'); raise SystemExit(3)\""
    report = check_program(open_bench("T.nothing"), command, patience=5)
    assert report.failed == [check.name for check in CHECKS]
    assert "has ended with status 3" in report.results[0].seen
    assert "khong co gi" in report.results[0].seen
    assert all("Not tried" in result.seen for result in report.results[1:])


def test_an_agency_at_work_is_left_alone(open_bench: OpenBench, rabbit: RabbitServer) -> None:
    bench = open_bench("T.busy")
    bench.send(assigned("T.busy"))
    url = bench.administrator_url
    second = Bench(url, Management(rabbit.management_url, vhost_of(url)), "T.busy")
    with pytest.raises(Occupied, match=r"agency\.T\.busy has 1 messages and 0 consumers"):
        second.__enter__()
    assert bench.waiting() == 1


@pytest.fixture
def run_check(rabbit: RabbitServer, rabbit_url: str) -> Callable[..., Result]:
    """Runs `motcua agency check` on a broker that is there already."""

    def run(command: str, *more: str) -> Result:
        # the command names the virtual host by the AMQP URL alone
        options = ["--command", command, "--url", rabbit_url, "--management", rabbit.management_url, *more]
        return CliRunner().invoke(check, options)

    return run


def test_the_command_reports_and_ends_with_0(run_check: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    result = run_check(adapter("plain"), "--report", str(path), "--stream", "8", "--code", "H12.14")
    assert result.exit_code == 0, result.output
    assert "8/8 đạt · passed" in result.output
    report = json.loads(path.read_text())
    assert (report["passed"], report["agency"], report["stream"]) == (True, "H12.14", 8)
    assert [entry["name"] for entry in report["checks"]] == [check.name for check in CHECKS]
    assert all(entry["title"]["vi"] and entry["title"]["en"] and entry["seen"] for entry in report["checks"])


def test_the_command_says_what_was_expected_and_seen_and_ends_with_1(
    run_check: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    result = run_check(adapter("wrong_correlation"), "--report", str(path), "--stream", "8")
    assert result.exit_code == 1, result.output
    assert "HỎNG  Đúng hồ sơ, đúng bước · correlation" in result.output
    assert "Mong đợi · expected: in_reply_to is the id of the event answered" in result.output
    assert "Thấy · seen: data.in_reply_to: '" in result.output
    assert json.loads(path.read_text())["passed"] is False


@pytest.mark.parametrize("command", ["no-such-program-anywhere", "", "python 'unclosed"])
def test_a_command_that_is_none_ends_with_2(command: str, run_check: Callable[..., Result]) -> None:
    result = run_check(command)
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("motcua: ")


def test_a_code_that_is_none_ends_with_2(run_check: Callable[..., Result]) -> None:
    result = run_check(adapter("plain"), "--code", "H12..14")
    assert result.exit_code == 2
    assert "is not an agency code" in result.output


def test_a_broker_that_is_away_ends_with_2() -> None:
    options = ["--url", "amqp://u:p@127.0.0.1:1/", "--management", "http://u:p@127.0.0.1:1"]
    result = CliRunner().invoke(check, ["--command", adapter("plain"), *options])
    assert result.exit_code == 2
    assert "127.0.0.1" in result.output


def test_a_broker_without_its_management_is_refused() -> None:
    result = CliRunner().invoke(check, ["--command", adapter("plain"), "--url", "amqp://u:p@127.0.0.1/"])
    assert result.exit_code == 2
    assert "--url and --management belong together" in result.output


def test_a_program_takes_its_children_along(tmp_path: Path) -> None:
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


def test_what_may_not_be_executed_cannot_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart):
        Program([str(tmp_path)], {}, tmp_path / "log").start()
