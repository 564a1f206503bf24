"""Takes bounces: what a report says of a delivery becomes a receipt of its provider."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from services.notify.channels.config.reader import configured_file, read_providers
from services.notify.channels.domain import Channel
from services.notify.channels.email.bounces.address import find_delivery
from services.notify.channels.email.bounces.domain import Bounce, Fate, NotUnderstood, read_bounce
from services.notify.channels.receipts import ReceiptStatus, record_receipt
from shared.observability.metrics import counter
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

MAX_AGE = timedelta(days=30)
"""No mail server tries for longer. A time before that, or after now, is not believed."""
NOT_UNDERSTOOD = "not_understood"
STATUSES = {Fate.FAILED: ReceiptStatus.FAILED, Fate.DELIVERED: ReceiptStatus.DELIVERED}

bounces_taken = counter("motcua_notify_bounces", "Reports of mail servers about e-mails, by what they say.", "outcome")


def email_providers(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The names of the providers of e-mail in the provider file; empty without the file.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    file = configured_file(environ)
    if file is None:
        return ()
    return tuple(one.name for one in read_providers(file, environ) if one.channel is Channel.EMAIL)


def take_bounce(store: Store, providers: Collection[str], content: bytes, recipient: str = "") -> Bounce:
    """Takes one report; taking it again changes nothing.

    Args:
        store: notify's store.
        providers: the names of the providers of e-mail.
        content: the e-mail as it arrived.
        recipient: to whom the mail server delivered it, if it says so beside the e-mail.

    Raises:
        NotUnderstood: it is no report about a delivery of ours.
    """
    if store.data_keys is None:
        raise LookupError("the store was opened without the keys that prove bounce addresses")
    try:
        bounce = read_bounce(content, partial(find_delivery, store.data_keys, providers), recipient)
    except Exception as error:
        _count(NOT_UNDERSTOOD)
        if isinstance(error, NotUnderstood):
            raise
        raise NotUnderstood(f"it cannot be read as an e-mail: {type(error).__name__}") from error
    status = STATUSES.get(bounce.fate)
    if status is not None:
        store.run(lambda work: _record(work, bounce, status))
    _count(bounce.fate)
    return bounce


def _record(work: UnitOfWork, bounce: Bounce, status: ReceiptStatus) -> None:
    delivery = bounce.delivery
    record_receipt(work, delivery.provider, delivery.delivery, status, _time(bounce.at, work.now), bounce.reason)


def _time(reported: datetime | None, now: datetime) -> datetime:
    return reported if reported is not None and now - MAX_AGE <= reported <= now else now


def _count(outcome: str) -> None:
    bounces_taken.labels("notify", outcome).inc()
