"""An index that dossiers and applications share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def create_parties_index(table: str) -> None:
    """Over the few rows with a representative or co-applicants."""
    some = sa.text("parties_index <> ''")
    op.create_index(f"ix_{table}_parties", table, ["parties_index"], sqlite_where=some, postgresql_where=some)
