"""A profile is played to exact numbers on a platform of processes with files: a small part of a year; the whole is `make year`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.backends import fresh_backends
from tests.support.prepared import PreparedFiles
from tests.support.processes import run_forked

SECONDS = 500.0
"""Spent only where the machine has much else to do."""
CENTRE = {"centre: received": 32, "centre: on_time": 31, "centre: resolved_late": 1, "centre: in_progress": 0}
NUMBERS: Mapping[str, Mapping[str, object]] = {
    "API": {**CENTRE, "ratings: given": 5, "ratings: satisfied, %": 100, "ratings: at the devices": 4},
    "page": {**CENTRE, "centre: in_progress_overdue": 0, "ratings: given": 5, "ratings: satisfied, %": 100},
    "PDF": {**CENTRE, "all: received": 32, "ratings: given": 5, "ratings: satisfied, %": "–"},
    "verify": {"differences": 0},
    "rebuild": {"different rows": 0},
}
"""Where it is read → what it is called → the number. On paper so few ratings have no share."""
TOKEN_KEY = "a key that only tests ever use, long enough"


@pytest.mark.timeout(600)
def test_a_small_part_of_a_centre_s_year_has_its_numbers(tmp_path: Path, prepared_files: PreparedFiles) -> None:
    environ = {"MOTCUA_DATA": str(tmp_path / "data"), "MOTCUA_PORT": str(free_port()), "MOTCUA_JWT_KEY": TOKEN_KEY}
    with fresh_backends(tmp_path, prepared_files) as base:
        environ |= {f"MOTCUA_{service.upper()}_DB_URL": url for service, url in base.db_urls.items()}
        environ |= {"MOTCUA_BUS_URL": base.bus_url, "COLUMNS": "200"}
        command = ["tests.support.motcua", "simulate", "--profile", "center-2016", "--scale", "0.0008"]
        played = run_forked(command, environ, SECONDS)
    assert played.returncode == 0, played.stdout + played.stderr
    shown = " ".join(played.stdout.replace("│", " │ ").split())
    for where, numbers in NUMBERS.items():
        for name, number in numbers.items():
            assert f"{where} │ {name} │ {number} │ {number} │" in shown, played.stdout
