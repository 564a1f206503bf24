"""Applications, filed online or by post, and what the desk answered: what is known of each, from its events in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts.domain import day_number
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import applications
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.writing import Contribution
from shared.messaging.errors import Conflict

Data = Mapping[str, Any]


def filed(row: Row, data: Data) -> Row:
    """An application was filed online, or came by post.

    Raises:
        Conflict: another application of this code is known.
    """
    return _filled(row, data, "field", "procedure", "channel", "filed_at")


def accepted(row: Row, data: Data) -> Row:
    """The desk accepted it; it is a dossier now.

    Raises:
        Conflict: as for :func:`filed`.
    """
    return _filled(row, data, "channel", "filed_at", "accepted_at")


def supplement_requested(row: Row, data: Data) -> Row:
    """The desk asked for papers, which it may do once.

    Raises:
        Conflict: another request is known.
    """
    return _filled(row, data, "channel", supplement_requested_at="requested_at")


def supplemented(row: Row, data: Data) -> Row:
    """The applicant sent the papers.

    Raises:
        Conflict: another supplement is known.
    """
    return _filled(row, data, "supplemented_at")


def refused(row: Row, data: Data) -> Row:
    """The desk refused it.

    Raises:
        Conflict: another refusal is known.
    """
    return _filled(row, data, "channel", "refused_at")


def closed(row: Row, data: Data) -> Row:
    """It was withdrawn, or closed since the papers never came.

    Raises:
        Conflict: another end of that kind is known.
    """
    return _filled(row, data, "channel", "closed_at", close_cause="cause")


def sent_back(row: Row, data: Data) -> Row:
    """The papers of a refused dossier went back by post.

    Raises:
        Conflict: they went back at another time.
    """
    return _filled(row, data, sent_back_at="sent_at")


def unanswered(row: Row, data: Data) -> Row:
    """The desk was alerted, since it had not answered; the first time counts.

    Raises:
        Conflict: the application is another desk's.
    """
    return _earliest(row, data, "alerted_at")


def overdue(row: Row, data: Data) -> Row:
    """The desk did not answer in time; the first time counts, however far it is escalated.

    Raises:
        Conflict: the application is another desk's.
    """
    return _earliest(row, data, "overdue_at")


def _filled(row: Row, data: Data, *names: str, **renamed: str) -> Row:
    given = {"agency": _desk(data)} | {name: data[name] for name in names}
    given |= {column: data[name] for column, name in renamed.items()}
    if any(row[name] is not None and row[name] != value for name, value in given.items()):
        raise Conflict(f"application {row['code']} is known with other contents")
    return {**row, **given}


def _earliest(row: Row, data: Data, name: str) -> Row:
    """Of what may happen again, such as after a supplement, the first time."""
    after = _filled(row, data)
    return {**after, name: data[name] if row[name] is None else min(row[name], data[name])}


def _desk(data: Data) -> str:
    return str(data.get("receiving_agency") or data["agency"])


_COUNTED = {
    "filed_at": "filed",
    "accepted_at": "accepted",
    "refused_at": "refused",
    "supplement_requested_at": "supplement_requested",
    "overdue_at": "unanswered",
}
"""Column of a time → what is counted then; see :data:`services.stats.totals.tables.APPLICATION_COUNTS`."""


def _contributions(row: Row) -> list[Contribution]:
    counted = [(row[moment], name) for moment, name in _COUNTED.items()]
    if row["channel"] == "online":
        counted.append((row["filed_at"], "filed_online"))
    counted.append((row["closed_at"], "unsupplemented" if row["close_cause"] == "no_supplement" else "withdrawn"))
    return [(day_number(at), (), f"applications_{name}", 1) for at, name in counted if at is not None]


def _place(row: Row, _: Place) -> Place:
    """Nobody handles an application yet."""
    return Place(row["agency"] or "", "", row["field"] or "", row["procedure"] or "", row["channel"] or "")


APPLICATIONS = Subject(applications, tables.ACTIVITIES, _contributions, _place)
