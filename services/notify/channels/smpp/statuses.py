"""Which command statuses pass and which are final, and what the states of receipts mean: read from ``data/smpp_statuses.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from services.notify.channels.domain import ReceiptStatus
from shared.data_files import Record, read_record

STATUSES_FILE = Path(__file__).parents[2] / "data" / "smpp_statuses.json"


class StatusKind(StrEnum):
    """What a command status says of a message."""

    TAKEN = "taken"
    TEMPORARY = "temporary"
    THROTTLED = "throttled"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Statuses:
    """The tables.

    Attributes:
        kinds: command status → what it says; unknown ones pass, as far as anybody knows.
        names: command status → its name in the standard.
        receipts: state in the text of a receipt → what it reports.
        message_states: state in the parameter message_state → the same in the text.
    """

    kinds: Mapping[int, StatusKind]
    names: Mapping[int, str]
    receipts: Mapping[str, ReceiptStatus]
    message_states: Mapping[int, str]

    def kind(self, status: int) -> StatusKind:
        """What a command status says of a message."""
        return self.kinds.get(status, StatusKind.TEMPORARY) if status else StatusKind.TAKEN

    def reason(self, status: int) -> str:
        """A command status as it is shown to staff."""
        return f"SMPP {self.names.get(status, f'0x{status:08X}')}"


@cache
def statuses() -> Statuses:
    """The tables in use.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return parse_statuses(read_record(STATUSES_FILE))


def parse_statuses(record: Record) -> Statuses:
    """The tables of a data file.

    Args:
        record: ``temporary``, ``throttled`` and ``permanent`` (command status in hexadecimal → name), ``receipts`` (what is reported →
            states) and ``message_states`` (number → state).

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record.optional_text("source")
    kinds: dict[int, StatusKind] = {}
    names: dict[int, str] = {}
    for kind in (StatusKind.TEMPORARY, StatusKind.THROTTLED, StatusKind.PERMANENT):
        for text, name in record.text_map(kind).items():
            status = _number(record, kind, text, 16)
            if status in kinds:
                record.fault(kind, f"{text} stands twice")
            kinds[status], names[status] = kind, name
    told = record.record("receipts")
    receipts = {state: report for report in ReceiptStatus for state in told.texts(report)}
    told.done()
    states = {
        _number(record, "message_states", text, 10): state for text, state in record.text_map("message_states").items()
    }
    record.done()
    record.raise_faults()
    return Statuses(kinds, names, receipts, states)


def _number(record: Record, key: str, text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        record.fault(key, f"{text!r} is not a number")
        return 0
