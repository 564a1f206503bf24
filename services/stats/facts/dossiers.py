"""What is known of a dossier, from its events in any order: one pure function for each event, from the row before to the row after.

What was said first of a dossier stays. An event that contradicts it raises a Conflict; but routing, restored from a backup, has its steps
decided again, so that times and officials' choices on the way may differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from services.stats.facts import dossier_clock
from services.stats.facts.domain import day_number, is_early
from services.stats.facts.dossier_clock import OPEN_END
from services.stats.facts.dossier_measures import MEASURES, Stock
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import dossiers
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.writing import Contribution
from shared.messaging.errors import Conflict
from shared.runtime.clock import VIETNAM

Data = Mapping[str, Any]
_ABOUT = ("agency", "field", "procedure")
_RECEIVED = ("agency", "field", "procedure", "case", "channel", "regulation", "fee", "received_at")
SATURDAY = 5
"""Its number among weekdays."""
_ENDS = ("resolved_at", "returned_at", "stopped_at")


def received(row: Row, data: Data) -> Row:
    """The dossier was received, and its result promised.

    Raises:
        Conflict: another dossier of this code was received.
    """
    given = {name: data[name] for name in _RECEIVED if name != "agency"} | {"agency": data["receiving_agency"]}
    _require_same(row, given)
    promised = {"promised_at": _filled(row, "promised_at", data["promised_at"])}
    promised["digitised"] = data["digitised"]
    return {**row, **given, **promised, "due_at": _later_due(row, data["promised_at"])}


def assigned(row: Row, data: Data) -> Row:
    """A step was assigned, by which the handling agency is known."""
    handling = data.get("handling_agency")
    return row if handling is None else {**row, **_handled(row, handling, data["assigned_at"])}


def overdue(row: Row, data: Data) -> Row:
    """The due time passed. From then on the dossier counts as late, whenever it was noticed, unless that is withdrawn."""
    missed = data["overdue_at"]
    after = {**row, "due_at": _later_due(row, data["due_at"])}
    known, withdrawn = row["overdue_at"], row["overdue_withdrawn_at"]
    if (withdrawn is not None and withdrawn >= missed) or (known is not None and known > missed):
        ignored = row["handling_agency"] is None
        return {**after, "handling_agency": data["agency"]} if ignored else after
    after |= {"overdue_at": missed, "late_at": missed}
    if row["handling_at"] is None:  # the agency of a step, as long as nothing better is known
        after["handling_agency"] = data["agency"]
    return after


def overdue_withdrawn(row: Row, data: Data) -> Row:
    """The due time had not passed as announced, because its day was off.

    What was missed after it stays; of a dossier that has ended everything is stated anew.
    """
    withdrawn, known = data["was_overdue_at"], row["overdue_withdrawn_at"]
    if known is not None and known >= withdrawn:
        return row
    after: dict[str, Any] = {**row, "overdue_withdrawn_at": withdrawn}
    if not (row["overdue_at"] is not None and row["overdue_at"] > withdrawn):
        after["overdue_at"] = data["overdue_at"]
    on_time, ended_at, due_at = data["on_time"], data["ended_at"], data["due_at"]
    if on_time is not None:
        late_at = min(due_at, ended_at) if on_time is False and ended_at else None
        after |= {"late_at": data["overdue_at"] or late_at, "due_at": due_at, "on_time": on_time}
        after |= {"stopped_on_time": on_time, "index_on_time": data["index_on_time"]}
        return {**after, "early": None if ended_at is None else bool(on_time) and is_early(ended_at, due_at)}
    if not (row["late_at"] is not None and row["late_at"] > withdrawn):
        after["late_at"] = data["overdue_at"]
    return {**after, "due_at": _later_due(row, due_at)}


def supplement_requested(row: Row, data: Data) -> Row:
    """The citizen was asked for more papers; the first time counts, and the last one tells whether it happened again."""
    first = _earliest(row, "supplement_requested_at", data["requested_at"])
    last = _latest(row, "supplement_last_requested_at", data["requested_at"])
    return {**row, "supplement_requested_at": first, "supplement_last_requested_at": last}


def supplemented(row: Row, data: Data) -> Row:
    """The citizen handed in the papers; the last time counts."""
    return {**row, "supplemented_at": _latest(row, "supplemented_at", data["supplemented_at"])}


def extended(row: Row, data: Data) -> Row:
    """The due time was moved. From now on the dossier is on time or late by the new due time."""
    at = _latest(row, "extended_at", data["extended_at"])
    was_due_at = _earliest(row, "due_before_extension", data["was_due_at"])
    return {**row, "extended_at": at, "due_at": _later_due(row, data["due_at"]), "due_before_extension": was_due_at}


def deadline_moved(row: Row, data: Data) -> Row:
    """The due day was declared off, so that the dossier is due on the next working day."""
    return {**row, "due_at": _later_due(row, data["moved_to"])} if data["deadline"] == "result" else row


def paused(row: Row, data: Data) -> Row:
    """Time is not counted from a moment on: while the citizen brings papers or pays, or a posting or another body is waited for."""
    return {**row, "clock": dossier_clock.with_mark(row["clock"], data["paused_at"], dossier_clock.PAUSED)}


def resumed(row: Row, data: Data) -> Row:
    """Time is counted again from a moment on, with a later due time."""
    marked = dossier_clock.with_mark(row["clock"], data["resumed_at"], dossier_clock.COUNTED)
    return {**row, "clock": marked, "due_at": _later_due(row, data["due_at"])}


def stopped(row: Row, data: Data) -> Row:
    """The dossier ended without a result; it is late if it ended after its due time.

    Raises:
        Conflict: it ended for another cause.
    """
    _require_same(row, {"stop_cause": data["cause"]})
    at = _filled(row, "stopped_at", data["stopped_at"])
    after = {**row, **_handled(row, data["agency"], at), "stop_cause": data["cause"], "stopped_at": at}
    if row["stopped_on_time"] is None:
        after["stopped_on_time"] = data["on_time"]
        if row["resolved_at"] is None:  # of a dossier that was resolved too, the result's counts
            after["index_on_time"] = data["index_on_time"]
        late_at = None if data["on_time"] else min(data["due_at"], data["stopped_at"])
        after["late_at"] = _filled(row, "late_at", late_at)
    return after


def resolved(row: Row, data: Data) -> Row:
    """The result is ready: early, on time or late.

    Raises:
        Conflict: another result is known.
    """
    _require_same(row, {"outcome": data["outcome"]})
    at = _filled(row, "resolved_at", data["resolved_at"])
    after = {**row, **_handled(row, data["agency"], at), "resolved_at": at}
    after |= {"outcome": data["outcome"], "promised_at": data["promised_at"]}
    if row["on_time"] is None:
        on_time, due_at = data["on_time"], data["due_at"]
        after |= {"on_time": on_time, "index_on_time": data["index_on_time"], "due_at": due_at}
        after["early"] = on_time and is_early(data["resolved_at"], due_at)
        after["late_at"] = _filled(row, "late_at", None if on_time else min(due_at, data["resolved_at"]))
    return after


def returned(row: Row, data: Data) -> Row:
    """The citizen got the result; the first time counts.

    Raises:
        Conflict: a dossier of another procedure or agency is known.
    """
    given = {"agency": data["receiving_agency"], "field": data["field"], "procedure": data["procedure"]}
    _require_same(row, given)
    after = {**row, **given}
    if row["returned_at"] is None or data["returned_at"] < row["returned_at"]:
        after |= {"returned_at": data["returned_at"], "return_method": data["method"]}
    return after


def published(row: Row, data: Data) -> Row:
    """The file of an electronic result was published; the first time counts, another file may take its place."""
    return {**row, "published_at": _earliest(row, "published_at", data["published_at"])}


def paid(row: Row, data: Data) -> Row:
    """A fee or an obligation was paid; the first time counts."""
    return {**row, "paid_at": _earliest(row, "paid_at", data["paid_at"])}


def corrected(row: Row, data: Data) -> Row:
    """An agency corrected its own error; the first time counts."""
    return {**row, "corrected_at": _earliest(row, "corrected_at", data["corrected_at"])}


def apologised(row: Row, data: Data) -> Row:
    """The apology for a lateness was signed; the first time counts."""
    return {**row, "apologised_at": _earliest(row, "apologised_at", data["signed_at"])}


def rated(row: Row, rated_at: datetime, score: int | None, satisfied: bool | None) -> Row:
    """The handling was rated; of several ratings the first counts.

    Args:
        row: as it is.
        rated_at: when.
        score: with which the rating counts now; None if it does not count.
        satisfied: whether it says so; None if it does not count.
    """
    if row["rated_at"] is not None and row["rated_at"] < rated_at:
        return row
    return {**row, "rated_at": rated_at, "score": score, "satisfied": satisfied}


def _require_same(row: Row, given: Mapping[str, Any]) -> None:
    if any(row[name] is not None and row[name] != value for name, value in given.items()):
        raise Conflict(f"dossier {row['code']} is known with other contents")


def _filled(row: Row, name: str, value: Any) -> Any:
    return value if row[name] is None else row[name]


def _earliest(row: Row, name: str, at: datetime) -> datetime:
    known: datetime | None = row[name]
    return at if known is None else min(known, at)


def _latest(row: Row, name: str, at: datetime) -> datetime:
    known: datetime | None = row[name]
    return at if known is None else max(known, at)


def _later_due(row: Row, due_at: datetime) -> datetime:
    """The due time only moves forward, and not at all once the end has stated it."""
    known: datetime | None = row["due_at"]
    return known if known is not None and (row["resolved_at"] is not None or known > due_at) else due_at


def _handled(row: Row, agency: str, at: datetime) -> dict[str, Any]:
    """The handling agency, as it was said last: agencies may be merged on the way."""
    known = row["handling_at"]
    if known is not None and (known, row["handling_agency"]) > (at, agency):
        return {}
    return {"handling_agency": agency, "handling_at": at}


def _complete(row: dict[str, Any]) -> Row:
    row["ended_at"] = min((row[name] for name in _ENDS if row[name] is not None), default=OPEN_END)
    received, returned = _local(row["received_at"]), _local(row["returned_at"])
    row["on_saturday"] = None if received is None else received.weekday() == SATURDAY
    row["same_day"] = None if received is None or returned is None else received == returned
    return row


def _local(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(VIETNAM).date()


def place(row: Row, _: Place | None = None) -> Place:
    """Where a dossier counts. As long as nobody else is known to handle it, it is with the agency that has received it."""
    return Place(
        row["agency"] or "",
        row["handling_agency"] or row["agency"] or "",
        row["field"] or "",
        row["procedure"] or "",
        row["channel"] or "",
    )


_ByMoment = Mapping[str, Sequence[tuple[str, tuple[tuple[str, Any], ...], tuple[str, ...]]]]
"""Column of a time → the measures that count it: name, what must be equal, what must be known."""


@lru_cache(1024)
def _measures(columns: frozenset[str] | None) -> tuple[_ByMoment, Sequence[tuple[str, Stock]]]:
    """The measures on which some columns bear, those of a time and those of a moment; all of them for None."""
    by_moment: dict[str, list[tuple[str, tuple[tuple[str, Any], ...], tuple[str, ...]]]] = {}
    stocks = []
    for name, measure in MEASURES.items():
        if columns is not None and not columns & measure.columns:
            continue
        if isinstance(measure, Stock):
            stocks.append((name, measure))
        else:
            by_moment.setdefault(measure.moment, []).append((name, tuple(measure.equal.items()), measure.known))
    return by_moment, stocks


def contributions(row: Row, columns: frozenset[str] | None = None) -> list[Contribution]:
    """What a dossier adds to the totals of dossiers.

    Args:
        row: all columns.
        columns: only measures on which these bear; None for all.
    """
    found: list[Contribution] = []
    by_moment, stocks = _measures(columns)
    for moment, measures in by_moment.items():
        at = row[moment]
        if at is None:
            continue
        day = day_number(at)
        for name, equal, known in measures:
            if equal and any(row[column] != value for column, value in equal):
                continue
            if known and any(row[column] is None for column in known):
                continue
            found.append((day, (), name, 1))
    if row["received_at"] is not None:
        for name, stock in stocks:
            found += [(day_number(at), (), name, number) for at, number in stock.flows(row)]
    return found


DOSSIERS = Subject(dossiers, tables.DOSSIERS, contributions, place, complete=_complete, affected=contributions)
