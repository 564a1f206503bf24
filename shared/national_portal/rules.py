"""The portal's codes and our limits, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BUILTIN = Path(__file__).parent / "data" / "portal.json"


class RulesError(ValueError):
    """The file of rules is not usable."""


@dataclass(frozen=True)
class Rules:
    """What the file says; see its `description`.

    Attributes:
        deadline_hours: working hours within which a message has to be out after its event.
        attempts: refusals that need a person, before a dossier's messages are parked.
        first_pause, longest_pause: seconds between two attempts, doubled from the one to the other.
        timeout: seconds for one call of the portal or the platform, all in all.
        keep_days: how long messages that are out are kept for being sent again.
        already_there, not_there, wrong_data: the portal's error codes that mean this; any other is tried again.
        codes: the lists of codes, by their names in the file.
        internal_papers: codes of papers that agencies make for each other, which are no result.
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
        path: a file of the operator's own; the built-in sample when None.

    Raises:
        RulesError: it cannot be read, lacks something, or a number makes no sense.
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
        raise RulesError(f"{place}: every number must be above 0, the longest pause not below the first")
    return rules


def pause_after(failures: int, rules: Rules, chance: float) -> float:
    """Seconds to wait after so many failures in a row: doubled each time up to a limit, spread so that not all come at once.

    Args:
        failures: 1 or more.
        rules: the limits.
        chance: at random from 0 to 1.
    """
    full = min(rules.longest_pause, rules.first_pause * 2.0 ** min(failures - 1, 60))
    return full * (0.5 + chance / 2)
