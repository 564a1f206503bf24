"""Restores of single stores, rehearsed by the commands of docs/backup.md: no number twice, nothing for one citizen goes to another,
what was erased is erased again, and statistics have all numbers again, with a sound archive."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.dossiers.store import dossiers
from services.intake.retention.commands import erase
from services.notify.contacts.store import contacts
from services.stats.facts.store import dossiers as facts
from shared.client.tracked_dossier import DossierDriver, TrackedDossier
from shared.messaging import retry_policy, retry_queue
from shared.persistence import epoch
from tests.faults.courier_fixture import finish
from tests.faults.load_and_kill import COPY, DESK
from tests.support.backends import Backends
from tests.support.backups import plain_url
from tests.support.platform import COMPACT, Running
from tests.support.postgres import binary
from tests.support.processes import REPOSITORY, wait_until

QUICK = {"MOTCUA_RECONCILE_SECONDS": "0.5"}
FIRST = {"name": "Nguyễn Thị Bưởi", "id_number": "095185001234", "phone": "0912345678"}
SECOND = {"name": "Trần Quốc Việt", "id_number": "095090004321", "phone": "0987654321"}


def commands(name: str) -> str:
    """The commands of a block of the document."""
    text = (REPOSITORY / "docs" / "backup.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"^```sh {name}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return str(found)


def run(platform: Running, name: str, backup: Path, service: str = "intake") -> None:
    """Runs a block of the document as an operator does."""
    path = os.pathsep.join(map(str, (Path(sys.executable).parent, Path(binary("pg_dump")).parent, os.environ["PATH"])))
    names = {"PATH": path, "BACKUP": str(backup), "SERVICE": service}
    names["DB_URL"] = plain_url(platform.backends.db_urls[service])
    done = subprocess.run(
        ["bash", "-euc", commands(name)],
        env={**os.environ, **platform.environ, **names},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"


def file(platform: Running, count: int, applicant: dict[str, str]) -> list[TrackedDossier]:
    """Files dossiers of one citizen, and waits for their messages."""
    people = platform.people()
    try:
        made = [DossierDriver(people).file(DESK, {**COPY, "applicant": applicant}) for _ in range(count)]
    finally:
        people.close()
    codes = {each.code for each in made}
    wait_until(lambda: codes <= spool(platform).keys(), 60, what="the messages about the receipts")
    return made


def spool(platform: Running) -> dict[str, set[str]]:
    """Code → the numbers that messages about it were sent to."""
    found: dict[str, set[str]] = {}
    for path in platform.spool.glob("[!.]*.json"):
        message: dict[str, Any] = json.loads(path.read_bytes())
        found.setdefault(message["dossier"], set()).add(message["phone"])
    return found


def parked(platform: Running) -> dict[str, int]:
    """Service → how many events are parked."""
    counts = {}
    for name, store in platform.stores.items():
        with store.read() as connection:
            counts[name] = retry_queue.counts(connection)[retry_policy.PARKED]
    return counts


def epochs(platform: Running) -> dict[str, int]:
    """Service → its database's epoch."""
    found = {}
    for name, store in platform.stores.items():
        with store.read() as connection:
            found[name] = epoch.present(connection).number
    return found


def names(platform: Running, one: TrackedDossier) -> set[str]:
    """The applicant's name, as intake and notify have it."""
    found = set()
    for service, table, code in (("intake", dossiers, dossiers.c.code), ("notify", contacts, contacts.c.dossier)):
        column = table.c.applicant_name if service == "intake" else table.c.name
        with platform.stores[service].read() as connection:
            found.add(connection.execute(select(column).where(code == one.code)).scalar_one())
    return found


def codes_of(dossiers: list[TrackedDossier]) -> set[str]:
    return {each.code for each in dossiers}


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "backup"


