"""The sandbox: how decisions move fake dossiers, and one session with a real program."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pika
import pytest
from rich.console import Console

from shared.cli.agency_sandbox import SandboxSession
from shared.contracts import read_data
from shared.messaging.sender_identity import read_event
from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.collector import AgencyMessage
from shared.plugin_sdk.conformance.program import Program, ProgramError
from shared.plugin_sdk.sandbox import PROCEDURES, FakeDossier, Sandbox
from shared.plugin_sdk.sdk.decision_message import encode_decision
from shared.plugin_sdk.sdk.events import parse_event
from tests.shared.plugin_sdk.support import OpenHarness, program_command

CODE = "H12.14.01"


def decision_message(dossier: FakeDossier, decision: sdk.Decision, code: str = CODE) -> AgencyMessage:
    """A decision on the dossier's current step, as the harness receives it."""
    step = parse_event(dossier.event.to_json())
    assert step is not None
    message = encode_decision(code, step, decision)
    return AgencyMessage(
        time.monotonic(), message.routing_key, pika.BasicProperties(), message.body, {"id": message.id}
    )


@pytest.fixture
def sandbox() -> Sandbox:
    """A new sandbox."""
    return Sandbox(CODE)


def test_every_fake_step_follows_the_contract(sandbox: Sandbox) -> None:
    for procedure in PROCEDURES:
        dossier = sandbox.start_dossier()
        assert dossier.procedure == procedure
        for _ in procedure.steps:
            data = read_data(read_event(dossier.event.to_json(), ""))
            assert (data["dossier"], data["name"]) == (dossier.code, dossier.step.name)
            sandbox.apply(decision_message(dossier, sdk.completed(data["outcomes"][0])))


def test_completed_step_leads_to_the_next_and_the_last_one_to_the_result(sandbox: Sandbox) -> None:
    dossier = sandbox.start_dossier()
    first = sandbox.apply(decision_message(dossier, sdk.completed("completed", note="Đủ điều kiện")))
    assert first.send is dossier.event
    assert (dossier.event.data["step"], dossier.event.data["note"]) == ("tax", "Đủ điều kiện")
    second = sandbox.apply(decision_message(dossier, sdk.obligation("obligation", 12_500_000)))
    assert "12,500,000 đồng" in second.text
    third = sandbox.apply(decision_message(dossier, sdk.completed("completed")))
    assert (third.send, third.ended) == (None, True)
    assert "có kết quả · resolved" in third.text


@pytest.mark.parametrize("decision", [sdk.completed("refused"), sdk.returned("Không thuộc thẩm quyền")])
def test_refusal_and_return_finish_a_dossier(sandbox: Sandbox, decision: sdk.Decision) -> None:
    assert sandbox.apply(decision_message(sandbox.start_dossier(), decision)).ended


def test_supplement_arrives_and_the_step_starts_again(sandbox: Sandbox) -> None:
    dossier = sandbox.start_dossier()
    before = dossier.event
    reaction = sandbox.apply(decision_message(dossier, sdk.needs_supplement("Thiếu", ["Hợp đồng"])))
    assert reaction.send is dossier.event is not before
    assert (dossier.event.data["step"], dossier.event.data["note"]) == ("assess", "Đã bổ sung: Hợp đồng")
    assert dossier.event.data["task"] != before.data["task"]


def test_an_accepted_step_waits_for_its_decision(sandbox: Sandbox) -> None:
    dossier = sandbox.start_dossier()
    assert sandbox.apply(decision_message(dossier, sdk.accepted())).send is None
    assert sandbox.apply(decision_message(dossier, sdk.completed("completed"))).send is dossier.event


def test_rework_goes_back_to_the_previous_step(sandbox: Sandbox) -> None:
    sandbox.start_dossier()
    sandbox.start_dossier()
    dossier = sandbox.start_dossier()
    sandbox.apply(decision_message(dossier, sdk.completed("completed")))
    sandbox.apply(decision_message(dossier, sdk.completed("rework", note="Sai tên")))
    assert (dossier.event.data["step"], dossier.event.data["note"]) == ("examination", "Sai tên")


def test_repeated_decision_has_no_effect_and_a_different_one_is_rejected(sandbox: Sandbox) -> None:
    dossier = sandbox.start_dossier()
    decided, other = (
        decision_message(dossier, sdk.completed("completed")),
        decision_message(dossier, sdk.returned("Trả lại")),
    )
    sandbox.apply(decided)
    assert sandbox.apply(decided).send is None
    rejected = sandbox.apply(other).send
    assert rejected is not None
    data = read_data(read_event(rejected.to_json(), ""))
    assert (data["code"], data["decision"]) == ("already_done", other.id)


def test_a_wrong_outcome_is_rejected_and_the_step_stays_open(sandbox: Sandbox) -> None:
    dossier = sandbox.start_dossier()
    rejected = sandbox.apply(decision_message(dossier, sdk.completed("approved"))).send
    assert rejected is not None
    assert rejected.data["code"] == "wrong_outcome"
    assert sandbox.apply(decision_message(dossier, sdk.returned("Trả lại"))).ended


def test_contract_violation_is_reported(sandbox: Sandbox) -> None:
    dossier = sandbox.start_dossier()
    forged = sandbox.apply(decision_message(dossier, sdk.completed("completed"), code="H12.14.02"))
    assert "violates the contract" in forged.text
    assert forged.send is None


def test_session_with_a_program_prints_what_was_sent_and_decided(open_harness: OpenHarness, tmp_path: Path) -> None:
    harness, screen = open_harness("T.sandbox"), io.StringIO()
    session = SandboxSession(harness, Console(file=screen, highlight=False, markup=False, soft_wrap=True), 0.01, 3)
    session.program = Program(Program.split(program_command("correct")), harness.environment(), tmp_path / "log")
    session.program.start()
    try:
        session.run()
    finally:
        session.program.kill()
    printed = screen.getvalue()
    assert printed.count("có kết quả · resolved") == 3
    for procedure in PROCEDURES:
        assert f"{procedure.name}: {procedure.steps[0].name}" in printed


def test_session_ends_when_the_program_ends(open_harness: OpenHarness, tmp_path: Path) -> None:
    harness = open_harness("T.ends")
    session = SandboxSession(harness, Console(file=io.StringIO()), 0.01, None)
    session.program = Program(["sh", "-c", "echo khong co giay phep; exit 3"], harness.environment(), tmp_path / "log")
    session.program.start()
    with pytest.raises(ProgramError, match=r"status 3(?s:.)*khong co giay phep"):
        session.run()


def test_environment_is_printed_without_a_program(open_harness: OpenHarness) -> None:
    harness, screen = open_harness("T.shown"), io.StringIO()
    SandboxSession(harness, Console(file=screen, soft_wrap=True), 1, 1).show_environment()
    for name, value in harness.environment().items():
        assert f"export {name}={value}" in screen.getvalue()
