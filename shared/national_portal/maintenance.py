"""The operator's side of the queue: counts, blocked dossiers, resending, and deletion of old messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.national_portal.queue_db import HEAD, RESET_FAILURES, PortalDatabase


@dataclass(frozen=True)
class Counts:
    """Numbers of the queue.

    Attributes:
        waiting: unsent messages, including those of parked dossiers.
        oldest: when the oldest of them was stored, Unix seconds; None when there is none.
        past_deadline: unsent messages whose deadline is over.
        parked: dossiers that need an operator.
    """

    waiting: int
    oldest: float | None
    past_deadline: int
    parked: int


@dataclass(frozen=True)
class BlockedDossier:
    """A dossier whose first unsent message has failed.

    Attributes:
        dossier: its code.
        waiting: its unsent messages.
        failures: in a row.
        parked: whether it needs an operator.
        reason: of the last failure.
    """

    dossier: str
    waiting: int
    failures: int
    parked: bool
    reason: str


_RESEND_MESSAGES = (
    "UPDATE message SET updating = 1, sent_at = NULL, stored_at = :now, deadline = :now + deadline - stored_at "
    "WHERE dossier = :code AND sent_at IS NOT NULL"
)


class QueueMaintenance(PortalDatabase):
    """The operator's operations on the queue."""

    def resend(self, codes: Iterable[str], now: float) -> dict[str, int]:
        """Sends all messages of some dossiers again from the first, in order. Messages that the portal has are sent as updates.

        A message that was sent gets a new deadline with its first allowance of time; the deadline of an unsent message stays.

        Args:
            codes: the codes of the dossiers.
            now: Unix seconds.

        Returns:
            The number of messages of each; 0 for an unknown dossier.
        """
        counts = {}
        with self._transaction() as connection:
            for code in codes:
                values = {"code": code, "now": now}
                counts[code] = connection.execute("UPDATE message SET switched = 0 WHERE dossier = ?", (code,)).rowcount
                connection.execute(_RESEND_MESSAGES, values)
                first = f"UPDATE dossier SET head = ({HEAD}), not_before = :now, round = round + 1, {RESET_FAILURES} WHERE code = :code"
                connection.execute(first, values)
        return counts

    def parked(self) -> list[str]:
        """The codes of parked dossiers, the longest parked first."""
        rows = self._connection.execute("SELECT code FROM dossier WHERE parked_at IS NOT NULL ORDER BY parked_at, code")
        return [row["code"] for row in rows]

    def blocked(self, most: int) -> list[BlockedDossier]:
        """Dossiers whose first unsent message has failed, parked ones first.

        Args:
            most: the largest number of dossiers.
        """
        rows = self._connection.execute(
            "SELECT code, failures, parked_at, reason, (SELECT count(*) FROM message WHERE dossier = code AND sent_at IS NULL) AS waiting "
            "FROM dossier WHERE failures > 0 ORDER BY parked_at IS NULL, parked_at, code LIMIT ?",
            (most,),
        )
        return [
            BlockedDossier(row["code"], row["waiting"], row["failures"], row["parked_at"] is not None, row["reason"])
            for row in rows
        ]

    def counts(self, now: float) -> Counts:
        """The numbers of the queue at a time in Unix seconds."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM message WHERE sent_at IS NULL) AS waiting, "
            "(SELECT min(stored_at) FROM message WHERE sent_at IS NULL) AS oldest, "
            "(SELECT count(*) FROM message WHERE sent_at IS NULL AND deadline < ?) AS past, "
            "(SELECT count(*) FROM dossier WHERE parked_at IS NOT NULL) AS parked",
            (now,),
        ).fetchone()
        return Counts(row["waiting"], row["oldest"], row["past"], row["parked"])

    def delete_sent_before(self, before: float) -> int:
        """Deletes dossiers whose messages were all sent before a time in Unix seconds; returns how many dossiers."""
        with self._transaction() as connection:
            old = (
                "SELECT code FROM dossier WHERE head IS NULL AND "
                "NOT EXISTS (SELECT 1 FROM message WHERE dossier = code AND (sent_at IS NULL OR sent_at >= ?))"
            )
            codes = [(row["code"],) for row in connection.execute(old, (before,)).fetchall()]
            for statement in (
                "DELETE FROM message WHERE dossier = ?",
                "DELETE FROM event WHERE dossier = ?",
                "DELETE FROM dossier WHERE code = ?",
            ):
                connection.executemany(statement, codes)
        return len(codes)
