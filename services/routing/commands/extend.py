"""An expected delay: an apology and one new appointment (NĐ 118/2025, article 19.6; form 04).

Once the due time has passed, the other apology is owed: see `services/routing/apologies/`.
"""

from __future__ import annotations

from datetime import datetime

from services.routing.apologies.commands import enter_extension
from services.routing.commands.errors import NotAllowed
from services.routing.commands.load import load_citizens_dossier
from services.routing.domain.extension import Extension, check_extension
from services.routing.domain.states import DossierState
from services.routing.dossier import clock, reminders
from services.routing.store import dossiers
from services.routing.store.dossiers import Dossier
from shared.persistence.unit_of_work import UnitOfWork


def extend_dossier(work: UnitOfWork, code: str, new_due_at: datetime, reason: str, by: str) -> Dossier:
    """Makes a new appointment with the citizen.

    Args:
        work: the transaction.
        code: the citizen's dossier.
        new_due_at: when the result is promised now.
        reason: as the apology gives it.
        by: who signs the apology.

    Raises:
        UnknownDossier: there is none.
        NotInHand: it waits for a supplement, has its result, or has ended.
        NotAllowed: its time is not counted now.
        services.routing.domain.extension.ExtensionNotAllowed: the law does not allow it (any more).
    """
    transaction = load_citizens_dossier(work, code, frozenset({DossierState.ACTIVE}))
    root = transaction.root
    if root.paused:
        raise NotAllowed(
            "extension_while_waiting",
            "Thời gian đang không tính nên chưa cần hẹn lại",
            "The dossier's time is not counted now, so it cannot become late",
        )
    extension = Extension(
        made_before=int(root.extended_at is not None),
        due_at=root.due_at,
        new_due_at=new_due_at,
        announced_at=work.now,
        reason=reason,
    )
    check_extension(transaction.regulation, extension, transaction.calendar)
    made = {"extended_at": work.now, "extended_from": root.due_at, "extended_to": new_due_at, "extended_by": by}
    transaction.set_root(**made, **reminders.reset_after_new_promise(root))
    clock.update_due_times(transaction, dossiers.intervals_of(transaction.connection, code), work.now)
    clock.schedule_next_check(transaction)
    letter = enter_extension(transaction, root.due_at, new_due_at, reason, by)
    transaction.emit(
        "dossier.extended",
        agency=root.handling_agency,
        reason=reason,
        was_due_at=root.due_at,
        due_at=transaction.root.due_at,
        extended_at=work.now,
        number=letter.written_number,
    )
    return transaction.root
