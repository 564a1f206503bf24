"""The pages of the index, for leaders and operators: a score with its parts, the cases behind a number, rankings, shortened procedures."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for

from services.stats import access
from services.stats.downloads import download
from services.stats.facts.procedures import procedures_on
from services.stats.index import store
from services.stats.index.commands import enter_figure
from services.stats.index.counting import list_cases
from services.stats.index.domain import UnknownPart, percent, printed
from services.stats.index.formulas import FORMULAS, SIDES, UNMET, CaseFormula, listed_sides
from services.stats.index.periods import IndexPeriod
from services.stats.index.queries import (
    VALUE_OF_ALL,
    CountedPeriod,
    history,
    last_day,
    read_ranking,
    units_of,
)
from services.stats.index.ranking import RankedGroup, Ranking
from services.stats.index.rules import indices, ranking_rule
from services.stats.index.shortened import Report, report
from services.stats.index.shown import Asked, asked_counts, asked_period, asked_score, window_behind
from services.stats.index.tables import ranking_table, score_table, shortened_table
from services.stats.index.wording import CERTAINTIES, GROUPS, LEVELS, STATES, offered_periods
from services.stats.index.wording import SIDES as SIDE_NAMES
from services.stats.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import confirm_scope, principal, roles
from shared.web.language import text
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import agency_name
from shared.web.problem import Problem
from shared.web.views import context

PAGE = 50
MAX_ARGUMENT = 210

STATIC = Path(__file__).parent / "static"
STYLES_VERSION = sha256((STATIC / "index.css").read_bytes()).hexdigest()[:12]

pages = Blueprint(
    "index_pages",
    __name__,
    url_prefix="/stats",
    template_folder="templates",
    static_folder=STATIC,
    static_url_path="/index/assets",
)


@pages.get("/index")
@roles(*access.STATISTICS_READERS, agency="record")
@domain_errors_as_problems()
def score() -> str:
    """The score of an agency in a period."""
    asked = _asked()
    with context().store.snapshot() as connection:
        found, scored = asked_counts(connection, asked)
    return render_template(
        "stats/index/score.html",
        found=found,
        score=scored,
        figures=found.figures.get(asked.agency, {}),
        **_frame(asked),
    )


@pages.get("/index/table.csv", defaults={"ending": "csv"})
@pages.get("/index/table.xlsx", defaults={"ending": "xlsx"})
@roles(*access.STATISTICS_READERS, agency="record")
@domain_errors_as_problems()
def score_file(ending: str) -> Response:
    """The same as a file."""
    asked = _asked()
    with context().store.snapshot() as connection:
        found, scored = asked_counts(connection, asked)
    table = score_table(found, scored, _named(asked.agency))
    return download(f"chi-so-{found.index.id}-{asked.agency or 'tat-ca'}-{found.period.key}", ending, table)


@pages.get("/index/parts/<part>")
@roles(*access.STATISTICS_READERS, agency="record")
@domain_errors_as_problems()
def cases(part: str) -> str:
    """The dossiers or complaints behind a part's numbers."""
    asked, side = _asked(), _argument("side") or UNMET
    code, _, agency = _argument("after").partition(" ")
    with context().store.snapshot() as connection:
        found, scored = asked_counts(connection, asked)
        of = found.index.part(part)
        sides = listed_sides(of.formula)
        if not sides:
            raise UnknownPart(part)
        side = side if side in sides else sides[0]
        listed = list_cases(connection, of, side, window_behind(found), asked.own, (code, agency), PAGE + 1)
    formula = FORMULAS[of.formula]
    return render_template(
        "stats/index/cases.html",
        found=found,
        one=next(one for one in scored.parts if one.part == of),
        side=side,
        sides=[name for name in SIDES if name in sides],
        kind=formula.kind if isinstance(formula, CaseFormula) else "dossier",
        cases=listed[:PAGE],
        first=not code,
        following=f"{listed[PAGE - 1].code} {listed[PAGE - 1].agency}" if len(listed) > PAGE else "",
        **_frame(asked),
    )


@pages.get("/index/figures/<part>")
@roles(*access.STATISTICS_READERS, agency="record")
@domain_errors_as_problems()
def figure(part: str) -> str:
    """The figures from outside of a part, with the form for a new one."""
    return _figure_page(part, _asked())


@pages.post("/index/figures/<part>")
@roles(*access.FIGURE_WRITERS, agency="record")
def add_figure(part: str) -> Response:
    """Enters a figure from outside; those before it stay."""
    with domain_errors_as_problems():
        asked = _asked()
        with context().store.snapshot() as connection:
            index = asked_counts(connection, asked)[0].index
    typed = {name: request.form.get(name, "")[:1000] for name in ("value", "source")}

    def run(work: UnitOfWork) -> None:
        confirm_scope()
        enter_figure(work, index, asked.period, asked.agency, part, **typed, by=principal().subject)

    try:
        with domain_errors_as_problems():
            context().store.run(run)
    except Problem as problem:
        if not problem.errors or problem.errors[0]["field"] not in typed:
            raise
        with domain_errors_as_problems():
            return make_response(_figure_page(part, asked, problem), problem.status)
    return redirect_with_notice(url_for("index_pages.figure", part=part), query=urlencode(_query(asked)))


@pages.get("/index/ranking")
@roles(*access.STATISTICS_READERS, agency="any")
@domain_errors_as_problems()
def ranking() -> str:
    """Who stands where among departments, districts or communes."""
    group, found, ranked = _ranking()
    period = found.period
    return render_template(
        "stats/index/ranking.html",
        found=found,
        group=group,
        groups=[(one.value, text(*GROUPS[one])) for one in RankedGroup],
        ranking=ranked,
        smallest=_smallest(found),
        visible=_visible(),
        index=_argument("index"),
        **_words(period),
    )


