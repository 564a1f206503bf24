"""Messages to citizens: what is known last of each counts, in the period of what is known first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts.domain import day_number
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import messages
from services.stats.totals import tables
from services.stats.totals.writing import Contribution
from shared.messaging.records import require_same

STATES = ("skipped", "sent", "failed", "delivered", "returned")
"""What may be known of a message; of one moment the later of these counts."""
_LAST = ("channel", "state", "reason", "state_at")


def told(row: Row, data: Mapping[str, Any], state: str) -> Row:
    """A message has come to a state.

    Args:
        row: as it is known.
        data: of the event.
        state: one of :data:`STATES`.

    Raises:
        Conflict: it is known of another dossier or kind.
    """
    at = data[f"{state}_at"]
    given = {name: data[name] for name in ("dossier", "kind", "channel")}
    given |= {"state": state, "reason": data.get("reason", ""), "segments": data.get("segments", 0)}
    given |= {"at": at, "state_at": at}
    if row["state"] is None:
        return {**row, **given}
    require_same(f"message {row['message']}", row, {name: given[name] for name in ("dossier", "kind")})
    after = {**row, "at": min(row["at"], at), "segments": max(row["segments"], given["segments"])}
    if (row["state_at"], STATES.index(row["state"])) <= (at, STATES.index(state)):
        after |= {name: given[name] for name in _LAST}
    return after


def _contributions(row: Row) -> list[Contribution]:
    day = day_number(row["at"])
    counted: list[Contribution] = [(day, (), f"messages_{row['state']}", 1)]
    return [*counted, (day, (), "segments", row["segments"])] if row["segments"] else counted


MESSAGES = Subject(messages, tables.ACTIVITIES, _contributions, dossier_column="dossier")
