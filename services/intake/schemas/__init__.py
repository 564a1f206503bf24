"""The JSON that intake's API takes and gives."""

from __future__ import annotations

from services.intake.schemas.desk import (
    PaymentSchema,
    PaymentTakenSchema,
    ReturnedSchema,
    ReturnSchema,
    SupplementedSchema,
    SupplementSchema,
    WithdrawalSchema,
    WithdrawnSchema,
)
from services.intake.schemas.dossiers import (
    DossierSchema,
    LookupQuerySchema,
    LookupSchema,
    StepPapersSchema,
    WorklistQuerySchema,
    WorklistSchema,
)
from services.intake.schemas.filing import FilingSchema, ReceiptSchema
from services.intake.schemas.observer import ObservedDossierSchema
from services.intake.schemas.procedures import ProcedureQuerySchema, ProceduresSchema

__all__ = [
    "DossierSchema",
    "FilingSchema",
    "LookupQuerySchema",
    "LookupSchema",
    "ObservedDossierSchema",
    "PaymentSchema",
    "PaymentTakenSchema",
    "ProcedureQuerySchema",
    "ProceduresSchema",
    "ReceiptSchema",
    "ReturnSchema",
    "ReturnedSchema",
    "StepPapersSchema",
    "SupplementSchema",
    "SupplementedSchema",
    "WithdrawalSchema",
    "WithdrawnSchema",
    "WorklistQuerySchema",
    "WorklistSchema",
]
