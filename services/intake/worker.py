"""Intake's worker: the handlers of events, the deletion of old rows, and the watch on the calendar data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.intake.applications.endings import close_unsupplemented
from services.intake.appointments.sweeps import HINT as CLOSINGS
from services.intake.appointments.sweeps import erase_old as erase_old_appointments
from services.intake.appointments.sweeps import move_closed, note_missed, send_reminders
from services.intake.data_exports.commands import delete_expired
from services.intake.documents.due import HINT as DOCUMENTS_DUE
from services.intake.documents.issuing import issue_due
from services.intake.filing import duplicates
from services.intake.handlers import HANDLERS, prepare
from services.intake.lookup import throttle
from services.intake.migrations import metadata
from services.intake.online.commands import delete_old_drafts
from services.intake.online_supplements.commands import delete_unsent
from services.intake.payments.online.commands import poll_orders
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.reconciliation.commands import read_statements
from services.intake.payments.refunds.commands import send_refunds
from services.intake.payments.transfers.metrics import OVERDUE_TRANSFERS
from services.intake.payments.waivers.commands import delete_unsent as delete_unsent_waivers
from services.intake.retention.commands import erase_old
from services.intake.sign_in import store as sessions
from services.intake.tickets.commands import end_earlier_days
from services.intake.uploads.store import rows
from shared.runtime.context import Context
from shared.runtime.workers.calendar_data import CALENDAR_DATA
from shared.runtime.workers.restored_keys import SealRestored
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec
from shared.storage import open_storage
from shared.uploads.keeping import delete_discarded, delete_orphans, reseal_files, scan_waiting
from shared.virus_scan import read_scanner


def delete_old_lookup_failures(context: Context) -> int:
    """Deletes the counts of failed look-ups whose window is over."""
    return throttle.delete_old_failures(context.store)


def delete_old_fingerprints(context: Context) -> int:
    """Deletes the fingerprints of filings that are no longer asked about."""
    return duplicates.forget_older(context.store, context.clock.wall() - duplicates.WINDOW)


def ask_for_lost_payments(context: Context) -> int:
    """Asks the provider of online payments for money that it did not report."""
    return poll_orders(context, provider_of(context))


def pay_back_by_provider(context: Context) -> int:
    """Tells the provider of online payments which money goes back, and asks how that stands."""
    return send_refunds(context, provider_of(context))


def compare_statements(context: Context) -> int:
    """Records money that only the payment provider's statements know."""
    return read_statements(context)


def delete_ended_sessions(context: Context) -> int:
    """Deletes the sessions of citizens that have ended."""
    now = context.clock.wall()
    return context.store.run(lambda work: sessions.delete_ended(work.connection, now))


def delete_discarded_uploads(context: Context) -> int:
    """Deletes uploaded files whose draft is gone, or that were taken out of it."""
    return delete_discarded(rows, context.store, open_storage(context.settings))


def delete_orphaned_files(context: Context) -> int:
    """Deletes files of which the database knows nothing, and what failed uploads have left."""
    return delete_orphans(rows, context.store, open_storage(context.settings), datetime.now(UTC))


def reseal_restored_files(context: Context) -> int:
    """Protects all uploaded files by the first data key."""
    return reseal_files(rows, context.store, open_storage(context.settings))


def scan_waiting_uploads(context: Context) -> int:
    """Scans the files that were uploaded while the virus scanner was away."""
    return scan_waiting(rows, context.store, open_storage(context.settings), read_scanner())


def end_tickets_of_earlier_days(context: Context) -> int:
    """Ends the tickets that earlier days have left, and forgets of which class of people their holders were."""
    return context.store.run(end_earlier_days)


WORKER = WorkerSpec(
    handlers=HANDLERS,
    prepare=prepare,
    sweeps=(
        Sweep("delete old fingerprints", timedelta(minutes=5), delete_old_fingerprints),
        Sweep("delete old look-up failures", timedelta(hours=1), delete_old_lookup_failures),
        Sweep("ask for payments whose report was lost", timedelta(minutes=1), ask_for_lost_payments),
        Sweep("pay back by the payment provider", timedelta(minutes=1), pay_back_by_provider),
        Sweep("compare with the payment provider's statements", timedelta(hours=1), compare_statements),
        Sweep("erase personal data whose time is over", timedelta(hours=6), erase_old),
        Sweep("delete data exports whose time is over", timedelta(minutes=15), delete_expired),
        Sweep("delete ended sessions", timedelta(hours=1), delete_ended_sessions),
        Sweep("close applications without their papers", timedelta(minutes=1), close_unsupplemented),
        Sweep("end tickets of earlier days", timedelta(minutes=5), end_tickets_of_earlier_days),
        Sweep("delete old drafts", timedelta(hours=1), delete_old_drafts),
        Sweep("delete supplements that were not sent", timedelta(hours=1), delete_unsent),
        Sweep("delete requests for waivers that were not sent", timedelta(hours=1), delete_unsent_waivers),
        Sweep("delete discarded uploads", timedelta(minutes=5), delete_discarded_uploads),
        Sweep("issue papers that are due", timedelta(minutes=1), issue_due, hint=DOCUMENTS_DUE),
        Sweep("scan uploads that wait for the virus scanner", timedelta(minutes=1), scan_waiting_uploads),
        Sweep("note missed appointments", timedelta(minutes=1), note_missed),
        Sweep("remind of appointments", timedelta(minutes=1), send_reminders),
        Sweep("move appointments of closed days", timedelta(minutes=5), move_closed, hint=CLOSINGS),
        Sweep("erase telephone numbers of old appointments", timedelta(hours=1), erase_old_appointments),
        Sweep("delete orphaned files", timedelta(days=1), delete_orphaned_files),
        SealRestored(metadata, reseal_restored_files).sweep(),
        OVERDUE_TRANSFERS,
        CALENDAR_DATA,
    ),
)
