"""The messages to the portal in one SQLite file: durable before an event is acknowledged, in order for each dossier.

Events are kept, because a message depends on the whole history; they hold no personal data. Each event makes one or two messages.
Only the first unsent message of a dossier, its head, is sent. Failures and parking belong to the dossier, and no dossier blocks another.
Resending changes the dossier's `round`, so the result of a call that was running at that moment is ignored.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shared.national_portal.history import SYNC, DossierEvent, dossier_status, services_for
from shared.national_portal.queue_db import HEAD, RESET_FAILURES, PortalDatabase


@dataclass(frozen=True)
class Message:
    """The first unsent message of a dossier.

    Attributes:
        id: its number; gives the order of a dossier's messages.
        dossier: the dossier's code.
        service: the service of the portal that receives it.
        updating: whether the record is an update of one that the portal has.
        history: the dossier's events up to the one that the message reports.
        round: the dossier's round when the message was read.
        switched: whether `updating` was just switched because of the portal's answer.
        failures, refusals: failures in a row, and how many of them were refusals.
    """

    id: int
    dossier: str
    service: str
    updating: bool
    switched: bool
    history: tuple[DossierEvent, ...]
    round: int
    failures: int
    refusals: int


class Queue(PortalDatabase):
    """The queue. Each thread and process opens its own object on the same file."""

    def store(self, event_id: str, dossier: str, event: DossierEvent, now: float, deadline: float) -> bool:
        """Stores an event and its messages behind the earlier ones of the dossier.

        Args:
            event_id: the event's id.
            dossier: the dossier's code.
            event: the event.
            now: Unix seconds.
            deadline: when its messages should be sent, Unix seconds.

        Returns:
            False when the event was stored before.
        """
        with self._transaction() as connection:
            before = dossier_status(self._history(dossier))
            values = (event_id, dossier, event.name, json.dumps(dict(event.data), ensure_ascii=False))
            added = connection.execute(
                "INSERT INTO event (event_id, dossier, name, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
                values,
            ).fetchone()
            if added is None:
                return False
            known = before.state is not None
            rows = [
                (added["id"], dossier, service, known and service == SYNC, now, deadline)
                for service in services_for(before, event)
            ]
            connection.executemany(
                "INSERT INTO message (event, dossier, service, updating, stored_at, deadline) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute("INSERT INTO dossier (code) VALUES (?) ON CONFLICT DO NOTHING", (dossier,))
            # a dossier without other unsent messages queues behind those that wait
            first = f"UPDATE dossier SET head = ({HEAD}), not_before = :now WHERE code = :code AND head IS NULL"
            connection.execute(first, {"code": dossier, "now": now})
        return True

    def next(self, now: float) -> Message | None:
        """The head that has been ready for the longest time; None when none is ready.

        Args:
            now: Unix seconds.
        """
        row = self._connection.execute(
            "SELECT d.code, d.round, d.failures, d.refusals, m.id, m.service, m.updating, m.switched, m.event "
            "FROM dossier d JOIN message m ON m.id = d.head WHERE d.head IS NOT NULL AND d.parked_at IS NULL AND d.not_before <= ? "
            "ORDER BY d.not_before, d.head LIMIT 1",
            (now,),
        ).fetchone()
        if row is None:
            return None
        history = tuple(self._history(row["code"], row["event"]))
        return Message(
            row["id"],
            row["code"],
            row["service"],
            bool(row["updating"]),
            bool(row["switched"]),
            history,
            row["round"],
            row["failures"],
            row["refusals"],
        )

    def next_attempt_at(self) -> float | None:
        """When the next head becomes ready, Unix seconds; None when there is none except of parked dossiers."""
        row = self._connection.execute(
            "SELECT min(not_before) AS at FROM dossier WHERE head IS NOT NULL AND parked_at IS NULL"
        ).fetchone()
        return None if row["at"] is None else float(row["at"])

    def sent(self, message: Message, now: float) -> None:
        """Marks a message as accepted by the portal; the next one of its dossier becomes the head."""
        with self._head(message) as connection:
            if connection is not None:
                connection.execute("UPDATE message SET sent_at = ? WHERE id = ?", (now, message.id))
                following = (
                    f"UPDATE dossier SET head = ({HEAD}), not_before = :now, {RESET_FAILURES} WHERE code = :code"
                )
                connection.execute(following, {"code": message.dossier, "now": now})

    def switched(self, message: Message, updating: bool) -> None:
        """Makes a message an update or a new record, after the portal said that it has the record or has it not."""
        with self._head(message) as connection:
            if connection is not None:
                connection.execute("UPDATE message SET updating = ?, switched = 1 WHERE id = ?", (updating, message.id))

    def failed(self, message: Message, reason: str, retry_at: float, refused: bool) -> None:
        """Records a failed attempt that is retried.

        Args:
            message: the message as read.
            reason: the error, without personal data.
            retry_at: when to retry, Unix seconds.
            refused: whether the portal refused the message.
        """
        self._fail(message, "not_before = :at", {"at": retry_at, "reason": reason, "refused": refused})

    def park(self, message: Message, reason: str, now: float) -> None:
        """Parks the dossier of a message that was refused too often; it then needs an operator."""
        self._fail(message, "parked_at = :at", {"at": now, "reason": reason, "refused": True})

    def _fail(self, message: Message, change: str, values: Mapping[str, Any]) -> None:
        with self._head(message) as connection:
            if connection is not None:
                connection.execute("UPDATE message SET switched = 0 WHERE id = ?", (message.id,))
                connection.execute(
                    f"UPDATE dossier SET failures = failures + 1, refusals = refusals + :refused, reason = :reason, {change} "
                    "WHERE code = :code",
                    {"code": message.dossier, **values},
                )

    def _history(self, dossier: str, until: int | None = None) -> Iterator[DossierEvent]:
        rows = self._connection.execute(
            "SELECT name, data FROM event WHERE dossier = ? AND (? IS NULL OR id <= ?) ORDER BY id",
            (dossier, until, until),
        )
        for row in rows.fetchall():
            yield DossierEvent(row["name"], json.loads(row["data"]))

    @contextmanager
    def _head(self, message: Message) -> Iterator[sqlite3.Connection | None]:
        """A transaction; yields None when the message is no longer its dossier's head in the same round."""
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT 1 FROM dossier WHERE code = ? AND head = ? AND round = ?",
                (message.dossier, message.id, message.round),
            ).fetchone()
            yield connection if found else None
