"""The pages of scores: for the public, for a leader, and for an official about themselves. None shows one rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from services.rating import access
from services.rating.problems import domain_errors_as_problems
from services.rating.ratings.form import forms
from services.rating.scores import queries
from services.rating.scores.domain import Score, ScoreRules, Tally, score_of
from services.rating.scores.labels import CHANNEL_LABELS, COURTESY_LABELS
from services.rating.scores.periods import MONTH, QUARTER, ScorePeriod, before, period_of
from services.rating.scores.procedures import procedure_names
from services.rating.scores.queries import About
from services.rating.scores.register import names_of, registered_at
from services.rating.scores.rules import score_rules
from services.rating.scores.shown import asked_period, form_titles, offered_periods, period_name, today
from shared.web.authorization import principal, public, roles, scope_checked
from shared.web.pages import page_blueprint, written_decimal
from shared.web.views import context

TREND = 6
"""How many periods are shown one under the other."""
MOST_ROWS = 200
"""Rows of a table on a page, those with most ratings."""
STAFF = ("clerk", "officer", "leader")

pages = page_blueprint("rating", __name__, "score_pages")


@pages.app_template_filter("percent")
def percent(share: float) -> str:
    """A share in percent with one decimal. It is 100 only where it is whole: rounding hides nobody who was not satisfied."""
    shown = round(100 * share, 1)
    if shown == 100 and share < 1:
        shown = 99.9
    return written_decimal(shown, 1) + "%"


@pages.get("/scores")
@public
def public_scores() -> str:
    """How agencies and procedures were rated, as far as enough people have rated them."""
    period = asked_period(before(period_of(QUARTER, today())))
    rules = score_rules(period.last)
    agency = request.args.get("agency", "")[:100]
    about = About(agencies=_below(agency) if agency else None)
    with context().store.read() as connection:
        whole = queries.total(connection, about, period, rules)
        agencies = queries.by_agency(connection, about, period, rules)
        procedures = queries.by_procedure(connection, about, period, rules)
        names = procedure_names(connection, list(procedures))
    return render_template(
        "rating/public_scores.html",
        agency=agency,
        total=score_of(whole, rules, rules.public_sample),
        agencies=_rows(agencies, rules, rules.public_sample),
        procedures=_rows(procedures, rules, rules.public_sample),
        procedure_names=names,
        **_frame(period, rules),
    )


@pages.get("/unit")
@roles("leader", agency="record")
@domain_errors_as_problems()
def unit_scores() -> str:
    """The scores of the leader's agencies, of their procedures and officials."""
    actor, here = principal(), context()
    agencies = access.scored_agencies(actor, here.reference.agencies, today())
    scope_checked()
    period = asked_period(period_of(MONTH, today()))
    rules, about = score_rules(period.last), About(agencies)
    with here.store.read() as connection:
        registered = registered_at(connection, agencies, today())
        whole = queries.total(connection, about, period, rules)
        by_agency = queries.by_agency(connection, about, period, rules)
        procedures = queries.by_procedure(connection, about, period, rules)
        channels = queries.by_channel(connection, about, period, rules)
        officials = queries.by_official(connection, agencies, registered, period, rules)
        trend = [(one, queries.total(connection, about, one, rules)) for one in _back_from(period)]
        names = names_of(connection, [*officials, *registered])
        titles = procedure_names(connection, list(procedures))
    every = {subject: Tally() for subject in registered} | officials
    return render_template(
        "rating/unit_scores.html",
        caller=caller(),
        total=score_of(whole, rules),
        criteria=_criteria(whole, rules),
        agencies=_rows(by_agency, rules, 1),
        procedures=_rows(procedures, rules, 1),
        procedure_names=titles,
        channels=[(CHANNEL_LABELS[name], tally.ratings) for name, tally in channels.items()],
        officials=sorted(
            (
                (subject, tally.ratings, score_of(tally, rules, rules.official_sample))
                for subject, tally in every.items()
            ),
            key=lambda row: (row[2] is None, names.get(row[0], row[0])),
        ),
        names=names,
        trend=[(period_name(one), score_of(tally, rules)) for one, tally in trend],
        form_titles=form_titles(),
        **_frame(period, rules),
    )


@pages.get("/mine")
@roles(*STAFF, agency="record")
def own_scores() -> str:
    """How the caller was rated in periods that are over, so that no number tells of who has just been here."""
    subject = principal().subject
    scope_checked()
    period = asked_period(before(period_of(MONTH, today())), only_over=True)
    rules = score_rules(period.last)
    with context().store.read() as connection:
        tally = queries.of_official(connection, subject, period, rules)
        enough = tally.ratings >= rules.comment_sample and period.kind != "week"
        comments = queries.comments_about(connection, subject, period) if enough else []
        trend = [(one, queries.of_official(connection, subject, one, rules)) for one in _back_from(period)]
    return render_template(
        "rating/own_scores.html",
        caller=caller(),
        ratings=tally.ratings,
        score=score_of(tally, rules, rules.official_sample),
        enough=enough,
        comments=comments,
        trend=[
            (period_name(one), tally.ratings, score_of(tally, rules, rules.official_sample)) for one, tally in trend
        ],
        **_frame(period, rules, only_over=True),
    )


def caller() -> dict[str, Any]:
    """Who looks, as the frame of officials' pages shows it."""
    known = principal()
    role = next((one for one in ("leader", "clerk", "officer", "auditor") if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}


def _below(agency: str) -> frozenset[str]:
    return context().reference.agencies.descendants(agency, today())


def _back_from(period: ScorePeriod) -> list[ScorePeriod]:
    found = [period]
    while len(found) < TREND:
        found.append(before(found[-1]))
    return found


def _rows(tallies: Mapping[str, Tally], rules: ScoreRules, sample: int) -> list[tuple[str, Score]]:
    """What is shown of each, those with most ratings first."""
    scores = ((key, score_of(tally, rules, sample)) for key, tally in tallies.items())
    shown = [(key, score) for key, score in scores if score is not None]
    return sorted(shown, key=lambda row: (-row[1].ratings, row[0]))[:MOST_ROWS]


def _criteria(tally: Tally, rules: ScoreRules) -> list[tuple[Any, list[tuple[Any, float, int]]]]:
    """Form → each content that somebody answered, with the mean of its points and how many answered."""
    found = []
    for form in forms():
        answered = [(name, tally.criteria.get((form.version, name))) for name in form.criteria]
        rows = [(form.criteria[name], pair[0] / pair[1], pair[1]) for name, pair in answered if pair]
        if rows:
            found.append((form, rows))
    return found


def _frame(period: ScorePeriod, rules: ScoreRules, *, only_over: bool = False) -> dict[str, Any]:
    return {
        "period": period,
        "period_name": period_name(period),
        "periods": [(one.key, period_name(one)) for one in _with(offered_periods(only_over=only_over), period)],
        "rules": rules,
        "courtesies": COURTESY_LABELS,
    }


def _with(periods: list[ScorePeriod], asked: ScorePeriod) -> list[ScorePeriod]:
    return periods if asked in periods else [asked, *periods]
