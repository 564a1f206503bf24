"""Brings a service's database to the newest version of its tables (Alembic, without an ini file)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

from shared.messaging import tables as bus_tables
from shared.persistence import data_key_register, reading_audit
from shared.persistence.revision import current

ADVISORY_LOCK = 7_206_811  # any constant: two migrations of one PostgreSQL database run one after the other


def migrate(engine: Engine, location: Path) -> str:
    """Runs the migrations that a database has not had yet.

    Args:
        engine: the service's own database.
        location: the directory of the service's migrations.

    Returns:
        the revision that the database is at afterwards.
    """
    config, scripts = _config(location), _scripts(location)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        with EnvironmentContext(
            config, scripts, fn=lambda revision, _: scripts._upgrade_revs("head", revision)
        ) as environment:
            environment.configure(
                connection=connection,
                render_as_batch=connection.dialect.name == "sqlite",
                transaction_per_migration=False,
            )
            environment.run_migrations()
        revision = current(connection) or ""
    engine.dispose()  # a new connection looks whether the database was restored; see shared.persistence.epoch
    return revision


def head(location: Path) -> str:
    """The newest revision in a directory of migrations."""
    return _scripts(location).get_current_head() or ""


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """Compares the database with a service's tables and those of the bus.

    Returns:
        what Alembic would change; empty when migrations and code agree.
    """
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    tables = [metadata, bus_tables.metadata, reading_audit.metadata, data_key_register.metadata]
    # Alembic's annotation knows one MetaData only, but the function takes a sequence
    found: list[Any] = compare_metadata(context, tables)  # type: ignore[arg-type]
    return found


def _config(location: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(location))
    return config


def _scripts(location: Path) -> ScriptDirectory:
    return ScriptDirectory(str(location), version_locations=[str(location)])
