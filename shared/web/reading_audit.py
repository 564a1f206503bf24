"""Records which official reads which record (Luật 91/2025/QH15): one function, for JSON views and pages alike.

@api.get("/dossiers/<code>")
@roles("clerk", "leader", agency="record")
@audited
@query(gives=DossierSchema)
def show_dossier(connection, code):
    ...
    record_reading("dossier", code)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, after_this_request, g, request

from shared.auth import Principal
from shared.persistence.reading_audit import INSERT
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.current_context import context

View = TypeVar("View", bound=Callable[..., Any])

MARK = "__motcua_audited__"
AUDITED_ROLES = frozenset({"clerk", "officer", "leader", "agency", "operator", "auditor"})
"""Whose readings are recorded. Citizens read their own dossiers; devices and providers read none."""


def record_reading(action: str, record: str) -> None:
    """Records that the caller reads a record; call it inside the view, once the caller's right to it is checked.

    A command writes the row in its own transaction. Any other view has it written before the answer leaves. If it cannot be
    written, the answer is an error instead. Nothing is written when the view raises, since then nothing was shown, or when the
    caller has none of :data:`AUDITED_ROLES`. Calls that repeat an action and a record write one row.

    Args:
        action: what is read, such as ``dossier``, ``tasks`` or ``receipt``; at most 30 characters.
        record: the code of the dossier, or of the agency whose list it is; at most 200 characters.
    """
    g.motcua_reading_recorded = True
    reader: Principal | None = g.get("motcua_principal")
    if reader is None or reader.roles.isdisjoint(AUDITED_ROLES):
        return
    if "motcua_readings" not in g:
        g.motcua_readings = {}
        after_this_request(_write_before_answer)
    g.motcua_readings[action, record] = {
        "at": context().clock.now(),
        "subject": reader.subject,
        "roles": " ".join(sorted(reader.roles)),
        "agency": reader.agency,
        "action": action,
        "record": record,
    }


def write_readings(work: UnitOfWork) -> None:
    """Writes what the current view has recorded in the view's own transaction."""
    pending: dict[tuple[str, str], dict[str, Any]] | None = g.get("motcua_readings")
    if pending:
        for row in pending.values():
            work.defer(INSERT, row)
        work.after_commit(pending.clear)


def discard_readings() -> None:
    """Forgets what is not written yet, because the view failed and shows nothing."""
    if "motcua_readings" in g:
        g.motcua_readings.clear()


def _write_before_answer(response: Response) -> Response:
    if g.motcua_readings:
        context().store.run(write_readings)
    return response


def audited(view: View) -> View:
    """Marks a view that must call :func:`record_reading`: it answers with an error if it shows something and did not."""
    setattr(view, MARK, True)
    return view


def is_audited(view: object) -> bool:
    """Whether a view is marked with :func:`audited`."""
    return getattr(view, MARK, False)


def audited_endpoints(app: Flask) -> frozenset[str]:
    """The endpoints whose views are marked, for a test that requires the mark of every view that shows a dossier to officials."""
    return frozenset(endpoint for endpoint, view in app.view_functions.items() if is_audited(view))


def enforce_audit(app: Flask) -> None:
    """Makes every marked view of an app fail when it shows something without a record."""
    for endpoint in audited_endpoints(app):
        app.view_functions[endpoint] = _requires_record(app.view_functions[endpoint])


def _requires_record(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def endpoint(**path: Any) -> Any:
        answer = view(**path)
        shows_nothing = isinstance(answer, Response) and answer.status_code >= 300
        if not shows_nothing and not g.get("motcua_reading_recorded", False):
            raise RuntimeError(f"{request.endpoint} is audited and did not record what was read")
        return answer

    return endpoint
