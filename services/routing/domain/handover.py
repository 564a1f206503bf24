"""The process control sheet (form 06): every hand-over between agencies as an entry that cannot be changed undetected.

One sheet per dossier, append-only. Each entry holds the hash of the one before and its own: SHA-256 over its canonical JSON (RFC 8785:
sorted names, no spaces, UTF-8). `control_sheet.py` verifies them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from services.routing.domain.rules import local_day
from shared.calendar.deadlines import is_past
from shared.regulations import RuleViolation

ORIGIN = "0" * 64
"""The first entry's `previous`, in place of a hash."""


class HandoverKind(StrEnum):
    """given (giao), received (nhận), refused (từ chối nhận), resent (chuyển lại), lapsed: not acknowledged in time.

    rescheduled: no hand-over, but a remark that a due time was moved and lateness withdrawn, because its day was declared off.
    """

    GIVEN = "given"
    RECEIVED = "received"
    REFUSED = "refused"
    RESENT = "resent"
    LAPSED = "lapsed"
    RESCHEDULED = "rescheduled"


class HandoverResult(StrEnum):
    """Form 06's result: trước hạn, đúng hạn, quá hạn; none where nothing was due."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NONE = "none"


_NEXT: Mapping[HandoverKind | None, frozenset[HandoverKind]] = {
    None: frozenset({HandoverKind.GIVEN}),
    HandoverKind.GIVEN: frozenset({HandoverKind.RECEIVED, HandoverKind.REFUSED, HandoverKind.LAPSED}),
    HandoverKind.RECEIVED: frozenset({HandoverKind.REFUSED}),  # examined, and handed back
    HandoverKind.REFUSED: frozenset({HandoverKind.RESENT}),
    HandoverKind.RESENT: frozenset({HandoverKind.RECEIVED, HandoverKind.REFUSED, HandoverKind.LAPSED}),
    # once more when the first lapse was withdrawn
    HandoverKind.LAPSED: frozenset(
        {HandoverKind.RECEIVED, HandoverKind.REFUSED, HandoverKind.RESENT, HandoverKind.LAPSED}
    ),
    HandoverKind.RESCHEDULED: frozenset(),  # a remark leaves the hand-over before it the last one
}
NEXT: Mapping[HandoverKind | None, frozenset[HandoverKind]] = MappingProxyType(
    {before: after | {HandoverKind.RESCHEDULED} for before, after in _NEXT.items()}
)
"""The kinds that may follow the last hand-over of the same task (None: it has none yet); a remark may be entered at any time."""


class HandoverNotAllowed(RuleViolation):
    """A hand-over that cannot follow the task's last entry, or lacks its reason."""


@dataclass(frozen=True)
class Handover:
    """What happened, before it is entered.

    Attributes:
        dossier, task, step: which work is handed over.
        kind: what happened.
        from_agency, to_agency: codes of the sending agency (may be empty at the beginning) and the receiving one.
        by: the official's identifier, never a name; may be empty, as for a lapse.
        at: when.
        due_at: by when it had to happen; None without a limit.
        cause: why, in words, such as the cause of lateness; required when refused. Must not hold data about the applicant.
    """

    dossier: str
    task: str
    step: str
    kind: HandoverKind
    from_agency: str
    to_agency: str
    by: str
    at: datetime
    due_at: datetime | None = None
    cause: str = ""


@dataclass(frozen=True)
class Entry(Handover):
    """A hand-over as entered.

    Attributes:
        number: 1, 2, 3 … within the dossier.
        result: early, on time or late by `due_at`.
        previous: the hash of the entry before, `ORIGIN` for the first.
        hash: of all the rest of this entry.
    """

    number: int = 0
    result: HandoverResult = HandoverResult.NONE
    previous: str = ORIGIN
    hash: str = ""


@dataclass(frozen=True)
class Head:
    """The last entry of a control sheet as stored elsewhere: its number (1 or more) and hash."""

    number: int
    hash: str


def enter(last: Entry | Head | None, task_kind: HandoverKind | None, handover: Handover) -> Entry:
    """The next entry of a control sheet; it is not stored here.

    Args:
        last: the last entry of the dossier, or its number and hash; None when there is none.
        task_kind: the kind of the last entry of the same task that is no remark; None when there is none.
        handover: what happened.

    Raises:
        HandoverNotAllowed: ``handover_out_of_order``, ``handover_refused_without_reason`` or ``handover_not_lapsed_yet``.
        ValueError: the sheet is another dossier's, a time has no zone, or `by` holds a space and so is no identifier.
    """
    _check(task_kind, handover)
    if isinstance(last, Entry) and last.dossier != handover.dossier:
        raise ValueError(f"the control sheet of {last.dossier} takes no entry of {handover.dossier}")
    if any(sign.isspace() for sign in handover.by):
        raise ValueError("who handed over is given by an identifier, and identifiers hold no spaces")
    values = {field.name: getattr(handover, field.name) for field in fields(Handover)}
    number, previous = (1, ORIGIN) if last is None else (last.number + 1, last.hash)
    entry = Entry(**values, number=number, result=_result(handover), previous=previous)
    return Entry(**(values | {"number": number, "result": entry.result, "previous": previous, "hash": digest(entry)}))


def result_of(at: datetime, due_at: datetime | None) -> HandoverResult:
    """Early when it happened on a day before the due day, late after the due time, else on time; none without a due time."""
    if due_at is None:
        return HandoverResult.NONE
    if is_past(due_at, at):
        return HandoverResult.LATE
    return HandoverResult.EARLY if local_day(at) < local_day(due_at) else HandoverResult.ON_TIME


def _result(handover: Handover) -> HandoverResult:
    """A lapse is late by itself: it is entered with the moment at which the time ran out."""
    if handover.kind == HandoverKind.RESCHEDULED:
        return HandoverResult.NONE
    return HandoverResult.LATE if handover.kind == HandoverKind.LAPSED else result_of(handover.at, handover.due_at)


def digest(entry: Entry) -> str:
    """SHA-256, in hex, of an entry's canonical JSON."""
    return hashlib.sha256(canonical(entry)).hexdigest()


def canonical(entry: Entry) -> bytes:
    """An entry without its hash as canonical JSON; times are UTC to the microsecond, whatever zone they were given in.

    Raises:
        ValueError: a time has no zone.
    """
    values = {name: _plain(value) for name, value in asdict(entry).items() if name != "hash"}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _check(task_kind: HandoverKind | None, handover: Handover) -> None:
    if handover.kind not in NEXT[task_kind]:
        raise HandoverNotAllowed(
            "handover_out_of_order",
            f"Không thể ghi “{handover.kind}” sau “{task_kind or 'chưa có'}”",
            f'"{handover.kind}" cannot follow "{task_kind or "nothing"}"',
        )
    if handover.kind == HandoverKind.REFUSED and not handover.cause.strip():
        raise HandoverNotAllowed(
            "handover_refused_without_reason",
            "Từ chối nhận hồ sơ phải nêu lý do",
            "Refusing a hand-over needs a reason",
            missing="reason",
        )
    if handover.kind == HandoverKind.LAPSED and (handover.due_at is None or handover.at < handover.due_at):
        raise HandoverNotAllowed(
            "handover_not_lapsed_yet",
            "Chưa quá thời hạn tiếp nhận",
            "The time to acknowledge the hand-over is not over",
        )
