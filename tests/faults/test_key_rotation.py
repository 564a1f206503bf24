"""A key of personal data is replaced while the platform works, as docs/privacy.md says, on files and on servers."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from services.intake.dossiers.store import dossiers
from shared.client.tracked_dossier import DossierDriver, TrackedDossier
from shared.messaging import published
from shared.persistence.personal_data import index_matches
from shared.runtime.clock import VIETNAM
from tests.faults.load_and_kill import COPY, DESK
from tests.support.backends import Backends
from tests.support.platform import COMPACT, Running, motcua
from tests.support.processes import wait_until

OLD, NEW = "k1:the key of personal data before the rotation", "k2:the key of personal data after the rotation"
PERSON = {"name": "Nguyễn Thị Bưởi", "id_number": "095185001234", "phone": "0912345678"}


def file(platform: Running, count: int) -> list[TrackedDossier]:
    people = platform.people()
    try:
        return [DossierDriver(people).file(DESK, {**COPY, "applicant": PERSON, "insist": True}) for _ in range(count)]
    finally:
        people.close()


def running(directory: Path, backends: Backends, keys: str, migrate: bool = False) -> Running:
    settings = {"MOTCUA_DATA_KEYS": keys, "MOTCUA_RECONCILE_SECONDS": "0.5"}
    return Running(directory, backends, COMPACT, settings=settings, migrate=migrate)


def find(platform: Running) -> set[str]:
    """The dossiers that the search for a part of the applicant's name finds."""
    with platform.stores["intake"].read() as connection:
        where = index_matches(connection, dossiers.c.applicant_search, "thi buoi")
        return set(connection.execute(select(dossiers.c.code).where(where)).scalars())


@pytest.mark.timeout(300)
def test_a_key_is_replaced_while_people_file(tmp_path: Path, either: Backends) -> None:
    with running(tmp_path, either, OLD, migrate=True) as platform:
        first = file(platform, 3)
        wait_until(lambda: codes(first) <= told(platform), 60, what="the messages about the receipts")
    refused = motcua({**platform.environ, "MOTCUA_DATA_KEYS": NEW}, "worker", "notify")
    assert refused.returncode == 2
    assert "MOTCUA_DATA_KEYS lacks 'k1': personal data of notify" in refused.stderr
    assert "Traceback" not in refused.stderr
    wrong = motcua({**platform.environ, "MOTCUA_DATA_KEYS": NEW.replace("k2", "k1")}, "web", "intake")
    assert "the key 'k1' is not the one" in wrong.stderr

    with running(tmp_path, either, f"{NEW},{OLD}") as platform:
        later: list[TrackedDossier] = []
        filing = threading.Thread(target=lambda: later.extend(file(platform, 8)))
        filing.start()
        said = platform.cli("data-keys", "rotate", "--batch", "2")
        filing.join()
        assert "k1 is needed until the events that it has sealed are gone" in said
        assert codes(first + later) == find(platform)
        for service in ("intake", "notify"):
            wait_until(
                lambda name=service: forget_published(platform, name),  # type: ignore[misc]
                60,
                what="the end of the kept events",
            )
        assert "k1 may be removed from MOTCUA_DATA_KEYS" in platform.cli("data-keys", "status")

    with running(tmp_path, either, NEW) as platform:
        assert codes(first + later) == find(platform)
        last = file(platform, 1)
        wait_until(lambda: codes(last) <= told(platform), 60, what="the message about the last receipt")


def forget_published(platform: Running, service: str) -> bool:
    """Ends the days of a service's kept events; says whether all have gone, since unconfirmed ones stay."""
    tomorrow = datetime.now(VIETNAM) + timedelta(days=1)
    platform.stores[service].run(lambda unit: published.forget_before(unit.connection, tomorrow))
    with platform.stores[service].read() as connection:
        return not published.counts(connection)


def codes(dossiers: list[TrackedDossier]) -> set[str]:
    return {each.code for each in dossiers}


def told(platform: Running) -> set[str]:
    """Codes about which a message was sent."""
    return {json.loads(path.read_bytes())["dossier"] for path in platform.spool.glob("[!.]*.json")}
