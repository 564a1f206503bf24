"""The register of dossiers (Sổ theo dõi hồ sơ, form 07) of a desk and day: its rows and its totals."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from services.intake.dossiers.domain import State
from services.intake.dossiers.store import dossiers
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies
from shared.runtime.clock import VIETNAM

COLUMNS = (
    ("TT", 6),
    ("Mã hồ sơ", 26),
    ("Tên thủ tục hành chính", 50),
    ("Số bộ", 8),
    ("Tên cá nhân, tổ chức", 30),
    ("Địa chỉ, số điện thoại", 40),
    ("Cơ quan chủ trì giải quyết", 40),
    ("Nhận hồ sơ", 18),
    ("Hẹn trả kết quả", 18),
    ("Trả kết quả", 18),
    ("Cách nộp", 20),
    ("Ký nhận", 20),
)
"""The columns of form 07 and their widths in characters."""
CHANNELS = {
    "counter": ("Trực tiếp", "Counter"),
    "online": ("Trực tuyến", "Online"),
    "post": ("Bưu chính công ích", "Post"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which register.

    Attributes:
        desks: codes.
        day: of receipt, in Vietnam.
        state: only dossiers that are in this state now; None for all.
    """

    desks: Collection[str]
    day: date
    state: State | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """Of its dossiers. All states are named, so that the index of worklists serves it."""
        begin = datetime.combine(self.day, time(), VIETNAM)
        c, states = dossiers.c, [self.state] if self.state is not None else list(State)
        return (
            c.receiving_agency.in_(sorted(self.desks))
            & c.state.in_([int(state) for state in states])
            & (c.received_at >= begin)
            & (c.received_at < begin + timedelta(days=1))
        )


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One dossier of the register, as texts in the order of the columns; the signature is written on paper."""

    place: int
    code: str
    procedure: str
    sets: str
    name: str
    contact: str
    handling_agency: str
    received: str
    promised: str
    returned: str
    channel: str

    @property
    def cells(self) -> list[str]:
        """The texts, with an empty one for the signature."""
        return [
            str(self.place),
            self.code,
            self.procedure,
            self.sets,
            self.name,
            self.contact,
            self.handling_agency,
            self.received,
            self.promised,
            self.returned,
            self.channel,
            "",
        ]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many dossiers a register has: all, by channel, and those whose result was returned."""

    all: int
    by_channel: dict[str, int]
    returned: int

    @property
    def in_words(self) -> str:
        """The totals as the paper has them."""
        channels = ", ".join(f"{vi.lower()} {self.by_channel.get(code, 0)}" for code, (vi, _) in CHANNELS.items())
        return f"Tổng số: {self.all} hồ sơ; trong đó {channels}; đã trả kết quả {self.returned}."


_SHOWN = select(
    *(
        dossiers.c[name]
        for name in (
            "code",
            "procedure",
            "procedure_version",
            "applicant_name",
            "applicant_address",
            "applicant_phone",
            "place_agency",
            "received_at",
            "promised_at",
            "returned_at",
            "channel",
        )
    )
).order_by(dossiers.c.received_at, dossiers.c.code)


def totals(connection: Connection, wanted: Wanted) -> Totals:
    """Counts the dossiers of a register."""
    counted = select(dossiers.c.channel, func.count(), func.count(dossiers.c.returned_at))
    found = connection.execute(counted.where(wanted.condition).group_by(dossiers.c.channel)).all()
    return Totals(sum(row[1] for row in found), {row[0]: row[1] for row in found}, sum(row[2] for row in found))


def register_rows(
    connection: Connection, wanted: Wanted, catalogue: Catalogue, agencies: Agencies, offset: int = 0, most: int = 0
) -> list[RegisterRow]:
    """The dossiers that some desks received on a day, in the order of receipt.

    Args:
        connection: any.
        wanted: which.
        catalogue: for the procedures' names.
        agencies: for the agencies' names.
        offset: how many to leave out.
        most: maximum number; 0 for all.
    """
    statement: Select[Any] = _SHOWN.where(wanted.condition).offset(offset)
    found = connection.execute(statement.limit(most) if most else statement).all()
    return list(_rows(connection, found, offset, wanted.day, catalogue, agencies))


def _rows(
    connection: Connection, found: Collection[Any], offset: int, day: date, catalogue: Catalogue, agencies: Agencies
) -> Iterator[RegisterRow]:
    names: dict[str, str] = {}
    for place, one in enumerate(found, offset + 1):
        if one.place_agency not in names:
            names[one.place_agency] = agencies.name_of(one.place_agency, day)
        yield RegisterRow(
            place=place,
            code=one.code,
            procedure=catalogue.version(connection, one.procedure, one.procedure_version).name,
            sets="01",
            name=one.applicant_name,
            contact="; ".join(filter(None, [one.applicant_address, one.applicant_phone])),
            handling_agency=names[one.place_agency],
            received=_written(one.received_at),
            promised=_written(one.promised_at),
            returned=_written(one.returned_at) if one.returned_at else "",
            channel=CHANNELS[one.channel][0] if one.channel in CHANNELS else one.channel,
        )


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
