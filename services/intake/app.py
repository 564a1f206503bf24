"""Intake's web app: which slices it serves."""

from __future__ import annotations

import logging

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from services.intake.applications.api import api as applications_api
from services.intake.applications.pages import pages as application_pages
from services.intake.applications.parcel_pages import pages as parcel_pages
from services.intake.appointments.desk_pages import pages as desk_appointment_pages
from services.intake.appointments.own_pages import pages as own_appointment_pages
from services.intake.appointments.pages import pages as appointment_pages
from services.intake.board.cache import EXTENSION as BOARDS
from services.intake.board.cache import Boards
from services.intake.board.pages import pages as board_pages
from services.intake.co_signing.pages import pages as co_signing_pages
from services.intake.components import EXTENSION, make_components
from services.intake.conversations.own_pages import pages as own_conversation_pages
from services.intake.conversations.pages import pages as conversation_pages
from services.intake.corrections.api import api as corrections_api
from services.intake.corrections.pages import pages as correction_pages
from services.intake.corrections.party_pages import pages as party_correction_pages
from services.intake.data_exports.desk_pages import pages as desk_data_export_pages
from services.intake.data_exports.pages import pages as data_export_pages
from services.intake.desk.api import api as originals_api
from services.intake.desk.declined.api import api as declined_filings_api
from services.intake.desk.declined.list_pages import pages as declined_list_pages
from services.intake.desk.declined.pages import pages as declined_pages
from services.intake.desk.pages import pages as desk_pages
from services.intake.documents.api import api as documents_api
from services.intake.documents.checklist_pages import pages as checklist_pages
from services.intake.documents.own_pages import pages as own_document_pages
from services.intake.documents.pages import pages as document_pages
from services.intake.documents.register_pages import pages as register_pages
from services.intake.dossiers.api import api as dossiers_api
from services.intake.dossiers.pages import pages as dossier_pages
from services.intake.filing.api import api as filing_api
from services.intake.filing.domain.desk import ONE_STOP_DESK
from services.intake.filing.domain.fee_reductions import samples
from services.intake.follow.pages import pages as follow_pages
from services.intake.foreign_access.pages import pages as foreign_access_pages
from services.intake.forms.pages import pages as form_pages
from services.intake.kiosk.pages import pages as kiosk_pages
from services.intake.kiosk.pairing_pages import pages as kiosk_pairing_pages
from services.intake.kiosk.session import KIOSK_SESSIONS
from services.intake.lookup.api import api as lookup_api
from services.intake.lookup.pages import pages as lookup_pages
from services.intake.mine.pages import pages as mine_pages
from services.intake.online.pages import pages as online_pages
from services.intake.online_supplements.pages import pages as own_supplement_pages
from services.intake.payments.api import api as payments_api
from services.intake.payments.closing.pages import pages as day_closing_pages
from services.intake.payments.desk_pages import pages as desk_payment_pages
from services.intake.payments.online.api import api as payment_notices_api
from services.intake.payments.online.pages import pages as pay_pages
from services.intake.payments.overview_pages import pages as payment_overview_pages
from services.intake.payments.reconciliation.pages import pages as reconciliation_pages
from services.intake.payments.refunds.pages import pages as refund_pages
from services.intake.payments.transfers.api import api as fee_transfers_api
from services.intake.payments.transfers.pages import pages as fee_transfer_pages
from services.intake.payments.waivers.api import api as fee_waivers_api
from services.intake.payments.waivers.desk_pages import pages as waiver_pages
from services.intake.payments.waivers.pages import pages as own_waiver_pages
from services.intake.plugin_access.api import api as plugin_access_api
from services.intake.procedure_drafts.pages import pages as procedure_draft_pages
from services.intake.procedures.api import api as procedures_api
from services.intake.procedures.pages import pages as procedure_pages
from services.intake.procedures.store import fields_in_force
from services.intake.results.api import api as results_api
from services.intake.results.file_pages import pages as result_file_pages
from services.intake.results.pages import pages as result_pages
from services.intake.retention.api import api as legal_holds_api
from services.intake.retention.pages import pages as legal_hold_pages
from services.intake.sign_in.pages import pages as sign_in_pages
from services.intake.sign_in.session import SESSIONS
from services.intake.supplements.api import api as supplements_api
from services.intake.supplements.pages import pages as supplement_pages
from services.intake.tickets.api import api as tickets_api
from services.intake.tickets.counter_pages import pages as counter_pages
from services.intake.tickets.counters_api import api as counters_api
from services.intake.tickets.reception_pages import pages as reception_pages
from services.intake.uploads.pages import pages as upload_pages
from services.intake.uploads.staff_pages import pages as staff_upload_pages
from services.intake.withdrawals.api import api as withdrawals_api
from services.intake.withdrawals.pages import pages as withdrawal_pages
from shared.observability.metrics import dossiers_received, start_at_zero
from shared.runtime.context import Context
from shared.virus_scan import NoScanner
from shared.web import factory
from shared.web.admission.request_kinds import FIELD_OF
from shared.web.authorization import BROWSER_SESSIONS

