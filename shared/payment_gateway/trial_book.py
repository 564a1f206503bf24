"""What the trial gateway remembers: orders, money that came in, and refunds, in one SQLite file that all processes share."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS gateway_order (
    reference TEXT PRIMARY KEY, id TEXT NOT NULL, amount INTEGER NOT NULL,
    return_url TEXT NOT NULL, notice_url TEXT NOT NULL, expires_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS receipt (
    "transaction" TEXT PRIMARY KEY, reference TEXT NOT NULL, amount INTEGER NOT NULL, paid_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, "transaction" TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL
);
"""
WAIT_SECONDS = 5.0


class Contradiction(ValueError):
    """The same order or refund was asked for before with other contents."""


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """An order as the platform announced it.

    Attributes:
        reference: the platform's.
        id: the gateway's; in the address of the page for paying.
        amount: VND.
        return_url, notice_url: where the browser goes back to, and where the gateway reports.
        expires_at: ISO 8601.
    """

    reference: str
    id: str
    amount: int
    return_url: str
    notice_url: str
    expires_at: str


class TrialBook:
    """The gateway's book.

    Args:
        path: of the file, made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            connection.executescript(SCHEMA)

    def take_order(
        self, reference: str, amount: int, return_url: str, notice_url: str, expires_at: str
    ) -> GatewayOrder:
        """Takes an order; the same again gives the same.

        Raises:
            Contradiction: as it says.
        """
        row = (reference, secrets.token_urlsafe(16), amount, return_url, notice_url, expires_at)
        with self._open() as connection:
            connection.execute("INSERT INTO gateway_order VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row)
        known = self.order(reference=reference)
        if known is None or known.amount != amount:
            raise Contradiction(reference)
        return known

    def order(self, reference: str = "", identifier: str = "") -> GatewayOrder | None:
        """An order by the platform's reference or the gateway's identifier; None when there is none."""
        with self._open() as connection:
            found = connection.execute(
                "SELECT * FROM gateway_order WHERE reference = ? OR id = ?", (reference, identifier)
            )
            row = found.fetchone()
        return None if row is None else GatewayOrder(*row)

    def add_receipt(self, reference: str, amount: int, paid_at: str) -> dict[str, Any]:
        """Money comes in."""
        row = (f"TRIAL-{secrets.token_hex(6).upper()}", reference, amount, paid_at)
        with self._open() as connection:
            connection.execute("INSERT INTO receipt VALUES (?, ?, ?, ?)", row)
        return dict(zip(("transaction", "reference", "amount", "paid_at"), row, strict=True))

    def receipts(self, reference: str) -> list[dict[str, Any]]:
        """The money that came in for an order."""
        return self._receipts("reference = ?", reference)

    def statement(self, day: str) -> list[dict[str, Any]]:
        """The money that came in on a day, such as ``2025-11-20``."""
        return self._receipts("substr(paid_at, 1, 10) = ?", day)

    def take_refund(self, identifier: str, transaction: str, amount: int) -> dict[str, Any]:
        """Takes a refund, which succeeds when it is asked for again; it fails where more than was paid would go back.

        Raises:
            Contradiction: as it says.
        """
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            paid = connection.execute('SELECT amount FROM receipt WHERE "transaction" = ?', (transaction,)).fetchone()
            gone = connection.execute(
                """SELECT coalesce(sum(amount), 0) FROM refund WHERE "transaction" = ? AND state <> 'failed' AND id <> ?""",
                (transaction, identifier),
            ).fetchone()[0]
            possible = paid is not None and gone + amount <= paid[0]
            state = ("pending", "") if possible else ("failed", "more than was paid" if paid else "no such transaction")
            connection.execute(
                "INSERT INTO refund VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (identifier, transaction, amount, *state),
            )
            new = connection.execute("SELECT changes()").fetchone()[0]
            known = connection.execute(
                'SELECT "transaction", amount, state, reason FROM refund WHERE id = ?', (identifier,)
            ).fetchone()
            if known[2] == "pending" and not new:
                connection.execute("UPDATE refund SET state = 'succeeded' WHERE id = ?", (identifier,))
            connection.execute("COMMIT")
        if known[:2] != (transaction, amount):
            raise Contradiction(identifier)
        return {"id": identifier, "state": known[2], "reason": known[3]}

    def _receipts(self, condition: str, value: str) -> list[dict[str, Any]]:
        with self._open() as connection:
            found = connection.execute(f"SELECT * FROM receipt WHERE {condition} ORDER BY paid_at, 1", (value,))
            return [dict(zip(("transaction", "reference", "amount", "paid_at"), row, strict=True)) for row in found]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            with connection:
                yield connection
        finally:
            connection.close()
