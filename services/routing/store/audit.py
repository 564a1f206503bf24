"""Statements on the audit of reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert

from services.routing.store.tables import audit


def add_audit(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Records who read what: `at`, `subject`, `agency`, `action` and `record` each."""
    connection.execute(insert(audit), [dict(row) for row in rows])
