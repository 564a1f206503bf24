"""The command line: help with examples, and one clear line for every mistake."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import jwt
import pytest
from click.testing import CliRunner, Result

from services.registry import SERVICE_NAMES
from shared.cli import COMMANDS, cli
from shared.contracts import REGISTRY, platform_topology
from shared.messaging.apply import Applier
from shared.messaging.lease import Lease, open_locks
from shared.messaging.relay import Relay
from shared.messaging.transports import open_bus
from shared.persistence.store import Store
from shared.runtime.settings import read_settings
from shared.runtime.signing_key import read_signing_key
from tests.support.events import deliveries, event
from tests.support.platform import motcua
from tests.support.prepared import migrated
from tests.support.processes import REPOSITORY

SAMPLE = REPOSITORY / "tests/shared/catalogue/data/land-procedures-sample.json"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.setenv("MOTCUA_BUS_URL", "embedded:")
    return tmp_path


def run(*arguments: str, ok: bool = True) -> Result:
    result = CliRunner().invoke(cli, list(arguments))
    assert (result.exit_code == 0) is ok, result.output
    return result


def commands() -> Iterator[tuple[str, ...]]:
    for name in COMMANDS:
        yield (name,)
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.commands)


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    assert "Example:" in run(*path, "--help").output


def test_the_overview_lists_every_command() -> None:
    overview = run("--help").output
    assert all(name in overview for name in COMMANDS)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert run("--version").output == f"motcua {project['version']}\n"


def test_a_token_names_role_and_agency(data: Path) -> None:
    token = run("token", "--role", "clerk", "--agency", "H12.31.01").output.strip()
    claims = jwt.decode(
        token,
        read_signing_key(read_settings().auth.signing_key_file).private.public_key(),
        algorithms=["ES256"],
        audience="motcua",
    )
    assert claims["agency"] == "H12.31.01"
    assert "clerk" in json.dumps(claims)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("token", "--role", "clerk", "--agency", "NOWHERE"), "NOWHERE"),
        (("token", "--role", "king"), "king"),
        (("import", "procedures", "missing.json"), "missing.json"),
        (("parked", "show", "stats", "7"), "no event with the number 7"),
        (("parked", "replay", "stats"), "--all"),
        (("simulate", "--days", "3"), "virtual clock"),
        (("migrate", "kitchen"), "kitchen"),
        (("bus", "partitions", "stats", "4"), "has no partitions and needs none"),
    ],
)
def test_mistakes_get_one_clear_line(data: Path, arguments: tuple[str, ...], complaint: str) -> None:
    migrated("stats")(f"sqlite:///{data}/stats.db")
    result = run(*arguments, ok=False)
    assert complaint in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [("parked", "list"), ("control-sheets", "verify"), ("import", "procedures", str(SAMPLE))]
)
def test_a_database_without_tables_gets_one_line(data: Path, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, ok=False)
    assert "has no tables yet; run: motcua migrate" in result.output


def test_a_database_that_does_not_answer_gets_one_line(data: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    done = motcua({"MOTCUA_DATA": str(data), "MOTCUA_STATS_DB_URL": url}, "migrate", "stats", forked=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("motcua: the database cannot be used: ")


AGENCIES = REPOSITORY / "shared/agencies/data"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_agencies_file_is_read_with_any_mark_and_any_line_ends(
    data: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, ends: str
) -> None:
    for file in AGENCIES.glob("*.json"):
        text = file.read_text(encoding="utf-8").replace("\n", ends)
        (data / file.name).write_bytes(text.encode(encoding))
    monkeypatch.setenv("MOTCUA_AGENCIES_DIR", str(data))
    assert run("migrate", "stats").output == "stats: 0001\n"


@pytest.mark.parametrize("command", [("migrate", "stats"), ("web", "stats"), ("worker", "stats"), ("up",)])
def test_a_faulty_agencies_file_gets_one_line_that_names_file_and_place(data: Path, command: tuple[str, ...]) -> None:
    for file in AGENCIES.glob("*.json"):
        (data / file.name).write_bytes(file.read_bytes())
    (data / "ca-mau.json").write_bytes(b'{\r\n"description": "C\xe0 Mau"}')  # Latin-1
    settings = {"MOTCUA_DATA": str(data / "var"), "MOTCUA_AGENCIES_DIR": str(data), "MOTCUA_PORT": "0"}
    done = motcua(settings, *command)
    assert done.returncode in (1, 2)
    (line,) = done.stderr.splitlines()
    assert line.startswith("motcua: ")
    assert "ca-mau.json: không phải chữ UTF-8" in line
    assert "dòng (line) 2" in line


@pytest.mark.parametrize("command", [("web", "intake"), ("web", "routing"), ("worker", "rating"), ("web", "all")])
def test_production_does_not_start_a_service_that_hashes_secrets_without_its_key(
    data: Path, command: tuple[str, ...]
) -> None:
    settings = {
        "MOTCUA_MODE": "production",
        "MOTCUA_DATA": str(data),
        "MOTCUA_BUS_URL": "amqp://motcua@127.0.0.1:1/motcua",
        "MOTCUA_JWKS_URL": "https://issuer.invalid/jwks",
        "MOTCUA_PUBLIC_URL": "https://motcua.example.gov.vn",
        "MOTCUA_PORT": "0",
    }
    done = motcua(settings, *command)
    assert (done.returncode, done.stderr) == (
        2,
        "motcua: MOTCUA_HASH_KEY is not set: 32 characters or more, the same for intake, routing and rating\n",
    )


def test_migrating_twice_is_harmless_and_samples_are_published_once(data: Path) -> None:
    first, second = run("migrate", "--samples").output, run("migrate", "--samples").output
    assert "31 procedures published" in first
    assert "0 procedures published" in second
    assert ("5 officials entered" in first, "0 officials entered" in second) == (True, True)


def test_an_import_shows_every_change_before_it_publishes(data: Path) -> None:
    run("migrate", "intake", "--samples")
    changed = json.loads(SAMPLE.read_text(encoding="utf-8"))
    (lost,) = [entry for entry in changed if entry["ma_tthc"] == "1.012786"]
    lost["truong_hop"][0]["so_ngay_lam_viec"] = 9
    lost["thoi_gian_nguyen_van"] = lost["thoi_gian_nguyen_van"].replace("10 ngày", "09 ngày")
    (land,) = [entry for entry in changed if entry["ma_tthc"] == "1.013831"]
    land["truong_hop"][0]["ten"] = "Cho thuê"
    file = data / "list.json"
    file.write_text(json.dumps(changed, ensure_ascii=False), encoding="utf-8")
    planned = run("import", "procedures", str(file), "--dry-run", ok=False).output
    assert "1.012786 Cấp lại Giấy chứng nhận do bị mất: version 2\n" in planned
    assert "  ~ cases.default.limit.working_days: 10 → 9\n" in planned
    assert "1.013831 held back: the list does not name these cases in force: lease (Cho thuê" in planned
    assert "wording of time limits not understood: 1 in 1 procedures\n  1.011441: Hoặc không quá 03 ngày" in planned
    assert "6 procedures read, 3 would be published, 2 unchanged, 1 held back" in planned
    assert "3 published" in run("import", "procedures", str(file), ok=False).output
    assert (
        'no agency has the role "bank"'
        in run("import", "procedures", str(file), "--handled-by", "bank", ok=False).output
    )
    insisted = run("import", "procedures", str(file), "--replace", "--only", "1.013831").output
    assert "1 procedures read, 1 published, 0 unchanged, 0 held back" in insisted
    assert "not in the file: 9.999999" in run("import", "procedures", str(file), "--only", "9.999999", ok=False).output


def test_parked_events_are_listed_shown_replayed_and_discarded(data: Path) -> None:
    for name in SERVICE_NAMES:
        migrated(name)(f"sqlite:///{data}/{name}.db")
    store = Store(f"sqlite:///{data}/stats.db", "stats")
    broken = event("dossier.received", 1, dossier="H12.31.01-251103-0001")
    broken = replace(broken, data={**broken.data, "promised_at": "soon"})
    applier = Applier(store, {})
    applier.apply(deliveries(broken, event("dossier.received", 2, dossier="H12.31.01-251103-0001"), b"not an event"))
    listed = run("parked", "list", "stats").output
    assert "permanent" in listed
    assert "undecodable" in listed
    shown = run("parked", "show", "stats", "2").output
    assert "promised_at" in shown
    assert "behind it  1" in shown
    assert '"promised_at": "soon"' in run("parked", "show", "stats", "2", "--data").output
    assert "1 replayed" in run("parked", "replay", "stats", "2").output
    assert "not parked" in run("parked", "replay", "stats", "2", ok=False).output
    applier.retry_due()
    assert "2 discarded" in run("parked", "discard", "stats", "1", "2", "--yes").output
    assert "nothing is parked" in run("parked", "list").output
    store.close()


def test_contracts_are_written(data: Path) -> None:
    out = data / "asyncapi.json"
    run("contracts", "--out", str(out))
    assert json.loads(out.read_text())["asyncapi"] == "3.0.0"


def test_published_events_are_listed_and_compared_again_until_they_are_confirmed(data: Path) -> None:
    for name in SERVICE_NAMES:
        migrated(name)(f"sqlite:///{data}/{name}.db")
    store = Store(f"sqlite:///{data}/intake.db", "intake")
    start = store.clock.wall().isoformat()
    entry = REGISTRY.by_name["dossier.received"]
    with store.uow() as unit:
        unit.emit(entry.name, {**entry.schema.load(entry.example), "dossier": "D1"})
    bus = open_bus(f"embedded:{data}/bus.db", "test")
    bus.declare(platform_topology())
    relay = Relay(store, bus, Lease(open_locks(store.engine, "test", 3.0), "relay"))
    relay.step()
    relay.close()
    store.close()
    since = ("--service", "intake", "--since", start)
    listed = run("events", "list", *since, "--type", "dossier.received").output
    assert "dossier.received  D1  1  " in listed
    assert "→ routing, notify, stats" in listed
    assert "nothing was published" in run("events", "list", *since, "--type", "fee.paid").output
    planned = run("events", "resend", *since, "--subscriber", "routing", "--dry-run").output
    assert planned == "intake → routing: 1 events would be compared; what is missing is sent again\n"
    assert "intake → routing  published       1  all confirmed" in run("events", "status", "intake").output
    assert len(run("events", "resend", *since).output.splitlines()) == 3
    status = run("events", "status").output
    assert "intake → routing  published       1  confirmed up to" in status
    assert "unconfirmed 1  missing 0" in status
    assert "nothing was published" in run("events", "resend", *since, "--subscriber", "rating").output
    asked = run("events", "request", "--service", "stats", "--since", "2025-11-03T07:30").output
    assert asked.startswith("stats asks intake, notify, rating, routing")
    assert "publishes no step.assigned" in run("events", "list", *since, "--type", "step.assigned", ok=False).output
    assert "is not a time" in run("events", "list", "--service", "intake", "--since", "soon", ok=False).output


def test_data_keys_are_counted_and_rotated_and_an_old_one_may_then_go(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "k1:the key of personal data that is replaced", "k2:the key of personal data that replaces it"
    monkeypatch.setenv("MOTCUA_DATA_KEYS", old)
    run("migrate", "all")
    monkeypatch.setenv("MOTCUA_DATA_KEYS", f"{new},{old}")
    said = run("data-keys", "rotate").output
    assert "uploaded files: 0 changed to k2" in said
    assert "k1 may be removed" in said
    monkeypatch.setenv("MOTCUA_DATA_KEYS", new)
    run("migrate", "all")
    assert "may be removed" not in run("data-keys", "status").output
