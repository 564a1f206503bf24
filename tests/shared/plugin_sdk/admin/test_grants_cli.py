"""``motcua agency grant``, ``revoke``, ``list`` and ``replay``."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import click
import pika
import pika.exceptions
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from services.registry import find_service
from services.routing.agency_http.domain import EventState
from services.routing.agency_http.outgoing import keep_event
from services.routing.agency_http.store import agency_events
from shared.cli import cli
from shared.cli.agency import agency
from shared.cli.store_access import migrated_context
from shared.messaging.transports import open_bus
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.plugin_sdk.sdk.settings import read_settings as read_sdk_settings
from shared.runtime.settings import SettingsError, read_settings
from shared.runtime.signing_key import key_set, new_signing_key, parse_signing_key, read_signing_key
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


def dotenv(output: str) -> dict[str, str]:
    """What a program reads from an .env file with this content: every line is a setting or a comment, and none comes twice."""
    lines = [line for line in output.splitlines() if not line.startswith("#")]
    found = dict(line.split("=", 1) for line in lines)
    assert len(found) == len(lines)
    return found


def password_in(output: str) -> str:
    return urlsplit(dotenv(output)["MOTCUA_AMQP_URL"]).password or ""


def test_generated_password_is_printed_once_and_works(rabbit: RabbitServer, platform: str) -> None:
    output = run("grant", CODE).output
    password = password_in(output)
    assert output.count(password) == 1
    assert can_connect(rabbit, password, platform)
    assert password not in run("list").output
    run("revoke", CODE)
    assert not can_connect(rabbit, password, platform)


def test_configured_password_is_used_and_not_printed(
    rabbit: RabbitServer, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_AGENCY_PASSWORD", "a password from a vault")
    output = run("grant", CODE).output
    assert "vault" not in output
    assert password_in(output) == "PASSWORD"
    assert "put the password that you have set in place of PASSWORD" in output
    assert can_connect(rabbit, "a password from a vault", platform)
    monkeypatch.setenv("MOTCUA_AGENCY_PASSWORD", "short")
    assert "shorter than 16" in run("grant", CODE, ok=False).output


def test_the_printed_settings_start_a_program_as_they_are(
    rabbit: RabbitServer, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_PUBLIC_URL", "https://motcua.example.gov.vn/")
    given = dotenv(run("grant", CODE).output)
    assert list(given) == ["MOTCUA_AGENCY", "MOTCUA_AMQP_URL", "MOTCUA_URL", "MOTCUA_CLIENT_SECRET"]
    assert (given["MOTCUA_AGENCY"], given["MOTCUA_URL"]) == (CODE, "https://motcua.example.gov.vn")
    pika.BlockingConnection(pika.URLParameters(given["MOTCUA_AMQP_URL"])).close()
    assert read_sdk_settings(given).amqp_url == given["MOTCUA_AMQP_URL"]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("amqps://broker.example.gov.vn", "@broker.example.gov.vn:5671/{vhost}"),
        ("amqps://broker.example.gov.vn:5679/một cửa", "@broker.example.gov.vn:5679/m%E1%BB%99t%20c%E1%BB%ADa"),
        ("amqp://[::1]:5672/", "@[::1]:5672/{vhost}"),
    ],
)
def test_agencies_are_told_the_brokers_public_address(
    platform: str, monkeypatch: pytest.MonkeyPatch, stated: str, expected: str
) -> None:
    monkeypatch.setenv("MOTCUA_AGENCY_BROKER", stated)
    output = run("grant", CODE).output
    assert dotenv(output)["MOTCUA_AMQP_URL"].endswith(expected.format(vhost=vhost_of(platform)))
    assert "MOTCUA_AGENCY_BROKER" not in output


@pytest.mark.parametrize("stated", ["broker", "https://broker", "amqps://me:secret@broker", "amqps://broker:port"])
def test_a_wrong_public_address_is_refused_before_anything_changes(
    platform: str, monkeypatch: pytest.MonkeyPatch, stated: str
) -> None:
    monkeypatch.setenv("MOTCUA_AGENCY_BROKER", stated)
    refused = run("grant", CODE, ok=False).output
    assert "MOTCUA_AGENCY_BROKER is not an address without an account" in refused
    assert "secret" not in refused
    assert "chưa có cơ quan nào" in run("list").output


def test_a_repeated_grant_keeps_the_key_unless_another_is_asked_for(platform: str) -> None:
    first = dotenv(run("grant", CODE).output)
    again = run("grant", CODE).output
    assert "MOTCUA_CLIENT_SECRET" not in dotenv(again)
    assert re.search(r"# Khóa [0-9a-f]{8} giữ nguyên", again)
    assert password_in(again) != urlsplit(first["MOTCUA_AMQP_URL"]).password
    renewed = dotenv(run("grant", CODE, "--new-key").output)
    assert renewed["MOTCUA_CLIENT_SECRET"] != first["MOTCUA_CLIENT_SECRET"]
    keys = run("key", "list", CODE).output
    assert keys.count("có hiệu lực · valid") == 2
    refused = run("grant", CODE, "--new-key", ok=False).output
    assert "has 2 valid keys" in refused
    pika.BlockingConnection(pika.URLParameters(renewed["MOTCUA_AMQP_URL"])).close()


def test_revoke_takes_the_keys_too_and_a_new_grant_makes_one(platform: str) -> None:
    first = dotenv(run("grant", CODE).output)
    assert "1 khóa bị thu hồi · keys revoked" in run("revoke", CODE).output
    assert "đã thu hồi · revoked" in run("key", "list", CODE).output
    assert dotenv(run("grant", CODE).output)["MOTCUA_CLIENT_SECRET"] != first["MOTCUA_CLIENT_SECRET"]


def test_what_waits_over_https_is_not_sent_any_more_after_revoke(platform: str) -> None:
    run("grant", CODE)
    run("connect", CODE, "--pull")

    def cancel(work: UnitOfWork) -> None:
        data = {"dossier": "D-1", "task": "t", "agency": CODE, "reason": "withdrawn", "cancelled_at": work.now}
        keep_event(work, CODE, "agency.step.cancelled", data)

    with migrated_context("routing", read_settings()) as context:
        context.store.run(cancel)
        run("revoke", CODE)
        with context.store.read() as connection:
            states = connection.execute(select(agency_events.c.state)).scalars().all()
    assert states == [EventState.SUPERSEDED]


def test_with_an_identity_provider_no_key_is_made(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_JWKS", key_set(read_signing_key(read_settings().auth.signing_key_file)))
    output = run("grant", CODE).output
    assert "MOTCUA_CLIENT_SECRET" not in dotenv(output)
    assert "identity provider" in output
    assert "identity provider" in run("key", "new", CODE, ok=False).output
    assert "identity provider" in run("grant", CODE, "--new-key", ok=False).output
    assert "no keys" in run("key", "list", CODE).output
    pair = parse_signing_key(new_signing_key().decode())
    monkeypatch.setenv("MOTCUA_AGENCY_JWKS", key_set(pair))  # routing has the private half
    assert "MOTCUA_CLIENT_SECRET" in dotenv(run("grant", CODE).output)


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
