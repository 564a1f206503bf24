"""Profiles are played to exact numbers on a platform of processes with files: small parts of a year, of nine months and of a day."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import run_forked

SECONDS = 170.0
TOKEN_KEY = "a key that only tests ever use, long enough"


@pytest.mark.parametrize(
    ("profile", "scale", "told"),
    [
        ("center-2016", "0.0006", ("centre: received │ 24 ", "centre: resolved_late │ 1 ", "ratings: given │ 4 ")),
        ("thuong-tin-2017", "0.0005", ("communes: received │ 17 ", "communes: in_progress │ 1 ")),
        ("phuoc-long-2016", "0.1", ("district: received │ 3 ", "communes: received │ 25 ", "largest field │ land ")),
    ],
)
def test_a_small_part_of_a_profile_has_its_numbers(
    tmp_path: Path, profile: str, scale: str, told: tuple[str, ...]
) -> None:
    environ = {"MOTCUA_DATA": str(tmp_path / "data"), "MOTCUA_PORT": str(free_port()), "MOTCUA_JWT_KEY": TOKEN_KEY}
    environ |= {"MOTCUA_BUS_URL": "embedded:", "COLUMNS": "200"}
    played = run_forked(["shared.cli", "simulate", "--profile", profile, "--scale", scale], environ, SECONDS)
    assert played.returncode == 0, played.stdout + played.stderr
    shown = " ".join(played.stdout.replace("│", " │ ").split())
    for text in told:
        assert text in shown, played.stdout
