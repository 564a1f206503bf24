"""The portal's codes and the plug-in's limits, read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.data_files import read_record

_BUILTIN = Path(__file__).parent / "data" / "portal.json"


@dataclass(frozen=True)
class Rules:
    """The contents of the file.

    Attributes:
        deadline_hours: working hours after an event within which its messages should be sent.
        attempts: refusals in a row after which a dossier is parked.
        first_pause, longest_pause: seconds between two attempts, doubled from the first up to the longest.
        timeout: seconds for one whole call of the portal or the platform.
        keep_days: how long sent messages are kept, so that they can be resent.
        already_there, not_there, wrong_data: the portal's error codes with this meaning; all others are retried.
        codes: the lists of codes, by name.
        internal_papers: codes of papers between agencies, which are not results for the citizen.
    """

    deadline_hours: float
    attempts: int
    first_pause: float
    longest_pause: float
    timeout: float
    keep_days: int
    already_there: frozenset[str]
    not_there: frozenset[str]
    wrong_data: frozenset[str]
    codes: Mapping[str, Mapping[str, str]]
    internal_papers: frozenset[str]


_CODES = ("channels", "return_forms", "applicant_kinds", "fee_moments", "supplement_states")


def load_rules(path: Path | None = None) -> Rules:
    """Reads the rules.

    Args:
        path: the operator's file; the built-in sample when None.

    Raises:
        DataError: with every fault of the file.
    """
    record = read_record(path or _BUILTIN)
    for remark in ("description", "deadline_source"):
        record.optional_text(remark)
    errors = record.record("error_codes")
    rules = Rules(
        deadline_hours=record.positive_number("deadline_hours"),
        attempts=record.integer("attempts_before_parking", least=1),
        first_pause=record.positive_number("first_pause_seconds"),
        longest_pause=record.positive_number("longest_pause_seconds"),
        timeout=record.positive_number("timeout_seconds"),
        keep_days=record.integer("keep_days", least=1),
        already_there=frozenset(errors.texts("already_there", required=True)),
        not_there=frozenset(errors.texts("not_there", required=True)),
        wrong_data=frozenset(errors.texts("wrong_data", required=True)),
        codes={name: record.text_map(name) for name in _CODES},
        internal_papers=frozenset(record.texts("internal_papers", required=True)),
    )
    if rules.longest_pause < rules.first_pause:
        record.fault("longest_pause_seconds", "must not be below first_pause_seconds")
    errors.done()
    record.done()
    record.raise_faults()
    return rules


def pause_after(failures: int, rules: Rules, chance: float) -> float:
    """Seconds to wait after failures in a row: doubled each time up to a limit, with random spread.

    Args:
        failures: 1 or more.
        rules: the limits.
        chance: a random number from 0 to 1.
    """
    full = min(rules.longest_pause, rules.first_pause * 2.0 ** min(failures - 1, 60))
    return full * (0.5 + chance / 2)
