"""Parcels of a dossier as notify reports them: each step of their way, for the look-up. No personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, select

from services.intake.database import metadata
from shared.messaging.event import Event
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

parcel_states = Table(
    "parcel_state",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("parcel", String(20), primary_key=True),
    Column(
        "revision", Integer, primary_key=True
    ),  # grows with each step, so that repeated and late events change nothing
    Column("contents", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", Moment, nullable=False),  # by the post's clock
)
STATES = {
    "registered": ("Đã đăng ký, chờ bưu điện nhận", "Registered, waits for the post"),
    "in_transit": ("Bưu điện đã nhận, đang chuyển", "Taken by the post, on its way"),
    "out_for_delivery": ("Bưu tá đang đi phát", "Out for delivery"),
    "attempted": (
        "Bưu tá đã đến nhưng chưa gặp ông/bà, sẽ đến lại",
        "The postman did not meet you and will come again",
    ),
    "delivered": ("Đã phát", "Delivered"),
    "returned": ("Không phát được, đã chuyển lại Bộ phận Một cửa", "Could not be delivered; the desk has it again"),
    "lost": ("Bị thất lạc, Bộ phận Một cửa sẽ liên hệ với ông/bà", "Lost; the desk will contact you"),
}
"""What citizens read, in Vietnamese and in English."""
CONTENTS = {
    "result": ("Kết quả gửi đến ông/bà", "The result on its way to you"),
    "sent_back": ("Giấy tờ gửi trả ông/bà", "Your papers on their way back"),
    "pickup": ("Giấy tờ bưu tá nhận tại nhà", "Your papers fetched at home"),
}

_OF_DOSSIER = (
    select(parcel_states)
    .where(parcel_states.c.dossier == bindparam("of_dossier"))
    .order_by(parcel_states.c.parcel, parcel_states.c.revision)
)


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel as the citizen sees it.

    Attributes:
        number: the post's.
        contents: what it carries, in Vietnamese and in English.
        steps: states with their time, the newest last.
    """

    number: str
    contents: tuple[str, str]
    steps: tuple[tuple[tuple[str, str], datetime], ...]


def on_parcel_moved(event: Event, work: UnitOfWork) -> None:
    """Keeps a step of a parcel; the same again changes nothing."""
    data = event.data
    names = ("dossier", "parcel", "revision", "contents", "state", "at")
    row: dict[str, Any] = {name: data[name] for name in names}
    work.execute(work.insert(parcel_states).on_conflict_do_nothing(), row)


def parcels_of(connection: Connection, dossier: str) -> list[ParcelView]:
    """The parcels of a dossier or application."""
    steps: dict[str, list[Any]] = {}
    for row in connection.execute(_OF_DOSSIER, {"of_dossier": dossier}):
        steps.setdefault(row.parcel, []).append(row)
    return [
        ParcelView(number, CONTENTS[rows[-1].contents], tuple((STATES[row.state], row.at) for row in rows))
        for number, rows in steps.items()
    ]
