"""Processes that seal, rebuild and replay kill themselves at each point; afterwards the work is done once, and nothing is lost."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from services.stats.archive.replay.commands import start
from services.stats.facts.store import dossiers
from services.stats.handlers import HANDLERS
from shared.messaging import tables as bus_tables
from shared.messaging.event import Event
from tests.stats.archive.dying import POINTS, work
from tests.stats.archive.support import archived, fill, verified
from tests.stats.archive.test_rebuild import everything
from tests.support.prepared import Maker, migrated
from tests.support.processes import run_forked
from tests.support.service import ServiceUnderTest

pytestmark = pytest.mark.chaos
TYPES = ["vn.motcua.dossier.received.v1", "vn.motcua.dossier.resolved.v1"]


@pytest.fixture
def stats(ready_store: Callable[[Maker], str], tmp_path: Path) -> ServiceUnderTest:
    return ServiceUnderTest("stats", ready_store(migrated("stats")), tmp_path, HANDLERS)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_loses_and_repeats_nothing(stats: ServiceUnderTest, tmp_path: Path, point: str) -> None:
    what = point.partition("-")[0]
    fill(stats, sealed=what != "seal")
    before, right = archived(stats), everything(stats)
    if what == "rebuild":
        with stats.store.uow() as unit:
            unit.execute(update(dossiers).values(fee=7))
    if what == "replay":
        start(stats.store, "rating", None, None, TYPES, new=True)
    url = stats.store.engine.url.render_as_string(hide_password=False)
    environ = {"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path / "data"), "MOTCUA_STATS_DB_URL": url}
    done = run_forked(["tests.stats.archive.dying", point], environ | {"MOTCUA_BUS_URL": "embedded:"}, timeout=90)
    assert done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}\n{done.stderr}"
    assert verified(stats).fault == ""
    if point == "rebuild-switched":
        assert everything(stats) == right
    work(stats.context, what, lambda _: None)
    assert verified(stats).fault == ""
    assert archived(stats) == before
    assert everything(stats) == right
    sent = [Event.from_json(row["body"]).to_json() for row in stats.rows(bus_tables.outbox)]
    assert sent == (before if what == "replay" else [])
