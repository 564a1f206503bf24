"""Reads the words that citizens use for procedures from ``shared/catalogue/everyday_words.json``; a new word is a change of data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import shared.catalogue
from services.intake.procedures.readings import EverydayWords, Saying
from shared.catalogue.text import words_of
from shared.data_files import Record, read_record

WORDS_FILE = Path(shared.catalogue.__file__).parent / "everyday_words.json"


@cache
def everyday_words() -> EverydayWords:
    """The words of all times.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    record = read_record(WORDS_FILE)
    record.optional_text("description")
    filler = record.text("filler")
    sayings = tuple(_saying(entry) for entry in record.records("sayings", named_by="say"))
    record.done()
    record.raise_faults()
    return EverydayWords(frozenset(words_of(filler)), sayings)


def _saying(record: Record) -> Saying:
    begins, ends = record.span()
    saying = Saying(
        say=tuple(tuple(words_of(text)) for text in record.texts("say", at_least=1)),
        means=tuple(tuple(words_of(text)) for text in record.texts("means", at_least=1)),
        codes=record.texts("codes"),
        valid_from=begins,
        valid_to=ends,
    )
    record.done()
    return saying
