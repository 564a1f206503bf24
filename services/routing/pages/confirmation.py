"""What cannot be undone is asked about first: the action is tried without effect, and what it would do is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from flask import render_template, request

from services.routing.caller import caller, caller_access
from services.routing.commands.load import find_dossier, find_task
from services.routing.problems import domain_errors_as_problems
from services.routing.queries.dossiers import dossier_view
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.reading_audit import record_reading
from shared.web.views import context

TO_CONFIRM = frozenset({"refuse", "stop"})
T = TypeVar("T")


class _WithoutEffect(Exception):
    """Rolls a trial back."""


def tried(effect: Callable[[UnitOfWork], T]) -> T:
    """Runs something in a transaction that is rolled back, so that it fails where it would fail, and changes nothing.

    Args:
        effect: what to try.

    Returns:
        its result.
    """
    results: list[T] = []

    def trial(work: UnitOfWork) -> NoReturn:
        results[:] = [effect(work)]
        raise _WithoutEffect

    try:
        context().store.run(trial)
    except _WithoutEffect:
        return results[0]


def confirmation_page(action: str, key: str, place: str) -> str:
    """The page that asks whether to refuse or stop a dossier.

    Args:
        action: one of :data:`TO_CONFIRM`.
        key: the step's id or the dossier's code.
        place: the path of the page that has the form.
    """
    here = context()
    with here.store.read() as connection, domain_errors_as_problems():
        if action == "refuse":
            task = find_task(connection, key)
            caller_access(connection).require_may_read_task(task)
            code = task.root
        else:
            code = key
        dossier = find_dossier(connection, code)
        view = dossier_view(connection, dossier, here.reference, here.clock.now())
    record_reading("dossier", code)
    return render_template(
        "routing/confirm.html",
        caller=caller().official,
        action=action,
        place=place,
        dossier=view,
        typed_fields={name: text for name, text in request.form.items() if name != "confirmed"},
    )
