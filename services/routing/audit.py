"""Audit of reading: every read of a dossier by staff is recorded (Personal Data Protection Law 91/2025/QH15)."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request

from services.routing.store.audit import add_audit
from shared.web.authorization import principal
from shared.web.views import context


def record_read(action: str, record: str) -> None:
    """Records the present request as a read, after its own transaction has ended and before the response is sent.

    If the read cannot be recorded, the request fails and nothing is shown.

    Args:
        action: what was read: ``tasks``, ``task``, ``dossier``, ``control-sheet`` or ``queue``.
        record: which one: the code of a dossier, an agency or a queue.
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
