"""``motcua agency grant``, ``revoke``, ``list`` and ``replay``."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pika
import pika.exceptions
import pytest
from click.testing import CliRunner, Result

from services.registry import find_service
from shared.cli import cli
from shared.cli.agency import agency
from shared.messaging.transports import open_bus
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from shared.runtime.settings import SettingsError, read_settings
from tests.shared.messaging.rabbitmq_support import row
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

CODE = "H12.14.02"
USER = f"agency.{CODE}"


def run(*arguments: str, ok: bool = True) -> Result:
    result = CliRunner().invoke(cli, ["agency", *arguments])
    assert (result.exit_code == 0) is ok, result.output
    return result


@pytest.fixture
def platform(rabbit: RabbitServer, rabbit_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sets a platform's settings for a broker; returns the AMQP URL of its virtual host."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.setenv("MOTCUA_BUS_URL", rabbit_url)
    monkeypatch.setenv("MOTCUA_RABBITMQ_MANAGEMENT_URL", rabbit.management_url)
    store = Store(read_settings().db_url("routing"), "routing")
    migrate(store.engine, find_service("routing").migrations().location)
    store.close()
    return rabbit_url


def can_connect(rabbit: RabbitServer, password: str, url: str) -> bool:
    """Whether the agency's user may connect."""
    try:
        pika.BlockingConnection(pika.URLParameters(rabbit.url_for(USER, password, vhost_of(url)))).close()
    except pika.exceptions.AMQPConnectionError:
        return False
    return True


@pytest.mark.parametrize("name", agency.list_commands(click.Context(agency)))
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert "Example: motcua agency" in run(name, "--help").output


def test_generated_password_is_printed_once_and_works(rabbit: RabbitServer, platform: str) -> None:
    output = run("grant", CODE).output
    [password] = re.findall(r"mật khẩu · password +(\S+)", output)
    assert USER in output
    assert can_connect(rabbit, password, platform)
    assert password not in run("list").output
    run("revoke", CODE)
    assert not can_connect(rabbit, password, platform)


def test_configured_password_is_used_and_not_printed(
    rabbit: RabbitServer, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_AGENCY_PASSWORD", "a password from a vault")
    assert "vault" not in run("grant", CODE).output
    assert can_connect(rabbit, "a password from a vault", platform)
    monkeypatch.setenv("MOTCUA_AGENCY_PASSWORD", "short")
    assert "shorter than 16" in run("grant", CODE, ok=False).output


def test_from_grant_to_purge(platform: str) -> None:
    assert "chưa có cơ quan nào" in run("list").output
    run("grant", CODE)
    bus = open_bus(platform, "routing")
    publisher = bus.publisher()
    assert publisher.publish([row(1, "agency.step.assigned", topic=USER)]).confirmed == [1]
    publisher.close()
    wait_until(lambda: bus.depth(USER) == 1)
    assert re.search(
        rf"{CODE} +đã cấp quyền · granted +kết nối · connections 0 .*waiting 1 .*dead letters 0", run("list").output
    )
    refused = run("revoke", CODE, "--purge", ok=False).output
    assert f"{USER}: 1" in refused
    assert "--force" in refused
    assert "revoked" in run("list").output
    assert "(1 thông điệp bị bỏ" in run("revoke", CODE, "--purge", "--force").output
    assert "chưa có cơ quan nào" in run("list").output
    assert "chưa có quyền" in run("revoke", CODE).output


def test_replay_without_dead_letters_moves_none(platform: str) -> None:
    run("grant", CODE)
    assert run("replay", CODE).output.startswith("0 ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("grant", "H99.99"), "H99.99"),
        (("revoke", "H12.#"), "not an agency code"),
        (("replay", "H12.#"), "not an agency code"),
        (("revoke", CODE, "--force"), "--purge"),
        (("abolish", CODE), "No such command"),
    ],
)
def test_errors_are_one_clear_line(platform: str, arguments: tuple[str, ...], complaint: str) -> None:
    result = run(*arguments, ok=False)
    assert complaint in result.output
    assert "Traceback" not in result.output


def test_embedded_bus_is_refused(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_BUS_URL", "embedded:")
    assert "agencies connect through RabbitMQ" in run("list", ok=False).output


def test_missing_management_url_is_reported(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTCUA_RABBITMQ_MANAGEMENT_URL")
    result = run("list", ok=False)
    assert isinstance(result.exception, SettingsError)
    assert "MOTCUA_RABBITMQ_MANAGEMENT_URL is not set" in str(result.exception)