log = logging.getLogger(__name__)

APIS = (
    procedures_api,
    filing_api,
    dossiers_api,
    documents_api,
    applications_api,
    declined_filings_api,
    corrections_api,
    originals_api,
    payments_api,
    payment_notices_api,
    fee_transfers_api,
    fee_waivers_api,
    supplements_api,
    withdrawals_api,
    tickets_api,
    counters_api,
    legal_holds_api,
    results_api,
    lookup_api,
    plugin_access_api,
)
PAGES = (
    desk_pages,
    counter_pages,
    reception_pages,
    declined_pages,
    declined_list_pages,
    lookup_pages,
    follow_pages,
    own_conversation_pages,
    conversation_pages,
    own_supplement_pages,
    mine_pages,
    data_export_pages,
    desk_data_export_pages,
    procedure_pages,
    procedure_draft_pages,
    form_pages,
    dossier_pages,
    foreign_access_pages,
    correction_pages,
    party_correction_pages,
    supplement_pages,
    withdrawal_pages,
    legal_hold_pages,
    result_pages,
    result_file_pages,
    desk_payment_pages,
    pay_pages,
    document_pages,
    own_document_pages,
    checklist_pages,
    register_pages,
    refund_pages,
    day_closing_pages,
    reconciliation_pages,
    payment_overview_pages,
    fee_transfer_pages,
    waiver_pages,
    own_waiver_pages,
    sign_in_pages,
    online_pages,
    co_signing_pages,
    upload_pages,
    staff_upload_pages,
    application_pages,
    parcel_pages,
    appointment_pages,
    own_appointment_pages,
    desk_appointment_pages,
    board_pages,
    kiosk_pages,
    kiosk_pairing_pages,
)


def create_app(context: Context) -> Flask:
    """The web app of intake.

    Raises:
        shared.runtime.settings.SettingsError: the pattern of dossier codes is not valid.
    """
    app = factory.create_app(context, APIS, PAGES)
    made = make_components(context.settings)
    if isinstance(made.scanner, NoScanner):
        log.warning("uploaded files are not scanned for viruses: MOTCUA_VIRUS_SCANNER names no scanner")
    if context.settings.mode == "production" and (unset := samples(context.clock.now().date())):
        told = "%d percentages of fee_reductions.json are samples that nobody has decided (docs/payments.md): %s"
        log.warning(told, len(unset), ", ".join(unset))
    app.extensions[EXTENSION] = made
    app.extensions[FIELD_OF] = made.catalogue.field_of
    app.extensions[BOARDS] = Boards(context)
    app.extensions[BROWSER_SESSIONS] = {"citizen": SESSIONS, "device": KIOSK_SESSIONS}
    _start_counter(context)
    return app


def _start_counter(context: Context) -> None:
    """Shows dossiers received as 0 for each desk and field of today."""
    desks = (
        one.code for one in context.reference.agencies.all(context.clock.now().date()) if ONE_STOP_DESK in one.roles
    )
    try:
        with context.store.read() as connection:
            fields = fields_in_force(connection, context.clock.now().date())
    except SQLAlchemyError as error:
        log.info("the first dossier of each desk and field will not count in rates: %s", type(error).__name__)
        return
    start_at_zero(dossiers_received, context.service, desks, fields)
