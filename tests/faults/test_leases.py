"""A process that hangs past its lease loses it to another one, and does no harm when it resumes and believes it still has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from shared.messaging.file_locks import folder_of
from shared.messaging.postgres_locks import CLASS
from tests.faults.courier_fixture import file, finish
from tests.faults.load_and_kill import assert_balanced
from tests.support.backends import Backends, fresh_backends
from tests.support.platform import Running
from tests.support.processes import wait_until

TWO_RELAYS = {
    "web": ("web", "all"),
    "relay-a": ("relay", "all"),
    "relay-b": ("relay", "all"),
    "worker": ("worker", "all", "--no-relay"),
}
TWO_WORKERS = {"web": ("web", "all"), "worker-a": ("worker", "all"), "worker-b": ("worker", "all")}


SESSION = text(f"""SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND classid = {CLASS} AND objid::bigint::bit(32)::int = hashtext(:name)
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())""")


def holder(platform: Running, service: str, name: str) -> str:
    """The process that holds a lease; "" for none."""
    store = platform.stores[service]
    if store.engine.dialect.name == "postgresql":
        with store.read() as connection:
            found = str(connection.execute(SESSION, {"name": name}).scalar() or "")
        return found.removeprefix("motcua ")
    files = folder_of(Path(store.engine.url.database or "")).glob(f"{name}.*")
    last = max(files, key=lambda file: int(file.suffix[1:]), default=None)
    written = [] if last is None else last.read_text().split()  # one that has just been made is empty
    return written[1] if len(written) > 1 else ""


def other(platform: Running, kind: str, name: str) -> str:
    """The other of two processes."""
    return next(one for one in platform.layout if one.startswith(kind) and one != name)


@pytest.mark.timeout(240)
def test_a_hanging_relay_is_replaced_and_resumes_harmlessly(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, TWO_RELAYS) as platform:
        wait_until(lambda: holder(platform, "intake", "relay"), what="a relay that holds the lease")
        hanging = holder(platform, "intake", "relay")
        platform.pause(hanging)
        dossiers = file(platform, 3)
        successor = other(platform, "relay", hanging)
        wait_until(lambda: holder(platform, "intake", "relay") == successor, what="the other relay to take over")
        wait_until(
            lambda: holder(platform, "routing", "relay") == successor,
            what="the other relay to take over in routing too",
        )
        platform.proc(hanging).resume()
        dossiers += file(platform, 3, begin=3)
        assert_balanced(platform, finish(platform, dossiers))
        assert not platform.deaths


@pytest.mark.timeout(240)
def test_a_hanging_worker_is_replaced_and_resumes_harmlessly(tmp_path: Path) -> None:
    with fresh_backends(tmp_path) as files, Running(tmp_path, files, TWO_WORKERS) as platform:
        wait_until(lambda: holder(platform, "notify", "maintenance"), what="a worker that sweeps")
        hanging = holder(platform, "notify", "maintenance")
        platform.pause(hanging)
        dossiers = file(platform, 3)
        successor = other(platform, "worker", hanging)
        wait_until(lambda: holder(platform, "notify", "maintenance") == successor, what="the other worker to take over")
        early = finish(platform, dossiers)
        platform.proc(hanging).resume()
        assert_balanced(platform, early + finish(platform, file(platform, 3, begin=3)))
