"""Settings that practice and not the law has set: reminder thresholds, the length of "the start of the day"; read from `data/`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from services.routing.domain.warnings import Thresholds
from shared.regulations.datafiles import DataError, Record

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
    faults: list[str] = []
    warnings, handover, waiting = (
        _read(root / name, faults) for name in ("warnings.json", "handover.json", "waiting.json")
    )
    settings = OperationalSettings(
        step=_thresholds(Record(warnings.required("step"), f"{warnings.where}: step", faults)),
        dossier=_thresholds(Record(warnings.required("dossier"), f"{warnings.where}: dossier", faults)),
        start_of_day_minutes=_count(handover, "start_of_day_working_minutes"),
        posting_done_days=_count(waiting, "posting_done_within_working_days"),
    )
    for record in (warnings, handover, waiting):
        record.done()
    if faults:
        raise DataError(faults)
    return settings


def _read(path: Path, faults: list[str]) -> Record:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        faults.append(f"{path.name}: not JSON: {error}")
        content = {}
    return Record(content, path.name, faults)


def _thresholds(record: Record) -> Thresholds:
    thresholds = Thresholds(
        share_left_percent=_count(record, "share_left_percent", most=100),
        least_minutes=60 * _count(record, "least_working_hours"),
        most_share_percent=_count(record, "most_share_percent", most=100),
        unit_leader_minutes=60 * _count(record, "unit_leader_after_working_hours"),
        centre_leader_minutes=60 * _count(record, "centre_leader_after_working_hours"),
    )
    record.done()
    return thresholds


def _count(record: Record, key: str, most: int | None = None) -> int:
    record.required(key)
    value = record.whole_number(key)
    if value is not None and (value < 0 or (most is not None and value > most)):
        record.fault(key, "must not be negative" if most is None else f"must be from 0 to {most}")
    return value or 0
