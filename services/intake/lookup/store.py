"""The table of wrong tries of the look-up, counted per code and per address."""

from __future__ import annotations

from services.intake.database import metadata
from shared.persistence.wrong_tries import WrongTries

LOOKUP_FAILURES = WrongTries("lookup_failure", metadata)
