"""A parcel: what it carries, its states, and how they follow from the post's reports in whatever order these come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.notify.post.providers.port import TrackingEvent, TrackingStatus

MAX_ATTEMPTS = 40
"""Registrations that failed for a time before a parcel is given up: about half a day."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=20)
POLL_EVERY = timedelta(minutes=30)
POLL_DAYS = 60
"""After so many days nothing new is asked for: the post answers for a loss within this time."""
CLAIM = timedelta(seconds=60)
"""Real time after which another worker may repeat a call; longer than any call takes."""


class Contents(StrEnum):
    """What a parcel carries, and in which direction."""

    RESULT = "result"
    SENT_BACK = "sent_back"
    PICKUP = "pickup"

    @property
    def label(self) -> tuple[str, str]:
        """What people call it, in Vietnamese and in English."""
        return _CONTENTS[self]


_CONTENTS = {
    Contents.RESULT: ("Trả kết quả", "Result"),
    Contents.SENT_BACK: ("Gửi trả giấy tờ", "Papers sent back"),
    Contents.PICKUP: ("Nhận hồ sơ tại nhà", "Papers fetched at home"),
}


class ParcelState(StrEnum):
    """The state of a parcel."""

    REQUESTED = "requested"
    REGISTERED = "registered"
    REFUSED = "refused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"

    @property
    def label(self) -> tuple[str, str]:
        """What people call it, in Vietnamese and in English."""
        return _STATES[self]


_STATES = {
    ParcelState.REQUESTED: ("Đang đăng ký với bưu điện", "Being registered with the post"),
    ParcelState.REGISTERED: ("Đã đăng ký, chờ bưu điện nhận", "Registered, waits for the post"),
    ParcelState.REFUSED: ("Bưu điện không nhận", "Not taken by the post"),
    ParcelState.CANCELLING: ("Đang hủy", "Being cancelled"),
    ParcelState.CANCELLED: ("Đã hủy", "Cancelled"),
    ParcelState.IN_TRANSIT: ("Đang chuyển", "On its way"),
    ParcelState.OUT_FOR_DELIVERY: ("Đang đi phát", "Out for delivery"),
    ParcelState.ATTEMPTED: ("Phát chưa được", "Delivery was tried"),
    ParcelState.DELIVERED: ("Đã phát", "Delivered"),
    ParcelState.RETURNED: ("Đã chuyển hoàn", "Returned"),
    ParcelState.LOST: ("Bị thất lạc", "Lost"),
}
_S = ParcelState
_MOVING = frozenset({_S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.ATTEMPTED})
_ENDS = frozenset({_S.DELIVERED, _S.RETURNED, _S.LOST})
TRANSITIONS: dict[ParcelState, frozenset[ParcelState]] = {
    _S.REQUESTED: frozenset({_S.REGISTERED, _S.REFUSED, _S.CANCELLING}),
    _S.REGISTERED: _MOVING | _ENDS | {_S.CANCELLING},
    # back, when the post has it already; requested, when its number is not known yet
    _S.CANCELLING: _MOVING | _ENDS | {_S.CANCELLED, _S.REGISTERED, _S.REQUESTED},
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.IN_TRANSIT: _MOVING | _ENDS,
    _S.OUT_FOR_DELIVERY: _MOVING | _ENDS,
    _S.ATTEMPTED: _MOVING | _ENDS,
    _S.DELIVERED: frozenset({_S.RETURNED}),  # refused at the door after all
    _S.RETURNED: frozenset(),
    _S.LOST: _MOVING | {_S.DELIVERED, _S.RETURNED},  # found
}
"""State → the states that may follow it. The order of events by the post's clock decides, not that of their arrival."""

TRACKED = _MOVING | _ENDS
"""States that follow from reports."""
WORRYING = frozenset({_S.LOST, _S.RETURNED, _S.REFUSED})
"""States in which the desk has to act."""
CANCELLABLE = frozenset({_S.REQUESTED, _S.REGISTERED})

_STATE_OF = {
    TrackingStatus.ACCEPTED: _S.IN_TRANSIT,
    TrackingStatus.IN_TRANSIT: _S.IN_TRANSIT,
    TrackingStatus.OUT_FOR_DELIVERY: _S.OUT_FOR_DELIVERY,
    TrackingStatus.FAILED_ATTEMPT: _S.ATTEMPTED,
    TrackingStatus.DELIVERED: _S.DELIVERED,
    TrackingStatus.RETURNED: _S.RETURNED,
    TrackingStatus.LOST: _S.LOST,
}
_RANK = {status: rank for rank, status in enumerate(TrackingStatus)}


@dataclass(frozen=True, slots=True)
class Progress:
    """How a parcel stands by the post's reports.

    Attributes:
        state: one of :data:`TRACKED`; REGISTERED without reports.
        at: since when, by the post's clock; None without reports.
        received_by: who took it, if it was delivered.
        reason: of a failed attempt or a return.
    """

    state: ParcelState
    at: datetime | None = None
    received_by: str = field(default="", repr=False)
    reason: str = ""


def progress_of(events: Iterable[TrackingEvent]) -> Progress:
    """How a parcel stands by all reports about it: the same for any order in which they came, and for repeated ones.

    They are taken in the order of the post's clock; what the table of states does not allow, such as a transport after the delivery, is
    left out.
    """
    progress = Progress(ParcelState.REGISTERED)
    for event in sorted(events, key=lambda one: (one.at, _RANK[one.status], one.id)):
        state = _STATE_OF[event.status]
        if state in TRANSITIONS[progress.state]:
            received_by = event.received_by if state is ParcelState.DELIVERED else ""
            progress = Progress(state, event.at, received_by, event.reason)
    return progress


def pause_after(attempts: int) -> timedelta | None:
    """Real time before the next attempt to register; None if it was the last one."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


class UnknownParcel(LookupError):
    """There is no parcel of this id at the actor's agencies."""


class WrongParcelState(ValueError):
    """The parcel is in a state in which this cannot happen."""

    def __init__(self, state: ParcelState) -> None:
        super().__init__(f"the parcel is {state}")
        self.state = state


class InvalidParcel(ValueError):
    """A field of the form is wrong.

    Attributes:
        field: its name.
        vi, en: what is wrong.
    """

    def __init__(self, field: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.field, self.vi, self.en = field, vi, en


class UnknownDossier(LookupError):
    """No applicant of this dossier is known."""
