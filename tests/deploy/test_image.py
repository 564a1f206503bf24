"""The Dockerfile and the programs of the image."""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.registry import find_service
from shared.persistence.engine import make_engine
from shared.persistence.migrations import migrate
from tests.deploy.files import KEY
from tests.support.processes import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
PROGRAMS = REPOSITORY / "deploy" / "image"
TABLES = "alembic_version"
TEST_MODE = {"MOTCUA_MODE": "test", "MOTCUA_JWT_KEY": KEY}


def run(program: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the image's programs with this Python."""
    given = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY), **environ}
    return subprocess.run(
        [str(PROGRAMS / program), *arguments], env=given, capture_output=True, text=True, check=False, timeout=60
    )


def stage(name: str) -> str:
    (found,) = [part for part in re.split(r"(?m)^FROM ", DOCKERFILE)[1:] if part.split()[:3][2:] == [name]]
    return found


def test_all_stages_use_one_python_image_and_no_frontend_is_downloaded() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.11-slim-bookworm"}
    assert "# syntax" not in DOCKERFILE


@pytest.mark.parametrize("name", ["motcua", "front"])
def test_what_runs_is_not_root(name: str) -> None:
    users = re.findall(r"^USER (\S+)", stage(name), re.MULTILINE)
    assert users == ["10001:10001"]
    assert stage(name).index("\nRUN ") < stage(name).index("\nUSER ")


def test_the_libraries_are_those_of_the_lock_with_their_hashes() -> None:
    assert "--require-hashes --requirement requirements.lock" in stage("build")
    assert "--no-deps" in stage("build")


def copied() -> list[str]:
    return [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out: the last rule that matches it or a parent folder decides."""
    parts = path.split("/")
    decision = False
    for rule in (REPOSITORY / ".dockerignore").read_text().splitlines():
        pattern = rule.removeprefix("!")
        above = "/".join(parts[: pattern.count("/") + 1])
        if pattern and not pattern.startswith("#") and fnmatch.fnmatch(above, pattern):
            decision = not rule.startswith("!")
    return decision


def test_copied_files_are_not_ignored_and_secret_ones_are() -> None:
    assert [source for source in copied() if ignored(source)] == []
    for path in (".env", ".git/config", "var/token.key", "tests/conftest.py", "deploy/k8s/base/settings.env"):
        assert ignored(path), path


@pytest.mark.parametrize(
    "source", ["pyproject.toml", "requirements.lock", "services", "deploy/image/motcua-entrypoint"]
)
def test_what_the_image_needs_is_copied(source: str) -> None:
    assert source in copied()
    assert (REPOSITORY / source).exists()


def test_the_programs_can_be_executed() -> None:
    assert [path.name for path in PROGRAMS.iterdir() if not os.access(path, os.X_OK)] == []
    assert all(path.name in DOCKERFILE for path in PROGRAMS.iterdir())


def test_the_entrypoint_empties_the_metrics_directory_and_becomes_motcua(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    (metrics / "counter_7.db").write_text("an earlier run's")
    fake = tmp_path / "motcua"
    fake.write_text('#!/bin/sh\necho "$PPID $*"\n')
    fake.chmod(0o755)
    done = run(
        "motcua-entrypoint", "web", "intake", PATH=f"{tmp_path}:/usr/bin:/bin", PROMETHEUS_MULTIPROC_DIR=str(metrics)
    )
    assert done.stdout == f"{os.getpid()} web intake\n"  # exec: the same process, without a shell in between
    assert list(metrics.iterdir()) == []


def test_the_entrypoint_makes_the_metrics_directory_and_needs_none(tmp_path: Path) -> None:
    fake = tmp_path / "motcua"
    fake.write_text("#!/bin/sh\nexit 7\n")
    fake.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    assert run("motcua-entrypoint", PATH=path).returncode == 7
    assert run("motcua-entrypoint", PATH=path, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "new")).returncode == 7
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_probe_exits_by_the_status_of_the_answer(status: int, code: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request).start()
        assert run("motcua-probe", f"http://127.0.0.1:{server.server_port}/").returncode == code


def test_waiting_for_tables_ends_when_they_are_there(store_url: str) -> None:
    environ = {"MOTCUA_INTAKE_DB_URL": store_url, **TEST_MODE}
    early = run("motcua-wait-for-tables", "intake", "0", **environ)
    assert early.returncode == 1
    assert "motcua migrate intake" in early.stderr
    engine = make_engine(store_url, 1)
    migrate(engine, find_service("intake").migrations().location)
    assert run("motcua-wait-for-tables", "intake", "0", **environ).returncode == 0
    # after a roll-back: a newer version migrated the database
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {TABLES} SET version_num = 'newer'")
    engine.dispose()
    assert run("motcua-wait-for-tables", "intake", "0", **environ).returncode == 0


def test_waiting_for_tables_says_that_the_database_does_not_answer() -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    done = run("motcua-wait-for-tables", "intake", "0", MOTCUA_INTAKE_DB_URL=url, **TEST_MODE)
    assert done.returncode == 1
    assert "does not answer" in done.stderr


def test_waiting_for_an_unknown_service_is_refused() -> None:
    assert run("motcua-wait-for-tables", "kitchen").returncode == 1
