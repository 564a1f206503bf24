"""``motcua portal`` for operators."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from shared.cli import cli
from shared.cli.portal import portal
from shared.national_portal.queue import Queue
from tests.shared.national_portal.sample_history import CODE, WHOLE

OTHER = "H12.31.01-251120-0119"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["portal", *arguments])


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue in MOTCUA_DATA with two dossiers, one of which is parked."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    made = Queue(tmp_path / "portal.db")
    for number, code in enumerate((CODE, OTHER)):
        made.store(f"e-{number}", code, WHOLE[0], 1_763_600_000.0 + number, 1_763_600_001.0)
    head = made.next(2e9)
    assert head is not None
    made.park(head, "HTTP 400: sai mã thủ tục", 1_763_600_009.0)
    return made


@pytest.mark.parametrize("name", portal.list_commands(click.Context(portal)))
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"Example: motcua portal {name}" in run(name, "--help").output


def test_status_shows_parked_dossiers_and_fails_then(queue: Queue) -> None:
    result = run("status")
    assert result.exit_code == 1
    assert "waiting            4" in result.output
    assert "20/11/2025 07:53:20" in result.output
    assert "past deadline  4" in result.output
    assert f"{CODE}  chờ người xử lý · parked  lần · times 1  chờ · waiting 2" in result.output
    assert "sai mã thủ tục" in result.output
    assert OTHER not in result.output


def test_status_succeeds_after_parked_dossiers_are_resent(queue: Queue) -> None:
    result = run("resend", "--parked")
    assert (result.exit_code, result.output) == (0, f"{CODE}: 2 thông điệp sẽ gửi lại · messages will be sent again\n")
    assert run("status").exit_code == 0
    assert "no dossier is parked" in run("resend", "--parked").output


def test_resending_by_code_names_unknown_dossiers(queue: Queue) -> None:
    result = run("resend", OTHER, "H99-1")
    assert result.exit_code == 1
    assert f"{OTHER}: 2" in result.output
    assert "unknown dossiers: H99-1" in result.output


@pytest.mark.parametrize("arguments", [("resend",), ("resend", CODE, "--parked")])
def test_codes_or_parked(queue: Queue, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert "or --parked" in result.output


@pytest.mark.parametrize("command", ["status", "resend"])
def test_without_a_queue_file_it_fails_and_creates_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    result = run(*([command] if command == "status" else [command, CODE]))
    assert result.exit_code == 1
    assert "has not run with this MOTCUA_DATA yet" in result.output
    assert list(tmp_path.iterdir()) == []
