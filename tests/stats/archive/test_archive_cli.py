"""``motcua stats archive``: what is archived, and whether it is as it was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete

from services.stats.archive import store
from services.stats.handlers import HANDLERS
from shared.cli import cli
from tests.stats.archive.support import fill
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest


@pytest.fixture
def stats(ready_store: Callable[[Maker], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    url = ready_store(migrated("stats"))
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "cli"))
    monkeypatch.setenv("MOTCUA_BUS_URL", "embedded:")
    monkeypatch.setenv("MOTCUA_STATS_DB_URL", url)
    return ServiceUnderTest("stats", url, tmp_path, HANDLERS)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["stats", "archive", *arguments])


def test_a_sound_archive_is_listed_and_verified(stats: ServiceUnderTest) -> None:
    assert run("list").output == "nothing is archived yet\n"
    assert run("verify").output == "0 segments, 0 batches, 0 events are as they were written\n"
    fill(stats)
    seals = [row["seal"] for row in stats.rows(store.segments)]
    listed = run("list").output.splitlines()
    assert [line.split()[0] for line in listed[:3]] == ["2025-11", "2025-12", "2026-01"]
    assert "6 events" in listed[0]
    assert listed[0].endswith("1 segments, sealed")
    assert listed[2].endswith("3 batches, open")
    assert listed[3:] == [f"segment 1 of 2025-11: {seals[0]}", f"segment 2 of 2025-12: {seals[1]}"]
    done = run("verify", "--seal", f"1:{seals[0]}")
    assert done.exit_code == 0
    expected = f"2 segments, 9 batches, 18 events are as they were written\nseal of segment 2: {seals[1]}\n"
    assert done.output == expected


def test_the_first_broken_link_is_named(stats: ServiceUnderTest) -> None:
    fill(stats)
    with stats.store.uow() as work:
        work.execute(delete(store.batches).where(store.batches.c.number == 8))
    done = run("verify")
    assert done.exit_code == 1
    assert done.output.endswith("broken: batch 8 is missing before batch 9\n")
    assert "segment 1 (2025-11) is not the one" in run("verify", "--seal", f"1:{'0' * 64}").output


def test_a_seal_that_is_none_gets_one_line(stats: ServiceUnderTest) -> None:
    done = run("verify", "--seal", "3:abc")
    assert done.exit_code != 0
    assert "'3:abc' is not the number and the seal of a segment" in done.output
