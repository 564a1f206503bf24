"""Settings that practice and not the law has set: reminder thresholds, the length of "the start of the day"; read from `data/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.calendar.reminders import Thresholds, read_thresholds
from shared.data_files import Fault, raise_faults, read_record

_DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class OperationalSettings:
    """A platform's operational settings.

    Attributes:
        step, dossier: when to send reminders of a step and of a dossier.
        start_of_day_minutes: working minutes that "the start of the next working day" lasts.
        posting_done_days: working days after a public posting within which it is taken down and the step completed.
    """

    step: Thresholds
    dossier: Thresholds
    start_of_day_minutes: int
    posting_done_days: int


def load_settings(directory: Path | str | None = None) -> OperationalSettings:
    """Reads ``warnings.json``, ``handover.json`` and ``waiting.json``.

    Args:
        directory: where they are; None for the product's own.

    Raises:
        DataError: lists all faults of all files, each with its file and entry.
    """
    root = Path(directory or _DATA)
    faults: list[Fault] = []
    warnings, handover, waiting = (
        read_record(root / name, faults) for name in ("warnings.json", "handover.json", "waiting.json")
    )
    practice = OperationalSettings(
        step=read_thresholds(warnings.record("step")),
        dossier=read_thresholds(warnings.record("dossier")),
        start_of_day_minutes=handover.integer("start_of_day_working_minutes"),
        posting_done_days=waiting.integer("posting_done_within_working_days"),
    )
    for record in (warnings, handover, waiting):
        record.done()
    raise_faults(faults)
    return practice
