"""The script that creates the databases of docker-compose.yml, on a real server."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from services.registry import SERVICE_NAMES
from tests.support.postgres import PostgresServer, binary
from tests.support.processes import REPOSITORY

SCRIPT = REPOSITORY / "deploy" / "compose" / "postgres" / "10-databases.sql"
PASSWORDS = {f"{service.upper()}_DB_PASSWORD": f"it's {service}'s" for service in SERVICE_NAMES}


def run_script(server: PostgresServer, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [binary("psql"), "--no-psqlrc", "--quiet", "-h", "127.0.0.1", "-p", str(server.port), "-U", "motcua"]
    return subprocess.run(
        [*command, "-d", "postgres", "-f", str(SCRIPT)],
        env={"PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def connect(server: PostgresServer, user: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host="127.0.0.1", port=server.port, user=user, dbname=database, connect_timeout=10)


def test_each_role_owns_its_database_and_sees_no_other() -> None:
    # Roles belong to the whole server, so this test has its own.
    with PostgresServer() as server:
        unset = run_script(server, {name: word for name, word in PASSWORDS.items() if not name.startswith("STATS")})
        assert unset.returncode != 0
        with server.connect() as connection:
            (made,) = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'intake'").fetchone() or (1,)
        assert made == 0

        done = run_script(server, PASSWORDS)
        assert (done.returncode, done.stderr) == (0, "")
        for service in SERVICE_NAMES:
            with connect(server, service, service) as connection:
                connection.execute("CREATE TABLE one (number integer)")
            for other in {*SERVICE_NAMES, "postgres", "template1"} - {service}:
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    connect(server, service, other)
        with server.connect() as connection:
            rights = connection.execute(
                "SELECT bool_or(rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls) FROM pg_roles"
                " WHERE rolname = ANY(%s)",
                (list(SERVICE_NAMES),),
            ).fetchone()
        assert rights == (False,)
