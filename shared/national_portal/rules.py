"""The portal's codes and the plug-in's limits, read from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BUILTIN = Path(__file__).parent / "data" / "portal.json"


class RulesError(ValueError):
    """The file of rules is invalid."""


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
        RulesError: the file cannot be read, or a value is missing or out of range.
    """
    place = path or _BUILTIN
    try:
        raw: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        errors = raw["error_codes"]
        rules = Rules(
            deadline_hours=float(raw["deadline_hours"]),
            attempts=int(raw["attempts_before_parking"]),
            first_pause=float(raw["first_pause_seconds"]),
            longest_pause=float(raw["longest_pause_seconds"]),
            timeout=float(raw["timeout_seconds"]),
            keep_days=int(raw["keep_days"]),
            already_there=frozenset(errors["already_there"]),
            not_there=frozenset(errors["not_there"]),
            wrong_data=frozenset(errors["wrong_data"]),
            codes={name: dict(raw[name]) for name in _CODES},
            internal_papers=frozenset(raw["internal_papers"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RulesError(f"{place}: {type(error).__name__}: {error}") from error
    numbers = (rules.deadline_hours, rules.attempts, rules.first_pause, rules.timeout, rules.keep_days)
    if min(numbers) <= 0 or rules.longest_pause < rules.first_pause:
        raise RulesError(f"{place}: every number must be above 0, and the longest pause not shorter than the first")
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
