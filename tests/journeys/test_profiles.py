"""Profiles are played to exact numbers on a platform of processes with files: small parts of a year and of nine months."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.backends import fresh_backends
from tests.support.prepared import PreparedFiles
from tests.support.processes import run_forked

SECONDS = 170.0
TOKEN_KEY = "a key that only tests ever use, long enough"


@pytest.mark.parametrize(
    ("profile", "scale", "told"),
    [
        ("center-2016", "0.0006", ("centre: received │ 24 ", "centre: resolved_late │ 1 ", "ratings: given │ 4 ")),
        ("thuong-tin-2017", "0.0005", ("communes: received │ 17 ", "communes: in_progress │ 1 ")),
    ],
)
def test_a_small_part_of_a_profile_has_its_numbers(
    tmp_path: Path, prepared_files: PreparedFiles, profile: str, scale: str, told: tuple[str, ...]
) -> None:
    environ = {"MOTCUA_DATA": str(tmp_path / "data"), "MOTCUA_PORT": str(free_port()), "MOTCUA_JWT_KEY": TOKEN_KEY}
    with fresh_backends(tmp_path, prepared_files) as base:
        environ |= {f"MOTCUA_{service.upper()}_DB_URL": url for service, url in base.db_urls.items()}
        environ |= {"MOTCUA_BUS_URL": base.bus_url, "COLUMNS": "200"}
        played = run_forked(["shared.cli", "simulate", "--profile", profile, "--scale", scale], environ, SECONDS)
    assert played.returncode == 0, played.stdout + played.stderr
    shown = " ".join(played.stdout.replace("│", " │ ").split())
    for text in told:
        assert text in shown, played.stdout
