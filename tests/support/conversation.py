"""Something that waits for an answer: what a citizen and a handling agency ask the desk, and what came by SMS."""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.conversations.commands import Official, ask, ask_desk, write_to_citizen
from services.intake.dossiers.store import lock
from services.notify.inbound.commands import answer_new, take
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context


def ask_something(intake: Context, notify: Context, receipt: Mapping[str, str], desk: str, agency: str) -> None:
    """Lets a citizen and an agency ask about a dossier, the desk write to the citizen, and somebody send an SMS.

    Args:
        intake, notify: the services' contexts.
        receipt: the dossier's, with its code and secret.
        desk: the code of the desk that received it.
        agency: the code of an agency that works on it.
    """

    def talk(work: UnitOfWork) -> None:
        filed = lock(work.connection, receipt["code"])
        ask(work, filed, "Tôi ở xa, có thể nhận kết quả qua bưu điện không?")
        ask_desk(work, filed, "Nhờ hỏi chủ hồ sơ: thửa đất có tranh chấp không?", Official(f"officer@{agency}", agency))
        write_to_citizen(work, filed, "Sáng thứ Sáu Bộ phận Một cửa không làm việc.", Official(f"clerk@{desk}", desk))

    intake.store.run(talk)
    now = notify.clock.wall()
    asked = f"HS {receipt['code']} {receipt['secret']}"
    notify.store.run(lambda work: take(work, "smsc", "+84912345678", "8099", asked, now))
    answer_new(notify)
