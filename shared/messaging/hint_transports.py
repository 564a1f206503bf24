"""Chooses how hints travel."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from shared.messaging.hints import Hints
from shared.messaging.pipes import PipeHints


def open_hints(engine: Engine) -> Hints:
    """The hints of a service's database."""
    if engine.dialect.name == "postgresql":
        # Imported here, because an SQLite-only install need not load psycopg.
        from shared.messaging.postgres_hints import PostgresHints

        return Hints(PostgresHints(engine))
    return Hints(PipeHints(Path(engine.url.database or "")))
