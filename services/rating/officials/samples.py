"""The officials of the demonstration, from ``data/officials.json``."""

from __future__ import annotations

from pathlib import Path

from services.rating.officials.commands import enter_official
from services.rating.officials.domain import OfficialEntry
from services.rating.officials.store import entries_of_subjects
from shared.data_files import Record, read_record
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

SAMPLES_FILE = Path(__file__).parent.parent / "data" / "officials.json"
BY = "motcua"


def sample_officials() -> list[OfficialEntry]:
    """The officials of the data file.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record = read_record(SAMPLES_FILE)
    record.optional_text("note")
    found = [_entry(one) for one in record.records("officials", named_by="subject", at_least=1)]
    record.done()
    record.raise_faults()
    return found


def ensure_samples(context: Context) -> int:
    """Enters those who are not in the register yet; returns how many."""
    samples = sample_officials()

    def enter(work: UnitOfWork) -> int:
        known = {
            (one.agency, one.subject) for one in entries_of_subjects(work.connection, {s.subject for s in samples})
        }
        new = [one for one in samples if (one.agency, one.subject) not in known]
        for one in new:
            enter_official(work, one, BY)
        return len(new)

    return context.store.run(enter)


def _entry(record: Record) -> OfficialEntry:
    entry = OfficialEntry(
        subject=record.text("subject"),
        agency=record.text("agency"),
        valid_from=record.day("valid_from"),
        name=record.text("name"),
        position=record.text("position"),
        home_agency=record.optional_text("home_agency") or None,
        counter=record.optional_integer("counter"),
    )
    record.done()
    return entry
