"""What the desk's pages of one dossier share: who may use them, and the question whether all is right before anything is changed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request

from services.intake import access
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from shared.web.authorization import principal
from shared.web.form_once import FIELD
from shared.web.reading_audit import record_reading
from shared.web.views import context

CONTROLS = frozenset({"confirmed", "edit", FIELD})
"""Fields of the confirmation itself."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a confirmation asks. Each text is in the page's language.

    Attributes:
        title: the question.
        rows: what will be done: pairs of term and description.
        button: the text of the button that does it, in Vietnamese and in English.
        warnings: what to know before.
    """

    title: str
    rows: Sequence[tuple[str, str]]
    button: tuple[str, str]
    warnings: Sequence[str] = ()


def servable(dossier: Dossier) -> Dossier:
    """The dossier, if the caller serves at the desk that received it.

    Raises:
        shared.web.problem.Problem: 403, they do not.
    """
    here = context()
    today = here.clock.now().date()
    access.require(access.may_serve_at_desk(principal(), dossier, here.reference.agencies, today))
    return dossier


def typed_fields() -> list[tuple[str, str]]:
    """What was typed into the form, to be sent again with the confirmation."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in CONTROLS]


def confirmation(code: str, question: Question) -> str:
    """The desk's page that asks whether all is right.

    Args:
        code: the dossier's.
        question: what it asks.
    """
    record_reading("dossier", code)
    return render_template(
        "intake/confirm_desk.html",
        caller=caller(principal()),
        code=code,
        question=question,
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
    )
