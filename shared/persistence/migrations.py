"""Brings a service's database to the newest version of its tables (Alembic, without an ini file)."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

from shared.messaging import tables as bus_tables
from shared.persistence import reading_audit

ADVISORY_LOCK = 7_206_811  # any constant: two migrations of one PostgreSQL database run one after the other


def migrate(engine: Engine, service: str) -> str:
    """Runs the migrations that a service's database has not had; returns the revision it is at.

    Args:
        engine: the service's own database.
        service: the service's name; its migrations lie in ``services/<name>/migrations``.
    """
    script = _scripts(service)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        with EnvironmentContext(
            _config(service), script, fn=lambda revision, _: script._upgrade_revs("head", revision)
        ) as env:
            env.configure(
                connection=connection,
                render_as_batch=connection.dialect.name == "sqlite",
                transaction_per_migration=False,
            )
            env.run_migrations()
        return current(connection) or ""


def current(connection: Connection) -> str | None:
    """The revision that a database is at; ``None`` before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def head(service: str) -> str:
    """The newest revision that this version of the software knows."""
    return _scripts(service).get_current_head() or ""


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """What the database's tables lack or have too much, compared with the code's; empty when migrations and code agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    tables = [metadata, bus_tables.metadata, reading_audit.metadata]
    found: list[Any] = compare_metadata(context, tables)  # type: ignore[arg-type]
    return found


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", _directory(service))
    return config


def _scripts(service: str) -> ScriptDirectory:
    directory = _directory(service)
    return ScriptDirectory(directory, version_locations=[directory])


def _directory(service: str) -> str:
    package = importlib.import_module(f"services.{service}.migrations")
    return str(Path(str(package.__file__)).parent)
