"""The port of postal providers: what one does with parcels, what it reports, and which errors it may raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TrackingStatus(StrEnum):
    """What the post reports of a parcel or a letter."""

    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    FAILED_ATTEMPT = "failed_attempt"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ParcelOrder:
    """A parcel to register.

    Attributes:
        id: ours; the same id is the same parcel, however often it is sent.
        service: ``result`` or ``sent_back`` from the desk to the citizen, ``pickup`` from the citizen to the desk.
        agency: the code of the desk.
        desk: its name.
        name, phone, address: of the citizen; the address in lines.
        grams: its weight.
    """

    id: str
    service: str
    agency: str
    desk: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    address: tuple[str, ...] = field(repr=False)
    grams: int


@dataclass(frozen=True, slots=True)
class RegisteredParcel:
    """A parcel as the post has taken it.

    Attributes:
        number: the post's; what tracking names.
        fee: VND.
        label: the file to print and stick on it, as PDF; empty if the post brings one.
    """

    number: str
    fee: int
    label: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One report of the post.

    Attributes:
        number: of the parcel, or the reference of a letter.
        status: what happened.
        at: when, by the post's clock.
        id: the post's own of this report; empty if it has none: then number, status and time tell it apart.
        place: the post office.
        reason: of a failed attempt or a return, as the post says.
        received_by: who took it, with `delivered`.
    """

    number: str
    status: TrackingStatus
    at: datetime
    id: str = ""
    place: str = ""
    reason: str = ""
    received_by: str = field(default="", repr=False)


class PostError(Exception):
    """The provider did not do what was asked. The text is stored and shown, so it holds neither name nor address."""


class PostUnavailable(PostError):
    """No usable answer: a later attempt may succeed, and it is known by its id."""


class PostRefused(PostError):
    """The provider will not do it, however often it is asked."""


class NoticeRefused(ValueError):
    """A report is not authentic, too old, or says nothing that can be read."""


class PostalProvider(Protocol):
    """Carries parcels. Called with no transaction open; each call ends within bounded time."""

    @property
    def name(self) -> str:
        """Short, as in addresses and tables."""
        ...

    def register(self, order: ParcelOrder) -> RegisteredParcel:
        """Registers a parcel; the same order again gives the same number.

        Raises:
            PostUnavailable, PostRefused: as they say.
        """
        ...

    def cancel(self, id: str) -> None:
        """Cancels a parcel that the post does not have yet, by our id; also one that it does not know, or has cancelled before.

        Raises:
            PostUnavailable: as it says.
            PostRefused: the post has the parcel already.
        """
        ...

    def tracking(self, number: str) -> Sequence[TrackingEvent]:
        """All reports about a parcel so far, in any order.

        Raises:
            PostUnavailable, PostRefused: as they say.
        """
        ...

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[TrackingEvent]:
        """Authenticates a call-back and reads it.

        Args:
            headers: of the request.
            body: as it came.
            now: real time.

        Raises:
            NoticeRefused: as it says.
        """
        ...