@pages.get("/index/ranking/table.csv", defaults={"ending": "csv"})
@pages.get("/index/ranking/table.xlsx", defaults={"ending": "xlsx"})
@roles(*access.STATISTICS_READERS, agency="any")
@domain_errors_as_problems()
def ranking_file(ending: str) -> Response:
    """The same as a file."""
    group, found, ranked = _ranking()
    table = ranking_table(found, ranked, group, _smallest(found), agency_name)
    return download(f"xep-hang-{group.value}-{found.period.key}", ending, table)


@pages.get("/index/procedures")
@roles(*access.STATISTICS_READERS, agency="any")
@domain_errors_as_problems()
def procedures() -> str:
    """Procedures whose time limit is shorter than the law's, with the list behind each number."""
    day, level = _day(), _argument("level")
    with context().store.snapshot() as connection:
        versions = procedures_on(connection, day)
    return render_template(
        "stats/index/procedures.html",
        day=day,
        level=level if level in LEVELS else "",
        report=report(versions, day),
        listed=report(versions, day, level if level in LEVELS else ""),
        levels=LEVELS,
        caller=access.caller(principal()),
    )


@pages.get("/index/procedures/table.csv", defaults={"ending": "csv"})
@pages.get("/index/procedures/table.xlsx", defaults={"ending": "xlsx"})
@roles(*access.STATISTICS_READERS, agency="any")
@domain_errors_as_problems()
def procedures_file(ending: str) -> Response:
    """The same as a file."""
    day, level = _day(), _argument("level")
    with context().store.snapshot() as connection:
        found: Report = report(procedures_on(connection, day), day, level if level in LEVELS else "")
    return download(f"rut-ngan-{day.isoformat()}", ending, shortened_table(found, day))


def _figure_page(part: str, asked: Asked, problem: Problem | None = None) -> str:
    with context().store.snapshot() as connection:
        found, scored = asked_counts(connection, asked)
        of = found.index.part(part)
        if not of.is_outside:
            raise UnknownPart(part)
        known = store.read_figures(connection, found.period.key, found.index.id, {asked.agency})
    return render_template(
        "stats/index/figure.html",
        found=found,
        one=next(one for one in scored.parts if one.part == of),
        known=history(known, of),
        value_of=lambda one: _value(one, int(of.points) if of.is_graded else 100),
        most=int(of.points) if of.is_graded else 100,
        may_write=principal().has("leader"),
        problem=problem,
        saved=just_saved(),
        **_frame(asked),
    )


def _value(one: store.Figure, most: int) -> float:
    """What was typed: percent, or points."""
    return round(one.value * most / VALUE_OF_ALL, 2)


def _ranking() -> tuple[RankedGroup, CountedPeriod, Ranking]:
    here, asked = context(), _argument("group")
    group = RankedGroup(asked) if asked in {one.value for one in RankedGroup} else RankedGroup.COMMUNES
    period, now = asked_period(_argument("month")), here.clock.now()
    with here.store.snapshot() as connection:
        found, ranked = read_ranking(connection, group, period, now, here.reference.agencies, _argument("index"))
    return group, found, ranked


def _smallest(found: CountedPeriod) -> int:
    return ranking_rule(last_day(found.period, found.as_of)).smallest_sample


def _visible() -> frozenset[str] | None:
    here = context()
    return access.visible_agencies(principal(), here.reference.agencies, here.clock.now().date())


def _asked() -> Asked:
    return asked_score(_argument("month"), _argument("agency"), _argument("index"))


def _argument(name: str) -> str:
    return request.args.get(name, "")[:MAX_ARGUMENT]


def _day() -> date:
    try:
        return date.fromisoformat(_argument("day"))
    except ValueError:
        return context().clock.now().date()


def _query(asked: Asked) -> dict[str, str]:
    """The query by which a page of the same score is found again."""
    given = {"month": asked.period.key, "agency": asked.agency, "index": asked.index}
    return {name: value for name, value in given.items() if value}


def _frame(asked: Asked) -> dict[str, Any]:
    """What every page of a score needs."""
    here = context()
    in_force = [one for one in indices() if one.in_force(asked.on)]
    units = units_of(here.reference.agencies, asked.on, asked.visible)
    offered = [(one.code, one.name, "vi") for one in units]
    if asked.agency not in {one.code for one in units}:
        offered.insert(0, (asked.agency, _named(asked.agency), "vi"))
    return {
        "asked": asked,
        "agency": _named(asked.agency),
        "query": _query(asked),
        "units": offered,
        "indices": [(one.id, text(*one.name)) for one in in_force],
        **_words(asked.period),
    }


def _words(period: IndexPeriod) -> dict[str, Any]:
    return {
        "caller": access.caller(principal()),
        "page_styles_version": STYLES_VERSION,
        "period": period,
        "period_name": text(*period.name),
        "periods": [(one.key, text(*one.name)) for one in offered_periods(period)],
        "states": {state: text(*name) for state, name in STATES.items()},
        "side_names": {side: text(*name) for side, name in SIDE_NAMES.items()},
        "certainties": {name: text(*words) for name, words in CERTAINTIES.items()},
        "printed": printed,
        "percent_of": percent,
        "sides_of": listed_sides,
    }


def _named(code: str) -> str:
    return agency_name(code) if code else text("Tất cả cơ quan", "All agencies")
