"""The causes that an apology may name, and how far ahead a new date may be: read from ``data/apologies.json``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.data_files import Record, read_record

DATA = Path(__file__).parent.parent / "data" / "apologies.json"
OTHER = "other"
"""The cause that is nothing without words of its own."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause: its id, and its sentence in Vietnamese (as the letter has it) and English."""

    id: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class ApologyRules:
    """What the platform, and not the law, says of apologies.

    Attributes:
        causes: in the order of the form.
        new_date_within_days: how many days ahead a new date may be at most, so that no slip of the pen promises another century.
    """

    causes: tuple[Cause, ...]
    new_date_within_days: int

    def cause(self, id_: str) -> Cause:
        """A cause by its id.

        Raises:
            LookupError: there is none.
        """
        for cause in self.causes:
            if cause.id == id_:
                return cause
        raise LookupError(f"no cause {id_}")

    def knows(self, id_: str) -> bool:
        """Whether there is such a cause."""
        return any(cause.id == id_ for cause in self.causes)


def read_rules(document: Record) -> ApologyRules:
    """Reads the JSON format of ``data/apologies.json``.

    Raises:
        DataError: with every fault, such as two causes with one id, or none for other words.
    """
    entries = document.records("causes", named_by="id", at_least=1)
    causes = []
    for entry in entries:
        causes.append(Cause(entry.text("id"), entry.text("vi"), entry.text("en")))
        entry.done()
    ids = [cause.id for cause in causes]
    if len(set(ids)) < len(ids):
        document.fault("causes", "a cause is there twice")
    if OTHER not in ids:
        document.fault("causes", f"the cause {OTHER} is missing")
    rules = ApologyRules(tuple(causes), document.integer("new_date_within_days", least=1))
    document.done()
    document.raise_faults()
    return rules


@cache
def apology_rules() -> ApologyRules:
    """The rules of this installation."""
    return read_rules(read_record(DATA))