@pytest.mark.timeout(300)
def test_a_restored_intake_gives_no_code_twice_and_no_citizen_gets_anothers_messages(
    tmp_path: Path, either: Backends, backup: Path
) -> None:
    kind = "postgresql" if either.db_urls["intake"].startswith("postgresql") else "sqlite"
    with Running(tmp_path, either, COMPACT, settings=QUICK) as platform:
        kept, old = file(platform, 1, FIRST), file(platform, 1, FIRST)
        if kind == "postgresql":
            backup.mkdir()
        run(platform, f"backup-{kind}", backup)
        lost = file(platform, 3, FIRST)
        platform.stores["intake"].run(lambda work: erase(work, old[0].code, "dossier"))
        wait_until(lambda: names(platform, old[0]) == {""}, 60, what="the erasure in notify")
    run(platform, f"restore-{kind}", backup)
    with Running(tmp_path, either, COMPACT, settings=QUICK, migrate=False) as platform:
        wait_until(lambda: names(platform, old[0]) == {""}, 60, what="the erasure to be repeated")
        assert names(platform, kept[0]) == {FIRST["name"]}
        made = file(platform, 3, SECOND)
        assert not codes_of(made) & codes_of(kept + old + lost)
        finish(platform, kept + made)
        sent = spool(platform)
        assert {number for code in codes_of(kept + old + lost) for number in sent[code]} == {FIRST["phone"]}
        assert {number for code in codes_of(made) for number in sent[code]} == {SECOND["phone"]}
        assert sum(parked(platform).values()) == 0
        listed = platform.cli("store", "lost")
        assert all(code in listed for code in codes_of(lost))
        assert "3 dossiers are unknown to intake" in listed
        assert "intake: restored" in platform.cli("store", "status", "intake")


@pytest.mark.timeout(300)
def test_restored_routing_notify_and_bus_get_what_they_have_forgotten(
    tmp_path: Path, files: Backends, backup: Path
) -> None:
    with Running(tmp_path, files, COMPACT, settings=QUICK) as platform:
        first = file(platform, 1, FIRST)
        run(platform, "backup-sqlite", backup)
        later = file(platform, 2, FIRST)
        assert not any(epochs(platform).values())
    for service in ("routing", "notify"):
        run(platform, "restore-sqlite", backup, service)
    run(platform, "restore-bus", backup)
    with Running(tmp_path, files, COMPACT, settings=QUICK, migrate=False) as platform:
        finish(platform, first + later)
        assert sum(parked(platform).values()) == 0
        assert set(spool(platform)) == codes_of(first + later)
        assert {name for name, number in epochs(platform).items() if number} == {"routing", "notify"}


@pytest.mark.timeout(300)
def test_restored_stats_has_all_numbers_again_and_a_sound_archive(
    tmp_path: Path, either: Backends, backup: Path
) -> None:
    def known(platform: Running, column: Any) -> set[str]:
        with platform.stores["stats"].read() as connection:
            return set(connection.execute(select(facts.c.code).where(column.is_not(None))).scalars())

    kind = "postgresql" if either.db_urls["stats"].startswith("postgresql") else "sqlite"
    with Running(tmp_path, either, COMPACT, settings=QUICK) as platform:
        first = file(platform, 1, FIRST)
        wait_until(lambda: known(platform, facts.c.received_at) >= codes_of(first), 60, what="the first receipt")
        if kind == "postgresql":
            backup.mkdir()
        run(platform, f"backup-{kind}", backup, "stats")
        later = file(platform, 2, FIRST)
        finish(platform, first + later)
        every = codes_of(first + later)
        wait_until(lambda: known(platform, facts.c.returned_at) >= every, 60, what="everything is counted")
    run(platform, f"restore-{kind}", backup, "stats")
    with Running(tmp_path, either, COMPACT, settings=QUICK, migrate=False) as platform:
        assert known(platform, facts.c.returned_at) < every
        wait_until(lambda: known(platform, facts.c.returned_at) >= every, 60, what="what was forgotten comes again")
        more = file(platform, 1, SECOND)
        finish(platform, more)
        wait_until(lambda: known(platform, facts.c.returned_at) >= codes_of(more), 60, what="statistics go on")
        assert sum(parked(platform).values()) == 0
        assert "are as they were written" in platform.cli("stats", "archive", "verify")
        assert {name for name, number in epochs(platform).items() if number} == {"stats"}
        platform.cli("stats", "verify")  # fails if a total differs from its facts
        platform.cli("stats", "rebuild")  # fails if the archive says anything else
