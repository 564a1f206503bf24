"""A year of a provincial centre through all five services on RabbitMQ and PostgreSQL, and the other profiles: `make year`. Each has the
seed's numbers in the API, on the leader's page and in the paper of a report; the totals and what is rebuilt from the archive agree.

Environment: YEAR_SCALE, the part of the dossiers that is played, 1 by default; YEAR_PROFILES, names with commas
between them, all by default.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from rich.console import Console

from shared.cli.simulate_profile import play_profile, processor_seconds
from shared.client.profiles import load_profile
from shared.client.profiles.figures import API, PAGE, PAPER, REBUILD, VERIFY, wanted_of
from shared.plugin_sdk.devtools.process_group import descendants
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.backends import fresh_backends
from tests.support.pdf import text_of
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

pytestmark = [pytest.mark.year, pytest.mark.timeout(6 * 3600)]

SCALE = float(os.environ.get("YEAR_SCALE", "1"))
PROFILES = os.environ.get("YEAR_PROFILES", "phuoc-long-2016,center-2016,thuong-tin-2017").split(",")
LIMIT_SECONDS = 600.0
"""The goal for a whole year; then 300."""
PEOPLE = 8


@pytest.mark.parametrize("name", PROFILES)
def test_year(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(width=140, highlight=False)
    profile = load_profile(name).scaled(SCALE)
    with (
        PostgresServer(settings={"max_connections": "200"}) as postgres,
        RabbitServer() as rabbit,
        fresh_backends(tmp_path, postgres, rabbit) as servers,
    ):
        monkeypatch.setenv("MOTCUA_MODE", "demo")
        monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("MOTCUA_PORT", str(free_port()))
        monkeypatch.setenv("MOTCUA_BUS_URL", servers.bus_url)
        for service, url in servers.db_urls.items():
            monkeypatch.setenv(f"MOTCUA_{service.upper()}_DB_URL", url)
        began = time.monotonic()
        played = play_profile(profile, 1, PEOPLE, False, console, text_of)
        servers_seconds = processors_of("postgres", "beam.smp")
    dossiers = sum(group.received for group in profile.groups)
    console.print(
        f"{name}, {dossiers:,} dossiers: {played.seconds:,.0f} s ({dossiers / played.seconds:,.1f}/s), with start and end "
        f"{time.monotonic() - began:,.0f} s; limit for a whole year {LIMIT_SECONDS:,.0f} s"
    )
    console.print(", ".join(f"{name} {seconds:,.0f} s of the processor" for name, seconds in servers_seconds.items()))
    assert not played.faults
    assert played.differing == []
    read = {(one.where, one.name) for one in played.figures}
    assert {(VERIFY, "differences"), (REBUILD, "different rows")} <= read
    for where in (API, PAGE, PAPER):
        assert {(where, f"{group.name}: {name}") for group in profile.groups for name in wanted_of(group)} <= read
        if profile.ratings.given:
            assert {(where, "ratings: given"), (where, "ratings: satisfied, %")} <= read


def processors_of(*names: str) -> dict[str, float]:
    """Program → seconds of the processor that its processes below this one have used."""
    found = dict.fromkeys(names, 0.0)
    for pid in descendants(os.getpid()):
        name = Path(f"/proc/{pid}/comm").read_text().strip() if Path(f"/proc/{pid}").exists() else ""
        if name in found:
            found[name] += processor_seconds(pid)
    return found
