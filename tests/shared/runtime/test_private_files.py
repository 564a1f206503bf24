"""What the platform writes is for its own account alone, and what was deleted does not stay in a log."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from services.registry import SERVICE_NAMES, find_service
from shared.messaging.embedded import EmbeddedBus
from shared.messaging.outbox import OutboxRow
from shared.messaging.tables import idempotency_keys
from shared.messaging.topology import Subscription, Topology
from shared.persistence.checkpoint import empty_log
from shared.persistence.migrations import migrate
from shared.runtime.context import open_context
from shared.runtime.private_files import keep_private, private_folder
from shared.runtime.settings import read_settings
from shared.runtime.workers.maintenance_loops import KEEP_ANSWERS
from shared.runtime.workers.service import ServiceLoops
from tests.support.stores import bus_store

PHONE = "0912345678"


def _open_to_others(folder: Path) -> list[str]:
    found = [folder, *folder.rglob("*")]
    return [path.name for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose_umask")
def test_databases_and_their_journals_are_private_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    store = bus_store(f"sqlite:///{folder}/intake.db", "intake")
    with store.uow() as unit:
        unit.emit("dossier.withdrawn", {"dossier": "D", "receiving_agency": "A", "withdrawn_at": unit.now})
        assert (folder / "intake.db-wal").exists()
        bus = EmbeddedBus(folder / "bus.db")
        bus.declare(Topology(()))
        publisher = bus.publisher()
        modes = {
            path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir() if path.suffix != ".lock"
        }
        publisher.close()
    store.close()
    assert set(modes.values()) == {"0o600"}, modes
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("loose_umask")
def test_a_data_folder_of_an_earlier_version_is_closed_at_the_start(tmp_path: Path) -> None:
    data = tmp_path / "var"
    (data / "logs").mkdir(parents=True)
    for name in ("intake.db", "intake.db-wal", "token.key", "logs/web.log"):
        (data / name).write_text("x")
    (data / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("x")
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(data)})
    open_context("stats", settings).store.close()
    (data / "link").unlink()
    assert _open_to_others(data) == []
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o644


def test_a_folder_that_accounts_share_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "of-another-program").touch(mode=0o644)
    (tmp_path / "of-another-program").chmod(0o644)
    keep_private(tmp_path)
    assert stat.S_IMODE((tmp_path / "of-another-program").stat().st_mode) == 0o644


def test_new_folders_are_private(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700] * 2


def test_what_was_delivered_is_in_no_file_of_the_bus_any_more(tmp_path: Path) -> None:
    bus, subscription = EmbeddedBus(tmp_path / "bus.db"), Subscription("notify", ("applicant.registered.v1",))
    bus.declare(Topology((subscription,)))
    publisher, consumer = bus.publisher(), bus.consumer("notify", Topology((subscription,)))
    body = f'{{"phone":"{PHONE}"}}'
    publisher.publish([OutboxRow(1, "e-1", "vn.motcua.applicant.registered.v1", "D", body, "applicant.registered.v1")])
    assert PHONE.encode() in (tmp_path / "bus.db-wal").read_bytes()
    consumer.done(consumer.take(10, 5.0))
    assert empty_log(tmp_path / "bus.db")
    for path in tmp_path.glob("bus.db*"):
        assert PHONE.encode() not in path.read_bytes(), path.name
    consumer.close()
    publisher.close()


def test_a_log_that_is_being_read_stays_for_the_next_time(tmp_path: Path) -> None:
    store = bus_store(f"sqlite:///{tmp_path}/intake.db", "intake")
    with store.uow() as unit:
        unit.emit("dossier.withdrawn", {"dossier": "D", "receiving_agency": "A", "withdrawn_at": unit.now})
    reader = sqlite3.connect(tmp_path / "intake.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM outbox").fetchone()
    with store.uow() as unit:
        unit.emit("dossier.withdrawn", {"dossier": "E", "receiving_agency": "A", "withdrawn_at": unit.now})
    assert not empty_log(tmp_path / "intake.db")
    reader.close()
    assert empty_log(tmp_path / "intake.db")
    assert not empty_log(tmp_path / "intake.db")
    store.close()


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_every_service_deletes_kept_answers(service: str, tmp_path: Path) -> None:
    context = open_context(service, read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path / "var")}))
    migrate(context.store.engine, find_service(service).migrations().location)
    now = context.clock.wall()
    for key, age in (("old", KEEP_ANSWERS + timedelta(minutes=1)), ("young", KEEP_ANSWERS - timedelta(minutes=1))):
        row = {"scope": "s", "key": key, "fingerprint": "", "caller": "", "status": 201, "body": "{}"}
        with context.store.uow() as unit:
            unit.execute(idempotency_keys.insert(), {**row, "created_at": now - age})
    loops = ServiceLoops(context, find_service(service).worker_spec(), frozenset({"sweep"}))
    [clean] = [loop for loop in loops.loops() if loop.name == f"{service}/clean"]
    clean.step()
    with context.store.read() as connection:
        assert connection.execute(select(idempotency_keys.c.key)).scalars().all() == ["young"]
    clean.close()
    context.store.close()
