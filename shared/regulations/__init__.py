"""The dated, versioned numbers of the law (see `data/`, one file per regulation).

    rules = Regulations.load()
    rules.on(date(2025, 8, 1)).number("supplement_wait_days").count   # 15, article 19.5

A changed number goes into a new file with its own dates; a version under which dossiers were received is never edited.
"""

from shared.regulations.model import Number, NumberNotFound, Regulation, RegulationNotFound
from shared.regulations.registry import Regulations
from shared.regulations.violation import RuleViolation

__all__ = ["Number", "NumberNotFound", "Regulation", "RegulationNotFound", "Regulations", "RuleViolation"]
