"""What waits to be sent to the portal: one SQLite file, durable before an event is acknowledged, in order for each dossier.

Events are kept, since what the portal is told depends on the whole story; they hold no personal data. Each makes one or two messages.
Only the first unsent message of a dossier, its head, is ever sent; failures and parking therefore belong to the dossier, and no
dossier holds up another. A dossier's `round` changes when it is sent again, so that a call on its way meanwhile counts for nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shared.national_portal.history import SYNC, DossierEvent, dossier_status, services_for
from shared.national_portal.queue_db import FRESH, HEAD, PortalFile


@dataclass(frozen=True)
class Message:
    """The head of a dossier.

    Attributes:
        id: its number; the order of a dossier's messages.
        dossier: the dossier's code.
        service: of the portal.
        updating: whether the portal has it already.
        story: the dossier's events up to the one that it tells.
        round: the dossier's, when this was read.
        turned: whether the portal has just said the contrary of `updating`.
        failures, refusals: how often it has failed in a row, and how many of these need a person.
    """

    id: int
    dossier: str
    service: str
    updating: bool
    turned: bool
    story: tuple[DossierEvent, ...]
    round: int
    failures: int
    refusals: int


class Queue(PortalFile):
    """The queue. Each thread and process has one of its own on the same file."""

    def store(self, event_id: str, dossier: str, what: DossierEvent, now: float, deadline: float) -> bool:
        """Keeps an event and the messages that it makes, at the end of its dossier's.

        Args:
            event_id: the event's own.
            dossier: the dossier's code.
            what: the event.
            now: Unix seconds.
            deadline: until when its messages should be out, Unix seconds.

        Returns:
            False when it was kept before.
        """
        with self._transaction() as connection:
            before = dossier_status(self._story(dossier))
            values = (event_id, dossier, what.name, json.dumps(dict(what.data), ensure_ascii=False))
            added = connection.execute(
                "INSERT INTO event (event_id, dossier, name, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
                values,
            ).fetchone()
            if added is None:
                return False
            known = before.state is not None
            rows = [
                (added["id"], dossier, service, known and service == SYNC, now, deadline)
                for service in services_for(before, what)
            ]
            connection.executemany(
                "INSERT INTO message (event, dossier, service, updating, stored_at, deadline) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute("INSERT INTO dossier (code) VALUES (?) ON CONFLICT DO NOTHING", (dossier,))
            # whoever has nothing else waiting takes its place at the end of the line
            first = f"UPDATE dossier SET head = ({HEAD}), not_before = :now WHERE code = :code AND head IS NULL"
            connection.execute(first, {"code": dossier, "now": now})
        return True

    def next(self, now: float) -> Message | None:
        """The head that may be sent and has waited for its turn the longest; None when none may be.

        Args:
            now: Unix seconds.
        """
        row = self._connection.execute(
            "SELECT d.code, d.round, d.failures, d.refusals, m.id, m.service, m.updating, m.turned, m.event "
            "FROM dossier d JOIN message m ON m.id = d.head WHERE d.head IS NOT NULL AND d.parked_at IS NULL AND d.not_before <= ? "
            "ORDER BY d.not_before, d.head LIMIT 1",
            (now,),
        ).fetchone()
        if row is None:
            return None
        story = tuple(self._story(row["code"], row["event"]))
        return Message(
            row["id"],
            row["code"],
            row["service"],
            bool(row["updating"]),
            bool(row["turned"]),
            story,
            row["round"],
            row["failures"],
            row["refusals"],
        )

    def next_time(self) -> float | None:
        """When the next head may be sent, Unix seconds; None when none waits but parked ones."""
        row = self._connection.execute(
            "SELECT min(not_before) AS at FROM dossier WHERE head IS NOT NULL AND parked_at IS NULL"
        ).fetchone()
        return None if row["at"] is None else float(row["at"])

    def sent(self, message: Message, now: float) -> None:
        """The portal has confirmed a message; the next one of its dossier may follow."""
        with self._head(message) as connection:
            if connection is not None:
                connection.execute("UPDATE message SET sent_at = ? WHERE id = ?", (now, message.id))
                following = f"UPDATE dossier SET head = ({HEAD}), not_before = :now, {FRESH} WHERE code = :code"
                connection.execute(following, {"code": message.dossier, "now": now})

    def turned(self, message: Message, updating: bool) -> None:
        """The portal has it already, or has it not: the message shall go out as an update, or as something new."""
        with self._head(message) as connection:
            if connection is not None:
                connection.execute("UPDATE message SET updating = ?, turned = 1 WHERE id = ?", (updating, message.id))

    def failed(self, message: Message, reason: str, again_at: float, refused: bool) -> None:
        """A message did not go out and is tried again.

        Args:
            message: as read.
            reason: what went wrong, without personal data.
            again_at: when, Unix seconds.
            refused: whether it is the kind of failure that a person must mend.
        """
        self._fail(message, "not_before = :at", {"at": again_at, "reason": reason, "refused": refused})

    def park(self, message: Message, reason: str, now: float) -> None:
        """A message has been refused too often: its dossier waits for a person."""
        self._fail(message, "parked_at = :at", {"at": now, "reason": reason, "refused": True})

    def _fail(self, message: Message, change: str, values: Mapping[str, Any]) -> None:
        with self._head(message) as connection:
            if connection is not None:
                connection.execute("UPDATE message SET turned = 0 WHERE id = ?", (message.id,))
                connection.execute(
                    f"UPDATE dossier SET failures = failures + 1, refusals = refusals + :refused, reason = :reason, {change} "
                    "WHERE code = :code",
                    {"code": message.dossier, **values},
                )

    def _story(self, dossier: str, until: int | None = None) -> Iterator[DossierEvent]:
        rows = self._connection.execute(
            "SELECT name, data FROM event WHERE dossier = ? AND (? IS NULL OR id <= ?) ORDER BY id",
            (dossier, until, until),
        )
        for row in rows.fetchall():
            yield DossierEvent(row["name"], json.loads(row["data"]))

    @contextmanager
    def _head(self, message: Message) -> Iterator[sqlite3.Connection | None]:
        """A transaction if the message still is its dossier's head, in the same round; None otherwise."""
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT 1 FROM dossier WHERE code = ? AND head = ? AND round = ?",
                (message.dossier, message.id, message.round),
            ).fetchone()
            yield connection if found else None
