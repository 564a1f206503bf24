"""What people and their instruments do with the queue: count, look at what is stuck, send again, forget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.national_portal.queue_db import FRESH, HEAD, PortalFile


@dataclass(frozen=True)
class Counts:
    """How the queue stands.

    Attributes:
        waiting: messages that are not out, parked ones among them.
        oldest: when the oldest of them was stored, in Unix seconds; None when none waits.
        past_deadline: those that should be out by now.
        parked: dossiers that need a person.
    """

    waiting: int
    oldest: float | None
    past_deadline: int
    parked: int


@dataclass(frozen=True)
class BlockedDossier:
    """A dossier whose head has failed.

    Attributes:
        dossier: its code.   waiting: its messages that are not out.   failures: in a row.
        parked: whether it waits for a person.   reason: what the last failure said.
    """

    dossier: str
    waiting: int
    failures: int
    parked: bool
    reason: str


_ONCE_MORE = (
    "UPDATE message SET updating = 1, sent_at = NULL, stored_at = :now, deadline = :now + deadline - stored_at "
    "WHERE dossier = :code AND sent_at IS NOT NULL"
)


class QueueMaintenance(PortalFile):
    """The queue as an operator sees it."""

    def resend(self, codes: Iterable[str], now: float) -> dict[str, int]:
        """Lets everything of some dossiers be sent once more from the beginning, in order; what the portal has had, as updates.

        What was out already has as much time as it had the first time; what was not is as late as it is.

        Args:
            codes: of dossiers.
            now: Unix seconds.

        Returns:
            how many messages of each; 0 for a dossier of which nothing is known.
        """
        counts = {}
        with self._transaction() as connection:
            for code in codes:
                values = {"code": code, "now": now}
                counts[code] = connection.execute("UPDATE message SET turned = 0 WHERE dossier = ?", (code,)).rowcount
                connection.execute(_ONCE_MORE, values)
                first = f"UPDATE dossier SET head = ({HEAD}), not_before = :now, round = round + 1, {FRESH} WHERE code = :code"
                connection.execute(first, values)
        return counts

    def parked(self) -> list[str]:
        """The codes of dossiers that need a person, the longest parked first."""
        rows = self._connection.execute("SELECT code FROM dossier WHERE parked_at IS NOT NULL ORDER BY parked_at, code")
        return [row["code"] for row in rows]

    def stuck(self, most: int) -> list[BlockedDossier]:
        """Dossiers whose head has failed, parked ones first."""
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
        """How the queue stands at a moment in Unix seconds."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM message WHERE sent_at IS NULL) AS waiting, "
            "(SELECT min(stored_at) FROM message WHERE sent_at IS NULL) AS oldest, "
            "(SELECT count(*) FROM message WHERE sent_at IS NULL AND deadline < ?) AS past, "
            "(SELECT count(*) FROM dossier WHERE parked_at IS NOT NULL) AS parked",
            (now,),
        ).fetchone()
        return Counts(row["waiting"], row["oldest"], row["past"], row["parked"])

    def forget(self, before: float) -> int:
        """Drops dossiers all of whose messages were out before a moment in Unix seconds; says how many dossiers."""
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
