"""The pages of flags: what waits for a decision, and the decision. They show counts and periods, never one rating."""

from __future__ import annotations

import secrets

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.rating import access
from services.rating.problems import PROBLEMS, domain_errors_as_problems
from services.rating.ratings.domain import OwnWork
from services.rating.scores.flags import store
from services.rating.scores.flags.commands import decide
from services.rating.scores.flags.domain import DecidedMeanwhile, Outcome
from services.rating.scores.flags.queries import is_about
from services.rating.scores.labels import KIND_LABELS, OUTCOME_LABELS
from services.rating.scores.pages import caller
from services.rating.scores.register import names_of
from services.rating.scores.shown import today
from shared.persistence.unit_of_work import UnitOfWork
from shared.text import has_unprintable
from shared.web.authorization import principal, roles, scope_checked
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.views import context

MOST = 200
REASON_CHARACTERS = (5, 500)
"""The fewest and the most characters of a reason."""
MAX_SEEN = 6
"""Digits of the number of decisions."""

pages = page_blueprint("rating", __name__, "flag_pages")


@pages.get("/flags")
@roles(*access.FLAG_REVIEWERS, agency="record")
@domain_errors_as_problems()
def list_flags() -> str:
    """Flags of the reviewer's agencies: those that wait first."""
    agencies = _own_agencies()
    with context().store.read() as connection:
        found = store.flags_of(connection, agencies, MOST)
        names = names_of(connection, [flag.official for flag, _ in found if flag.official])
    return render_template(
        "rating/flags.html",
        caller=caller(),
        found=found,
        most=MOST,
        names=names,
        kinds=KIND_LABELS,
        outcomes=OUTCOME_LABELS,
    )


@pages.get("/flags/<flag_id>")
@roles(*access.FLAG_REVIEWERS, agency="record")
@domain_errors_as_problems()
def show_flag(flag_id: str) -> str:
    """What looked unusual, what was decided, and the form for the decision."""
    return _page(flag_id)


@pages.post("/flags/<flag_id>")
@roles(*access.FLAG_REVIEWERS, agency="record")
@domain_errors_as_problems()
def decide_flag(flag_id: str) -> Response:
    """Decides about a flag; sent twice, it is decided once."""
    with context().store.read() as connection:
        _visible(connection, flag_id)
    try:
        outcome, reason, seen = _typed()
    except Problem as problem:
        return make_response(_page(flag_id, problem), problem.status)

    def effect(work: UnitOfWork) -> dict[str, bool]:
        decide(work, flag_id, outcome, reason, principal().subject, seen)
        return {"decided": True}

    try:
        once_per_form(effect)
    except (OwnWork, DecidedMeanwhile) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(flag_id, refused), refused.status)
    return redirect_with_notice(url_for("flag_pages.show_flag", flag_id=flag_id))


def _typed() -> tuple[Outcome, str, int]:
    """Outcome, reason and the number of decisions that the page has shown.

    Raises:
        Problem: 422, with what is wrong.
    """
    form, errors = request.form, list[FieldError]()
    reason, seen = " ".join(form.get("reason", "").split()), form.get("seen", "")
    if form.get("outcome", "") not in list(Outcome):
        errors.append({"field": "outcome", "message": "Xin chọn một kết luận.", "message_en": "Please choose one."})
    least, most = REASON_CHARACTERS
    if not least <= len(reason) <= most or has_unprintable(reason):
        message = f"Xin ghi lý do, từ {least} đến {most} ký tự."
        errors.append(
            {"field": "reason", "message": message, "message_en": f"A reason of {least} to {most} characters."}
        )
    if not (seen.isascii() and seen.isdecimal() and len(seen) <= MAX_SEEN):
        errors.append({"field": "seen", "message": "Số không hợp lệ.", "message_en": "No number."})
    if errors:
        raise Problem(422, "invalid", errors=errors)
    return Outcome(form["outcome"]), reason, int(seen)


def _own_agencies() -> frozenset[str] | None:
    found = access.flagged_agencies(principal(), context().reference.agencies, today())
    scope_checked()
    return found


def _visible(connection: Connection, flag_id: str) -> store.Flag:
    """A flag that the caller may see.

    Raises:
        UnknownFlag: there is none.
        Problem: 403, it is about another agency.
    """
    agencies, flag = _own_agencies(), store.find_flag(connection, flag_id[:36])
    if agencies is not None and flag.agency not in agencies:
        raise Problem(403, "wrong-agency")
    return flag


def _page(flag_id: str, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        flag = _visible(connection, flag_id)
        decisions = store.decisions_of(connection, flag_id)
        about_oneself = is_about(connection, flag, principal().subject)
        names = names_of(connection, [flag.official] if flag.official else [])
    return render_template(
        "rating/flag.html",
        caller=caller(),
        flag=flag,
        decisions=decisions,
        about_oneself=about_oneself,
        names=names,
        kinds=KIND_LABELS,
        outcomes=OUTCOME_LABELS,
        limits=REASON_CHARACTERS,
        form_key=secrets.token_urlsafe(9),
        problem=problem,
        saved=just_saved(),
    )
