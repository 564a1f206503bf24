"""What a filing costs by channel, and who need not pay: dated data with its legal source, in ``data/fee_reductions.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from shared.catalogue import Fee
from shared.data_files import Record, read_record

FILE = Path(__file__).parent.parent.parent / "data" / "fee_reductions.json"
ONLINE = "online"
SAMPLE = "sample"
BASES = ("law", "local", SAMPLE)
"""Who has set a percentage: the law that is named, a resolution of the province, or nobody: it stands for what an office has to enter."""


@dataclass(frozen=True, slots=True)
class OnlineReduction:
    """Fees that are lower for who files online.

    Attributes:
        valid_from, valid_until: the first and the last day.
        fields: codes of the fields of procedures.
        percent: by which a fee is lower.
        basis: who has set the percentage, of :data:`BASES`.
        source: the law or resolution.
    """

    valid_from: date
    valid_until: date
    fields: frozenset[str]
    percent: int
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class WaiverCategory:
    """People who need not pay a fee, or not all of it.

    Attributes:
        code: of the category.
        name, name_en: in words.
        evidence, evidence_en: the paper that proves it.
        valid_from: the first day.
        percent: of the fee that is waived.
        basis: who has set the percentage, of :data:`BASES`.
        source: the law or resolution.
    """

    code: str
    name: str
    name_en: str
    evidence: str
    evidence_en: str
    valid_from: date
    percent: int
    basis: str
    source: str


def fees_by_channel(fees: tuple[Fee, ...], field: str, channel: str, on: date) -> tuple[Fee, ...]:
    """The fees of a filing: the catalogue's, or less where the channel makes them so.

    Args:
        fees: of the case.
        field: code of the procedure's field.
        channel: ``counter``, ``online`` or ``post``.
        on: business day.
    """
    found = online_reduction(field, on) if channel == ONLINE and fees else None
    if found is None:
        return fees
    return tuple(replace(fee, amount=reduced(fee.amount, found.percent)) for fee in fees)


def reduced(amount: int, percent: int) -> int:
    """An amount less some percent, in whole VND; a fraction is to the payer's advantage."""
    return amount * (100 - percent) // 100


def online_reduction(field: str, on: date) -> OnlineReduction | None:
    """By what the fees of a field are lower online on a day; None if they are not."""
    fitting = (one for one in _all()[0] if field in one.fields and one.valid_from <= on <= one.valid_until)
    return max(fitting, key=lambda one: one.valid_from, default=None)


def waiver_categories(on: date) -> Sequence[WaiverCategory]:
    """The categories of people to whom fees are waived on a day."""
    return [one for one in _all()[1] if one.valid_from <= on]


def samples(on: date) -> list[str]:
    """The percentages in force on a day that nobody has decided: fields of online reductions, and codes of categories of people."""
    online, waivers = _all()
    found = {
        field
        for one in online
        if one.basis == SAMPLE and one.valid_from <= on <= one.valid_until
        for field in one.fields
    }
    return sorted(found) + [one.code for one in waivers if one.basis == SAMPLE and one.valid_from <= on]


@cache
def _all() -> tuple[tuple[OnlineReduction, ...], tuple[WaiverCategory, ...]]:
    record = read_record(FILE)
    record.optional_text("description")
    online = tuple(_online(one) for one in record.records("online", named_by="valid_from"))
    waivers = tuple(_category(one) for one in record.records("waivers", named_by="code"))
    record.done()
    record.raise_faults()
    return online, waivers


def _online(record: Record) -> OnlineReduction:
    found = OnlineReduction(
        record.day("valid_from"),
        record.day("valid_until"),
        frozenset(record.texts("fields", at_least=1, required=True)),
        record.integer("percent", 1, 100),
        record.text("basis", BASES),
        record.text("source"),
    )
    record.done()
    return found


def _category(record: Record) -> WaiverCategory:
    found = WaiverCategory(
        code=record.text("code"),
        name=record.text("name"),
        name_en=record.text("name_en"),
        evidence=record.text("evidence"),
        evidence_en=record.text("evidence_en"),
        valid_from=record.day("valid_from"),
        percent=record.integer("percent", 1, 100),
        basis=record.text("basis", BASES),
        source=record.text("source"),
    )
    record.done()
    return found
