"""Reads a bank's statement from the text of a CSV file."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from services.intake.payments.ledger.domain import MAX_AMOUNT
from services.intake.payments.providers.port import Receipt

COLUMNS = ("transaction", "reference", "amount", "paid_at")
"""The columns, by these names or in this order."""
MAX_LINES = 5_000
_VIETNAM = timezone(timedelta(hours=7))
_TRANSACTION = re.compile(r"[\x21-\x7e]{1,100}")
_AMOUNT = re.compile(r"\d{1,16}|\d{1,3}(\.\d{3})+|\d{1,3}(,\d{3})+")
_FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one line.

    Attributes:
        line: its number in the file, from 1.
        vi, en: the fault in words.
    """

    line: int
    vi: str
    en: str


def read_statement(text: str) -> tuple[list[Receipt], list[LineFault]]:
    """The receipts of a statement, and everything that is wrong with it; with any fault it must not be imported.

    Args:
        text: CSV with commas or semicolons. A first line with the names of the columns gives their order. Amounts are whole VND, with or
            without separators between thousands; times are ISO 8601 or ``20/11/2025 08:15``, Vietnamese where no zone is named.
    """
    lines = text.lstrip("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    rows = csv.reader(lines, delimiter=";" if first.count(";") >= len(COLUMNS) - 1 else ",")
    order, found = list(COLUMNS), dict[str, Receipt]()
    faults: list[LineFault] = []
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if not found and not faults and sorted(cells) == sorted(COLUMNS):
            order = cells
            continue
        if number > MAX_LINES:
            faults.append(LineFault(number, f"Nhiều nhất {MAX_LINES} dòng.", f"At most {MAX_LINES} lines."))
            break
        if len(cells) != len(COLUMNS):
            faults.append(LineFault(number, "Phải có 4 cột.", "Four columns are needed."))
            continue
        receipt = _receipt(dict(zip(order, cells, strict=True)), number, faults)
        if receipt is not None and found.setdefault(receipt.transaction, receipt) != receipt:
            faults.append(
                LineFault(number, "Giao dịch lặp lại với nội dung khác.", "A transaction comes twice, differently.")
            )
    if not found and not faults:
        faults.append(LineFault(1, "Không có dòng nào.", "There is no line."))
    return list(found.values()), faults


def _receipt(cells: dict[str, str], number: int, faults: list[LineFault]) -> Receipt | None:
    before = len(faults)
    if not _TRANSACTION.fullmatch(cells["transaction"]):
        faults.append(LineFault(number, "Mã giao dịch không hợp lệ.", "The transaction is not valid."))
    if len(cells["reference"]) > 100:
        faults.append(LineFault(number, "Nội dung quá 100 ký tự.", "The reference has more than 100 characters."))
    plain = _AMOUNT.fullmatch(cells["amount"])
    amount = int(re.sub(r"[.,]", "", cells["amount"])) if plain else 0
    if not 0 < amount <= MAX_AMOUNT:
        faults.append(LineFault(number, "Số tiền không hợp lệ.", "The amount is not valid."))
    paid_at = _moment(cells["paid_at"])
    if paid_at is None:
        faults.append(LineFault(number, "Thời điểm không hợp lệ.", "The time is not valid."))
    if paid_at is None or len(faults) > before:
        return None
    return Receipt(cells["transaction"], cells["reference"], amount, paid_at)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if len(text) > 10 else None
    except ValueError:
        found = None
    for form in _FORMATS if found is None else ():
        try:
            found = datetime.strptime(text, form)
            break
        except ValueError:
            continue
    if found is None or not 2000 <= found.year <= 2100:
        return None
    return found if found.tzinfo else found.replace(tzinfo=_VIETNAM)
