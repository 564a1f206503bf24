"""What the command line does with the data of one particular service.

Every function imports its service when it is called, so a process loads only what it needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from services.intake.procedures.importing import ImportPlan as ImportPlan
    from shared.persistence.store import Store
    from shared.runtime.context import Context
    from shared.runtime.settings import Settings
    from shared.storage import SealedStorage
    from shared.uploads.rows import UploadRows


def publish_sample_procedures(context: Context) -> int:
    """Publishes the built-in procedures that are new or changed; returns how many.

    Args:
        context: intake's.
    """
    from services.intake.procedures.commands import ensure_builtin

    return len(ensure_builtin(context))


def publish_sample_officials(context: Context) -> int:
    """Enters the officials of the demonstration who are not in the register; returns how many.

    Args:
        context: rating's.
    """
    from services.rating.officials.samples import ensure_samples

    return ensure_samples(context)


def plan_import(context: Context, file: Path, replace: bool, only: Collection[str], agency_role: str) -> ImportPlan:
    """Compares a file of procedures with those in force; arguments and errors as for
    :func:`services.intake.procedures.importing.plan_import`."""
    from services.intake.procedures.importing import plan_import as plan

    return plan(context, file, replace, only, agency_role)


def publish_import(context: Context, plan: ImportPlan) -> int:
    """Publishes the procedures of a plan; returns how many.

    Args:
        context: intake's.
        plan: made from the same catalogue.

    Raises:
        RuntimeError: procedures were published since the plan was made, and nothing is published.
    """
    from services.intake.procedures.importing import publish_import as publish

    return len(publish(context, plan))


def import_statement(context: Context, text: str, by: str) -> tuple[int, int]:
    """Imports a bank's statement for the reconciliation, and records the money that only it knows.

    Args:
        context: intake's.
        text: CSV, see :func:`services.intake.payments.reconciliation.statement_text.read_statement`.
        by: who imports it.

    Returns:
        how many lines are new, and how many transactions were recorded.

    Raises:
        ValueError: with every fault of the text; nothing is imported.
    """
    from services.intake.payments.reconciliation.commands import import_statement as keep
    from services.intake.payments.reconciliation.commands import record_missing, report_of
    from services.intake.payments.reconciliation.statement_text import read_statement
    from shared.runtime.clock import VIETNAM

    receipts, faults = read_statement(text)
    if faults:
        raise ValueError("; ".join(f"line {one.line}: {one.en}" for one in faults))
    new = keep(context, receipts, by)
    days = sorted({one.paid_at.astimezone(VIETNAM).date() for one in receipts})
    return new, sum(record_missing(context, report_of(context, day)) for day in days)


def fee_transfers(connection: Connection, now: datetime, overdue: bool) -> list[dict[str, Any]]:
    """Fees paid online that wait for being paid on to agencies' accounts (NĐ 118/2025, article 24.3), the most urgent first.

    Args:
        connection: to intake's database.
        now: business time.
        overdue: whether only those that are late are wanted.
    """
    from services.intake.payments.transfers.store import waiting

    found = waiting(connection, None, now if overdue else None, 10_000)
    return [{"late": one.overdue(now), **asdict(one)} for one in found]


def take_bounce(context: Context, content: bytes, recipient: str) -> str | None:
    """Takes a mail server's report about an e-mail.

    Args:
        context: notify's.
        content: the report as it arrived.
        recipient: to whom it was delivered; empty if unknown.

    Returns:
        what it says: ``failed``, ``delivered`` or ``undecided``; None if it is no report about an e-mail of ours.
    """
    from services.notify.channels.email.bounces.commands import email_providers
    from services.notify.channels.email.bounces.commands import take_bounce as take
    from services.notify.channels.email.bounces.domain import NotUnderstood

    try:
        return take(context.store, email_providers(), content, recipient).fate
    except NotUnderstood:
        return None


def unsent_messages(connection: Connection) -> bool:
    """Whether a message is to be sent, or being sent.

    Args:
        connection: to notify's database.
    """
    from sqlalchemy import select

    from services.notify.channels.domain import Channel
    from services.notify.delivery.states import PENDING
    from services.notify.delivery.store import deliveries

    # every channel is named, so that the index of the senders is used
    queued = deliveries.c.channel.in_(tuple(Channel)), deliveries.c.state.in_(PENDING)
    waiting = select(deliveries.c.id).where(*queued).limit(1)
    return connection.execute(waiting).first() is not None


def add_report_recipient(context: Context, agency: str, email: str, language: str, by: str) -> str:
    """Enters a recipient of an agency's reports; returns their id. Arguments and errors as for
    :func:`services.notify.reports.commands.add_recipient`."""
    from services.notify.reports.commands import add_recipient

    return context.store.run(lambda work: add_recipient(work, agency, email, language, by))


def report_recipients(connection: Connection, agency: str) -> list[tuple[str, str, str]]:
    """The id, the agency and the masked address of the recipients of reports.

    Args:
        connection: to notify's database.
        agency: of whose reports; empty for all.
    """
    from services.notify.contacts.domain import mask_address
    from services.notify.reports.store import listed

    found = listed(connection, [agency] if agency else None, 10_000)
    return [(one.recipient.id, one.recipient.agency, mask_address("email", one.email)) for one in found]


def remove_report_recipient(context: Context, recipient: str) -> None:
    """Ends e-mails to a recipient of reports.

    Raises:
        LookupError: there is none of this id.
    """
    from services.notify.reports.commands import UnknownRecipient, remove_recipient

    try:
        context.store.run(lambda work: remove_recipient(work, recipient))
    except UnknownRecipient as error:
        raise LookupError(f"there is no recipient {recipient}") from error


def verify_control_sheets(connection: Connection, code: str = "") -> Iterator[tuple[str, str | None]]:
    """Checks process control sheets (form 06).

    Args:
        connection: to routing's database.
        code: the dossier whose sheet is checked; all sheets when empty.

    Yields:
        The dossier's code and the first fault of its sheet, None when the sheet is sound.

    Raises:
        LookupError: there is no such dossier.
    """
    from services.routing.queries.control_sheet import verify_sheets

    yield from verify_sheets(connection, code)


def dossiers_unknown_to_intake(stores: Mapping[str, Store]) -> dict[str, list[str]]:
    """Compares intake's dossiers with those of the services that each have a row for every dossier.

    Args:
        stores: service → its database.

    Returns:
        code → names of the services that know it, for the dossiers that intake does not know; in order of the codes.
    """
    from sqlalchemy import select

    from services.intake.dossiers.store import dossiers
    from services.notify.contacts.store import contacts
    from services.routing.store.tables import dossiers as routed
    from services.stats.facts.store import dossiers as counted

    columns = {"notify": contacts.c.dossier, "routing": routed.c.root, "stats": counted.c.code}
    with stores["intake"].read() as connection:
        known = set(connection.execute(select(dossiers.c.code)).scalars())
    found: dict[str, list[str]] = {}
    for service, column in columns.items():
        with stores[service].read() as connection:
            for code in set(connection.execute(select(column)).scalars()) - known:
                found.setdefault(code, []).append(service)
    return dict(sorted(found.items()))


def plug_in_agency(store: Store, agency: str, signs: bool | None = None) -> int:
    """From now on routing sends an agency's steps to its program; returns how many open steps were sent at once.

    Args:
        store: routing's.
        agency: its code.
        signs: whether the agency's leaders sign in its program; None: unchanged, at first not.
    """
    from services.routing.plugins.registry import plug_in

    return plug_in(store, agency, signs)


def send_steps_again(store: Store, agency: str, since: datetime | None, accepted: bool) -> tuple[int, int, int]:
    """Sends an agency's open steps to its program again.

    Args:
        store: routing's.
        agency: its code.
        since: only steps that were first sent at this time or later; None: all.
        accepted: also those that it has accepted.

    Returns:
        how many were sent, how many were not because they are answered, and how many because they were sent a moment ago.

    Raises:
        LookupError: the agency is not plugged in.
    """
    from services.routing.plugins.sending_again import send_open_steps_again

    found = send_open_steps_again(store, agency, since, accepted=accepted)
    return found.sent, found.answered, found.paused


def uploads_by_key(service: str, store: Store, settings: Settings) -> Counter[str]:
    """How many files that people uploaded each data key protects; none where a service takes no files.

    Args:
        service: its name.
        store: of the service.
        settings: of the storage, with the data keys.

    Raises:
        shared.storage.StorageUnavailable: try again later.
    """
    from shared.uploads.keeping import files_by_key

    found = _uploads_of(service, settings)
    return files_by_key(found[0], store, found[1]) if found else Counter()


def reseal_uploads(service: str, store: Store, settings: Settings) -> int | None:
    """Protects all files that people uploaded by the first data key; returns how many were changed, None where a service takes no files.
    Arguments and errors as for :func:`uploads_by_key`.

    Raises:
        shared.runtime.data_keys.UnreadableData: a file's data key is missing.
    """
    from shared.uploads.keeping import reseal_files

    found = _uploads_of(service, settings)
    return reseal_files(found[0], store, found[1]) if found else None


def _uploads_of(service: str, settings: Settings) -> tuple[UploadRows, SealedStorage] | None:
    """The table and the storage of a service's uploaded files."""
    from services.intake.uploads.store import rows as intake_rows
    from services.rating.complaints.attachments.store import AREA
    from services.rating.complaints.attachments.store import rows as rating_rows
    from shared.storage import open_storage

    match service:
        case "intake":
            return intake_rows, open_storage(settings)
        case "rating":
            return rating_rows, open_storage(settings, area=AREA)
    return None
