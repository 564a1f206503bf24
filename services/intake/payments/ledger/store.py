"""The table of the ledger. Rows are only ever added: triggers of the database refuse anything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
)

from services.intake.database import metadata
from services.intake.payments.ledger.domain import Account, Posting
from shared.persistence.sql import BigId, Moment

ledger = Table(
    "ledger_entry",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("cause", String(100), nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("account", String(20), nullable=False),
    Column("amount", BigInteger, nullable=False),  # VND; debits above 0
    Column("desk", String(50), nullable=False),
    Column("clerk", String(200), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("kind", "cause", "line", name="uq_ledger_entry_cause"),
    Index("ix_ledger_entry_dossier", "dossier"),
    Index("ix_ledger_entry_drawer", "desk", "clerk", "day"),
)

_ADD = ledger.insert()


def post(connection: Connection, posting: Posting) -> None:
    """Adds a posting.

    Raises:
        sqlalchemy.exc.IntegrityError: there is one of this kind and cause; cannot happen where the cause's own row is locked or new.
    """
    shared = {name: getattr(posting, name) for name in ("kind", "cause", "desk", "clerk", "dossier", "day", "at")}
    lines = enumerate(posting.lines, start=1)
    connection.execute(
        _ADD, [{**shared, "line": n, "account": str(line.account), "amount": line.amount} for n, line in lines]
    )


def balances(connection: Connection, **of: Any) -> Mapping[Account, int]:
    """The balances of the accounts in VND, debits above 0; 0 for an account without entries.

    Args:
        connection: any.
        **of: columns that the entries have in common, such as ``dossier="…"``.
    """
    conditions = [ledger.c[name] == value for name, value in of.items()]
    found = connection.execute(
        select(ledger.c.account, func.sum(ledger.c.amount)).where(*conditions).group_by(ledger.c.account)
    )
    return dict.fromkeys(Account, 0) | {Account(account): int(amount) for account, amount in found}


def drawer(connection: Connection, desk: str, clerk: str, day: date) -> int:
    """The cash that a clerk's drawer holds of one business day, in VND."""
    return balances(connection, desk=desk, clerk=clerk, day=day)[Account.CASH]
