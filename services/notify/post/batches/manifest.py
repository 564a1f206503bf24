"""The manifest of a batch, which goes to the post with the letters: as CSV and as PDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.notify.post.batches.domain import Batch
from services.notify.post.letters.store import LetterRow
from shared.agencies import Agencies
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.documents.words import dong
from shared.runtime.clock import VIETNAM

TEMPLATES = Path(__file__).parent / "templates"
ERASED = "(đã xóa)"
HEADER = ("STT", "Số thư", "Người nhận", "Địa chỉ", "Số trang", "Nấc khối lượng (g)", "Giá cước (đồng)")
_FORMULA = ("=", "+", "-", "@", "\t")


def manifest_rows(letters: Sequence[LetterRow]) -> list[tuple[str, ...]]:
    """A line for each letter, as under :data:`HEADER`."""
    found: list[tuple[str, ...]] = []
    for place, row in enumerate(letters, 1):
        said = row.letter
        person = " ".join(said.name) if said else ERASED
        address = ", ".join(said.address) if said else ERASED
        found.append((str(place), row.number, person, address, str(row.pages), str(row.grams), str(row.fee)))
    return found


def manifest_csv(letters: Sequence[LetterRow]) -> bytes:
    """The manifest as CSV (RFC 4180) in UTF-8 with a byte order mark, so that spreadsheets read its diacritics."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in manifest_rows(letters):
        writer.writerow([_harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def manifest_pdf(batch: Batch, letters: Sequence[LetterRow], agencies: Agencies, created: datetime) -> bytes:
    """The manifest as PDF, with places for two signatures."""
    return render_pdf(_template(), _data(batch, letters, agencies), created)


def _data(batch: Batch, letters: Sequence[LetterRow], agencies: Agencies) -> dict[str, Any]:
    day = batch.closed_at.astimezone(VIETNAM).date()
    return {
        **issuer_fields(agencies, batch.agency, day),
        "title": "Bảng kê bàn giao thư",
        "number": "",
        "batch": batch.name,
        "header": HEADER,
        "rows": [[*row[:6], dong(int(row[6]))] for row in manifest_rows(letters)],
        "letters": batch.letters,
        "pages": batch.pages,
        "fee": dong(batch.fee),
    }


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


@cache
def _template() -> Template:
    return read_template(TEMPLATES / "manifest.typ")
