"""Something at the public post: letters that wait and letters that were sent, and parcels on their way."""

from __future__ import annotations

import time
from datetime import timedelta

from services.notify.channels.port import LetterContent, Outgoing
from services.notify.post.batches.commands import close_batch, mark_posted, mark_printed
from services.notify.post.letters.queue import LetterQueue
from services.notify.post.parcels.commands import record_registered, record_reports, request_parcel
from services.notify.post.parcels.domain import Contents
from services.notify.post.providers.port import RegisteredParcel, TrackingEvent, TrackingStatus
from services.notify.post.providers.spool import SPOOL
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

ADDRESS = ("Ấp 3", "xã Phước Long", "tỉnh Cà Mau")


def letter(agency: str, dossier: str) -> Outgoing:
    """A letter as the sender gives it to the provider."""
    content = LetterContent(
        "Nguyễn Thị Bưởi", ADDRESS, "Xin lỗi vì trả kết quả quá hạn", "Bộ phận Một cửa xin lỗi ông/bà."
    )
    return Outgoing(new_id(), dossier, "apology", agency, "", content, "vi")


def post_something(notify: Context, agency: str, dossier: str) -> dict[str, str]:
    """Sends letters and parcels of an agency.

    Args:
        notify: the service's context.
        agency: the code of the desk.
        dossier: the dossier's code.

    Returns:
        ``batch``, of one letter that the post has, and ``parcel``, which was delivered, by their ids. Another letter waits, and another
        parcel was lost.
    """
    queue = LetterQueue("post", notify.store, notify.reference.agencies)
    list(queue.send([letter(agency, dossier)], time.monotonic() + 60))
    batch = notify.store.run(lambda work: close_batch(work, agency, None, "clerk-1")).id
    notify.store.run(lambda work: mark_printed(work, batch, {agency}, "clerk-1"))
    notify.store.run(lambda work: mark_posted(work, batch, {agency}, "clerk-1"))
    list(queue.send([letter(agency, dossier)], time.monotonic() + 60))
    notify.store.run(lambda work: _parcel(work, agency, dossier, "EP000000014VN", TrackingStatus.LOST))
    parcel = notify.store.run(lambda work: _parcel(work, agency, dossier, "EP000000028VN", TrackingStatus.DELIVERED))
    return {"batch": batch, "parcel": parcel}


def _parcel(work: UnitOfWork, agency: str, dossier: str, number: str, end: TrackingStatus) -> str:
    id = request_parcel(
        work,
        dossier=dossier,
        agency=agency,
        contents=Contents.RESULT,
        provider=SPOOL,
        name="Nguyễn Thị Bưởi",
        phone="0912345678",
        address=ADDRESS,
        grams=90,
        by="clerk-1",
    )
    record_registered(work, id, RegisteredParcel(number, 26000, b"%PDF-1.7"))
    reports = [
        TrackingEvent(number, TrackingStatus.ACCEPTED, work.now, place="Bưu cục Phước Long"),
        TrackingEvent(number, end, work.now + timedelta(minutes=1), received_by="Lê Văn Tám"),
    ]
    record_reports(work, SPOOL, reports)
    return id
