"""What the parts of an index count. Each formula is one pair of conditions: the numbers and the lists behind them both use it.

A dossier belongs to one agency, by the part's view, so that the numbers of agencies add up. Of complaints, steps and ratings the case is
what the agency did: a complaint that two agencies answered in the period is a case of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.sql.elements import SQLCoreOperations

from services.stats.facts.domain import SATISFIED_FROM
from services.stats.facts.store import complaint_events, dossiers, payments, ratings, steps
from services.stats.index.domain import Part, View

_D, _K = dossiers.c, complaint_events.c
Condition = ColumnElement[bool]
ENDS = (_D.resolved_at, _D.returned_at, _D.stopped_at)
"""When a dossier has ended (QĐ 766, 2.1): state 9, else 10, else 8, 3 or 7."""
HANDLED = ("answered", "rejected")
"""What ends a complaint."""
RESOLVE = "resolve"
"""The time limit of a complaint's answer."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted: what happened in a period, as far as it is over.

    Attributes:
        start: its first moment.
        until: the first moment after it, or now if earlier.
        dissatisfied_to: the highest score that counts as dissatisfied.
    """

    start: datetime
    until: datetime
    dissatisfied_to: int

    def during(self, column: SQLCoreOperations[Any]) -> Condition:
        """The condition that a time lies in the period."""
        return and_(column >= self.start, column < self.until)


@dataclass(frozen=True, slots=True)
class DossierFormula:
    """Counts dossiers.

    Attributes:
        among: which dossiers are counted, of those in hand at some time of the period.
        good: which of them meet the part's condition; may be unknown, which is no.
        lists_good: whether those are listed. Not where that would tell who was dissatisfied (NĐ 118/2025, article 29.3).
    """

    among: Callable[[Window], Condition]
    good: Callable[[Window], Condition]
    lists_good: bool = True


@dataclass(frozen=True, slots=True)
class CaseFormula:
    """Counts cases other than dossiers.

    Attributes:
        cases: selects `agency`, `code` and `good` (0 or 1), each pair of agency and code once.
        kind: of what the code is: ``dossier``, ``complaint``; empty where nothing is listed.
    """

    cases: Callable[[Window], Select[Any]]
    kind: str


Formula = DossierFormula | CaseFormula


def counted_score() -> ColumnElement[int]:
    """The score with which a rating counts: as given, or as corrected; unknown if it does not count."""
    return case((ratings.c.corrected_at.is_(None), ratings.c.score), else_=ratings.c.corrected_score)


def in_hand(window: Window) -> Condition:
    """Received before the end of the period, and not ended before it began."""
    return and_(_D.received_at < window.until, _D.ended_at >= window.start)


def agency_column(view: View) -> ColumnElement[str]:
    """Whose dossier it is. Until an agency is known to handle it, that is the desk that received it."""
    return func.coalesce(_D.handling_agency, _D.agency) if view is View.HANDLING else _D.agency


def _on_time_by_index(window: Window) -> Condition:
    """On time, or still within the deadline (QĐ 766, 2.1).

    Of dossiers that have ended, routing has decided. Of those in hand the due time in force counts, unless it was extended: an extension
    does not move the index's. A dossier that waits for papers counts as ended with the first request; more than one request is late.
    """
    resolved, returned, stopped = (column < window.until for column in ENDS)
    within = or_(_D.late_at.is_(None), _D.late_at >= window.until)
    extended = and_(_D.extended_at < window.until, _D.due_before_extension < window.until)
    still = and_(within, or_(_D.extended_at.is_(None), _not(extended)), _not(_asked_again(window)))
    asked = _D.supplement_requested_at < window.until
    waits = and_(asked, or_(_D.supplemented_at.is_(None), _D.supplemented_at >= window.until))
    asked_in_time = and_(or_(_D.late_at.is_(None), _D.late_at > _D.supplement_requested_at), _not(_asked_again(window)))
    return (
        case(
            (resolved, func.coalesce(_D.index_on_time, _D.on_time, false())),
            (returned, or_(_D.late_at.is_(None), _D.late_at > _D.returned_at)),
            (stopped, func.coalesce(_D.index_on_time, _D.stopped_on_time, false())),
            (waits, asked_in_time),
            else_=still,
        )
        == true()
    )


def _asked_again(window: Window) -> Condition:
    return and_(
        _D.supplement_last_requested_at > _D.supplement_requested_at, _D.supplement_last_requested_at < window.until
    )


def _not(condition: Condition) -> Condition:
    """The opposite; of what is unknown, yes."""
    return case((condition, 0), else_=1) == 1


def _resolved(window: Window) -> Condition:
    return window.during(_D.resolved_at)


def _received(window: Window) -> Condition:
    return window.during(_D.received_at)


def _with_result_file(window: Window) -> Condition:
    """Online, and where the result is there it has a file."""
    unresolved = or_(_D.resolved_at.is_(None), _D.resolved_at >= window.until)
    return and_(_D.channel == "online", or_(unresolved, _D.published_at < window.until))


def _paid_online(window: Window) -> Condition:
    paid = select(payments.c.dossier).where(window.during(payments.c.paid_at), payments.c.online == true())
    return _D.code.in_(paid)


def _content(window: Window) -> Condition:
    """On time, without a complaint about it in the period, and nobody who rated it was dissatisfied."""
    complained = select(_K.dossier).where(_K.happened == "lodged", window.during(_K.at), _K.dossier.is_not(None))
    disliked = select(ratings.c.dossier).where(
        window.during(ratings.c.given_at), counted_score() <= window.dissatisfied_to, ratings.c.dossier.is_not(None)
    )
    return and_(_on_time_by_index(window), _D.code.not_in(complained), _D.code.not_in(disliked))


def _step_cases(window: Window) -> Select[Any]:
    c = steps.c
    good = func.min(case((c.on_time == true(), 1), else_=0)).label("good")
    found = select(c.agency, c.dossier.label("code"), good).where(window.during(c.completed_at), c.counted == true())
    return found.group_by(c.agency, c.dossier)


def _complaints(window: Window, *spoiling: str) -> Select[Any]:
    """Complaints whose answer was given or fell due in the period; good are those that nothing has spoiled."""
    late = and_(_K.happened.in_(HANDLED), _K.on_time == false())
    missed = and_(_K.happened == "overdue", _K.deadline == RESOLVE)
    due = or_(_K.happened.in_(HANDLED), missed)
    good = func.min(case((or_(late, missed, _K.happened.in_(spoiling)), 0), else_=1)).label("good")
    found = select(_K.agency, _K.complaint.label("code"), good).where(window.during(_K.at))
    return found.group_by(_K.agency, _K.complaint).having(func.max(case((due, 1), else_=0)) == 1)


def _rating_cases(window: Window) -> Select[Any]:
    c, score = ratings.c, counted_score()
    good = case((score >= SATISFIED_FROM, 1), else_=0).label("good")
    counted = and_(window.during(c.given_at), score.is_not(None), c.agency.is_not(None))
    return select(c.agency, c.rating.label("code"), good).where(counted)


FORMULAS: Mapping[str, Formula] = {
    "index_on_time": DossierFormula(lambda _: true(), _on_time_by_index),
    "on_time": DossierFormula(_resolved, lambda _: _D.on_time == true()),
    "online_on_time": DossierFormula(
        lambda window: and_(_resolved(window), _D.channel == "online"), lambda _: _D.on_time == true()
    ),
    "online_with_result": DossierFormula(_received, _with_result_file),
    "paid_online": DossierFormula(lambda window: and_(_received(window), _D.fee > 0), _paid_online),
    "result_file": DossierFormula(_resolved, lambda window: _D.published_at < window.until),
    "digitised": DossierFormula(_resolved, lambda window: and_(_D.digitised == true(), _D.published_at < window.until)),
    "no_supplement": DossierFormula(_resolved, lambda _: _D.supplement_requested_at.is_(None)),
    "content": DossierFormula(lambda _: true(), _content, lists_good=False),
    "steps_on_time": CaseFormula(_step_cases, "dossier"),
    "complaints_on_time": CaseFormula(_complaints, "complaint"),
    "complaints_content": CaseFormula(lambda window: _complaints(window, "reopened"), "complaint"),
    "satisfied": CaseFormula(_rating_cases, ""),
}
"""Name of the formula → what it counts."""


def listed_sides(name: str) -> tuple[str, ...]:
    """Which lists a formula opens: the cases that meet it, those that do not, and all; none where it would tell who rated how."""
    formula = FORMULAS.get(name)
    if isinstance(formula, DossierFormula):
        return SIDES if formula.lists_good else (ALL,)
    return SIDES if formula is not None and formula.kind else ()


def counts_handled(part: Part) -> bool:
    """Whether a part counts the dossiers that an agency handles."""
    return part.view is View.HANDLING and isinstance(FORMULAS.get(part.formula), DossierFormula)


MET, UNMET, ALL = "met", "unmet", "all"
SIDES = (MET, UNMET, ALL)
"""The lists behind a part: numerator, the rest, denominator."""
