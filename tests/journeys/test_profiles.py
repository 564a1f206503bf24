"""A profile is played to exact numbers on a platform of processes with files: a small part of a year; the whole is `make year`."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.backends import fresh_backends
from tests.support.prepared import PreparedFiles
from tests.support.processes import run_forked

SECONDS = 500.0
"""Spent only where the machine has much else to do."""
NUMBERS = {
    "centre: received": 24,
    "centre: on_time": 23,
    "centre: resolved_late": 1,
    "centre: in_progress": 0,
    "ratings: given": 4,
    "ratings: satisfied": 4,
    "ratings: at the devices": 3,
}
TOKEN_KEY = "a key that only tests ever use, long enough"


@pytest.mark.timeout(600)
def test_a_small_part_of_a_centre_s_year_has_its_numbers(tmp_path: Path, prepared_files: PreparedFiles) -> None:
    environ = {"MOTCUA_DATA": str(tmp_path / "data"), "MOTCUA_PORT": str(free_port()), "MOTCUA_JWT_KEY": TOKEN_KEY}
    with fresh_backends(tmp_path, prepared_files) as base:
        environ |= {f"MOTCUA_{service.upper()}_DB_URL": url for service, url in base.db_urls.items()}
        environ |= {"MOTCUA_BUS_URL": base.bus_url, "COLUMNS": "200"}
        command = ["shared.cli", "simulate", "--profile", "center-2016", "--scale", "0.0006"]
        played = run_forked(command, environ, SECONDS)
    assert played.returncode == 0, played.stdout + played.stderr
    shown = " ".join(played.stdout.replace("│", " │ ").split())
    for name, number in NUMBERS.items():
        assert f"{name} │ {number} │ {number} │" in shown, played.stdout
