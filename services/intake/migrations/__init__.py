"""The history of intake's tables. `metadata` here is complete, since all modules that define tables are imported."""

from __future__ import annotations

from services.intake.corrections import store as _corrections
from services.intake.database import metadata
from services.intake.dossiers import store as _dossiers
from services.intake.filing import dossier_number as _dossier_number
from services.intake.filing import duplicates as _duplicates
from services.intake.lookup import store as _lookup
from services.intake.payments import store as _payments
from services.intake.plugin_access import store as _plugin_access
from services.intake.procedures import store as _procedures
from services.intake.results import delivery as _delivery
from services.intake.results import store as _results
from services.intake.supplements import store as _supplements

TABLE_MODULES = (
    _corrections,
    _delivery,
    _dossier_number,
    _dossiers,
    _duplicates,
    _lookup,
    _payments,
    _plugin_access,
    _procedures,
    _results,
    _supplements,
)

__all__ = ["TABLE_MODULES", "metadata"]
