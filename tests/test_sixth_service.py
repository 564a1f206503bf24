"""Adding a service: an entry in the registry makes it run, and a test names each other place that has to know it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.registry import SERVICE_NAMES
from tests.deploy.service_places import PLACES, missing_places
from tests.support.processes import REPOSITORY

COPIED = ("services", "shared", "deploy", "docker-compose.yml", "pyproject.toml", "README.md")
TOY = {
    "__init__.py": "",
    "app.py": """
from shared.web import factory

def create_app(context):
    return factory.create_app(context, [])
""",
    "worker.py": """
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(handlers={})
""",
    "access.py": """
def require_toy_owner(actor):
    'Toys are for their owners.'
""",
    "migrations/__init__.py": """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("toy", metadata, Column("id", Integer, primary_key=True))
""",
    "migrations/0001_first.py": """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

def upgrade():
    op.create_table("toy", sa.Column("id", sa.Integer, primary_key=True))
""",
}
REGISTERED = """
def _toy_app(context: Context) -> Flask:
    from services.toy.app import create_app

    return create_app(context)


def _toy_worker() -> WorkerSpec:
    from services.toy.worker import WORKER

    return WORKER


def _toy_migrations() -> Migrations:
    from services.toy import migrations

    return Migrations(Path(migrations.__file__).parent, migrations.metadata)


def _toy_access() -> ModuleType:
    from services.toy import access

    return access


SERVICES = (
    Service("toy", "Đồ chơi", "Toys", _toy_app, _toy_worker, _toy_migrations, _toy_access),
"""
SERVED = """
from shared.cli.serve import build_wsgi
from shared.runtime.settings import read_settings
from werkzeug.test import Client

client = Client(build_wsgi("all", read_settings()))
print(client.get("/toy/health/live").status_code, client.get("/toy/openapi.json").json["info"]["title"])
print("Toys" in client.get("/developers?lang=en").text)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a service is registered in, with the code of a sixth service that is registered nowhere."""
    root = tmp_path / "checkout"
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    for name, text in TOY.items():
        path = root / "services" / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def register(root: Path) -> None:
    registry = root / "services" / "registry.py"
    text, count = re.subn(r"(?m)^SERVICES = \(\n", lambda _: REGISTERED.lstrip(), registry.read_text())
    assert count == 1
    registry.write_text(text)


def python(root: Path, *arguments: str) -> str:
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    environ |= {"MOTCUA_MODE": "test", "MOTCUA_DATA": str(root / "var")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_every_place_names_the_service(service: str) -> None:
    assert missing_places(REPOSITORY, service) == []


def test_each_place_that_does_not_name_a_sixth_service_is_reported(checkout: Path) -> None:
    everywhere = [str(place).format(service="toy") for place in PLACES]
    assert missing_places(checkout, "toy") == everywhere
    register(checkout)
    assert missing_places(checkout, "toy") == everywhere[1:]


def test_a_sixth_service_runs_when_the_registry_has_it(checkout: Path) -> None:
    register(checkout)
    assert "toy: 0001" in python(checkout, "-m", "shared.cli", "migrate", "toy")
    assert python(checkout, "-c", SERVED) == "200 Một cửa – toy\nTrue\n"


def test_a_sixth_service_gets_its_history_from_the_archive(checkout: Path) -> None:
    register(checkout)
    python(checkout, "-m", "shared.cli", "migrate", "stats")
    sent = python(
        checkout, "-m", "shared.cli", "replay", "--to", "toy", "--types", "dossier.received", "--new-subscriber"
    )
    assert sent == "replay 1 to toy: 1 types\nreplay 1 has sent all its 0 events\n"


def test_import_linter_keeps_a_sixth_service_apart(checkout: Path) -> None:
    """The contract has to name it, and then an import of another service is found."""
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace('"services.stats"]', '"services.stats", "services.toy"]'))
    (checkout / "services" / "toy" / "worker.py").write_text("from services.stats import worker\n")
    lint = "from importlinter.cli import lint_imports; print(lint_imports(is_debug_mode=False, cache_dir=None))"
    done = subprocess.run(
        [sys.executable, "-c", lint], cwd=checkout, capture_output=True, text=True, check=False, timeout=60
    )
    assert "services.toy is not allowed to import services.stats" in done.stdout, done.stdout + done.stderr
