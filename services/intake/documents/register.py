"""The register of dossiers (Sổ theo dõi hồ sơ, form 07) of a desk and day: its rows, and its XLSX file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

import xlsxwriter
from sqlalchemy import Connection

from services.intake.dossiers import store
from services.intake.dossiers.domain import Dossier
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
CHANNELS = {"counter": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính công ích"}


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


def register_rows(
    connection: Connection, desks: Collection[str], day: date, catalogue: Catalogue, agencies: Agencies
) -> list[RegisterRow]:
    """The dossiers that some desks received on a day, in the order of receipt.

    Args:
        connection: any.
        desks: codes.
        day: in Vietnam.
        catalogue: for the procedures' names.
        agencies: for the agencies' names.
    """
    begin = datetime.combine(day, time(), VIETNAM)
    found = store.received_between(connection, desks, begin, begin + timedelta(days=1))
    return list(_rows(connection, found, day, catalogue, agencies))


def _rows(
    connection: Connection, found: Iterable[Dossier], day: date, catalogue: Catalogue, agencies: Agencies
) -> Iterator[RegisterRow]:
    for place, dossier in enumerate(found, 1):
        procedure = catalogue.version(connection, dossier.procedure, dossier.procedure_version)
        contact = [dossier.applicant_address, dossier.applicant_phone]
        yield RegisterRow(
            place=place,
            code=dossier.code,
            procedure=procedure.name,
            sets="01",
            name=dossier.applicant_name,
            contact="; ".join(filter(None, contact)),
            handling_agency=agencies.name_of(dossier.place_agency, day),
            received=_written(dossier.received_at),
            promised=_written(dossier.promised_at),
            returned=_written(dossier.returned_at) if dossier.returned_at else "",
            channel=CHANNELS.get(dossier.channel, dossier.channel),
        )


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def register_xlsx(rows: Iterable[RegisterRow], desk: str, day: date) -> bytes:
    """The register as an XLSX file. Every cell is a text: what an applicant has typed is never a formula or a link.

    Args:
        rows: of :func:`register_rows`.
        desk: the desk's name.
        day: of the register.
    """
    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Sổ theo dõi hồ sơ")
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"})
        plain = book.add_format({"text_wrap": True, "border": 1, "valign": "top"})
        title = book.add_format({"bold": True, "font_size": 14})
        sheet.write_string(0, 0, "SỔ THEO DÕI HỒ SƠ", title)
        sheet.write_string(1, 0, f"{desk}, ngày {day:%d/%m/%Y}")
        for column, (name, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(3, column, name, bold)
        for line, row in enumerate(rows, 4):
            for column, text in enumerate(row.cells):
                sheet.write_string(line, column, text, plain)
        sheet.freeze_panes(4, 2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)
    return out.getvalue()
