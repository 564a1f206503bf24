"""The dated, versioned numbers of the law (see `data/`, one file per regulation).

    rules = Regulations.load()
    rules.on(date(2025, 8, 1)).number("supplement_wait_days").count   # 15, article 19.5

A changed number is a new file with its own dates, never an edit of a version that dossiers were received under.
"""

from shared.regulations.model import Number, NumberNotFound, Regulation, RegulationNotFound
from shared.regulations.registry import Regulations
from shared.regulations.violation import RuleViolation

__all__ = ["Number", "NumberNotFound", "Regulation", "RegulationNotFound", "Regulations", "RuleViolation"]
