"""Who read what: every read of a dossier by staff is kept (Personal Data Protection Law 91/2025/QH15)."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request

from services.routing.store.audit import add_audit
from shared.web.authorization import principal
from shared.web.views import context


def record_read(action: str, record: str) -> None:
    """Keeps the present request as a read, once its own transaction has ended and before anything is handed out.

    A read that cannot be kept is not answered: the failure takes the answer's place.

    Args:
        action: what was read: ``tasks``, ``task`` or ``dossier``.
        record: which one: a dossier's or an agency's code.
    """
    here, reader = context(), principal()
    row: dict[str, Any] = {
        "at": here.clock.now(),
        "subject": reader.subject,
        "agency": reader.agency,
        "action": action,
        "record": record,
    }

    @after_this_request
    def keep(response: Response) -> Response:
        here.store.run(lambda work: add_audit(work.connection, [row]))
        return response
