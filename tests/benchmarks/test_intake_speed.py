"""Filing on PostgreSQL under gunicorn, compared with a bare Flask app with one INSERT and the same settings, in the same run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

import psycopg
import pytest
from rich.console import Console
from sqlalchemy import create_engine, text

from shared.auth import issue_token
from shared.client.tracked_dossier import LAND_TRANSFER
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings
from tests.benchmarks.load import Load, post
from tests.benchmarks.raw import plain_dsn
from tests.support.postgres import PostgresServer
from tests.support.processes import Proc, wait_port

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

WORKERS, THREADS, SECONDS, ROUNDS = 2, 4, 6, 5
DESKS = 6


@contextmanager
def bare(dsn: str, directory: Path) -> Iterator[str]:
    with psycopg.connect(dsn) as database:
        database.execute("CREATE TABLE filing (id bigserial PRIMARY KEY, body text NOT NULL)")
    port = free_port()
    options = [
        "-k",
        "gthread",
        "-w",
        str(WORKERS),
        "--threads",
        str(THREADS),
        "--reuse-port",
        "--no-control-socket",
        "--keep-alive",
        "65",
    ]
    command = [sys.executable, "-m", "gunicorn", *options, "-b", f"127.0.0.1:{port}", "tests.benchmarks.bare_app:app"]
    with Proc(command, log=directory / "bare.log", env={**os.environ, "BARE_DSN": dsn}) as process:
        wait_port(port, process=process)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def intake(url: str, directory: Path, workers: int = WORKERS) -> Iterator[tuple[str, dict[str, str]]]:
    port = free_port()
    environ = {
        "MOTCUA_MODE": "test",
        "MOTCUA_DATA": str(directory / "data"),
        "MOTCUA_PORT": str(port),
        "MOTCUA_INTAKE_DB_URL": url,
        "MOTCUA_BUS_URL": "embedded:",
        "MOTCUA_WEB_WORKERS": str(workers),
        "MOTCUA_WEB_THREADS": str(THREADS),
    }
    process_environ = {**os.environ, **environ}
    command = [sys.executable, "-m", "shared.cli"]
    with Proc([*command, "migrate", "intake", "--samples"], log=directory / "m.log", env=process_environ) as migrate:
        assert migrate.wait(60) == 0, migrate.output()
    with Proc([*command, "web", "intake"], log=directory / "intake.log", env=process_environ) as process:
        wait_port(port, process=process)
        yield f"http://127.0.0.1:{port}", environ


def desks(environ: dict[str, str]) -> tuple[list[dict[str, object]], list[str]]:
    """Filings at several desks, and the token of a clerk at each."""
    settings = read_settings(environ)
    today = settings.clock.now().date()
    agencies = [a for a in load_reference().agencies.all(today) if "one_stop_desk" in a.roles and a.level == "commune"][
        :DESKS
    ]
    bodies = [{**LAND_TRANSFER, "channel": "counter", "receiving_agency": agency.code} for agency in agencies]
    return bodies, [
        issue_token(settings.auth, "bench", "clerk", agency.code, timedelta(hours=1)) for agency in agencies
    ]


def accepted(url: str) -> tuple[int, int, int]:
    """The numbers of stored dossiers, of different codes, and of sequence numbers used by all desks."""
    engine = create_engine(url)
    with engine.connect() as connection:
        stored, different = connection.execute(text("SELECT count(*), count(DISTINCT code) FROM dossier")).one()
        used = connection.execute(text("SELECT sum(last) FROM dossier_number")).scalar_one()
    engine.dispose()
    return stored, different, used


def test_filing(postgres: PostgresServer, tmp_path: Path) -> None:
    bare_url, intake_url = postgres.create_database(), postgres.create_database()
    limits: list[Load] = []
    ours: list[Load] = []
    with bare(plain_dsn(bare_url), tmp_path) as limit, intake(intake_url, tmp_path) as (address, environ):
        bodies, tokens = desks(environ)
        for number in range(ROUNDS):  # alternating, so that both are measured under the same conditions
            limits.append(post(limit, "/filings", bodies, tokens, tmp_path, f"bare{number}", SECONDS))
            ours.append(post(address, "/intake/api/dossiers", bodies, tokens, tmp_path, f"intake{number}", SECONDS))
    assert sum(load.refused for load in limits + ours) == 0
    stored, different, used = accepted(intake_url)
    assert stored == different == used > 0, "every sequence number used belongs to a dossier"
    pairs = [(load.per_second, limit.per_second) for load, limit in zip(ours, limits, strict=True)]
    ratio = median(load / limit for load, limit in pairs)
    each = ", ".join(f"{load / limit:.2f}" for load, limit in pairs)
    Console().print(
        f"filing: {median(load for load, _ in pairs):,.0f}/s, bare Flask with one INSERT {median(limit for _, limit in pairs):,.0f}/s, "
        f"ratio {ratio:.2f} (goal ≥ 0.5; medians of {ROUNDS} alternating rounds: {each})"
    )
