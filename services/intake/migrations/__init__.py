"""The history of intake's tables. `metadata` here is complete, since all modules that define tables are imported."""

from __future__ import annotations

from services.intake.applications import store as _applications
from services.intake.appointments import closing_store as _desk_closings
from services.intake.appointments import store as _appointments
from services.intake.co_signing import store as _co_signing
from services.intake.conversations import store as _conversations
from services.intake.corrections import store as _corrections
from services.intake.data_exports import store as _data_exports
from services.intake.database import metadata
from services.intake.desk.declined import store as _declined_filings
from services.intake.documents import due as _document_due
from services.intake.documents import numbering as _document_numbering
from services.intake.documents import store as _documents
from services.intake.dossiers import store as _dossiers
from services.intake.filing import dossier_number as _dossier_number
from services.intake.filing import duplicates as _duplicates
from services.intake.foreign_access import store as _foreign_access
from services.intake.kiosk import store as _kiosk
from services.intake.lookup import store as _lookup
from services.intake.online import store as _online
from services.intake.online_supplements import store as _online_supplements
from services.intake.payments import receipt_numbers as _receipt_numbers
from services.intake.payments import store as _payments
from services.intake.payments.closing import store as _day_closing
from services.intake.payments.ledger import store as _ledger
from services.intake.payments.online import store as _online_payments
from services.intake.payments.reconciliation import store as _statements
from services.intake.payments.refunds import store as _refunds
from services.intake.payments.transfers import store as _fee_transfers
from services.intake.payments.waivers import store as _fee_waivers
from services.intake.plugin_access import store as _plugin_access
from services.intake.procedures import store as _procedures
from services.intake.results import delivery as _delivery
from services.intake.results import one_time_code as _one_time_code
from services.intake.results import parcels as _parcels
from services.intake.results import store as _results
from services.intake.retention import store as _retention
from services.intake.sign_in import store as _sign_in
from services.intake.supplements import store as _supplements
from services.intake.tickets import store as _tickets
from services.intake.uploads import store as _uploads

TABLE_MODULES = (
    _applications,
    _appointments,
    _co_signing,
    _conversations,
    _corrections,
    _data_exports,
    _day_closing,
    _declined_filings,
    _desk_closings,
    _delivery,
    _document_due,
    _document_numbering,
    _documents,
    _dossier_number,
    _dossiers,
    _duplicates,
    _fee_transfers,
    _fee_waivers,
    _foreign_access,
    _kiosk,
    _ledger,
    _lookup,
    _online_payments,
    _one_time_code,
    _online,
    _online_supplements,
    _parcels,
    _payments,
    _plugin_access,
    _procedures,
    _results,
    _receipt_numbers,
    _refunds,
    _retention,
    _sign_in,
    _statements,
    _supplements,
    _tickets,
    _uploads,
)

__all__ = ["TABLE_MODULES", "metadata"]
