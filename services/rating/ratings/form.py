"""Reads the rating form from ``data/form.json``. Another question is a change of data, not of code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE, Form, Label
from shared.data_files import Record, read_record

FORM_FILE = Path(__file__).parent.parent / "data" / "form.json"


@cache
def rating_form() -> Form:
    """Returns the form in force."""
    return read_form(read_record(FORM_FILE))


def read_form(record: Record) -> Form:
    """Returns the form of a data file.

    Raises:
        DataError: with every fault.
    """
    record.optional_text("note")
    form = Form(
        version=record.text("version"),
        invitation_days=record.integer("invitation_days", least=1),
        comment_characters=record.integer("comment_characters"),
        scores={
            entry.integer("score", least=LOWEST_SCORE, most=HIGHEST_SCORE): _label(entry)
            for entry in record.records("scores", named_by="score", at_least=1)
        },
        criteria={
            entry.text("name"): _label(entry) for entry in record.records("criteria", named_by="name", at_least=1)
        },
    )
    record.done()
    record.raise_faults()
    return form


def _label(entry: Record) -> Label:
    label = Label(entry.text("vi"), entry.text("en"))
    entry.done()
    return label
