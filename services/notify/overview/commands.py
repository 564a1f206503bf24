"""Sends a delivery once more that failed, came back or was not sent."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from services.notify.channels.domain import Channel
from services.notify.contacts.domain import NotReachable
from services.notify.contacts.store import find_contact
from services.notify.delivery.progress import hint_of, refresh
from services.notify.delivery.states import State, delivery_id
from services.notify.delivery.store import NewDelivery, add_delivery, deliveries
from services.notify.messages.store import lock_messages
from services.notify.overview.domain import RESENDABLE
from services.notify.templates.domain import PLACEHOLDERS, SECRETS
from shared.persistence.unit_of_work import UnitOfWork


class UnknownDelivery(Exception):
    """The dossier has no such delivery."""


class NotResendable(Exception):
    """The delivery cannot be sent once more.

    Args:
        vi: why, in Vietnamese.
        en: the same in English.
    """

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en


def resend(work: UnitOfWork, dossier: str, delivery: str) -> None:
    """Queues the same text through the same channel to the present address; once, however often it is asked for.

    Args:
        work: the transaction.
        dossier: whose.
        delivery: its id.

    Raises:
        UnknownDelivery: the dossier has none of this id.
        NotResendable: it is not in such a state, it held a secret that is void now, or there is no address.
    """
    columns = (deliveries.c[name] for name in NewDelivery.__slots__)
    found = select(*columns).where(deliveries.c.id == delivery, deliveries.c.dossier == dossier).with_for_update()
    row = work.connection.execute(found).mappings().first()
    known = None if row is None else lock_messages(work.connection, [row["message"]])
    if row is None or not known:
        raise UnknownDelivery
    old, message = NewDelivery(**dict(row) | {"channel": Channel(row["channel"])}), known[0]
    again = delivery_id(old.message, old.channel, f"resend {old.id}")
    if work.connection.execute(select(deliveries.c.id).where(deliveries.c.id == again)).first() is not None:
        return  # pressed twice
    if old.state not in RESENDABLE:
        raise NotResendable("Tin này chưa có kết quả cuối cùng.", "This message has not come to an end yet.")
    if SECRETS & PLACEHOLDERS[message.template] or not old.text:
        raise NotResendable(
            "Tin có mã bí mật hoặc nội dung đã xóa thì không gửi lại được; hãy cấp mã mới.",
            "A message with a secret code, or one whose text was erased, cannot be sent again; issue a new code.",
        )
    new = replace(
        old,
        id=again,
        wait_seconds=None,
        state=State.QUEUED,
        address=_address(work, dossier, old.channel),
        secret_parts=None,
        reason="",
        created_at=work.now,
        due_at=work.clock.wall(),
        finished_at=None,
    )
    add_delivery(work, new)
    work.hint(hint_of(new.channel))
    refresh(work, [message.id])


def _address(work: UnitOfWork, dossier: str, channel: Channel) -> str:
    found = find_contact(work.connection, dossier)
    try:
        if found is not None:
            return found[0].reached_at(channel)
    except NotReachable:
        pass
    raise NotResendable(
        "Người dân chưa có địa chỉ dùng được cho kênh này; hãy sửa thông tin liên hệ của hồ sơ.",
        "The citizen has no usable address for this channel; please correct the contact of the dossier.",
    )
