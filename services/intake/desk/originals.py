"""The counter's pages of originals in custody: which the desk keeps, and a list to tick when they are given back."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.desk import custody, store
from services.intake.desk.requests import own_desks, servable
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import BADGES, Dossier
from services.intake.dossiers.pages import caller
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 200


def add_pages(pages: Blueprint) -> None:
    """Adds the pages to those of the counter."""
    pages.get("/originals")(originals)
    pages.get("/originals/<code>")(kept)
    pages.post("/originals/<code>")(give_back)


@roles("clerk", agency="record")
@audited
def originals() -> str:
    """The dossiers of which the clerk's desk keeps originals; those that have ended come first."""
    desks = own_desks()
    access.require(bool(desks))
    record_reading("dossiers", principal().agency)
    with context().store.read() as connection:
        found = store.in_custody(connection, desks, MOST)
    return render_template(
        "intake/desk_originals.html", caller=caller(principal()), found=found, badges=BADGES, most=MOST
    )


@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def kept(code: str) -> str:
    """The originals of a dossier, to be ticked when they are given back."""
    with context().store.read() as connection:
        return _page(servable(dossiers.get(connection, code)))


@roles("clerk", agency="record")
@domain_errors_as_problems()
def give_back(code: str) -> Response:
    """Records which originals were given back."""
    places = [int(one) for one in request.form.getlist("paper") if one.isascii() and one.isdigit() and len(one) < 5]
    if not places:
        nothing = Problem(
            422,
            "invalid",
            errors=[{"field": "paper", "message": "Chưa đánh dấu giấy tờ nào.", "message_en": "Nothing is ticked."}],
        )
        with context().store.read() as connection:
            return make_response(_page(servable(dossiers.get(connection, code)), nothing), 422)

    def take(work: UnitOfWork) -> dict[str, Any]:
        dossier = servable(dossiers.lock(work.connection, code))
        return {"code": custody.give_back(work, dossier, places)["code"]}

    once_per_form(take)
    return redirect_with_notice(url_for("desk_pages.kept", code=code), "given_back")


def _page(dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("dossier", dossier.code)
    return render_template(
        "intake/desk_kept.html",
        caller=caller(principal()),
        dossier=dossier,
        kept=custody.kept_papers(dossier),
        given_back=[paper for paper in custody.papers_of(dossier) if paper.given_back_at],
        problem=problem,
        notice=one_time_notice(),
        form_key=secrets.token_urlsafe(),
    )
