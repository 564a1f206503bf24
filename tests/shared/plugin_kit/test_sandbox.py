"""The sandbox: how fake dossiers move by an agency's decisions, and one run of it with a real program."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pika
import pytest
from rich.console import Console

from shared.cli.agency_sandbox import Game
from shared.contracts import read_data
from shared.messaging.sender_identity import read_event
from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.collector import Seen
from shared.plugin_sdk.conformance.program import CannotStart, Program
from shared.plugin_sdk.sandbox import PROCEDURES, Dossier, Sandbox
from shared.plugin_sdk.sdk.events import answer, read
from tests.shared.plugin_kit.support import OpenBench, adapter

CODE = "H12.14.01"


def said(dossier: Dossier, decision: sdk.Decision, code: str = CODE) -> Seen:
    """A decision on the dossier's present step, as it comes over the wire."""
    step = read(dossier.event.to_json())
    assert step is not None
    message = answer(code, step, decision)
    return Seen(time.monotonic(), message.routing_key, pika.BasicProperties(), message.body, {"id": message.id})


@pytest.fixture
def sandbox() -> Sandbox:
    """A fresh sandbox."""
    return Sandbox(CODE)


def test_every_fake_step_keeps_the_contract(sandbox: Sandbox) -> None:
    for procedure in PROCEDURES:
        dossier = sandbox.begin()
        assert dossier.procedure == procedure
        for _ in procedure.steps:
            data = read_data(read_event(dossier.event.to_json(), ""))
            assert (data["dossier"], data["name"]) == (dossier.code, dossier.step.name)
            sandbox.react(said(dossier, sdk.completed(data["outcomes"][0])))


def test_a_completed_step_leads_to_the_next_and_the_last_to_the_result(sandbox: Sandbox) -> None:
    dossier = sandbox.begin()
    first = sandbox.react(said(dossier, sdk.completed("completed", note="Đủ điều kiện")))
    assert first.send is dossier.event
    assert (dossier.event.data["step"], dossier.event.data["note"]) == ("tax", "Đủ điều kiện")
    second = sandbox.react(said(dossier, sdk.obligation("obligation", 12_500_000)))
    assert "12,500,000 đồng" in second.text
    third = sandbox.react(said(dossier, sdk.completed("completed")))
    assert (third.send, third.ended) == (None, True)
    assert "có kết quả · resolved" in third.text


@pytest.mark.parametrize("decision", [sdk.completed("refused"), sdk.returned("Không thuộc thẩm quyền")])
def test_a_refusal_and_a_return_end_a_dossier(sandbox: Sandbox, decision: sdk.Decision) -> None:
    assert sandbox.react(said(sandbox.begin(), decision)).ended


def test_a_supplement_comes_and_the_step_begins_again(sandbox: Sandbox) -> None:
    dossier = sandbox.begin()
    before = dossier.event
    reaction = sandbox.react(said(dossier, sdk.needs_supplement("Thiếu", ["Hợp đồng"])))
    assert reaction.send is dossier.event is not before
    assert (dossier.event.data["step"], dossier.event.data["note"]) == ("assess", "Đã bổ sung: Hợp đồng")
    assert dossier.event.data["task"] != before.data["task"]


def test_an_accepted_step_waits_for_its_decision(sandbox: Sandbox) -> None:
    dossier = sandbox.begin()
    assert sandbox.react(said(dossier, sdk.accepted())).send is None
    assert sandbox.react(said(dossier, sdk.completed("completed"))).send is dossier.event


def test_rework_goes_back(sandbox: Sandbox) -> None:
    sandbox.begin()
    sandbox.begin()
    dossier = sandbox.begin()
    sandbox.react(said(dossier, sdk.completed("completed")))
    sandbox.react(said(dossier, sdk.completed("rework", note="Sai tên")))
    assert (dossier.event.data["step"], dossier.event.data["note"]) == ("examination", "Sai tên")


def test_a_repeated_answer_has_no_effect_and_a_second_one_is_rejected(sandbox: Sandbox) -> None:
    dossier = sandbox.begin()
    decided, other = said(dossier, sdk.completed("completed")), said(dossier, sdk.returned("Trả lại"))
    sandbox.react(decided)
    assert sandbox.react(decided).send is None
    rejected = sandbox.react(other).send
    assert rejected is not None
    data = read_data(read_event(rejected.to_json(), ""))
    assert (data["code"], data["decision"]) == ("already_done", other.id)


def test_a_wrong_outcome_is_rejected_and_the_step_stays_open(sandbox: Sandbox) -> None:
    dossier = sandbox.begin()
    rejected = sandbox.react(said(dossier, sdk.completed("approved"))).send
    assert rejected is not None
    assert rejected.data["code"] == "wrong_outcome"
    assert sandbox.react(said(dossier, sdk.returned("Trả lại"))).ended


def test_what_breaks_the_contract_is_named(sandbox: Sandbox) -> None:
    dossier = sandbox.begin()
    forged = sandbox.react(said(dossier, sdk.completed("completed"), code="H12.14.02"))
    assert "breaks the contract" in forged.text
    assert forged.send is None


def test_a_run_with_a_program_prints_what_was_sent_and_decided(open_bench: OpenBench, tmp_path: Path) -> None:
    bench, screen = open_bench("T.sandbox"), io.StringIO()
    game = Game(bench, Console(file=screen, highlight=False, markup=False, soft_wrap=True), 0.01, 3)
    game.program = Program(Program.words(adapter("plain")), bench.environment(), tmp_path / "log")
    game.program.start()
    try:
        game.play()
    finally:
        game.program.kill()
    printed = screen.getvalue()
    assert printed.count("có kết quả · resolved") == 3
    for procedure in PROCEDURES:
        assert f"{procedure.name}: {procedure.steps[0].name}" in printed


def test_a_program_that_ends_ends_the_run(open_bench: OpenBench, tmp_path: Path) -> None:
    bench = open_bench("T.ends")
    game = Game(bench, Console(file=io.StringIO()), 0.01, None)
    game.program = Program(["sh", "-c", "echo khong co giay phep; exit 3"], bench.environment(), tmp_path / "log")
    game.program.start()
    with pytest.raises(CannotStart, match=r"status 3(?s:.)*khong co giay phep"):
        game.play()


def test_without_a_program_the_environment_is_shown(open_bench: OpenBench) -> None:
    bench, screen = open_bench("T.shown"), io.StringIO()
    Game(bench, Console(file=screen, soft_wrap=True), 1, 1).show_environment()
    for name, value in bench.environment().items():
        assert f"export {name}={value}" in screen.getvalue()
